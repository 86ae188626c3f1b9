// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "engine/api/commands.h"
#include "ui/pages/common/cluster_context.h"

class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace odradek::ui {

/// Name, partitions, replicas and settings of a topic to create.
class CreateTopicForm : public QWidget {
    Q_OBJECT
public:
    explicit CreateTopicForm(ClusterContext& context);
    api::CreateTopic wish() const;

signals:
    void edited();

private:
    QLineEdit* m_name;
    QSpinBox* m_partitions;
    QSpinBox* m_replicas;
    QLineEdit* m_configs;
};

/// The new number of partitions of a topic.
class AddPartitionsForm : public QWidget {
    Q_OBJECT
public:
    AddPartitionsForm(ClusterContext& context, const QString& topic);
    int total() const;

signals:
    void edited();

private:
    QSpinBox* m_total;
};

}  // namespace odradek::ui
