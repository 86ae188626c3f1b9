// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/groups/groups_model.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QStackedWidget;

namespace odradek::ui {

class DataTable;
class GroupDetail;
class IconButton;
class StateView;

/// All consumer groups, and one group in detail (Location path: group id).
class GroupsPage : public Page {
    Q_OBJECT
public:
    explicit GroupsPage(ClusterContext& context);

    QString id() const override { return QStringLiteral("groups"); }
    QString title() const override { return tr("Consumer groups"); }
    QString icon() const override { return QStringLiteral("groups"); }
    NavGroup group() const override { return NavGroup::Observe; }
    void navigate(const Location& location) override;
    QVector<QWidget*> headerActions() override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    void refresh();
    void showHeader();
    void deleteGroup(const QString& group);
    QString groupId() const { return location().path.value(0); }

    ClusterContext& m_context;
    models::GroupsModel m_model;
    DataTable* m_table = nullptr;
    GroupDetail* m_detail = nullptr;
    StateView* m_missing = nullptr;
    QStackedWidget* m_stack = nullptr;
    QWidget* m_reset = nullptr;
    QWidget* m_delete = nullptr;
    bool m_active = false;
};

}  // namespace odradek::ui
