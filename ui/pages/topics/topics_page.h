// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster/topics_model.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QStackedWidget;

namespace odradek::ui {

class DataTable;
class IconButton;
class StateView;
class TopicDetail;

/// All topics, and one topic in detail (Location path: name, partition). Creates, deletes and extends topics.
class TopicsPage : public Page {
    Q_OBJECT
public:
    explicit TopicsPage(ClusterContext& context);

    QString id() const override { return QStringLiteral("topics"); }
    QString title() const override { return tr("Topics"); }
    QString icon() const override { return QStringLiteral("topics"); }
    NavGroup group() const override { return NavGroup::Observe; }
    void navigate(const Location& location) override;
    QVector<QWidget*> headerActions() override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    void refresh();
    void refreshList();
    void showHeader();
    void createTopic();
    void deleteTopics(const QStringList& names);
    void addPartitions(const QString& topic);
    void openMenu();
    QStringList selectedNames() const;
    QString topicName() const;

    ClusterContext& m_context;
    models::TopicsModel m_model;
    DataTable* m_table = nullptr;
    TopicDetail* m_detail = nullptr;
    StateView* m_missing = nullptr;
    QStackedWidget* m_stack = nullptr;
    QWidget* m_create = nullptr;
    QWidget* m_browse = nullptr;
    IconButton* m_more = nullptr;
    bool m_active = false;
    bool m_internal = false;
};

}  // namespace odradek::ui
