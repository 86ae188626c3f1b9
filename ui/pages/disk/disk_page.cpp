// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/disk/disk_page.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QSettings>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <numeric>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/charts/bars.h"
#include "ui/charts/treemap.h"
#include "ui/pages/disk/capacity_view.h"
#include "ui/pages/overview/overview_charts.h"
#include "ui/theme/format.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::DiskModel;
using models::qs;

namespace {

constexpr int kTilesMax =
    150;  ///< smaller ones could not be told apart; they are one tile together
constexpr double kSoonDays = 2;

QString byKey() {
    return QStringLiteral("disk/by");
}

qint64 bytesOfReplicas(const api::Partition& partition) {
    return std::accumulate(partition.replicas.begin(), partition.replicas.end(), qint64{0},
                           [&](qint64 sum, const api::Replica& r) {
                               return sum + r.bytes.value_or(partition.bytes.value_or(0));
                           });
}

QString daysWords(double days) {
    return days > 3650 ? DiskPage::tr("more than 10 years")
                       : models::duration(static_cast<qint64>(days * 86400e3));
}

}  // namespace

DiskPage::DiskPage(ClusterContext& context) : m_context(context) {
    m_planner = new CapacityView(m_context);
    m_state = new StateView;
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeUsage());
    m_stack->addWidget(m_planner);
    m_stack->addWidget(m_state);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    connect(&m_context, &ClusterContext::clusterChanged, this, [this] { m_model.setRows({}); });
    connect(&m_context, &ClusterContext::snapshotChanged, this, &DiskPage::refresh);
    connect(&m_context, &ClusterContext::sampled, this, &DiskPage::refresh);
}

QWidget* DiskPage::makeUsage() {
    auto* map = makeMap();
    auto* brokers = makeBrokers();
    auto* top = new MemorySplitter(QStringLiteral("diskTop"), Qt::Horizontal);
    top->addWidget(map);
    top->addWidget(brokers);
    top->setChildrenCollapsible(false);
    top->setHandleWidth(12);
    top->setDefaultSizes({720, 330});
    auto* split = new MemorySplitter(QStringLiteral("diskUsage"), Qt::Vertical);
    split->addWidget(top);
    split->addWidget(makeTable());
    split->setChildrenCollapsible(false);
    split->setHandleWidth(12);
    split->setDefaultSizes({300, 280});
    return split;
}

Panel* DiskPage::makeMap() {
    m_map = new Treemap;
    m_map->setObjectName(QStringLiteral("diskMap"));
    m_map->setAccessibleName(tr("Bytes as areas"));
    connect(m_map, &Treemap::activated, this, [this](const QString& id) {
        if (!id.isEmpty())
            emit requestNavigate(ClusterContext::locationOf(QStringLiteral("topic:") + id));
    });
    auto* none = new StateView;
    none->setIconName(QStringLiteral("disk"));
    none->setState(StateView::Kind::Empty, tr("No bytes on disk yet"),
                   tr("Produce a record, and its topic appears here."));
    m_mapStack = new QStackedWidget;
    m_mapStack->addWidget(m_map);
    m_mapStack->addWidget(none);
    m_by = new SegmentedControl({tr("Topics"), tr("Partitions")});
    m_by->setObjectName(QStringLiteral("diskBy"));
    m_by->setCurrent(QSettings().value(byKey(), 0).toInt());
    connect(m_by, &SegmentedControl::currentChanged, this, [this](int by) {
        QSettings().setValue(byKey(), by);
        if (m_context.hasCluster())
            refreshMap();
    });
    m_mapPanel = new Panel(tr("Bytes on disk"));
    m_mapPanel->addHeaderWidget(m_by);
    m_mapPanel->setBody(m_mapStack);
    return m_mapPanel;
}

Panel* DiskPage::makeBrokers() {
    m_brokers = new BarMeter;
    m_brokers->setObjectName(QStringLiteral("diskBrokers"));
    connect(m_brokers, &BarMeter::clicked, this, [this](int row) {
        int at = 0;
        for (const auto& broker : m_context.snapshot().brokers)
            if ((broker.logBytes || broker.diskTotal) && at++ == row)
                emit requestNavigate({QStringLiteral("brokers"), {QString::number(broker.id)}, {}});
    });
    m_days = new KeyValueList;
    m_days->setObjectName(QStringLiteral("daysToFull"));
    auto* known = new QWidget;
    auto* column = new QVBoxLayout(known);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_brokers);
    column->addSpacing(4);
    column->addWidget(new TextLabel(tr("Full at the present growth"), Theme::Size::Body,
                                    TextLabel::Tone::Primary, Theme::Weight::Strong));
    column->addWidget(m_days);
    column->addStretch(1);
    auto* unknown = new StateView;
    unknown->setIconName(QStringLiteral("lock"));
    unknown->setState(StateView::Kind::Empty, tr("Disks are not known"),
                      tr("The brokers did not describe their log directories."));
    m_brokerStack = new QStackedWidget;
    m_brokerStack->addWidget(known);
    m_brokerStack->addWidget(unknown);
    auto* brokers = new Panel(tr("Brokers"), tr("mark: warn at 80 %"));
    brokers->setBody(m_brokerStack);
    brokers->setMinimumWidth(280);
    return brokers;
}

Panel* DiskPage::makeTable() {
    using D = DiskModel;
    m_table = new DataTable;
    m_table->setObjectName(QStringLiteral("diskTopics"));
    m_table->setModel(&m_model);
    m_table->setColumns(
        {{D::Topic, ColumnKind::Text, 180, true, true, false, QStringLiteral("topic")},
         {D::Share, ColumnKind::Meter, 120, true, false, true, QStringLiteral("share")},
         {D::Bytes, ColumnKind::Number, 96, true, false, false, QStringLiteral("bytes")},
         {D::Partitions, ColumnKind::Number, 80, true, false, true, QStringLiteral("parts")},
         {D::Growth, ColumnKind::Number, 96, true, false, false, QStringLiteral("growth")},
         {D::Retention, ColumnKind::Text, 262, true, false, false, QStringLiteral("retention")},
         {D::Next, ColumnKind::Text, 150, true, false, false, QStringLiteral("next")}});
    m_table->setSort(D::Bytes, Qt::DescendingOrder);
    m_table->setEmptyState(tr("No topics yet"), tr("Their size and growth appear here."));
    m_table->setContextMenu([this](QMenu& menu, const QVector<int>& rows) {
        if (rows.size() != 1)
            return;
        const auto topic = m_model.row(rows.front()).topic;
        menu.addAction(tr("Open topic"), this, [this, topic] {
            emit requestNavigate({QStringLiteral("topics"), {topic}, {}});
        });
        menu.addAction(tr("Retention settings"), this, [this, topic] {
            emit requestNavigate(
                {QStringLiteral("topics"), {topic}, QStringLiteral("configuration")});
        });
    });
    connect(m_table, &DataTable::activated, this, [this](int row) {
        emit requestNavigate({QStringLiteral("topics"), {m_model.row(row).topic}, {}});
    });
    connect(m_table, &DataTable::noticed, this, &Page::notice);
    auto* tablePanel = new Panel(tr("Topics"), tr("all replicas together"));
    tablePanel->addHeaderWidget(m_table->tools());
    tablePanel->setBody(m_table, false);
    return tablePanel;
}

void DiskPage::navigate(const Location&) {
    refresh();
}

void DiskPage::setActive(bool active) {
    m_active = active;
    if (active)
        refresh();
}

QWidget* DiskPage::primaryWidget() {
    return plans() ? m_planner->firstField() : static_cast<QWidget*>(m_table->view());
}

void DiskPage::refresh() {
    if (!m_active || !m_context.hasCluster())
        return;
    const auto& snapshot = m_context.snapshot();
    if (plans()) {
        m_planner->refresh();
        m_stack->setCurrentIndex(1);
    } else if (snapshot.brokers.empty() && snapshot.topics.empty()) {
        if (snapshot.connection == api::Connection::Failed)
            m_state->setState(StateView::Kind::Error, tr("No connection"), qs(snapshot.problem));
        else
            m_state->setState(StateView::Kind::Loading, tr("Waiting for the cluster"));
        m_stack->setCurrentIndex(2);
    } else {
        m_model.update(snapshot, m_context.series());
        refreshMap();
        refreshBrokers();
        m_stack->setCurrentIndex(0);
    }
    showHeader();
}

void DiskPage::refreshMap() {
    QVector<TreemapItem> items;
    const auto& topics = m_context.snapshot().topics;
    const bool byPartition = m_by->current() == 1;
    for (std::size_t i = 0; i < topics.size(); ++i) {
        const auto name = qs(topics[i].name);
        // Partitions of one topic share its colour, so that the topic is still seen.
        const int color = byPartition ? static_cast<int>(i) : -1;
        qint64 all = 0;
        for (const auto& partition : topics[i].partitions) {
            const auto size = bytesOfReplicas(partition);
            all += size;
            if (byPartition && size > 0)
                items.push_back({QStringLiteral("%1/%2").arg(name).arg(partition.index),
                                 QStringLiteral("%1-%2").arg(name).arg(partition.index),
                                 models::bytes(size),
                                 tr("%1-%2\n%3 bytes in %4 replicas")
                                     .arg(name)
                                     .arg(partition.index)
                                     .arg(models::number(size))
                                     .arg(partition.replicas.size()),
                                 static_cast<double>(size), color});
        }
        if (!byPartition && all > 0)
            items.push_back({name, name, models::bytes(all),
                             tr("%1\n%2 bytes in all replicas").arg(name, models::number(all)),
                             static_cast<double>(all), color});
    }
    std::stable_sort(items.begin(), items.end(),
                     [](const auto& a, const auto& b) { return a.size > b.size; });
    double total = 0;
    for (const auto& item : items)
        total += item.size;
    if (items.size() > kTilesMax) {
        double rest = 0;
        const auto left = items.size() - kTilesMax;
        for (auto i = static_cast<qsizetype>(kTilesMax); i < items.size(); ++i)
            rest += items[i].size;
        items.resize(kTilesMax);
        items.push_back(
            {{}, tr("%n more", nullptr, static_cast<int>(left)), formatBytes(rest), {}, rest, -1});
    }
    m_mapPanel->setSubtitle(total > 0 ? tr("%1 in all replicas").arg(formatBytes(total))
                                      : QString());
    m_mapStack->setCurrentIndex(items.isEmpty() ? 1 : 0);
    m_map->setItems(std::move(items));
}

void DiskPage::refreshBrokers() {
    const auto& snapshot = m_context.snapshot();
    const auto rows = diskRows(snapshot);
    m_brokers->setRows(rows);
    QVector<KeyValue> days;
    for (const auto& broker : snapshot.brokers) {
        const auto name = tr("Broker %1").arg(broker.id);
        const auto growth =
            m_context.series().growth(QStringLiteral("broker.%1.disk").arg(broker.id));
        if (!broker.diskUsable)
            days.push_back({name, tr("not visible from outside"), {}});
        else if (!growth)
            days.push_back({name, tr("measuring…"), {}});
        else if (*growth <= 0)
            days.push_back({name, tr("does not grow"), {}});
        else if (const auto left = models::daysToFull(broker, m_context.series()))
            days.push_back({name, daysWords(*left), tr("%1/h").arg(formatBytes(*growth * 3600))});
    }
    m_days->setItems(days);
    m_brokerStack->setCurrentIndex(rows.isEmpty() ? 1 : 0);
}

QString DiskPage::finding() const {
    const auto& snapshot = m_context.snapshot();
    std::int32_t soonest = -1, fullest = -1;
    double least = kSoonDays, most = 0.8;
    qint64 bytes = 0;
    for (const auto& broker : snapshot.brokers) {
        bytes += broker.logBytes.value_or(0);
        if (const auto days = models::daysToFull(broker, m_context.series());
            days && *days < least) {
            least = *days;
            soonest = broker.id;
        }
        if (broker.diskTotal && broker.diskUsable && *broker.diskTotal > 0) {
            const auto used = 1.0 - static_cast<double>(*broker.diskUsable) /
                                        static_cast<double>(*broker.diskTotal);
            if (used >= most) {
                most = used;
                fullest = broker.id;
            }
        }
    }
    if (fullest >= 0)
        return tr("The disk of broker %1 is %2 full").arg(fullest).arg(formatPercent(most));
    if (soonest >= 0)
        return tr("The disk of broker %1 is full in %2 at this growth")
            .arg(soonest)
            .arg(daysWords(least));
    return bytes > 0 ? tr("The logs take %1, and the disks have room").arg(models::bytes(bytes))
                     : title();
}

void DiskPage::showHeader() {
    PageHeader header;
    header.title = finding();
    const auto& snapshot = m_context.snapshot();
    const DiskModel* model = &m_model;
    const models::DiskRow* next = nullptr;
    for (const auto& row : model->rows())
        if (row.nextDeletionMs >= 0 && (!next || row.nextDeletionMs < next->nextDeletionMs))
            next = &row;
    QStringList facts{tr("%n topics", nullptr, static_cast<int>(snapshot.topics.size()))};
    if (next)
        facts << tr("next to go: %1 of %2").arg(next->deletesNext, next->topic);
    header.subtitle = facts.join(QStringLiteral(" · "));
    header.tabs = {{QString(), tr("Usage"), {}},
                   {QStringLiteral("planner"), tr("Capacity planner"), {}}};
    header.currentTab = location().tab;
    setHeader(header);
}

}  // namespace odradek::ui
