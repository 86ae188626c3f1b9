// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/brokers/broker_detail.h"

#include <QHBoxLayout>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

#include "models/cluster/disk_model.h"
#include "models/common/text.h"
#include "ui/charts/bars.h"
#include "ui/charts/time_chart.h"
#include "ui/pages/brokers/broker_changes.h"
#include "ui/pages/common/configs_panel.h"
#include "ui/pages/overview/overview_charts.h"
#include "ui/theme/format.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::qs;

namespace {

constexpr int kApiLines = 4;
enum Tab { Summary, Requests, Connections, Configuration };

QString tabId(int tab) {
    static const QStringList ids{{},
                                 QStringLiteral("requests"),
                                 QStringLiteral("connections"),
                                 QStringLiteral("configuration")};
    return ids.value(tab);
}

Status stateStatus(api::BrokerState state) {
    switch (state) {
        case api::BrokerState::Online:
            return Status::Ok;
        case api::BrokerState::Fenced:
            return Status::Warning;
        case api::BrokerState::Stopping:
            return Status::Info;
        case api::BrokerState::Offline:
            return Status::Offline;
    }
    return Status::Info;
}

}  // namespace

StateView* makeInvisible(const QString& title) {
    auto* view = new StateView;
    view->setIconName(QStringLiteral("lock"));
    view->setState(
        StateView::Kind::Empty, title,
        BrokerDetail::tr("Kafka tells this on no client API. The embedded cluster shows it."));
    return view;
}

BrokerDetail::BrokerDetail(ClusterContext& context, QWidget* parent)
    : QWidget(parent), m_context(context) {
    m_configs = new ConfigsPanel(m_context, QStringLiteral("brokerConfigs"));
    connect(m_configs, &ConfigsPanel::notice, this, &BrokerDetail::notice);
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeSummary());
    m_stack->addWidget(makeRequests());
    m_stack->addWidget(makeConnections());
    m_stack->addWidget(m_configs);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
}

QWidget* BrokerDetail::makeSummary() {
    m_facts = new KeyValueList;
    m_facts->setObjectName(QStringLiteral("brokerFacts"));
    auto* facts = new Panel(tr("Facts"));
    facts->bodyLayout()->addWidget(m_facts);
    m_disk = new BarMeter;
    m_disk->setObjectName(QStringLiteral("brokerDisk"));
    connect(m_disk, &BarMeter::clicked, this,
            [this] { emit requestNavigate({QStringLiteral("disk"), {}, {}}); });
    m_diskPanel = new Panel(tr("Disk"));
    m_diskPanel->setBody(m_disk);
    m_diskPanel->setMaximumHeight(110);
    const auto chart = [this](const QString& name) {
        auto* c = new TimeChart;
        c->setObjectName(name);
        c->setGroup(&m_group);
        return c;
    };
    m_requests = chart(QStringLiteral("brokerRequests"));
    m_requests->setSeries({{tr("requests"), -1, true, {}}});
    m_requests->setEndLabels(false);
    m_requests->setUnit(tr("/s"));
    m_bytes = chart(QStringLiteral("brokerBytes"));
    m_bytes->setSeries({{tr("in"), 0, true, {}}, {tr("out"), 1, false, {}}});
    m_bytes->setBinary(true);
    m_bytes->setFormatters([](double v) { return formatBytes(v); },
                           [](double v) { return BrokerDetail::tr("%1/s").arg(formatBytes(v)); });
    m_diskChart = chart(QStringLiteral("brokerLogs"));
    m_diskChart->setSeries({{tr("logs"), -1, true, {}}});
    m_diskChart->setEndLabels(false);
    m_diskChart->setBinary(true);
    m_diskChart->setFormatters(
        [](double v) { return formatBytes(v); },
        [](double v) { return BrokerDetail::tr("%1 bytes").arg(formatCount(qint64(v))); });
    m_requestsPanel = new Panel(tr("Requests"));
    m_requestsPanel->setBody(m_requests);
    m_bytesPanel = new Panel(tr("Bytes"), tr("per second, of clients"));
    m_bytesPanel->setBody(m_bytes);
    auto* logs = new Panel(tr("Logs on disk"));
    logs->setBody(m_diskChart);

    auto* page = new QWidget;
    auto* left = new QVBoxLayout;
    left->setSpacing(12);
    m_topicTable = new DataTable;
    m_topicTable->setObjectName(QStringLiteral("brokerTopics"));
    m_topicTable->setModel(&m_topics);
    using T = models::BrokerTopicsModel;
    m_topicTable->setColumns({{T::Topic, ColumnKind::Text, 170, true, true, false, QStringLiteral("topic")},
                              {T::Leaders, ColumnKind::Number, 60, true, false, false, QStringLiteral("leaders")},
                              {T::Replicas, ColumnKind::Number, 60, true, false, false, QStringLiteral("replicas")},
                              {T::OutOfSync, ColumnKind::Number, 84, true, false, true, QStringLiteral("oos")},
                              {T::Bytes, ColumnKind::Number, 84, true, false, false, QStringLiteral("bytes")}});
    m_topicTable->setSort(T::Bytes, Qt::DescendingOrder);
    m_topicTable->setEmptyState(tr("It holds no partition"),
                                tr("New topics are placed on it too; reassign partitions to give it some now."));
    connect(m_topicTable, &DataTable::activated, this, [this](int row) {
        emit requestNavigate({QStringLiteral("topics"), {m_topics.row(row).topic}, {}});
    });
    connect(m_topicTable, &DataTable::noticed, this, &BrokerDetail::notice);
    auto* topics = new Panel(tr("Topics on it"));
    topics->addHeaderWidget(m_topicTable->tools());
    topics->setBody(m_topicTable, false);
    left->addWidget(facts);
    left->addWidget(m_diskPanel);
    left->addWidget(topics, 1);
    auto* right = new QVBoxLayout;
    right->setSpacing(12);
    right->addWidget(m_requestsPanel, 1);
    right->addWidget(m_bytesPanel, 1);
    right->addWidget(logs, 1);
    auto* row = new QHBoxLayout(page);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    row->addLayout(left, 5);
    row->addLayout(right, 6);
    return page;
}

QWidget* BrokerDetail::makeRequests() {
    m_apiChart = new TimeChart;
    m_apiChart->setObjectName(QStringLiteral("apiChart"));
    m_apiChart->setGroup(&m_group);
    m_apiChart->setUnit(tr("/s"));
    auto* chart = new Panel(tr("Requests per second"), tr("the busiest %1 APIs").arg(kApiLines));
    chart->setBody(m_apiChart);
    m_apiTable = new DataTable;
    m_apiTable->setObjectName(QStringLiteral("brokerApis"));
    m_apiTable->setModel(&m_apis);
    using A = models::ApisModel;
    m_apiTable->setColumns(
        {{A::Api, ColumnKind::Text, 190, true, true, false, QStringLiteral("api")},
         {A::PerSecond, ColumnKind::Number, 96, true, false, false, QStringLiteral("rate")},
         {A::Total, ColumnKind::Number, 100, true, false, true, QStringLiteral("total")},
         {A::P50, ColumnKind::Number, 80, true, false, true, QStringLiteral("p50")},
         {A::P99, ColumnKind::Number, 80, true, false, false, QStringLiteral("p99")},
         {A::Max, ColumnKind::Number, 80, true, false, true, QStringLiteral("max")},
         {A::Errors, ColumnKind::Number, 80, true, false, false, QStringLiteral("errors")},
         {A::Trend, ColumnKind::Sparkline, 110, true, false, false, QStringLiteral("trend")}});
    m_apiTable->setSort(A::PerSecond, Qt::DescendingOrder);
    m_apiTable->setEmptyState(tr("No requests yet"),
                              tr("An API appears here with its first request."));
    connect(m_apiTable, &DataTable::noticed, this, &BrokerDetail::notice);
    m_apiPanel = new Panel(tr("APIs"));
    m_apiPanel->addHeaderWidget(m_apiTable->tools());
    m_apiPanel->setBody(m_apiTable, false);
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(chart, 2);
    column->addWidget(m_apiPanel, 3);
    m_apiStack = new QStackedWidget;
    m_apiStack->addWidget(page);
    m_apiStack->addWidget(makeInvisible(tr("Requests are not visible from outside")));
    return m_apiStack;
}

QWidget* BrokerDetail::makeConnections() {
    m_connectionTable = new DataTable;
    m_connectionTable->setObjectName(QStringLiteral("brokerConnections"));
    m_connectionTable->setModel(&m_connections);
    using C = models::ConnectionsModel;
    m_connectionTable->setColumns(
        {{C::Client, ColumnKind::Text, 180, true, true, false, QStringLiteral("client")},
         {C::Software, ColumnKind::Text, 190, true, false, true, QStringLiteral("software")},
         {C::Host, ColumnKind::Mono, 130, true, false, false, QStringLiteral("host")},
         {C::Since, ColumnKind::Mono, 110, true, false, false, QStringLiteral("since")},
         {C::Requests, ColumnKind::Number, 100, true, false, false, QStringLiteral("reqs")},
         {C::BytesIn, ColumnKind::Number, 90, true, false, false, QStringLiteral("in")},
         {C::BytesOut, ColumnKind::Number, 90, true, false, false, QStringLiteral("out")}});
    m_connectionTable->setSort(C::BytesIn, Qt::DescendingOrder);
    m_connectionTable->setEmptyState(
        tr("Nobody is connected"),
        tr("Producers, consumers and tools appear here while their connection is open."));
    connect(m_connectionTable, &DataTable::noticed, this, &BrokerDetail::notice);
    m_connectionPanel = new Panel(tr("Connections"));
    m_connectionPanel->addHeaderWidget(m_connectionTable->tools());
    m_connectionPanel->setBody(m_connectionTable, false);
    m_connectionStack = new QStackedWidget;
    m_connectionStack->addWidget(m_connectionPanel);
    m_connectionStack->addWidget(makeInvisible(tr("Connections are not visible from outside")));
    return m_connectionStack;
}

int BrokerDetail::tabIndex() const {
    for (int tab = Summary; tab <= Configuration; ++tab)
        if (tabId(tab) == m_tab)
            return tab;
    return Summary;
}

void BrokerDetail::setBroker(std::int32_t id, const QString& tab) {
    if (id != m_id) {
        clear();
        m_id = id;
    }
    m_tab = tab;
    m_stack->setCurrentIndex(tabIndex());
}

void BrokerDetail::clear() {
    m_apis.setRows({});
    m_topics.setRows({});
    m_connections.setRows({});
    m_configsStale = true;
    m_id = -1;
}

void BrokerDetail::refresh() {
    const auto* broker = models::findBroker(m_context.snapshot(), m_id);
    if (!broker)
        return;
    refreshFacts(*broker);
    refreshCharts(*broker);
    m_apis.update(*broker, m_context.series());
    m_apiStack->setCurrentIndex(broker->apis ? 0 : 1);
    m_apiPanel->setSubtitle(tr("%1 in use, p50 and p99 of recent requests").arg(m_apis.rowCount()));
    m_connections.update(*broker);
    m_connectionStack->setCurrentIndex(broker->connections ? 0 : 1);
    m_connectionPanel->setSubtitle(tr("%n open", nullptr, m_connections.rowCount()));
    if (tabIndex() == Configuration && m_configsStale) {
        m_configsStale = false;
        m_configs->setResource(api::ResourceKind::Broker, QString::number(m_id));
    }
}

void BrokerDetail::refreshFacts(const api::Broker& broker) {
    const auto& snapshot = m_context.snapshot();
    const auto load = models::loadOf(snapshot, m_id);
    const auto unseen =
        m_context.isEmbedded() ? tr("not known now") : tr("not visible from outside");
    QVector<KeyValue> facts;
    facts.push_back(
        {tr("State"), brokerStateWord(broker.state),
         broker.state == api::BrokerState::Fenced ? tr("registered, not serving") : QString()});
    facts.push_back({tr("Endpoint"),
                     broker.host.empty()
                         ? unseen
                         : QStringLiteral("%1:%2").arg(qs(broker.host)).arg(broker.port),
                     {},
                     true});
    facts.push_back(
        {tr("Role"), broker.isController ? tr("broker and metadata leader") : tr("broker"), {}});
    if (!broker.rack.empty())
        facts.push_back({tr("Rack"), qs(broker.rack), {}});
    if (broker.epoch >= 0)
        facts.push_back({tr("Broker epoch"), models::number(broker.epoch), {}, true});
    facts.push_back({tr("Log directory"),
                     broker.logDir.empty() ? unseen : qs(broker.logDir),
                     {},
                     !broker.logDir.empty()});
    if (snapshot.started > 0)
        facts.push_back({tr("Cluster runs since"), models::dateTime(snapshot.started).left(16),
                         models::duration(std::max<qint64>(0, snapshot.at - snapshot.started))});
    facts.push_back({tr("Leads"), tr("%n partitions", nullptr, load.leaders), {}});
    facts.push_back({tr("Holds"), tr("%n replicas", nullptr, load.replicas),
                     load.outOfSync ? tr("%1 out of sync").arg(models::number(load.outOfSync))
                                    : tr("all in sync")});
    facts.push_back({tr("Connections"),
                     broker.connections
                         ? models::number(static_cast<qint64>(broker.connections->size()))
                         : unseen,
                     {}});
    if (broker.logBytes)
        facts.push_back({tr("Logs"), models::bytes(*broker.logBytes),
                         tr("%1 bytes").arg(models::number(*broker.logBytes))});
    if (broker.diskTotal && broker.diskUsable)
        facts.push_back({tr("Volume"), tr("%1 free").arg(models::bytes(*broker.diskUsable)),
                         tr("of %1").arg(models::bytes(*broker.diskTotal))});
    if (const auto days = models::daysToFull(broker, m_context.series()))
        facts.push_back({tr("Full in"), models::duration(static_cast<qint64>(*days * 86400e3)),
                         tr("at the present growth")});
    m_facts->setItems(facts);
    m_topics.update(snapshot, broker.id);
    api::ClusterSnapshot one;
    one.brokers.push_back(broker);
    const auto rows = diskRows(one);
    m_diskPanel->setVisible(!rows.isEmpty());
    m_disk->setRows(rows);
}

void BrokerDetail::fill(TimeChart* chart, int index, const QString& name) {
    m_context.showSeries(*chart, index, name);
}

void BrokerDetail::refreshCharts(const api::Broker& broker) {
    const auto& series = m_context.series();
    const auto prefix = QStringLiteral("broker.%1.").arg(m_id);
    const auto empty =
        m_context.isEmbedded() ? tr("No measurements yet") : tr("Not visible from outside");
    for (auto* chart : {m_requests, m_bytes, m_diskChart})
        chart->setEmptyText(empty);
    const auto* requests = series.find(prefix + QStringLiteral("requests"));
    fill(m_requests, 0, prefix + QStringLiteral("requests"));
    m_requestsPanel->setFigure(requests ? models::decimal(series.last(prefix + QStringLiteral("requests"))) : QString(),
                               requests ? tr("/s") : QString());
    fill(m_bytes, 0, prefix + QStringLiteral("bytes.in"));
    fill(m_bytes, 1, prefix + QStringLiteral("bytes.out"));
    fill(m_diskChart, 0, prefix + QStringLiteral("disk"));
    if (!broker.apis)
        return;
    struct Line {
        QString name;
        double rate;
        int color;
    };
    std::vector<Line> lines;
    for (std::size_t i = 0; i < broker.apis->size(); ++i) {
        const auto name = qs((*broker.apis)[i].name);
        lines.push_back(
            {name, series.last(prefix + QStringLiteral("api.") + name), static_cast<int>(i)});
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return a.rate > b.rate; });
    lines.resize(std::min<std::size_t>(lines.size(), kApiLines));
    // In the broker's order from here on, so that lines keep their dash when two APIs change
    // places.
    std::sort(lines.begin(), lines.end(),
              [](const Line& a, const Line& b) { return a.color < b.color; });
    QVector<ChartSeries> specs;
    for (const auto& line : lines)
        specs.push_back({line.name, line.color, false, models::decimal(line.rate)});
    m_apiChart->setSeries(specs);
    for (std::size_t i = 0; i < lines.size(); ++i)
        fill(m_apiChart, static_cast<int>(i), prefix + QStringLiteral("api.") + lines[i].name);
}

PageHeader BrokerDetail::header(const Page& page) const {
    PageHeader header;
    header.breadcrumb = {{page.title(), {page.id(), {}, {}}}};
    header.title = tr("Broker %1").arg(m_id);
    header.currentTab = tabId(tabIndex());
    const auto* broker = models::findBroker(m_context.snapshot(), m_id);
    if (!broker)
        return header;
    header.chips.push_back({brokerStateWord(broker->state), stateStatus(broker->state), {}, {}});
    if (broker->isController)
        header.chips.push_back(
            {tr("metadata leader"), {}, {}, tr("Writes the metadata log of the cluster")});
    if (!broker->host.empty())
        header.chips.push_back(
            {QStringLiteral("%1:%2").arg(qs(broker->host)).arg(broker->port), {}, {}, {}});
    const auto changed = m_configs->changedCount();
    header.tabs = {
        {tabId(Summary), tr("Summary"), {}},
        {tabId(Requests), tr("Requests"), {}},
        {tabId(Connections), tr("Connections"),
         broker->connections ? models::number(static_cast<qint64>(broker->connections->size()))
                             : QString()},
        {tabId(Configuration), tr("Configuration"),
         changed > 0 && !m_configsStale ? tr("%n changed", nullptr, changed) : QString()}};
    return header;
}

QWidget* BrokerDetail::primaryWidget() {
    switch (tabIndex()) {
        case Requests:
            return m_apiTable->view();
        case Connections:
            return m_connectionTable->view();
        case Configuration:
            return m_configs->table()->view();
        default:
            return m_facts;
    }
}

}  // namespace odradek::ui
