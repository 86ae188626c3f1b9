// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/groups/groups_page.h"

#include <QMenu>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "models/cluster/lookup.h"
#include "models/cluster/topics_model.h"
#include "models/common/text.h"
#include "ui/pages/groups/group_detail.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::GroupsModel;
using models::number;
using models::qs;

GroupsPage::GroupsPage(ClusterContext& context) : m_context(context) {
    m_table = new DataTable;
    m_table->setObjectName(QStringLiteral("groups"));
    m_table->setModel(&m_model);
    using G = GroupsModel;
    m_table->setColumns({{G::Id, ColumnKind::Text, 190, true, true, false, QStringLiteral("id")},
                         {G::State, ColumnKind::Status, 150, true, false, false, QStringLiteral("state")},
                         {G::Members, ColumnKind::Number, 80, true, false, false, QStringLiteral("members")},
                         {G::Topics, ColumnKind::Text, 220, true, false, true, QStringLiteral("topics")},
                         {G::Lag, ColumnKind::Number, 96, true, false, false, QStringLiteral("lag")},
                         {G::PerSecond, ColumnKind::Number, 96, true, false, true, QStringLiteral("rate")},
                         {G::Assignor, ColumnKind::Text, 120, false, false, true, QStringLiteral("assignor")},
                         {G::Generation, ColumnKind::Number, 86, true, false, true, QStringLiteral("generation")},
                         {G::Coordinator, ColumnKind::Text, 90, true, false, true, QStringLiteral("coordinator")},
                         {G::Trend, ColumnKind::Sparkline, 90, true, false, false, QStringLiteral("trend")}});
    m_table->setSort(G::Lag, Qt::DescendingOrder);
    m_table->setEmptyState(tr("No consumer groups yet"), tr("A group appears when a consumer joins or commits."));
    m_table->setContextMenu([this](QMenu& menu, const QVector<int>& rows) {
        if (rows.size() != 1)
            return;
        const auto id = m_model.row(rows.front()).id;
        menu.addAction(tr("Open"), this, [this, id] { emit requestNavigate({this->id(), {id}, {}}); });
        if (!m_context.readOnly())
            menu.addAction(tr("Delete…"), this, [this, id] { deleteGroup(id); });
    });
    connect(m_table, &DataTable::activated, this,
            [this](int row) { emit requestNavigate({id(), {m_model.row(row).id}, {}}); });
    connect(m_table, &DataTable::noticed, this, &Page::notice);
    m_table->showToolsInside();
    auto* panel = new Panel;
    panel->setBody(m_table, false);

    m_detail = new GroupDetail(m_context);
    connect(m_detail, &GroupDetail::requestNavigate, this, &Page::requestNavigate);
    connect(m_detail, &GroupDetail::notice, this, &Page::notice);
    m_missing = new StateView;
    connect(m_missing, &StateView::action, this, [this] { emit requestNavigate({id(), {}, {}}); });
    m_stack = new QStackedWidget;
    m_stack->addWidget(panel);
    m_stack->addWidget(m_detail);
    m_stack->addWidget(m_missing);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);

    connect(&m_context, &ClusterContext::clusterChanged, this, [this] {
        m_model.setRows({});
        m_detail->clear();
        if (m_active && !groupId().isEmpty())
            emit requestNavigate({id(), {}, {}});
    });
    connect(&m_context, &ClusterContext::snapshotChanged, this, &GroupsPage::refresh);
}

void GroupsPage::navigate(const Location& location) {
    m_detail->setGroup(location.path.value(0));
    refresh();
}

void GroupsPage::setActive(bool active) {
    m_active = active;
    if (active)
        refresh();
}

QWidget* GroupsPage::primaryWidget() {
    return groupId().isEmpty() ? static_cast<QWidget*>(m_table->view()) : m_detail->primaryWidget();
}

QVector<QWidget*> GroupsPage::headerActions() {
    auto* reset = new Button(tr("Reset offsets"), QStringLiteral("undo"));
    reset->setObjectName(QStringLiteral("resetOffsets"));
    connect(reset, &QAbstractButton::clicked, m_detail, &GroupDetail::resetOffsets);
    auto* remove = new Button(tr("Delete group…"), QStringLiteral("delete"));
    remove->setObjectName(QStringLiteral("deleteGroup"));
    connect(remove, &QAbstractButton::clicked, this, [this] { deleteGroup(groupId()); });
    m_reset = reset;
    m_delete = remove;
    showHeader();
    return {reset, remove};
}

void GroupsPage::refresh() {
    if (!m_active || !m_context.hasCluster())
        return;
    const auto& snapshot = m_context.snapshot();
    if (groupId().isEmpty()) {
        m_table->setLoading(snapshot.connection == api::Connection::Starting);
        m_table->setError(snapshot.connection == api::Connection::Failed && snapshot.groups.empty()
                              ? tr("No connection")
                              : QString(),
                          qs(snapshot.problem));
        m_model.update(snapshot, m_context.series());
        m_stack->setCurrentIndex(0);
    } else if (models::findGroup(snapshot, groupId())) {
        m_detail->refresh();
        m_stack->setCurrentIndex(1);
    } else if (snapshot.connection == api::Connection::Live) {
        m_missing->setState(StateView::Kind::NotFound, tr("There is no group %1").arg(groupId()),
                            tr("It may have been deleted, or has not committed anything yet."), tr("All groups"));
        m_stack->setCurrentIndex(2);
    } else {
        m_missing->setState(StateView::Kind::Loading, tr("Waiting for the cluster"));
        m_stack->setCurrentIndex(2);
    }
    showHeader();
}

void GroupsPage::showHeader() {
    if (!m_context.hasCluster())
        return;
    const bool detail = !groupId().isEmpty();
    const auto* group = models::findGroup(m_context.snapshot(), groupId());
    if (m_reset) {
        m_reset->setVisible(detail);
        m_delete->setVisible(detail);
        m_reset->setEnabled(group && !m_context.readOnly());
        m_delete->setEnabled(group && !m_context.readOnly());
    }
    PageHeader header;
    if (!detail) {
        int stable = 0, lagging = 0;
        for (const auto& g : m_context.snapshot().groups) {
            stable += g.state == "Stable";
            lagging += g.totalLag() > 1000;
        }
        header.title = lagging ? tr("%n group(s) more than 1,000 records behind", nullptr, lagging) : title();
        header.subtitle = tr("%1 groups, %2 stable").arg(m_context.snapshot().groups.size()).arg(stable);
        setHeader(header);
        return;
    }
    header.breadcrumb = {{title(), {id(), {}, {}}}};
    header.title = groupId();
    if (group) {
        header.chips.push_back({qs(group->state),
                                statusOf(static_cast<models::Health>(models::groupHealth(group->state))), {}, {}});
        if (group->generation >= 0)
            header.chips.push_back({tr("generation %1").arg(group->generation), {}, {}, {}});
        if (!group->protocol.empty())
            header.chips.push_back({qs(group->protocol), {}, {}, tr("the assignor all members agreed on")});
        if (group->coordinator >= 0)
            header.chips.push_back({tr("coordinator: broker %1").arg(group->coordinator), {}, {}, {}});
    }
    setHeader(header);
}

void GroupsPage::deleteGroup(const QString& group) {
    auto* dialog =
        m_context.openChange(models::changeDeleteGroup(m_context.snapshot(), m_context.bootstrap(), group), this);
    if (!dialog)
        return;
    connect(dialog, &ChangeDialog::completed, this, [this, group](bool ok) {
        if (ok && group == groupId())
            emit requestNavigate({id(), {}, {}});
    });
}

}  // namespace odradek::ui
