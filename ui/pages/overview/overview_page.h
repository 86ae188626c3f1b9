// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>

#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QStackedWidget;

namespace odradek::ui {

class ClusterMap;
class IconButton;
class MapLegend;
class MemorySplitter;
class OverviewCharts;
class Panel;
class ProblemList;
class SegmentedControl;
class StateView;

/// The cluster at a glance: the worst finding as its title, the map of all replicas, what is wrong
/// in order of harm, and the measurements of the last quarter of an hour.
class OverviewPage : public Page {
    Q_OBJECT
public:
    explicit OverviewPage(ClusterContext& context);

    QString id() const override { return QStringLiteral("overview"); }
    QString title() const override { return tr("Overview"); }
    QString icon() const override { return QStringLiteral("overview"); }
    NavGroup group() const override { return NavGroup::Observe; }
    void navigate(const Location& location) override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    void limitTop();
    Panel* makeMap();
    Panel* makeProblems();
    void refresh();
    void refreshMap();
    void refreshProblems();
    void applyMode();
    void showHeader();
    QString finding() const;
    void noteProblems();
    void openMapMenu();
    void openCellMenu(const QString& topic, int partition, int broker, const QPoint& at);
    void openPartition(const QString& topic, int partition);

    ClusterContext& m_context;
    MemorySplitter* m_top = nullptr;
    ClusterMap* m_map = nullptr;
    MapLegend* m_legend = nullptr;
    SegmentedControl* m_mode = nullptr;
    IconButton* m_more = nullptr;
    Panel* m_mapPanel = nullptr;
    Panel* m_problemPanel = nullptr;
    ProblemList* m_problems = nullptr;
    QStackedWidget* m_problemStack = nullptr;
    StateView* m_calm = nullptr;
    OverviewCharts* m_charts = nullptr;
    StateView* m_state = nullptr;
    QStackedWidget* m_stack = nullptr;
    QHash<QString, qint64> m_firstSeen;  ///< wall ms by what a problem is about
    bool m_active = false;
    bool m_internal = false;
};

}  // namespace odradek::ui
