// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/cluster/brokers_model.h"
#include "ui/pages/common/cluster_context.h"

namespace odradek::ui {

class Button;
class DataTable;
class Panel;

/// The configuration of a topic or a broker: every setting with its value and where it comes from, editable ones with
/// preview and command line. Asked anew when shown and after each change. GUI thread.
class ConfigsPanel : public QWidget {
    Q_OBJECT
public:
    explicit ConfigsPanel(ClusterContext& context, const QString& objectName, QWidget* parent = nullptr);

    /// Shows another resource and asks for its settings.
    void setResource(api::ResourceKind kind, const QString& name);
    void reload();
    /// Settings that are not at their default.
    int changedCount() const { return m_changed; }
    DataTable* table() const { return m_table; }
    /// Opens the dialog for one setting; empty = the selected one.
    void edit(const QString& name = QString());

signals:
    void loaded();
    void notice(odradek::ui::Status status, const QString& text);

private:
    void take(const api::CommandResult& result);
    void reset(const QStringList& names);
    QStringList selectedNames() const;

    ClusterContext& m_context;
    api::ResourceKind m_kind = api::ResourceKind::Topic;
    QString m_name;
    models::ConfigsModel m_model;
    std::vector<api::ConfigValue> m_values;
    Panel* m_panel = nullptr;
    DataTable* m_table = nullptr;
    Button* m_edit = nullptr;
    int m_changed = 0;
    quint64 m_asked = 0;
};

}  // namespace odradek::ui
