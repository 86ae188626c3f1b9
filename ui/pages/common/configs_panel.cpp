// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/common/configs_panel.h"

#include <QFormLayout>
#include <QLineEdit>
#include <QMenu>
#include <QVBoxLayout>

#include "models/common/text.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"

namespace odradek::ui {

using models::ConfigsModel;
using models::qs;

ConfigsPanel::ConfigsPanel(ClusterContext& context, const QString& objectName, QWidget* parent)
    : QWidget(parent), m_context(context) {
    m_table = new DataTable;
    m_table->setObjectName(objectName);
    m_table->setModel(&m_model);
    m_table->setColumns({{ConfigsModel::Name, ColumnKind::Mono, 300, true, false, false, QStringLiteral("name")},
                         {ConfigsModel::Value, ColumnKind::Mono, 240, true, true, false, QStringLiteral("value")},
                         {ConfigsModel::Source, ColumnKind::Text, 190, true, false, false, QStringLiteral("source")},
                         {ConfigsModel::Type, ColumnKind::Text, 80, true, false, true, QStringLiteral("type")},
                         {ConfigsModel::Editable, ColumnKind::Text, 90, true, false, true, QStringLiteral("edit")}});
    m_table->setSort(ConfigsModel::Name, Qt::AscendingOrder);
    m_table->setSelectionMulti(true);
    m_table->setEmptyState(tr("No settings"), tr("The broker did not describe any."));
    m_table->setContextMenu([this](QMenu& menu, const QVector<int>&) {
        const auto names = selectedNames();
        const bool can = !m_context.readOnly() && !names.isEmpty();
        menu.addAction(tr("Change…"), this, [this] { edit(); })->setEnabled(can && names.size() == 1);
        menu.addAction(tr("Back to the default…"), this, [this, names] { reset(names); })->setEnabled(can);
    });
    connect(m_table, &DataTable::activated, this, [this](int row) { edit(qs(m_model.row(row).name)); });
    connect(m_table, &DataTable::noticed, this, &ConfigsPanel::notice);
    connect(m_table, &DataTable::currentRowChanged, this, [this](int row) {
        m_edit->setEnabled(row >= 0 && !m_context.readOnly() && !m_model.row(row).readOnly);
    });

    m_edit = new Button(tr("Change…"), QStringLiteral("edit"));
    m_edit->setObjectName(objectName + QStringLiteral("Edit"));
    m_edit->setEnabled(false);
    connect(m_edit, &QAbstractButton::clicked, this, [this] { edit(); });
    m_panel = new Panel(tr("Configuration"));
    m_panel->addHeaderWidget(m_table->tools());
    m_panel->addHeaderWidget(m_edit);
    m_panel->setHeaderLine(true);
    m_panel->setBody(m_table, false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_panel);
}

void ConfigsPanel::setResource(api::ResourceKind kind, const QString& name) {
    if (kind != m_kind || name != m_name) {
        m_model.setRows({});
        m_values.clear();
        m_changed = 0;
    }
    m_kind = kind;
    m_name = name;
    reload();
}

void ConfigsPanel::reload() {
    m_table->setLoading(m_values.empty());
    m_table->setError({});
    m_asked = m_context.feed().submit(api::DescribeConfigs{m_kind, m_name.toStdString()}, this,
                                      [this](const api::CommandResult& result) { take(result); });
}

void ConfigsPanel::take(const api::CommandResult& result) {
    if (result.id != m_asked)
        return;  // another resource was asked for meanwhile
    m_table->setLoading(false);
    if (!result.ok()) {
        const auto& why = !result.error.empty() ? result.error : result.items.front().error;
        m_table->setError(tr("Its settings cannot be read"), qs(why));
        return;
    }
    m_values = result.configs;
    m_changed = 0;
    for (const auto& value : m_values)
        m_changed += value.source.starts_with("DYNAMIC_TOPIC") || value.source.starts_with("DYNAMIC_BROKER");
    m_panel->setSubtitle(m_changed == 0 ? tr("%n settings, all inherited", nullptr, static_cast<int>(m_values.size()))
                                        : tr("%1 settings, %2 set here").arg(m_values.size()).arg(m_changed));
    m_model.setRows(m_values);
    emit loaded();
}

QStringList ConfigsPanel::selectedNames() const {
    QStringList names;
    for (int row : m_table->selectedSourceRows())
        names << qs(m_model.row(row).name);
    return names;
}

void ConfigsPanel::edit(const QString& name) {
    const auto row = m_model.rowOf(name.isEmpty() ? selectedNames().value(0) : name);
    if (row < 0)
        return;
    const auto value = m_model.row(row);
    if (value.readOnly) {
        emit notice(Status::Info, tr("%1 can only be set when the broker starts.").arg(qs(value.name)));
        return;
    }
    auto* form = new QWidget;
    auto* field = new QLineEdit(value.value ? qs(*value.value) : QString());
    field->setObjectName(QStringLiteral("configValue"));
    field->selectAll();
    auto* rows = new QFormLayout(form);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->addRow(qs(value.name), field);
    form->setFocusProxy(field);
    const QPointer<QLineEdit> watched(field);
    const auto change = [this, watched, value] {
        std::vector<api::ConfigChange> changes;
        const auto text = watched ? watched->text().toStdString() : std::string();
        if (watched && (!value.value || text != *value.value))
            changes.push_back({value.name, text});
        return models::changeConfigs(m_context.bootstrap(), m_kind, m_name, m_values, changes);
    };
    auto* dialog = m_context.openForm(form, change, this);
    if (!dialog)
        return;
    connect(field, &QLineEdit::textChanged, dialog,
            [this, dialog, change] { dialog->setPlan(m_context.planOf(change())); });
    connect(dialog, &ChangeDialog::completed, this, &ConfigsPanel::reload);
}

void ConfigsPanel::reset(const QStringList& names) {
    std::vector<api::ConfigChange> changes;
    for (const auto& name : names)
        changes.push_back({name.toStdString(), std::nullopt});
    auto* dialog = m_context.openChange(
        models::changeConfigs(m_context.bootstrap(), m_kind, m_name, m_values, changes), this);
    if (dialog)
        connect(dialog, &ChangeDialog::completed, this, &ConfigsPanel::reload);
}

}  // namespace odradek::ui
