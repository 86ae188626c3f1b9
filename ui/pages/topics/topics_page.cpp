// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/topics/topics_page.h"

#include <QMenu>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/pages/topics/topic_detail.h"
#include "ui/pages/topics/topic_forms.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::TopicsModel;

TopicsPage::TopicsPage(ClusterContext& context) : m_context(context) {
    m_table = new DataTable;
    m_table->setObjectName(QStringLiteral("topics"));
    m_table->setModel(&m_model);
    m_table->setColumns(
        {{TopicsModel::Name, ColumnKind::Text, 220, true, true, false, QStringLiteral("name")},
         {TopicsModel::State, ColumnKind::Status, 170, true, false, false, QStringLiteral("state")},
         {TopicsModel::Partitions, ColumnKind::Number, 0, true, false, false,
          QStringLiteral("parts")},
         {TopicsModel::Replication, ColumnKind::Number, 0, true, false, true, QStringLiteral("rf")},
         {TopicsModel::Records, ColumnKind::Number, 100, true, false, false,
          QStringLiteral("records")},
         {TopicsModel::Size, ColumnKind::Number, 90, true, false, false, QStringLiteral("size")},
         {TopicsModel::PerSecond, ColumnKind::Number, 70, true, false, false,
          QStringLiteral("rate")},
         {TopicsModel::Retention, ColumnKind::Text, 110, true, false, true, QStringLiteral("keep")},
         {TopicsModel::Cleanup, ColumnKind::Text, 80, false, false, true,
          QStringLiteral("cleanup")},
         {TopicsModel::Trend, ColumnKind::Sparkline, 90, true, false, false,
          QStringLiteral("trend")}});
    m_table->setSort(TopicsModel::Name, Qt::AscendingOrder);
    m_table->setSelectionMulti(true);
    m_table->setEmptyState(tr("No topics yet"), tr("Create one, or let a producer do it."),
                           tr("Create topic…"));
    m_table->setContextMenu([this](QMenu& menu, const QVector<int>& rows) {
        QStringList names;
        for (int row : rows)
            names << m_model.row(row).name;
        if (names.size() == 1)
            menu.addAction(tr("Open"), this,
                           [this, names] { emit requestNavigate({id(), names, {}}); });
        if (names.size() == 1)
            menu.addAction(tr("Browse messages"), this, [this, names] {
                emit requestNavigate({QStringLiteral("messages"), names, {}});
            });
        if (!names.isEmpty() && !m_context.readOnly()) {
            menu.addSeparator();
            if (names.size() == 1)
                menu.addAction(tr("Add partitions…"), this,
                               [this, names] { addPartitions(names.front()); });
            menu.addAction(tr("Delete…"), this, [this, names] { deleteTopics(names); });
        }
    });
    connect(m_table, &DataTable::activated, this,
            [this](int row) { emit requestNavigate({id(), {m_model.row(row).name}, {}}); });
    connect(m_table, &DataTable::emptyAction, this, &TopicsPage::createTopic);
    connect(m_table, &DataTable::noticed, this, &Page::notice);
    m_table->showToolsInside();

    auto* panel = new Panel;
    panel->setBody(m_table, false);
    m_detail = new TopicDetail(m_context);
    connect(m_detail, &TopicDetail::requestNavigate, this, &Page::requestNavigate);
    connect(m_detail, &TopicDetail::notice, this, &Page::notice);
    connect(m_detail, &TopicDetail::chipsChanged, this, &TopicsPage::showHeader);
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
        if (m_active && !topicName().isEmpty())
            emit requestNavigate({id(), {}, {}});
    });
    connect(&m_context, &ClusterContext::snapshotChanged, this, &TopicsPage::refresh);
    connect(&m_context, &ClusterContext::sampled, this, &TopicsPage::refresh);
}

QString TopicsPage::topicName() const {
    return location().path.value(0);
}

void TopicsPage::navigate(const Location& location) {
    m_detail->setTopic(location.path.value(0), location.path.value(1), location.tab);
    refresh();
}

void TopicsPage::setActive(bool active) {
    m_active = active;
    m_detail->setActive(active && !topicName().isEmpty());
    if (active)
        refresh();
}

QWidget* TopicsPage::primaryWidget() {
    return topicName().isEmpty() ? static_cast<QWidget*>(m_table->view())
                                 : m_detail->primaryWidget();
}

QVector<QWidget*> TopicsPage::headerActions() {
    auto* create = new Button(tr("Create topic…"), QStringLiteral("add"), Button::Kind::Primary);
    create->setObjectName(QStringLiteral("createTopic"));
    connect(create, &QAbstractButton::clicked, this, &TopicsPage::createTopic);
    auto* browse = new Button(tr("Browse messages"), QStringLiteral("messages"));
    connect(browse, &QAbstractButton::clicked, this,
            [this] { emit requestNavigate({QStringLiteral("messages"), {topicName()}, {}}); });
    m_more = new IconButton(QStringLiteral("more"), tr("More actions"));
    m_more->setOutlined(true);
    m_more->setObjectName(QStringLiteral("topicMore"));
    connect(m_more, &QAbstractButton::clicked, this, &TopicsPage::openMenu);
    m_create = create;
    m_browse = browse;
    showHeader();
    return {m_browse, m_create, m_more};
}

void TopicsPage::openMenu() {
    QMenu menu(this);
    const auto name = topicName();
    if (name.isEmpty()) {
        auto* internal = menu.addAction(tr("Show internal topics"));
        internal->setCheckable(true);
        internal->setChecked(m_internal);
        connect(internal, &QAction::toggled, this, [this](bool on) {
            m_internal = on;
            refresh();
        });
    } else {
        const bool can = !m_context.readOnly();
        menu.addAction(tr("Add partitions…"), this, [this, name] { addPartitions(name); })
            ->setEnabled(can);
        menu.addAction(tr("Delete records…"), m_detail, &TopicDetail::deleteRecords)
            ->setEnabled(can);
        menu.addSeparator();
        menu.addAction(tr("Delete topic…"), this, [this, name] { deleteTopics({name}); })
            ->setEnabled(can);
    }
    menu.exec(m_more->mapToGlobal(QPoint(0, m_more->height())));
}

void TopicsPage::refresh() {
    if (!m_active || !m_context.hasCluster())
        return;
    const auto name = topicName();
    const auto& snapshot = m_context.snapshot();
    if (name.isEmpty()) {
        refreshList();
        m_stack->setCurrentIndex(0);
    } else if (models::findTopic(snapshot, name)) {
        m_detail->setActive(true);
        m_detail->refresh();
        m_stack->setCurrentIndex(1);
    } else if (snapshot.connection == api::Connection::Live) {
        m_missing->setState(StateView::Kind::NotFound, tr("There is no topic %1").arg(name),
                            tr("It may have been deleted, or the name is misspelt."),
                            tr("All topics"));
        m_stack->setCurrentIndex(2);
    } else {
        m_missing->setState(StateView::Kind::Loading, tr("Waiting for the cluster"));
        m_stack->setCurrentIndex(2);
    }
    showHeader();
}

void TopicsPage::refreshList() {
    const auto& snapshot = m_context.snapshot();
    m_table->setLoading(snapshot.connection == api::Connection::Starting);
    if (snapshot.connection == api::Connection::Failed && snapshot.topics.empty())
        m_table->setError(tr("No connection"), models::qs(snapshot.problem));
    else
        m_table->setError({});
    m_model.update(snapshot, m_context.series(), m_internal);
}

void TopicsPage::showHeader() {
    if (!m_context.hasCluster())
        return;
    const auto name = topicName();
    const bool detail = !name.isEmpty();
    if (m_create) {
        m_create->setVisible(!detail);
        m_create->setEnabled(!m_context.readOnly());
        m_browse->setVisible(detail);
    }
    if (detail) {
        setHeader(m_detail->header(*this));
        return;
    }
    const auto& snapshot = m_context.snapshot();
    int topics = 0, partitions = 0, internal = 0;
    for (const auto& topic : snapshot.topics) {
        internal += topic.isInternal;
        topics += !topic.isInternal;
        partitions += static_cast<int>(topic.partitions.size());
    }
    PageHeader header;
    header.title = title();
    header.subtitle = tr("%1 topics, %2 internal %3, %4 partitions in all")
                          .arg(models::number(topics), models::number(internal),
                               m_internal ? tr("shown") : tr("hidden"), models::number(partitions));
    setHeader(header);
}

void TopicsPage::createTopic() {
    auto* form = new CreateTopicForm(m_context);
    auto* dialog = m_context.openForm(
        form,
        [form = QPointer<CreateTopicForm>(form), this] {
            return models::changeCreateTopic(m_context.snapshot(), m_context.bootstrap(),
                                             form ? form->wish() : api::CreateTopic{});
        },
        this);
    if (!dialog)
        return;
    connect(form, &CreateTopicForm::edited, dialog, [this, form, dialog] {
        dialog->setPlan(m_context.planOf(
            models::changeCreateTopic(m_context.snapshot(), m_context.bootstrap(), form->wish())));
    });
    const QPointer<CreateTopicForm> watched(form);
    connect(dialog, &ChangeDialog::completed, this, [this, watched](bool ok) {
        if (ok && watched)
            emit notice(Status::Ok, tr("Topic %1 created").arg(models::qs(watched->wish().name)));
    });
}

void TopicsPage::deleteTopics(const QStringList& names) {
    auto* dialog = m_context.openChange(
        models::changeDeleteTopics(m_context.snapshot(), m_context.bootstrap(), names), this);
    if (!dialog)
        return;
    connect(dialog, &ChangeDialog::completed, this, [this, names](bool ok) {
        if (ok && names.contains(topicName()))
            emit requestNavigate({id(), {}, {}});
    });
}

void TopicsPage::addPartitions(const QString& topic) {
    auto* form = new AddPartitionsForm(m_context, topic);
    auto* dialog = m_context.openForm(
        form,
        [form = QPointer<AddPartitionsForm>(form), topic, this] {
            return models::changeAddPartitions(m_context.snapshot(), m_context.bootstrap(), topic,
                                               form ? form->total() : 0);
        },
        this);
    if (!dialog)
        return;
    connect(form, &AddPartitionsForm::edited, dialog, [this, form, dialog, topic] {
        dialog->setPlan(m_context.planOf(models::changeAddPartitions(
            m_context.snapshot(), m_context.bootstrap(), topic, form->total())));
    });
}

}  // namespace odradek::ui
