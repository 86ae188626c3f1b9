// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/cluster/brokers_model.h"
#include "ui/charts/chart_group.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QStackedWidget;

namespace odradek::ui {

class BarMeter;
class ConfigsPanel;
class DataTable;
class KeyValueList;
class Panel;
class StateView;
class TimeChart;

/// One broker: facts and rates, requests by API, connections, configuration. What only the engine
/// knows is said to be invisible on other clusters. GUI thread.
class BrokerDetail : public QWidget {
    Q_OBJECT
public:
    explicit BrokerDetail(ClusterContext& context, QWidget* parent = nullptr);
    /// Shows a broker and a tab of it; asks for the configuration when its tab is shown.
    void setBroker(std::int32_t id, const QString& tab);
    /// Takes in the present snapshot; the broker must be in it.
    void refresh();
    /// Forgets rows of another cluster.
    void clear();
    PageHeader header(const Page& page) const;
    QWidget* primaryWidget();

signals:
    void requestNavigate(const odradek::ui::Location& location);
    void notice(odradek::ui::Status status, const QString& text);

private:
    QWidget* makeSummary();
    QWidget* makeRequests();
    QWidget* makeConnections();
    void refreshFacts(const api::Broker& broker);
    void refreshCharts(const api::Broker& broker);
    void fill(TimeChart* chart, int index, const QString& series);
    int tabIndex() const;

    ClusterContext& m_context;
    std::int32_t m_id = -1;
    QString m_tab;
    bool m_configsStale = true;
    models::ApisModel m_apis;
    models::BrokerTopicsModel m_topics;
    models::ConnectionsModel m_connections;
    ChartGroup m_group;
    QStackedWidget* m_stack = nullptr;
    KeyValueList* m_facts = nullptr;
    BarMeter* m_disk = nullptr;
    Panel* m_diskPanel = nullptr;
    Panel* m_requestsPanel = nullptr;
    Panel* m_bytesPanel = nullptr;
    Panel* m_apiPanel = nullptr;
    Panel* m_connectionPanel = nullptr;
    TimeChart* m_requests = nullptr;
    TimeChart* m_bytes = nullptr;
    TimeChart* m_diskChart = nullptr;
    TimeChart* m_apiChart = nullptr;
    DataTable* m_apiTable = nullptr;
    DataTable* m_topicTable = nullptr;
    DataTable* m_connectionTable = nullptr;
    QStackedWidget* m_apiStack = nullptr;
    QStackedWidget* m_connectionStack = nullptr;
    ConfigsPanel* m_configs = nullptr;
};

/// The words for facts that only the embedded cluster tells.
StateView* makeInvisible(const QString& title);

}  // namespace odradek::ui
