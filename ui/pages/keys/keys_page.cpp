// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/keys/keys_page.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/charts/bar_chart.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"

namespace odradek::ui {

using models::KeysModel;
using models::number;
using models::qs;

namespace {

constexpr int kBarsMax = 48;  ///< more partitions than that are no longer readable as bars

Bytes bytesOf(const QString& text) {
    const auto utf8 = text.toUtf8();
    return Bytes::copy(std::string_view(utf8.constData(), static_cast<std::size_t>(utf8.size())));
}

QStringList partitionNames(int count) {
    QStringList names;
    for (int i = 0; i < std::min(count, kBarsMax); ++i)
        names << QStringLiteral("P%1").arg(i);
    return names;
}

QVector<double> asDoubles(const std::vector<int>& counts) {
    QVector<double> values;
    for (std::size_t i = 0; i < counts.size() && i < kBarsMax; ++i)
        values << counts[i];
    return values;
}

}  // namespace

KeysPage::KeysPage(ClusterContext& context) : m_context(context) {
    m_table = new DataTable;
    m_table->setObjectName(QStringLiteral("keys"));
    m_table->setModel(&m_model);
    m_table->setColumns(
        {{KeysModel::Key, ColumnKind::Mono, 150, true, true, false, QStringLiteral("key")},
         {KeysModel::Hash, ColumnKind::Mono, 104, true, false, false, QStringLiteral("hash")},
         {KeysModel::Partition, ColumnKind::Marker, 84, true, false, false, QStringLiteral("p")},
         {KeysModel::After, ColumnKind::Text, 110, true, false, false, QStringLiteral("after")},
         {KeysModel::Crc32, ColumnKind::Text, 96, true, false, true, QStringLiteral("crc")},
         {KeysModel::Produced, ColumnKind::Number, 56, true, false, true, QStringLiteral("sent")},
         {KeysModel::Result, ColumnKind::Mono, 140, true, false, true, QStringLiteral("result")}});
    m_table->setEmptyState(tr("No keys yet"), tr("Type some at the left, one per line."));
    connect(m_table, &DataTable::noticed, this, &Page::notice);
    auto* tablePanel = new Panel(tr("Where each key goes"));
    tablePanel->addHeaderWidget(m_table->tools());
    tablePanel->setBody(m_table, false);

    m_spread = new BarChart;
    m_spread->setUnit(tr("keys"));
    m_moved = new TextLabel(QString(), Theme::Size::Body, TextLabel::Tone::Secondary);
    m_moved->setObjectName(QStringLiteral("movedKeys"));
    m_moved->setWordWrap(true);
    auto* spreadBody = new QWidget;
    auto* spreadLayout = new QVBoxLayout(spreadBody);
    spreadLayout->setContentsMargins(0, 0, 0, 0);
    spreadLayout->addWidget(m_spread, 1);
    spreadLayout->addWidget(m_moved);
    m_spreadPanel = new Panel(tr("How they spread"), tr("keys per partition"));
    m_spreadPanel->setBody(spreadBody);

    auto* lower = new QHBoxLayout;
    lower->setSpacing(12);
    lower->addWidget(m_spreadPanel, 1);
    lower->addWidget(makeKeyless(), 1);
    auto* right = new QVBoxLayout;
    right->setSpacing(12);
    right->addWidget(tablePanel, 5);
    right->addLayout(lower, 4);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(makeInput());
    layout->addLayout(right, 1);

    connect(&m_context, &ClusterContext::clusterChanged, this, [this] {
        m_topic.clear();
        m_ownCount = false;
        m_produced.clear();
    });
    connect(&m_context, &ClusterContext::snapshotChanged, this, [this] {
        if (m_active)
            takeTopic();
    });
}

QWidget* KeysPage::makeInput() {
    m_topicPicker = new PickerButton(tr("Topic"));
    m_topicPicker->setObjectName(QStringLiteral("keysTopic"));
    connect(m_topicPicker, &PickerButton::chosen, this, [this](int, const QString& topic) {
        m_ownCount = false;
        m_produced.clear();
        emit requestNavigate({id(), {topic}, {}});
    });
    m_keys = new QPlainTextEdit;
    m_keys->setObjectName(QStringLiteral("keyText"));
    m_keys->setFont(theme().monoFont());
    m_keys->setTabChangesFocus(true);
    m_keys->setProperty("field", true);
    m_keys->setAccessibleName(tr("Keys, one per line"));
    m_keys->setPlaceholderText(tr("One key per line"));
    QStringList first;
    first << QStringLiteral("ORD-12345") << QStringLiteral("ORD-67890");
    for (int i = 1; i <= 10; ++i)
        first << QStringLiteral("CUST-%1").arg(986 + i);
    m_keys->setPlainText(first.join(QLatin1Char('\n')));
    connect(m_keys, &QPlainTextEdit::textChanged, this, &KeysPage::refresh);
    m_partitions = new QSpinBox;
    m_partitions->setObjectName(QStringLiteral("partitionCount"));
    m_partitions->setRange(1, 1000);
    m_partitions->setAccessibleName(tr("Partitions"));
    m_partitions->setValue(3);
    connect(m_partitions, &QSpinBox::valueChanged, this, [this] {
        m_ownCount = true;
        refresh();
    });
    m_added = new QSpinBox;
    m_added->setObjectName(QStringLiteral("addedCount"));
    m_added->setRange(0, 1000);
    m_added->setAccessibleName(tr("Partitions added later"));
    m_added->setValue(1);
    m_added->setPrefix(QStringLiteral("+ "));
    connect(m_added, &QSpinBox::valueChanged, this, &KeysPage::refresh);
    auto* form = new QFormLayout;
    form->addRow(tr("Partitions"), m_partitions);
    form->addRow(tr("Added later"), m_added);
    auto* explain = new TextLabel(
        tr("murmur2 of the key's bytes, without its sign bit, modulo the number of "
           "partitions: the same key always goes to the same partition, until that number "
           "changes."),
        Theme::Size::Caption, TextLabel::Tone::Tertiary);
    explain->setWordWrap(true);
    auto* body = new QWidget;
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_topicPicker);
    layout->addLayout(form);
    layout->addWidget(m_keys, 1);
    layout->addWidget(explain);
    auto* panel = new Panel(tr("Keys"));
    panel->setBody(body);
    panel->setFixedWidth(260);
    return panel;
}

QWidget* KeysPage::makeKeyless() {
    m_keylessMode = new SegmentedControl({tr("Round robin"), tr("Sticky")});
    m_keylessMode->setCurrent(1);
    connect(m_keylessMode, &SegmentedControl::currentChanged, this, &KeysPage::refreshKeyless);
    m_keylessRecords = new QSpinBox;
    m_keylessRecords->setRange(1, 10'000);
    m_keylessRecords->setValue(120);
    m_keylessRecords->setSuffix(tr(" records"));
    connect(m_keylessRecords, &QSpinBox::valueChanged, this, &KeysPage::refreshKeyless);
    m_keyless = new BarChart;
    m_keyless->setUnit(tr("records"));
    m_keylessWords = new TextLabel(QString(), Theme::Size::Caption, TextLabel::Tone::Tertiary);
    m_keylessWords->setWordWrap(true);
    m_produceKeyless = new Button(tr("Send 12 without a key"), QStringLiteral("send"));
    m_produceKeyless->setObjectName(QStringLiteral("produceKeyless"));
    connect(m_produceKeyless, &QAbstractButton::clicked, this, [this] {
        api::Produce produce{m_topic.toStdString(), {}};
        for (int i = 0; i < 12; ++i)
            produce.records.push_back(
                {std::nullopt, bytesOf(QStringLiteral("{\"click\":%1}").arg(i + 1)), {}, {}});
        m_context.run(produce, this, [this](const api::CommandResult& result) {
            if (result.ok() && !result.items.empty())
                emit notice(
                    Status::Ok,
                    tr("12 records without a key: all in %1 (sticky: one partition per batch)")
                        .arg(qs(result.items.front().message).section(QLatin1Char(','), 0, 0)));
        });
    });
    auto* row = new QHBoxLayout;
    row->addWidget(m_keylessRecords);
    row->addStretch();
    row->addWidget(m_produceKeyless);
    auto* body = new QWidget;
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_keyless, 1);
    layout->addWidget(m_keylessWords);
    layout->addLayout(row);
    auto* panel = new Panel(tr("Without a key"), tr("records per partition"));
    panel->addHeaderWidget(m_keylessMode);
    panel->setBody(body);
    return panel;
}

QVector<QWidget*> KeysPage::headerActions() {
    m_produce = new Button(tr("Produce these keys"), QStringLiteral("send"), Button::Kind::Primary);
    m_produce->setObjectName(QStringLiteral("produceKeys"));
    connect(m_produce, &QAbstractButton::clicked, this, &KeysPage::produceAll);
    return {m_produce};
}

QWidget* KeysPage::primaryWidget() {
    return m_keys;
}

void KeysPage::navigate(const Location& location) {
    if (!location.path.value(0).isEmpty())
        m_topic = location.path.value(0);
    takeTopic();
    refresh();
}

void KeysPage::setActive(bool active) {
    m_active = active;
    if (active) {
        takeTopic();
        refresh();
    }
}

void KeysPage::takeTopic() {
    if (!m_context.hasCluster())
        return;
    QStringList names;
    for (const auto& topic : m_context.snapshot().topics)
        if (!topic.isInternal)
            names << qs(topic.name);
    m_topicPicker->setChoices(names);
    if (m_topic.isEmpty() && !names.isEmpty())
        m_topic = names.contains(QStringLiteral("new_orders")) ? QStringLiteral("new_orders")
                                                               : names.front();
    m_topicPicker->setValue(m_topic);
    const auto* topic = models::findTopic(m_context.snapshot(), m_topic);
    const bool can = topic && !m_context.readOnly();
    if (m_produce)
        m_produce->setEnabled(can);
    m_produceKeyless->setEnabled(can);
    if (topic && !m_ownCount &&
        m_partitions->value() != static_cast<int>(topic->partitions.size())) {
        const QSignalBlocker quiet(m_partitions);
        m_partitions->setValue(static_cast<int>(topic->partitions.size()));
        refresh();
    }
}

void KeysPage::refresh() {
    const int now = m_partitions->value();
    const int after = now + m_added->value();
    auto rows = models::placeKeys(m_keys->toPlainText().split(QLatin1Char('\n')), now, after);
    for (auto& row : rows)
        if (const auto found = m_produced.find(row.key); found != m_produced.end()) {
            row.produced = found->second.first;
            row.lastResult = found->second.second;
        }
    const int moved = models::movedKeys(rows);
    QVector<BarChart::Set> sets;
    sets.push_back({tr("%1 partitions").arg(now), asDoubles(models::distribution(rows, now)), -1});
    if (m_added->value() > 0)
        sets.push_back({tr("%1 partitions").arg(after),
                        asDoubles(models::distribution(rows, after, true)), 1});
    m_spread->setCategories(partitionNames(after));
    m_spread->setSets(sets);
    const int total = static_cast<int>(rows.size());
    m_moved->setText(m_added->value() == 0 || total == 0
                         ? QString()
                         : tr("With %1 instead of %2 partitions, %3 of %4 keys (%5 %) go "
                              "elsewhere: their new records no longer "
                              "follow their old ones in order.")
                               .arg(after)
                               .arg(now)
                               .arg(moved)
                               .arg(total)
                               .arg(moved * 100 / total));
    m_model.setRows(std::move(rows));
    refreshKeyless();
    PageHeader header;
    header.title = total == 0 ? title() : tr("%1 keys, %2 partitions").arg(total).arg(now);
    header.subtitle = tr("A key decides the partition, a partition keeps the order.");
    setHeader(header);
}

void KeysPage::refreshKeyless() {
    const int partitions = m_partitions->value();
    const int records = m_keylessRecords->value();
    constexpr int kBatch = 16;
    const bool sticky = m_keylessMode->current() == 1;
    const auto places = sticky ? models::sticky(records, partitions, kBatch, 7)
                               : models::roundRobin(records, partitions);
    std::vector<int> counts(static_cast<std::size_t>(partitions));
    for (int place : places)
        ++counts[static_cast<std::size_t>(place)];
    m_keyless->setCategories(partitionNames(partitions));
    m_keyless->setSets({{tr("records"), asDoubles(counts), -1}});
    m_keylessWords->setText(
        sticky ? tr("Sticky (clients since 2.4): one partition until a batch is full, here %1 "
                    "records, then another. Fewer, larger batches.")
                     .arg(kBatch)
               : tr("Round robin: one partition after the other, record by record."));
}

void KeysPage::produceAll() {
    api::Produce produce{m_topic.toStdString(), {}};
    QStringList keys;
    for (const auto& row : m_model.rows()) {
        keys << row.key;
        produce.records.push_back({bytesOf(row.key),
                                   bytesOf(QStringLiteral("{\"key\":\"%1\"}").arg(row.key)),
                                   {{"source_app", bytesOf(QStringLiteral("Odradek"))}},
                                   {}});
    }
    if (keys.isEmpty())
        return;
    m_context.run(produce, this, [this, keys](const api::CommandResult& result) {
        for (int i = 0; i < keys.size() && i < static_cast<int>(result.items.size()); ++i) {
            const auto& item = result.items[static_cast<std::size_t>(i)];
            auto& entry = m_produced[keys[i]];
            if (item.error.empty())
                ++entry.first;
            entry.second = item.error.empty() ? qs(item.message) : qs(item.error);
        }
        refresh();
    });
}

}  // namespace odradek::ui
