// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_page.h"

#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "models/common/text.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::AuditEntry;
using models::AuditModel;

namespace {

TextLabel* heading(const QString& text) {
    return new TextLabel(text, Theme::Size::Body, TextLabel::Tone::Primary, Theme::Weight::Strong);
}

}  // namespace

AuditPage::AuditPage(ClusterContext& context) : m_context(context) {
    m_table = new DataTable;
    m_table->setObjectName(QStringLiteral("auditLog"));
    m_table->setModel(&m_model);
    using A = AuditModel;
    m_table->setColumns(
        {{A::Time, ColumnKind::Mono, 146, true, false, false, QStringLiteral("time")},
         {A::Cluster, ColumnKind::Text, 96, true, false, false, QStringLiteral("cluster")},
         {A::Change, ColumnKind::Text, 220, true, true, false, QStringLiteral("change")},
         {A::Outcome, ColumnKind::Status, 96, true, false, false, QStringLiteral("outcome")},
         {A::Result, ColumnKind::Text, 150, true, false, true, QStringLiteral("result")},
         {A::Took, ColumnKind::Number, 66, false, false, true, QStringLiteral("took")},
         {A::Command, ColumnKind::Mono, 260, false, false, true, QStringLiteral("command")}});
    m_table->setSort(A::Time, Qt::DescendingOrder);
    m_table->setEmptyState(
        tr("Nothing was changed yet"),
        tr("Create a topic, edit a configuration or reset offsets: each change is noted here with "
           "its command line and its result, and stays."));
    connect(m_table, &DataTable::currentRowChanged, this, &AuditPage::refreshDetail);
    connect(m_table, &DataTable::noticed, this, &Page::notice);
    m_table->showToolsInside();
    auto* tablePanel = new Panel;
    tablePanel->setBody(m_table, false);

    m_facts = new KeyValueList;
    m_facts->setObjectName(QStringLiteral("auditFacts"));
    m_preview = new KeyValueList;
    m_command = new CodeBox;
    m_command->setObjectName(QStringLiteral("auditCommand"));
    m_previewTitle = heading(tr("Before and after"));
    m_commandTitle = heading(tr("Equivalent command line"));
    auto* facts = new QWidget;
    auto* column = new QVBoxLayout(facts);
    column->setContentsMargins(12, 4, 12, 12);
    column->setSpacing(8);
    for (QWidget* w : std::initializer_list<QWidget*>{m_facts, m_previewTitle, m_preview,
                                                      m_commandTitle, m_command})
        column->addWidget(w);
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(facts);
    facts->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    auto* none = new StateView;
    none->setIconName(QStringLiteral("edit"));
    none->setState(StateView::Kind::Empty, tr("No change is selected"),
                   tr("Select one at the left to see its preview, command line and result."));
    m_detail = new QStackedWidget;
    m_detail->addWidget(none);
    m_detail->addWidget(scroll);
    m_detailPanel = new Panel(tr("Change"));
    m_detailPanel->setHeaderLine(true);
    m_detailPanel->setBody(m_detail, false);
    auto* split = new MemorySplitter(QStringLiteral("auditSplit"), Qt::Horizontal);
    split->addWidget(tablePanel);
    split->addWidget(m_detailPanel);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(12);
    split->setDefaultSizes({680, 370});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    if (auto* audit = m_context.audit())
        connect(audit, &models::AuditLog::changed, this, &AuditPage::refresh);
}

void AuditPage::navigate(const Location&) {
    refresh();
}

void AuditPage::setActive(bool active) {
    m_active = active;
    if (active)
        refresh();
}

QWidget* AuditPage::primaryWidget() {
    return m_table->view();
}

void AuditPage::refresh() {
    const auto* audit = m_context.audit();
    if (!m_active || !audit)
        return;
    m_model.setRows(audit->entries());
    refreshDetail();
    PageHeader header;
    const auto count = static_cast<int>(audit->entries().size());
    header.title = count == 0 ? title() : tr("%n change(s) made from here", nullptr, count);
    header.subtitle = !audit->problem().isEmpty()
                          ? tr("They cannot be kept: %1 (%2)").arg(audit->problem(), audit->path())
                      : audit->path().isEmpty() ? tr("Kept until the program ends.")
                                                : tr("Kept in %1").arg(audit->path());
    if (!audit->problem().isEmpty())
        header.chips.push_back({tr("not kept"), Status::Warning, {}, audit->problem()});
    setHeader(header);
}

void AuditPage::refreshDetail() {
    const int row = m_table->currentSourceRow();
    if (row < 0 || row >= m_model.rowCount()) {
        m_detail->setCurrentIndex(0);
        return;
    }
    const AuditEntry& entry = m_model.row(row);
    m_detail->setCurrentIndex(1);
    m_detailPanel->setTitle(entry.title);
    QVector<KeyValue> facts{{tr("Asked"), models::dateTime(entry.at), {}, true},
                            {tr("Cluster"), entry.cluster, entry.bootstrap}};
    if (entry.outcome == AuditEntry::Outcome::Asked)
        facts.push_back(
            {tr("Answer"), tr("none was seen"), tr("look at the cluster before you ask again")});
    else
        facts.push_back({entry.outcome == AuditEntry::Outcome::Done ? tr("Done") : tr("Failed"),
                         entry.result.isEmpty() ? tr("without a remark") : entry.result,
                         tr("after %1").arg(models::duration(entry.finishedAt - entry.at))});
    m_facts->setItems(facts);
    QVector<KeyValue> preview;
    for (const auto& item : entry.items)
        preview.push_back(
            {item.item, QStringLiteral("%1 \u2192 %2").arg(item.before, item.after), {}, true});
    m_preview->setItems(preview);
    m_previewTitle->setVisible(!preview.isEmpty());
    m_preview->setVisible(!preview.isEmpty());
    m_command->setCode(entry.commandLine);
    m_commandTitle->setVisible(!entry.commandLine.isEmpty());
    m_command->setVisible(!entry.commandLine.isEmpty());
}

}  // namespace odradek::ui
