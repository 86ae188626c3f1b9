// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/topics/topic_detail.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "engine/base/partitioner.h"
#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/charts/bars.h"
#include "ui/charts/log_strip.h"
#include "ui/charts/time_chart.h"
#include "ui/pages/common/configs_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"

namespace odradek::ui {

using models::number;
using models::PartitionsModel;
using models::qs;
using models::TopicGroupsModel;

namespace {

constexpr int kStripsMax = 64;  ///< more partitions are in the table only
constexpr int kLinesMax = 8;    ///< of the rate chart: as many as there are series colours

QString partitionText(int index) {
    return QStringLiteral("P%1").arg(index);
}

}  // namespace

TopicDetail::TopicDetail(ClusterContext& context, QWidget* parent)
    : QWidget(parent), m_context(context) {
    m_configs = new ConfigsPanel(m_context, QStringLiteral("topicConfigs"));
    connect(m_configs, &ConfigsPanel::notice, this, &TopicDetail::notice);
    connect(m_configs, &ConfigsPanel::loaded, this, &TopicDetail::chipsChanged);
    m_stack = new QStackedWidget;
    m_stack->addWidget(makePartitionsTab());
    m_stack->addWidget(m_configs);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
}

QWidget* TopicDetail::makePartitionsTab() {
    m_strips = new LogStripView;
    m_strips->setObjectName(QStringLiteral("strips"));
    connect(m_strips, &LogStripView::partitionSelected, this, &TopicDetail::selectPartition);
    connect(m_strips, &LogStripView::offsetActivated, this, &TopicDetail::openMessages);
    connect(m_strips, &LogStripView::pinClicked, this, [this](int, const QString& group) {
        emit requestNavigate({QStringLiteral("groups"), {group}, {}});
    });
    m_legend = new QWidget;
    auto* legend = new QHBoxLayout(m_legend);
    legend->setContentsMargins(0, 0, 0, 0);
    legend->setSpacing(12);
    auto* scale = new SegmentedControl({tr("Linear"), tr("Near the end")});
    scale->setCurrent(1);
    connect(scale, &SegmentedControl::currentChanged, this,
            [this](int i) { m_strips->setScale(i == 0 ? LogScale::Linear : LogScale::NearEnd); });
    auto* whole = new Button(tr("Whole log"), QStringLiteral("search"));
    whole->setObjectName(QStringLiteral("wholeLog"));
    whole->setToolTip(tr("Show the whole log again (0)"));
    whole->hide();
    connect(whole, &QAbstractButton::clicked, m_strips, &LogStripView::showWhole);
    connect(m_strips, &LogStripView::viewChanged, whole, &QWidget::setVisible);
    m_stripsPanel = new Panel(tr("Log of each partition"), tr("click opens messages there, the wheel zooms"));
    m_stripsPanel->addHeaderWidget(whole);
    m_stripsPanel->addHeaderWidget(m_legend);
    m_stripsPanel->addHeaderWidget(scale);
    m_stripsPanel->setBody(m_strips);

    m_partitionTable = new DataTable;
    m_partitionTable->setObjectName(QStringLiteral("partitions"));
    m_partitionTable->setModel(&m_partitions);
    using P = PartitionsModel;
    m_partitionTable->setColumns(
        {{P::Index, ColumnKind::Number, 74, true, false, false, QStringLiteral("index")},
         {P::State, ColumnKind::Status, 100, false, false, true, QStringLiteral("state")},
         {P::Leader, ColumnKind::Number, 54, true, false, false, QStringLiteral("leader")},
         {P::Replicas, ColumnKind::Text, 70, false, false, true, QStringLiteral("replicas")},
         {P::Isr, ColumnKind::Text, 60, true, false, false, QStringLiteral("isr")},
         {P::LogStart, ColumnKind::MonoNumber, 76, true, false, false, QStringLiteral("start")},
         {P::HighWatermark, ColumnKind::MonoNumber, 106, true, false, false, QStringLiteral("hw")},
         {P::LogEnd, ColumnKind::MonoNumber, 76, true, false, false, QStringLiteral("end")},
         {P::Records, ColumnKind::Number, 66, true, false, true, QStringLiteral("records")},
         {P::Size, ColumnKind::Number, 72, true, false, true, QStringLiteral("size")},
         {P::PerSecond, ColumnKind::Number, 56, true, false, false, QStringLiteral("rate")},
         {P::Trend, ColumnKind::Sparkline, 70, true, true, true, QStringLiteral("trend")}});
    m_partitionTable->setSort(P::Index, Qt::AscendingOrder);
    connect(m_partitionTable, &DataTable::currentRowChanged, this, [this](int row) {
        if (row >= 0)
            selectPartition(m_partitions.row(row).partition.index);
    });
    connect(m_partitionTable, &DataTable::activated, this,
            [this](int row) { openMessages(m_partitions.row(row).partition.index, -1); });
    connect(m_partitionTable, &DataTable::noticed, this, &TopicDetail::notice);
    m_partitionPanel = new Panel(tr("Partitions"));
    m_partitionPanel->addHeaderWidget(m_partitionTable->tools());
    m_partitionPanel->setBody(m_partitionTable, false);

    m_groupTable = new DataTable;
    m_groupTable->setObjectName(QStringLiteral("topicGroups"));
    m_groupTable->setModel(&m_groups);
    using G = TopicGroupsModel;
    m_groupTable->setColumns(
        {{G::Group, ColumnKind::Marker, 170, true, true, false, QStringLiteral("group")},
         {G::State, ColumnKind::Status, 130, true, false, false, QStringLiteral("state")},
         {G::Members, ColumnKind::Number, 70, true, false, false, QStringLiteral("members")},
         {G::Lag, ColumnKind::Number, 90, true, false, false, QStringLiteral("lag")},
         {G::Worst, ColumnKind::Text, 120, true, false, true, QStringLiteral("worst")},
         {G::Trend, ColumnKind::Sparkline, 80, true, false, false, QStringLiteral("trend")}});
    m_groupTable->setEmptyState(tr("No group reads this topic"),
                                tr("A consumer group appears here once it commits."));
    connect(m_groupTable, &DataTable::activated, this, [this](int row) {
        emit requestNavigate({QStringLiteral("groups"), {m_groups.row(row).group}, {}});
    });
    connect(m_groupTable, &DataTable::noticed, this, &TopicDetail::notice);
    m_groupPanel = new Panel(tr("Consumer groups"));
    m_groupPanel->addHeaderWidget(m_groupTable->tools());
    m_groupPanel->setBody(m_groupTable, false);

    m_rate = new TimeChart;
    m_rate->setGroup(&m_charts);
    m_rate->setUnit(tr("records/s"));
    m_rate->setEmptyText(tr("Measuring…"));
    m_rate->setMinimumHeight(96);
    m_ratePanel = new Panel(tr("Records in"), tr("per partition, 1/s"));
    m_ratePanel->setBody(m_rate);

    auto* left = new QVBoxLayout;
    left->setSpacing(12);
    m_partitionTable->setFitRows(3, 8);
    m_groupTable->setFitRows(3, 8);
    left->addWidget(m_partitionPanel);
    left->addWidget(m_groupPanel);
    left->addStretch(1);
    auto* right = new QVBoxLayout;
    right->setSpacing(12);
    right->addWidget(m_ratePanel, 1);
    right->addWidget(makeKeysPanel());
    auto* below = new QHBoxLayout;
    below->setSpacing(12);
    below->addLayout(left, 68);
    below->addLayout(right, 32);
    auto* tab = new QWidget;
    auto* layout = new QVBoxLayout(tab);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_stripsPanel, 2);
    layout->addLayout(below, 1);
    return tab;
}

QWidget* TopicDetail::makeKeysPanel() {
    m_shares = new StackedBar;
    m_key = new QLineEdit;
    m_key->setObjectName(QStringLiteral("keyField"));
    m_key->setPlaceholderText(tr("Type a key, such as ORD-12345"));
    m_keyResult = new TextLabel(QString(), Theme::Size::Caption, TextLabel::Tone::Tertiary);
    m_keyResult->setObjectName(QStringLiteral("keyResult"));
    connect(m_key, &QLineEdit::textChanged, this, &TopicDetail::refreshKey);
    auto* body = new QWidget;
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_shares);
    layout->addWidget(m_key);
    layout->addWidget(m_keyResult);
    layout->addStretch();
    auto* panel = new Panel(tr("Where records went"), tr("share of each partition"));
    panel->setBody(body);
    return panel;
}

void TopicDetail::setTopic(const QString& name, const QString& partition, const QString& tab) {
    const bool other = name != m_topic;
    if (other)
        clear();
    m_topic = name;
    if (!partition.isEmpty())
        m_partition = partition.toInt();
    const bool configuration = tab == QStringLiteral("configuration");
    if (!name.isEmpty() && (other || (configuration && m_tab != tab)))
        m_configs->setResource(api::ResourceKind::Topic, name);
    m_tab = tab;
    m_stack->setCurrentIndex(configuration ? 1 : 0);
    m_strips->setSelected(m_partition);
}

void TopicDetail::clear() {
    m_topic.clear();
    m_partition = -1;
    m_partitions.setRows({});
    m_groups.setRows({});
    m_strips->setStrips({});
    m_strips->showWhole();
    m_rate->setSeries({});
    m_key->clear();
}

QWidget* TopicDetail::primaryWidget() {
    return m_stack->currentIndex() == 1 ? static_cast<QWidget*>(m_configs->table()->view())
                                        : m_strips;
}

PageHeader TopicDetail::header(const Page& page) const {
    PageHeader header;
    header.breadcrumb = {{page.title(), {page.id(), {}, {}}}};
    header.title = m_topic;
    header.currentTab = m_tab.isEmpty() ? QStringLiteral("partitions") : m_tab;
    header.tabs = {{QStringLiteral("partitions"), tr("Partitions"), {}},
                   {QStringLiteral("configuration"), tr("Configuration"),
                    m_configs->changedCount() > 0 ? tr("%1 changed").arg(m_configs->changedCount())
                                                  : QString()}};
    const auto* topic = models::findTopic(m_context.snapshot(), m_topic);
    if (!topic)
        return header;
    int offline = 0, under = 0;
    for (const auto& p : topic->partitions) {
        offline += p.leader < 0;
        under += models::isrOf(p).size() < p.replicas.size();
    }
    if (offline > 0)
        header.chips.push_back({tr("%n offline", nullptr, offline), Status::Offline, {}, {}});
    else if (under > 0)
        header.chips.push_back(
            {tr("%n under-replicated", nullptr, under), Status::Warning, {}, {}});
    header.chips.push_back(
        {tr("%n partition(s)", nullptr, static_cast<int>(topic->partitions.size())), {}, {}, {}});
    header.chips.push_back(
        {tr("RF %1, min ISR %2").arg(topic->replicationFactor).arg(topic->minInsync), {}, {}, {}});
    if (topic->cleanupPolicy == "compact")
        header.chips.push_back({tr("compacted"), {}, {}, {}});
    else if (topic->retentionMs)
        header.chips.push_back(
            {*topic->retentionMs < 0
                 ? tr("kept for ever")
                 : tr("deleted after %1").arg(models::duration(*topic->retentionMs)),
             {},
             {},
             {}});
    if (topic->isInternal)
        header.chips.push_back({tr("internal"), {}, {}, {}});
    return header;
}

void TopicDetail::refresh() {
    if (!m_active || m_topic.isEmpty())
        return;
    const auto* topic = models::findTopic(m_context.snapshot(), m_topic);
    if (!topic)
        return;
    m_partitions.update(*topic, m_context.series());
    m_groups.update(m_context.snapshot(), m_topic, m_context.series());
    refreshStrips(*topic);
    refreshRates(*topic);
    m_partitionPanel->setSubtitle(tr("%1, retention holds %2 records")
                                      .arg(number(static_cast<qint64>(topic->partitions.size())),
                                           number(models::recordsOf(*topic))));
    m_groupPanel->setSubtitle(tr("%1, lag in records").arg(number(m_groups.rowCount())));
    refreshKey();
}

void TopicDetail::refreshStrips(const api::Topic& topic) {
    QVector<LogStripData> strips;
    for (const auto& p : topic.partitions) {
        if (strips.size() >= kStripsMax)
            break;
        LogStripData strip;
        strip.partition = p.index;
        strip.title = tr("Partition %1").arg(p.index);
        strip.subtitle =
            p.leader < 0
                ? tr("no leader")
                : tr("leader %1, ISR %2").arg(p.leader).arg(models::joined(models::isrOf(p)));
        strip.logStart = std::max<qint64>(0, p.logStart);
        strip.highWatermark = std::max(strip.logStart, qint64(p.highWatermark));
        strip.logEnd = std::max(strip.highWatermark, qint64(p.logEnd));
        strip.offline = p.leader < 0;
        for (std::size_t i = 1; i < p.segments.size(); ++i)
            strip.segments.push_back(p.segments[i].baseOffset);
        for (const auto& row : m_groups.rows()) {
            const auto* group = models::findGroup(m_context.snapshot(), row.group);
            if (!group)
                continue;
            for (const auto& offset : group->offsets)
                if (offset.partition.topic == topic.name && offset.partition.partition == p.index)
                    strip.pins.push_back(
                        {row.group, offset.offset, row.colorIndex, offset.lag() > 1000});
        }
        strips.push_back(std::move(strip));
    }
    m_strips->setStrips(strips);
    m_stripsPanel->setMaximumHeight(m_strips->mostHeight() + metrics().panelHeader + 24);
    m_strips->setSelected(m_partition);
    // The legend: one marker per group, made anew only when the groups change.
    QStringList names;
    for (const auto& row : m_groups.rows())
        names << row.group;
    if (m_legend->property("groups").toStringList() == names &&
        m_legend->property("dark").toBool() == theme().isDark())
        return;
    m_legend->setProperty("groups", names);
    m_legend->setProperty("dark", theme().isDark());
    while (auto* item = m_legend->layout()->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const auto& row : m_groups.rows()) {
        if (row.colorIndex >= 4)
            break;  // the rest is named at its pin
        m_legend->layout()->addWidget(new LegendItem(row.group, LegendItem::Swatch::Marker,
                                                     tokens().seriesColor(row.colorIndex),
                                                     row.colorIndex));
    }
}

void TopicDetail::refreshRates(const api::Topic& topic) {
    QVector<ChartSeries> series;
    const int count = std::min<int>(kLinesMax, static_cast<int>(topic.partitions.size()));
    // A topic with many partitions shows its sum: eight lines are what eyes can follow.
    const bool sum = static_cast<int>(topic.partitions.size()) > kLinesMax;
    const auto name = [&](int i) {
        return sum ? QStringLiteral("topic.%1.messages").arg(m_topic)
                   : QStringLiteral("partition.%1.%2.messages").arg(m_topic).arg(i);
    };
    for (int i = 0; i < (sum ? 1 : count); ++i) {
        ChartSeries line;
        line.name = sum ? tr("all") : partitionText(i);
        line.colorIndex = sum ? -1 : i;
        series.push_back(line);
    }
    if (m_rate->seriesCount() != series.size())
        m_rate->setSeries(series);
    for (int i = 0; i < series.size(); ++i)
        m_context.showSeries(*m_rate, i, name(i));
    m_ratePanel->setFigure(
        models::decimal(m_context.series().last(QStringLiteral("topic.%1.messages").arg(m_topic))),
        tr("/s"));

    QVector<StackPart> parts;
    double all = 0;
    for (const auto& p : topic.partitions)
        all += static_cast<double>(std::max<std::int64_t>(0, p.logEnd));
    for (const auto& p : topic.partitions) {
        const auto records = static_cast<double>(std::max<std::int64_t>(0, p.logEnd));
        StackPart part;
        part.value = records;
        part.label = count > kLinesMax ? QString()
                                       : tr("%1 %2 %")
                                             .arg(partitionText(p.index))
                                             .arg(all > 0 ? records / all * 100 : 0, 0, 'f', 1);
        part.exact = tr("%1: %2 records since the topic was made")
                         .arg(partitionText(p.index), number(p.logEnd));
        parts.push_back(part);
    }
    m_shares->setParts(parts);
}

void TopicDetail::refreshKey() {
    const auto text = m_key->text();
    const auto* topic =
        m_context.hasCluster() ? models::findTopic(m_context.snapshot(), m_topic) : nullptr;
    if (text.isEmpty() || !topic || topic->partitions.empty()) {
        m_keyResult->setText(tr("murmur2 of the key decides, as Java clients do it"));
        return;
    }
    const auto utf8 = text.toUtf8();
    const ByteSpan bytes(reinterpret_cast<const std::uint8_t*>(utf8.constData()),
                         static_cast<std::size_t>(utf8.size()));
    const auto count = static_cast<std::int32_t>(topic->partitions.size());
    m_keyResult->setText(
        tr("murmur2 0x%1 mod %2 = %3")
            .arg(QString::number(murmur2(bytes), 16).toUpper().rightJustified(8, QLatin1Char('0')))
            .arg(count)
            .arg(partitionText(partitionForKey(bytes, count))));
}

void TopicDetail::selectPartition(int partition) {
    if (partition == m_partition)
        return;
    m_partition = partition;
    m_strips->setSelected(partition);
    if (const int row = m_partitions.rowOf(QString::number(partition)); row >= 0)
        m_partitionTable->selectSourceRow(row);
}

void TopicDetail::openMessages(int partition, qint64 offset) {
    QStringList path{m_topic, QString::number(partition)};
    if (offset >= 0)
        path << QString::number(offset);
    emit requestNavigate({QStringLiteral("messages"), path, {}});
}

void TopicDetail::deleteRecords() {
    const auto* topic = models::findTopic(m_context.snapshot(), m_topic);
    if (!topic)
        return;
    std::vector<std::pair<int, qint64>> before;
    for (const auto& p : topic->partitions)
        if (m_partition < 0 || p.index == m_partition)
            before.emplace_back(p.index, -1);
    m_context.openChange(
        models::changeDeleteRecords(m_context.snapshot(), m_context.bootstrap(), m_topic, before),
        this);
}

}  // namespace odradek::ui
