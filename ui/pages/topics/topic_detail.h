// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/cluster/brokers_model.h"
#include "models/cluster/topics_model.h"
#include "ui/charts/chart_group.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QLineEdit;
class QStackedWidget;

namespace odradek::ui {

class BarChart;
class ConfigsPanel;
class DataTable;
class LogStripView;
class Panel;
class SegmentedControl;
class StackedBar;
class TextLabel;
class TimeChart;

/// One topic: its partitions as log strips with the offsets of every group, tables of partitions and groups, its rate,
/// where keys go, and its configuration. Refreshed by the page that holds it.
class TopicDetail : public QWidget {
    Q_OBJECT
public:
    explicit TopicDetail(ClusterContext& context, QWidget* parent = nullptr);

    /// Shows another topic (or, with an empty name, nothing), with a partition selected when given, and a tab.
    void setTopic(const QString& name, const QString& partition, const QString& tab);
    void clear();
    void refresh();
    void setActive(bool active) { m_active = active; }
    PageHeader header(const Page& page) const;
    QWidget* primaryWidget();
    /// Opens the dialog that moves the log start of the selected partition (or all) to the high watermark.
    void deleteRecords();

signals:
    void requestNavigate(const odradek::ui::Location& location);
    void notice(odradek::ui::Status status, const QString& text);
    void chipsChanged();

private:
    QWidget* makePartitionsTab();
    QWidget* makeKeysPanel();
    void refreshStrips(const api::Topic& topic);
    void refreshRates(const api::Topic& topic);
    void refreshKey();
    void selectPartition(int partition);
    void openMessages(int partition, qint64 offset);

    ClusterContext& m_context;
    QString m_topic;
    QString m_tab;
    bool m_active = false;
    int m_partition = -1;
    models::PartitionsModel m_partitions;
    models::TopicGroupsModel m_groups;
    ChartGroup m_charts;
    QStackedWidget* m_stack = nullptr;
    LogStripView* m_strips = nullptr;
    Panel* m_stripsPanel = nullptr;
    QWidget* m_legend = nullptr;
    DataTable* m_partitionTable = nullptr;
    DataTable* m_groupTable = nullptr;
    Panel* m_partitionPanel = nullptr;
    Panel* m_groupPanel = nullptr;
    Panel* m_ratePanel = nullptr;
    TimeChart* m_rate = nullptr;
    StackedBar* m_shares = nullptr;
    QLineEdit* m_key = nullptr;
    TextLabel* m_keyResult = nullptr;
    ConfigsPanel* m_configs = nullptr;
};

}  // namespace odradek::ui
