// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster/brokers_model.h"
#include "ui/charts/chart_group.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QStackedWidget;

namespace odradek::ui {

class BarMeter;
class BrokerDetail;
class Button;
class DataTable;
class Panel;
class StateView;
class TimelineTab;
class TimeChart;

/// All brokers, and one in detail (Location path: id). Kills and restarts brokers of the embedded
/// cluster.
class BrokersPage : public Page {
    Q_OBJECT
public:
    explicit BrokersPage(ClusterContext& context);

    QString id() const override { return QStringLiteral("brokers"); }
    QString title() const override { return tr("Brokers"); }
    QString icon() const override { return QStringLiteral("brokers"); }
    NavGroup group() const override { return NavGroup::Observe; }
    void navigate(const Location& location) override;
    QVector<QWidget*> headerActions() override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    QWidget* makeList();
    Panel* makeTable();
    void refresh();
    void refreshList();
    void refreshCharts();
    void showHeader();
    void kill(std::int32_t broker);
    void restart(std::int32_t broker);
    bool onTimeline() const { return !hasDetail() && location().tab == QStringLiteral("timeline"); }
    bool hasDetail() const { return !location().path.isEmpty(); }
    std::int32_t brokerId() const;

    ClusterContext& m_context;
    models::BrokersModel m_model;
    ChartGroup m_group;
    DataTable* m_table = nullptr;
    TimeChart* m_requests = nullptr;
    TimeChart* m_bytes = nullptr;
    BarMeter* m_disk = nullptr;
    Panel* m_diskPanel = nullptr;
    QStackedWidget* m_rates = nullptr;
    BrokerDetail* m_detail = nullptr;
    StateView* m_missing = nullptr;
    TimelineTab* m_timeline = nullptr;
    QStackedWidget* m_stack = nullptr;
    Button* m_kill = nullptr;
    Button* m_restart = nullptr;
    bool m_active = false;
};

}  // namespace odradek::ui
