// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/messages/message_detail.h"

#include <QHBoxLayout>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "models/common/roles.h"
#include "models/common/text.h"
#include "models/messages/payload.h"
#include "ui/theme/theme.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::PayloadKind;

namespace {

QByteArray raw(const std::optional<Bytes>& bytes) {
    return bytes ? QByteArray(reinterpret_cast<const char*>(bytes->data()), static_cast<qsizetype>(bytes->size()))
                 : QByteArray();
}

}  // namespace

MessageDetail::MessageDetail(QWidget* parent) : QWidget(parent) {
    m_facts = new KeyValueList;
    m_headers.setHorizontalHeaderLabels({tr("Header"), tr("Value")});
    m_headerTable = new DataTable;
    m_headerTable->setObjectName(QStringLiteral("recordHeaders"));
    m_headerTable->setModel(&m_headers);
    m_headerTable->setColumns({{0, ColumnKind::Mono, 120, true, false, false, QStringLiteral("name")},
                               {1, ColumnKind::Mono, 160, true, true, false, QStringLiteral("value")}});
    m_headerTable->setEmptyState(tr("No headers"), QString());

    m_part = new SegmentedControl({tr("Value"), tr("Key")});
    m_view = new SegmentedControl({tr("Tree"), tr("Text"), tr("Hex")});
    m_part->setObjectName(QStringLiteral("payloadPart"));
    m_view->setObjectName(QStringLiteral("payloadView"));
    connect(m_part, &SegmentedControl::currentChanged, this, [this] {
        m_forced = false;
        refreshPayload();
    });
    connect(m_view, &SegmentedControl::currentChanged, this, [this] {
        m_forced = true;
        refreshPayload();
    });
    m_tree = new JsonTree;
    m_text = new TextView;
    m_hex = new HexView;
    m_none = new StateView;
    m_payload = new QStackedWidget;
    for (QWidget* view : std::initializer_list<QWidget*>{m_tree, m_text, m_hex, m_none})
        m_payload->addWidget(view);

    auto* choice = new QHBoxLayout;
    choice->addWidget(m_part);
    choice->addStretch();
    choice->addWidget(m_view);
    auto* body = new QWidget;
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_facts);
    layout->addWidget(m_headerTable);
    layout->addLayout(choice);
    layout->addWidget(m_payload, 1);

    m_empty = new StateView;
    m_empty->setIconName(QStringLiteral("messages"));
    m_empty->setState(StateView::Kind::Empty, tr("No record selected"), tr("Up and Down move through the list."));
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(body);
    m_panel = new Panel(tr("Record"));
    m_panel->setBody(m_stack);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_panel);
}

void MessageDetail::clear() {
    m_has = false;
    m_panel->setTitle(tr("Record"));
    m_panel->setSubtitle({});
    m_stack->setCurrentIndex(0);
}

void MessageDetail::setRecord(const api::ReadRecord& record, int partitions) {
    if (m_has && record.partition == m_record.partition && record.offset == m_record.offset)
        return;
    m_record = record;
    m_has = true;
    m_panel->setTitle(tr("P%1 at %2").arg(record.partition).arg(models::number(record.offset)));
    const auto why = models::explainPartition(record.key, record.partition, partitions);
    QVector<KeyValue> facts;
    facts.push_back({tr("Time"), models::dateTime(record.timestamp),
                     record.logAppendTime ? tr("log append time") : tr("create time"), true});
    facts.push_back({tr("Key"), models::preview(record.key, 120), models::kindWord(models::kindOf(record.key)), true});
    facts.push_back({tr("Partition"), why.words, {}, false});
    facts.push_back({tr("Size"), tr("%1 bytes").arg(models::number(record.sizeInBytes)),
                     record.compression == "none" ? tr("not compressed")
                                                  : tr("in a %1 batch").arg(models::qs(record.compression)),
                     false});
    if (record.producerId >= 0)
        facts.push_back({tr("Producer"), tr("id %1").arg(record.producerId), tr("idempotent"), false});
    m_facts->setItems(facts);
    m_headers.removeRows(0, m_headers.rowCount());
    for (const auto& [name, value] : record.headers) {
        auto* key = new QStandardItem(models::qs(name));
        auto* text = new QStandardItem(models::preview(value, 400));
        m_headers.appendRow({key, text});
    }
    m_headerTable->setVisible(!record.headers.empty());
    m_headerTable->setFixedHeight(std::min(6, static_cast<int>(record.headers.size())) * metrics().tableRow +
                                  metrics().tableHeader + 4);
    m_stack->setCurrentIndex(1);
    refreshPayload();
}

void MessageDetail::refreshPayload() {
    if (!m_has)
        return;
    const auto& bytes = m_part->current() == 0 ? m_record.value : m_record.key;
    const auto kind = models::kindOf(bytes);
    if (kind == PayloadKind::Null || kind == PayloadKind::Empty) {
        m_none->setState(StateView::Kind::Empty,
                         kind == PayloadKind::Empty ? tr("Empty: zero bytes")
                         : m_part->current() == 0
                             ? tr("Null: a tombstone")
                             : tr("No key"),
                         kind == PayloadKind::Null && m_part->current() == 0
                             ? tr("On a compacted topic it deletes the key.")
                             : QString());
        m_payload->setCurrentWidget(m_none);
        return;
    }
    if (!m_forced) {
        const QSignalBlocker quiet(m_view);
        m_view->setCurrent(kind == PayloadKind::Json ? Tree : kind == PayloadKind::Text ? Text : Hex);
    }
    switch (m_view->current()) {
        case Tree:
            if (kind == PayloadKind::Json && m_tree->setJson(raw(bytes))) {
                m_payload->setCurrentWidget(m_tree);
                return;
            }
            m_none->setState(StateView::Kind::Empty, tr("Not JSON"), tr("Text and Hex show it as it is."));
            m_payload->setCurrentWidget(m_none);
            return;
        case Text: {
            const auto pretty = models::prettyJson(bytes);
            m_text->setContent(pretty ? *pretty : models::fullText(bytes),
                               pretty ? TextView::Syntax::Json : TextView::Syntax::Plain);
            m_payload->setCurrentWidget(m_text);
            return;
        }
        default:
            m_hex->setData(raw(bytes));
            m_payload->setCurrentWidget(m_hex);
    }
}

}  // namespace odradek::ui
