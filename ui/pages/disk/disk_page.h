// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster/disk_model.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QStackedWidget;

namespace odradek::ui {

class BarMeter;
class CapacityView;
class DataTable;
class KeyValueList;
class Panel;
class SegmentedControl;
class StateView;
class Treemap;

/// Where the bytes are (brokers, topics, partitions), how they grow, what retention deletes next
/// and when a disk is full; on its second tab the capacity planner.
class DiskPage : public Page {
    Q_OBJECT
public:
    explicit DiskPage(ClusterContext& context);

    QString id() const override { return QStringLiteral("disk"); }
    QString title() const override { return tr("Disk"); }
    QString icon() const override { return QStringLiteral("disk"); }
    NavGroup group() const override { return NavGroup::Observe; }
    void navigate(const Location& location) override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    QWidget* makeUsage();
    Panel* makeMap();
    Panel* makeBrokers();
    Panel* makeTable();
    void refresh();
    void refreshMap();
    void refreshBrokers();
    void showHeader();
    QString finding() const;
    bool plans() const { return location().tab == QStringLiteral("planner"); }

    ClusterContext& m_context;
    models::DiskModel m_model;
    DataTable* m_table = nullptr;
    Treemap* m_map = nullptr;
    QStackedWidget* m_mapStack = nullptr;
    SegmentedControl* m_by = nullptr;
    Panel* m_mapPanel = nullptr;
    BarMeter* m_brokers = nullptr;
    KeyValueList* m_days = nullptr;
    QStackedWidget* m_brokerStack = nullptr;
    CapacityView* m_planner = nullptr;
    StateView* m_state = nullptr;
    QStackedWidget* m_stack = nullptr;
    bool m_active = false;
};

}  // namespace odradek::ui
