// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/groups/groups_model.h"
#include "ui/charts/chart_group.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/location.h"

namespace odradek::ui {

class DataTable;
class Panel;
class MemorySplitter;
class RibbonView;
class SegmentedControl;
class StateView;
class TimeChart;

/// One consumer group: who reads what, lag over time, members, offsets. Refreshed by the page that holds it.
class GroupDetail : public QWidget {
    Q_OBJECT
public:
    explicit GroupDetail(ClusterContext& context, QWidget* parent = nullptr);
    void setGroup(const QString& id);
    void clear();
    void refresh();
    QWidget* primaryWidget();
    /// Opens the dialog that sets committed offsets of the group.
    void resetOffsets();

signals:
    void requestNavigate(const odradek::ui::Location& location);
    void notice(odradek::ui::Status status, const QString& text);

private:
    void refreshRibbons(const api::Group& group);
    void refreshLag(const api::Group& group);

    ClusterContext& m_context;
    QString m_group;
    models::MembersModel m_members;
    models::GroupOffsetsModel m_offsets;
    ChartGroup m_charts;
    MemorySplitter* m_upper = nullptr;
    RibbonView* m_ribbons = nullptr;
    StateView* m_nobody = nullptr;
    Panel* m_ribbonPanel = nullptr;
    SegmentedControl* m_weight = nullptr;
    TimeChart* m_lag = nullptr;
    Panel* m_lagPanel = nullptr;
    QStringList m_lagTopics;
    DataTable* m_memberTable = nullptr;
    DataTable* m_offsetTable = nullptr;
    Panel* m_memberPanel = nullptr;
    Panel* m_offsetPanel = nullptr;
};

}  // namespace odradek::ui
