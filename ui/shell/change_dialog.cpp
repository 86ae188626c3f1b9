// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/change_dialog.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QProgressBar>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace odradek::ui {

namespace {

QStandardItem* cell(const QString& text) {
    auto* item = new QStandardItem(text);
    item->setEditable(false);
    return item;
}

}  // namespace

ChangeDialog::ChangeDialog(const ChangePlan& plan, ChangeStarter starter, QWidget* parent)
    : QDialog(parent), m_starter(std::move(starter)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setModal(true);
    build();
    setPlan(plan);
    resize(620, sizeHint().height());
}

void ChangeDialog::build() {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);
    m_title = new TextLabel({}, Theme::Size::Title, TextLabel::Tone::Primary, Theme::Weight::Strong,
                            this);
    column->addWidget(m_title);
    m_formSlot = new QVBoxLayout;
    column->addLayout(m_formSlot);
    m_model = new QStandardItemModel(this);
    m_table = new DataTable(this);
    m_table->setMinimumHeight(metrics().tableHeader + 4 * metrics().tableRow);
    m_table->setEmptyState(tr("Nothing to change yet"), tr("Fill in the fields above."));
    m_table->setColumns({{0, ColumnKind::Text, 0, true, true},
                         {1, ColumnKind::Mono},
                         {2, ColumnKind::Mono},
                         {3, ColumnKind::Status}});
    m_table->setModel(m_model);
    column->addWidget(m_table, 1);
    m_effect =
        new TextLabel({}, Theme::Size::Body, TextLabel::Tone::Primary, Theme::Weight::Strong, this);
    m_effect->setWordWrap(true);
    column->addWidget(m_effect);
    m_command = new CodeBox({}, this);
    column->addWidget(m_command);
    m_confirmLabel = new TextLabel({}, Theme::Size::Body, TextLabel::Tone::Secondary,
                                   Theme::Weight::Regular, this);
    m_confirm = new QLineEdit(this);
    m_confirm->setObjectName(QStringLiteral("typeToConfirm"));
    column->addWidget(m_confirmLabel);
    column->addWidget(m_confirm);
    m_message = new MessageBar(this);
    m_message->setClosable(false);
    column->addWidget(m_message);
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_progress->hide();
    column->addWidget(m_progress);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_cancel = new Button(tr("Cancel"), {}, Button::Kind::Normal, this);
    m_apply = new Button({}, {}, Button::Kind::Primary, this);
    m_apply->setObjectName(QStringLiteral("applyChange"));
    m_cancel->setObjectName(QStringLiteral("cancelChange"));
    buttons->addStretch(1);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_apply);
    column->addLayout(buttons);
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (m_phase == Phase::Done)
            accept();
        else
            start();
    });
    connect(m_confirm, &QLineEdit::textChanged, this, &ChangeDialog::refresh);
}

void ChangeDialog::setForm(QWidget* form) {
    m_formSlot->addWidget(form);
    form->setFocus();
    resize(width(), sizeHint().height());
}

void ChangeDialog::setPlan(const ChangePlan& plan) {
    if (m_phase != Phase::Preview)
        return;
    m_plan = plan;
    setWindowTitle(plan.title);
    m_title->setText(plan.title);
    const auto word = [](const QString& own, const QString& usual) {
        return own.isEmpty() ? usual : own;
    };
    m_model->removeRows(0, m_model->rowCount());
    m_model->setHorizontalHeaderLabels({word(plan.itemHeading, tr("Item")),
                                        word(plan.beforeHeading, tr("Now")),
                                        word(plan.afterHeading, tr("After")), tr("Result")});
    for (const ChangeItem& item : plan.items)
        m_model->appendRow({cell(item.item), cell(item.before), cell(item.after), cell({})});
    m_table->setColumnVisible(3, false);
    m_effect->setText(plan.effect);
    m_effect->setVisible(!plan.effect.isEmpty());
    m_command->setCode(plan.commandLine);
    m_command->setVisible(!plan.commandLine.isEmpty());
    m_confirmLabel->setText(
        tr("This cannot be undone. Type %1 to confirm.").arg(plan.typeToConfirm));
    m_confirmLabel->setVisible(!plan.typeToConfirm.isEmpty());
    m_confirm->setVisible(!plan.typeToConfirm.isEmpty());
    static_cast<Button*>(m_apply)->setKind(plan.destructive ? Button::Kind::Danger
                                                            : Button::Kind::Primary);
    refresh();
}

void ChangeDialog::refresh() {
    if (m_phase == Phase::Preview) {
        m_apply->setText(m_plan.clusterName.isEmpty()
                             ? m_plan.verb
                             : tr("%1 on %2").arg(m_plan.verb, m_plan.clusterName));
        if (m_plan.blocker.isEmpty())
            m_message->hide();
        else
            m_message->showMessage(Status::Warning, m_plan.blocker);
        const bool typed =
            m_plan.typeToConfirm.isEmpty() || m_confirm->text() == m_plan.typeToConfirm;
        m_apply->setEnabled(m_plan.blocker.isEmpty() && typed && !m_plan.items.isEmpty());
        m_apply->setToolTip(m_plan.blocker);
    }
    m_confirm->setEnabled(m_phase == Phase::Preview);
}

void ChangeDialog::start() {
    if (m_phase != Phase::Preview || !m_apply->isEnabled())
        return;
    m_phase = Phase::Running;
    m_failures = 0;
    m_run = new ChangeRun(this);
    connect(m_run, &ChangeRun::itemFinished, this, &ChangeDialog::showResult);
    connect(m_run, &ChangeRun::finished, this, &ChangeDialog::showEnd);
    connect(m_run, &ChangeRun::progressed, this, [this](int done, int total) {
        m_progress->setRange(0, total);
        m_progress->setValue(done);
    });
    m_apply->setEnabled(false);
    m_apply->setText(tr("Working..."));
    m_cancel->setText(tr("Close"));
    m_progress->setRange(0, 0);
    m_progress->show();
    for (int i = 0; i < m_formSlot->count(); ++i)
        if (QWidget* form = m_formSlot->itemAt(i)->widget())
            form->setEnabled(false);
    m_table->setColumnVisible(3, true);
    refresh();
    emit phaseChanged();
    m_starter(QPointer<ChangeRun>(m_run));
}

void ChangeDialog::showResult(const ChangeItemResult& result) {
    if (result.index < 0 || result.index >= m_model->rowCount())
        return;
    QStandardItem* item = m_model->item(result.index, 3);
    const bool ok = result.error.isEmpty();
    if (!ok)
        ++m_failures;
    item->setText(ok ? tr("Done") : result.error);
    item->setData(static_cast<int>(ok ? Status::Ok : Status::Error), kStatusRole);
    item->setToolTip(result.message);
}

void ChangeDialog::showEnd(const QString& error, const QString& message) {
    if (m_phase != Phase::Running)
        return;
    m_phase = Phase::Done;
    m_progress->hide();
    if (!error.isEmpty()) {
        ++m_failures;
        m_message->showMessage(Status::Error,
                               message.isEmpty() ? error : error + QStringLiteral(": ") + message);
    } else if (m_failures > 0) {
        m_message->showMessage(
            Status::Error, tr("%n of %1 item(s) failed; the others are done.", nullptr, m_failures)
                               .arg(m_model->rowCount()));
    } else {
        m_message->showMessage(
            Status::Ok, message.isEmpty() ? tr("Done on %1.").arg(m_plan.clusterName) : message);
    }
    m_cancel->hide();
    auto* button = static_cast<Button*>(m_apply);
    button->setKind(Button::Kind::Primary);
    button->setText(tr("Close"));
    button->setEnabled(true);
    button->setFocus();
    emit phaseChanged();
    emit completed(m_failures == 0);
}

void ChangeDialog::reject() {
    // While it runs, closing only hides the result; the request is already with the cluster.
    QDialog::reject();
}

}  // namespace odradek::ui
