// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/brokers/brokers_page.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

#include "models/common/text.h"
#include "ui/charts/bars.h"
#include "ui/charts/time_chart.h"
#include "ui/pages/brokers/broker_changes.h"
#include "ui/pages/brokers/broker_detail.h"
#include "ui/pages/brokers/timeline_tab.h"
#include "ui/pages/overview/overview_charts.h"
#include "ui/theme/format.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::BrokersModel;
using models::qs;

namespace {
constexpr int kLinesMax = 8;  ///< as many as there are series colours
}

BrokersPage::BrokersPage(ClusterContext& context) : m_context(context) {
    m_detail = new BrokerDetail(m_context);
    connect(m_detail, &BrokerDetail::requestNavigate, this, &Page::requestNavigate);
    connect(m_detail, &BrokerDetail::notice, this, &Page::notice);
    m_missing = new StateView;
    connect(m_missing, &StateView::action, this, [this] { emit requestNavigate({id(), {}, {}}); });
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeList());
    m_stack->addWidget(m_detail);
    m_stack->addWidget(m_missing);
    m_timeline = new TimelineTab(m_context);
    connect(m_timeline, &TimelineTab::requestNavigate, this, &Page::requestNavigate);
    connect(m_timeline, &TimelineTab::notice, this, &Page::notice);
    m_stack->addWidget(m_timeline);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);

    connect(&m_context, &ClusterContext::clusterChanged, this, [this] {
        m_model.setRows({});
        m_detail->clear();
        m_timeline->clear();
        if (m_active && hasDetail())
            emit requestNavigate({id(), {}, {}});
    });
    connect(&m_context, &ClusterContext::snapshotChanged, this, &BrokersPage::refresh);
    connect(&m_context, &ClusterContext::sampled, this, &BrokersPage::refresh);
    connect(&m_context, &ClusterContext::readOnlyChanged, this, [this] {
        if (m_active)  // the header's buttons are another page's otherwise
            showHeader();
    });
}

Panel* BrokersPage::makeTable() {
    using B = BrokersModel;
    m_table = new DataTable;
    m_table->setObjectName(QStringLiteral("brokers"));
    m_table->setModel(&m_model);
    m_table->setColumns(
        {{B::Id, ColumnKind::Text, 110, true, false, false, QStringLiteral("id")},
         {B::State, ColumnKind::Status, 100, true, false, false, QStringLiteral("state")},
         {B::Endpoint, ColumnKind::Mono, 150, true, true, false, QStringLiteral("endpoint")},
         {B::Rack, ColumnKind::Text, 80, false, false, true, QStringLiteral("rack")},
         {B::Leaders, ColumnKind::Number, 68, true, false, false, QStringLiteral("leaders")},
         {B::Replicas, ColumnKind::Number, 72, true, false, false, QStringLiteral("replicas")},
         {B::OutOfSync, ColumnKind::Number, 86, true, false, false, QStringLiteral("oos")},
         {B::Connections, ColumnKind::Number, 92, true, false, true, QStringLiteral("connections")},
         {B::Requests, ColumnKind::Number, 88, true, false, false, QStringLiteral("requests")},
         {B::Disk, ColumnKind::Number, 80, true, false, false, QStringLiteral("disk")},
         {B::Free, ColumnKind::Number, 84, true, false, true, QStringLiteral("free")},
         {B::Trend, ColumnKind::Sparkline, 110, true, false, true, QStringLiteral("trend")}});
    m_table->setSort(B::Id, Qt::AscendingOrder);
    m_table->setEmptyState(tr("No brokers"), tr("None has registered with the cluster yet."));
    m_table->setContextMenu([this](QMenu& menu, const QVector<int>& rows) {
        if (rows.size() != 1)
            return;
        const auto& broker = m_model.row(rows.front()).broker;
        const auto number = broker.id;
        menu.addAction(tr("Open"), this, [this, number] {
            emit requestNavigate({id(), {QString::number(number)}, {}});
        });
        if (!m_context.isEmbedded() || m_context.readOnly())
            return;
        menu.addSeparator();
        menu.addAction(tr("Kill broker…"), this, [this, number] { kill(number); })
            ->setEnabled(broker.state != api::BrokerState::Offline);
        menu.addAction(tr("Restart broker…"), this, [this, number] { restart(number); });
    });
    connect(m_table, &DataTable::activated, this, [this](int row) {
        emit requestNavigate({id(), {QString::number(m_model.row(row).broker.id)}, {}});
    });
    connect(m_table, &DataTable::noticed, this, &Page::notice);
    m_table->showToolsInside();
    auto* tablePanel = new Panel;
    tablePanel->setBody(m_table, false);
    return tablePanel;
}

QWidget* BrokersPage::makeList() {
    auto* tablePanel = makeTable();
    m_requests = new TimeChart;
    m_requests->setObjectName(QStringLiteral("requestsPerBroker"));
    m_requests->setGroup(&m_group);
    m_requests->setUnit(tr("/s"));
    m_bytes = new TimeChart;
    m_bytes->setObjectName(QStringLiteral("bytesPerBroker"));
    m_bytes->setGroup(&m_group);
    m_bytes->setBinary(true);
    m_bytes->setFormatters([](double v) { return formatBytes(v); },
                           [](double v) { return BrokersPage::tr("%1/s").arg(formatBytes(v)); });
    auto* requests = new Panel(tr("Requests"), tr("per second and broker"));
    requests->setBody(m_requests);
    auto* bytes = new Panel(tr("Bytes in"), tr("per second and broker"));
    bytes->setBody(m_bytes);
    auto* known = new QWidget;
    auto* knownRow = new QHBoxLayout(known);
    knownRow->setContentsMargins(0, 0, 0, 0);
    knownRow->setSpacing(12);
    knownRow->addWidget(requests, 1);
    knownRow->addWidget(bytes, 1);
    auto* unknown = new Panel;
    unknown->setBody(makeInvisible(tr("Requests and bytes are not visible from outside")));
    m_rates = new QStackedWidget;
    m_rates->addWidget(known);
    m_rates->addWidget(unknown);
    m_disk = new BarMeter;
    m_disk->setObjectName(QStringLiteral("diskOfBrokers"));
    connect(m_disk, &BarMeter::clicked, this,
            [this] { emit requestNavigate({QStringLiteral("disk"), {}, {}}); });
    m_diskPanel = new Panel(tr("Disk"));
    m_diskPanel->setBody(m_disk);

    auto* bottom = new QWidget;
    auto* bottomRow = new QHBoxLayout(bottom);
    bottomRow->setContentsMargins(0, 0, 0, 0);
    bottomRow->setSpacing(12);
    bottomRow->addWidget(m_rates, 3);
    bottomRow->addWidget(m_diskPanel, 1);
    auto* list = new QWidget;
    auto* column = new QVBoxLayout(list);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    m_table->setFitRows(3, 9);
    column->addWidget(tablePanel);
    column->addWidget(bottom, 1);
    return list;
}

std::int32_t BrokersPage::brokerId() const {
    bool ok = false;
    const auto id = location().path.value(0).toInt(&ok);
    return ok ? id : -1;
}

void BrokersPage::navigate(const Location& location) {
    if (!location.path.isEmpty())
        m_detail->setBroker(brokerId(), location.tab);
    refresh();
}

void BrokersPage::setActive(bool active) {
    m_active = active;
    if (active)
        refresh();
}

QWidget* BrokersPage::primaryWidget() {
    if (onTimeline())
        return m_timeline->primaryWidget();
    return hasDetail() ? m_detail->primaryWidget() : static_cast<QWidget*>(m_table->view());
}

QVector<QWidget*> BrokersPage::headerActions() {
    m_restart = new Button(tr("Restart broker…"), QStringLiteral("refresh"));
    m_restart->setObjectName(QStringLiteral("restartBroker"));
    connect(m_restart, &QAbstractButton::clicked, this, [this] { restart(brokerId()); });
    m_kill = new Button(tr("Kill broker…"), QStringLiteral("fault"), Button::Kind::Danger);
    m_kill->setObjectName(QStringLiteral("killBroker"));
    connect(m_kill, &QAbstractButton::clicked, this, [this] { kill(brokerId()); });
    showHeader();
    return {m_restart, m_kill};
}

void BrokersPage::refresh() {
    if (!m_active || !m_context.hasCluster())
        return;
    const auto& snapshot = m_context.snapshot();
    if (onTimeline() && !snapshot.brokers.empty()) {
        m_timeline->refresh();
        m_stack->setCurrentWidget(m_timeline);
    } else if (!hasDetail()) {
        refreshList();
        m_stack->setCurrentIndex(0);
    } else if (models::findBroker(snapshot, brokerId())) {
        m_detail->setBroker(brokerId(), location().tab);
        m_detail->refresh();
        m_stack->setCurrentIndex(1);
    } else if (snapshot.connection == api::Connection::Live) {
        m_missing->setState(StateView::Kind::NotFound,
                            tr("There is no broker %1").arg(location().path.value(0)),
                            tr("No broker with this id has registered, and no partition names it."),
                            tr("All brokers"));
        m_stack->setCurrentIndex(2);
    } else if (snapshot.connection == api::Connection::Failed) {
        m_missing->setState(StateView::Kind::Error, tr("No connection"), qs(snapshot.problem));
        m_stack->setCurrentIndex(2);
    } else {
        m_missing->setState(StateView::Kind::Loading, tr("Waiting for the cluster"));
        m_stack->setCurrentIndex(2);
    }
    showHeader();
}

void BrokersPage::refreshList() {
    const auto& snapshot = m_context.snapshot();
    m_table->setLoading(snapshot.connection == api::Connection::Starting);
    if (snapshot.connection == api::Connection::Failed && snapshot.brokers.empty())
        m_table->setError(tr("No connection"), qs(snapshot.problem));
    else
        m_table->setError({});
    m_model.update(snapshot, m_context.series());
    refreshCharts();
}

void BrokersPage::refreshCharts() {
    const auto& brokers = m_context.snapshot().brokers;
    const bool known = m_context.isEmbedded() ||
                       std::any_of(brokers.begin(), brokers.end(),
                                   [](const api::Broker& b) { return b.apis || b.bytesIn; });
    m_rates->setCurrentIndex(known ? 0 : 1);
    QVector<ChartSeries> specs;
    for (std::size_t i = 0; i < std::min<std::size_t>(brokers.size(), kLinesMax); ++i)
        specs.push_back({tr("Broker %1").arg(brokers[i].id), static_cast<int>(i), false, {}});
    const auto fill = [&](TimeChart* chart, const QString& what) {
        chart->setSeries(specs);
        for (int i = 0; i < specs.size(); ++i)
            m_context.showSeries(*chart, i,
                                 QStringLiteral("broker.%1.%2")
                                     .arg(brokers[static_cast<std::size_t>(i)].id)
                                     .arg(what));
    };
    fill(m_requests, QStringLiteral("requests"));
    fill(m_bytes, QStringLiteral("bytes.in"));
    const auto rows = diskRows(m_context.snapshot());
    m_diskPanel->setVisible(!rows.isEmpty());
    m_disk->setRows(rows);
}

void BrokersPage::showHeader() {
    if (!m_context.hasCluster())
        return;
    const auto* broker =
        hasDetail() ? models::findBroker(m_context.snapshot(), brokerId()) : nullptr;
    if (m_kill) {
        const bool offered = broker && m_context.isEmbedded();
        m_kill->setVisible(offered);
        m_restart->setVisible(offered);
        m_kill->setEnabled(offered && !m_context.readOnly() &&
                           broker->state != api::BrokerState::Offline);
        m_restart->setEnabled(offered && !m_context.readOnly());
    }
    if (hasDetail()) {
        setHeader(m_detail->header(*this));
        return;
    }
    const auto& brokers = m_context.snapshot().brokers;
    int up = 0;
    std::int32_t down = -1;
    for (const auto& b : brokers) {
        if (b.state == api::BrokerState::Online)
            ++up;
        else if (down < 0)
            down = b.id;
    }
    const auto all = static_cast<int>(brokers.size());
    PageHeader header;
    if (all == 0)
        header.title = title();
    else if (up == all)
        header.title = tr("All %n brokers are online", nullptr, all);
    else if (all - up == 1)
        header.title = tr("Broker %1 is not online").arg(down);
    else
        header.title = tr("%1 of %2 brokers are not online").arg(all - up).arg(all);
    QStringList facts;
    if (m_context.snapshot().controller >= 0)
        facts << tr("metadata leader: broker %1").arg(m_context.snapshot().controller);
    if (!m_context.snapshot().clusterId.empty())
        facts << tr("cluster id %1").arg(qs(m_context.snapshot().clusterId));
    header.subtitle = facts.join(QStringLiteral(" · "));
    header.tabs = {{QString(), tr("Brokers"), {}},
                   {QStringLiteral("timeline"), tr("Timeline"), {}}};
    header.currentTab = location().tab;
    if (onTimeline() && !m_timeline->finding().isEmpty())
        header.title = m_timeline->finding();
    setHeader(header);
}

void BrokersPage::kill(std::int32_t broker) {
    auto* dialog = m_context.openChange(changeKillBroker(m_context.snapshot(), broker), this);
    if (dialog)
        connect(dialog, &ChangeDialog::completed, this, [this, broker](bool ok) {
            if (ok)
                emit notice(Status::Warning,
                            tr("Broker %1 was killed. Restart it from this page.").arg(broker));
        });
}

void BrokersPage::restart(std::int32_t broker) {
    auto* dialog = m_context.openChange(changeRestartBroker(m_context.snapshot(), broker), this);
    if (dialog)
        connect(dialog, &ChangeDialog::completed, this, [this, broker](bool ok) {
            if (ok)
                emit notice(Status::Ok, tr("Broker %1 was restarted").arg(broker));
        });
}

}  // namespace odradek::ui
