// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/topics/topic_forms.h"

#include <QFormLayout>
#include <QLineEdit>
#include <QSpinBox>

#include "models/cluster/lookup.h"

namespace odradek::ui {

CreateTopicForm::CreateTopicForm(ClusterContext& context) {
    int online = 0;
    for (const auto& broker : context.snapshot().brokers)
        online += broker.state == api::BrokerState::Online;
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("topicName"));
    m_name->setPlaceholderText(tr("for example gift_cards"));
    m_partitions = new QSpinBox;
    m_partitions->setObjectName(QStringLiteral("topicPartitions"));
    m_partitions->setRange(1, 10'000);
    m_partitions->setValue(3);
    m_replicas = new QSpinBox;
    m_replicas->setObjectName(QStringLiteral("topicReplicas"));
    m_replicas->setRange(1, std::max(1, online));
    m_replicas->setValue(std::min(3, std::max(1, online)));
    m_configs = new QLineEdit;
    m_configs->setObjectName(QStringLiteral("topicConfigs"));
    m_configs->setPlaceholderText(tr("retention.ms=43200000 cleanup.policy=compact"));
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("&Name"), m_name);
    form->addRow(tr("&Partitions"), m_partitions);
    form->addRow(tr("&Replicas of each"), m_replicas);
    form->addRow(tr("&Settings"), m_configs);
    connect(m_name, &QLineEdit::textChanged, this, &CreateTopicForm::edited);
    connect(m_configs, &QLineEdit::textChanged, this, &CreateTopicForm::edited);
    connect(m_partitions, &QSpinBox::valueChanged, this, &CreateTopicForm::edited);
    connect(m_replicas, &QSpinBox::valueChanged, this, &CreateTopicForm::edited);
    setFocusProxy(m_name);
}

api::CreateTopic CreateTopicForm::wish() const {
    api::CreateTopic wish;
    wish.name = m_name->text().trimmed().toStdString();
    wish.partitions = m_partitions->value();
    wish.replicationFactor = static_cast<std::int16_t>(m_replicas->value());
    for (const auto& word : m_configs->text().split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const auto equals = word.indexOf(QLatin1Char('='));
        // A word without '=' goes on as a setting without a value: the broker's answer names it.
        wish.configs[(equals < 0 ? word : word.left(equals)).toStdString()] =
            equals < 0 ? std::string() : word.mid(equals + 1).toStdString();
    }
    return wish;
}

AddPartitionsForm::AddPartitionsForm(ClusterContext& context, const QString& topic) {
    const auto* found = models::findTopic(context.snapshot(), topic);
    const int now = found ? static_cast<int>(found->partitions.size()) : 0;
    m_total = new QSpinBox;
    m_total->setObjectName(QStringLiteral("newTotal"));
    m_total->setRange(now, 10'000);
    m_total->setValue(now + 1);
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("&Partitions in all"), m_total);
    connect(m_total, &QSpinBox::valueChanged, this, &AddPartitionsForm::edited);
    setFocusProxy(m_total);
}

int AddPartitionsForm::total() const {
    return m_total->value();
}

}  // namespace odradek::ui
