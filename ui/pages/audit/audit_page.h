// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/tasks/audit_log.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QStackedWidget;

namespace odradek::ui {

class CodeBox;
class DataTable;
class KeyValueList;
class Panel;
class StateView;

/// The audit log: every change made from this program, on any cluster, with what the preview
/// showed, the equivalent command line and the answer. Kept across restarts, filtered, copied and
/// exported like any table. GUI thread.
class AuditPage : public Page {
    Q_OBJECT
public:
    explicit AuditPage(ClusterContext& context);

    QString id() const override { return QStringLiteral("audit"); }
    QString title() const override { return tr("Change log"); }
    QString icon() const override { return QStringLiteral("edit"); }
    NavGroup group() const override { return NavGroup::Govern; }
    void navigate(const Location& location) override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    void refresh();
    void refreshDetail();

    ClusterContext& m_context;
    models::AuditModel m_model;
    DataTable* m_table = nullptr;
    Panel* m_detailPanel = nullptr;
    QStackedWidget* m_detail = nullptr;
    KeyValueList* m_facts = nullptr;
    KeyValueList* m_preview = nullptr;
    CodeBox* m_command = nullptr;
    QWidget* m_commandTitle = nullptr;
    QWidget* m_previewTitle = nullptr;
    QString m_shown;
    bool m_active = false;
};

}  // namespace odradek::ui
