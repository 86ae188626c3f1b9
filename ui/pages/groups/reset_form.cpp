// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/groups/reset_form.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>

#include <algorithm>
#include <set>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/widgets/controls.h"

namespace odradek::ui {

using models::qs;

ResetForm::ResetForm(ClusterContext& context, const QString& group, QWidget* parent)
    : QWidget(parent), m_context(context), m_group(group) {
    m_mode = new SegmentedControl({tr("Earliest"), tr("Latest"), tr("To offset"), tr("Shift by")});
    m_mode->setObjectName(QStringLiteral("resetMode"));
    m_number = new QLineEdit;
    m_number->setObjectName(QStringLiteral("resetNumber"));
    m_number->setMaximumWidth(160);
    m_topic = new QComboBox;
    m_topic->setObjectName(QStringLiteral("resetTopic"));
    m_topic->addItem(tr("All topics"));
    if (const auto* found = models::findGroup(context.snapshot(), group)) {
        std::set<std::string> topics;
        for (const auto& offset : found->offsets)
            topics.insert(offset.partition.topic);
        for (const auto& topic : topics)
            m_topic->addItem(qs(topic), qs(topic));
    }
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_mode);
    layout->addWidget(m_number);
    layout->addStretch();
    layout->addWidget(m_topic);
    const auto modeChanged = [this] {
        m_number->setVisible(m_mode->current() == Offset || m_mode->current() == Shift);
        m_number->setPlaceholderText(m_mode->current() == Shift ? tr("for example -1000") : tr("Offset"));
        emit edited();
    };
    connect(m_mode, &SegmentedControl::currentChanged, this, modeChanged);
    connect(m_number, &QLineEdit::textChanged, this, &ResetForm::edited);
    connect(m_topic, &QComboBox::currentIndexChanged, this, &ResetForm::edited);
    modeChanged();
}

models::Change ResetForm::change() const {
    const auto& snapshot = m_context.snapshot();
    const auto* group = models::findGroup(snapshot, m_group);
    bool numberGood = true;
    qint64 number = 0;
    if (m_mode->current() == Offset || m_mode->current() == Shift) {
        number = QString(m_number->text()).remove(QLatin1Char(',')).trimmed().toLongLong(&numberGood);
        numberGood &= m_mode->current() == Shift || number >= 0;
    }
    std::vector<std::pair<TopicPartition, qint64>> to;
    if (group && numberGood)
        for (const auto& offset : group->offsets) {
            const auto wanted = m_topic->currentData().toString();
            if (!wanted.isEmpty() && wanted != qs(offset.partition.topic))
                continue;
            const auto* topic = models::findTopic(snapshot, qs(offset.partition.topic));
            const api::Partition* partition = nullptr;
            if (topic)
                for (const auto& p : topic->partitions)
                    if (p.index == offset.partition.partition)
                        partition = &p;
            if (!partition || partition->logStart < 0)
                continue;
            const auto clamp = [&](qint64 value) {
                return std::clamp<qint64>(value, partition->logStart, partition->highWatermark);
            };
            switch (m_mode->current()) {
                case Earliest: to.emplace_back(offset.partition, partition->logStart); break;
                case Latest: to.emplace_back(offset.partition, partition->highWatermark); break;
                case Offset: to.emplace_back(offset.partition, clamp(number)); break;
                default: to.emplace_back(offset.partition, clamp(offset.offset + number));
            }
        }
    auto change = models::changeResetOffsets(snapshot, m_context.bootstrap(), m_group, to);
    if (!numberGood)
        change.problems << tr("Type a whole number.");
    else if (to.empty())
        change.problems << tr("There is no committed offset to move.");
    return change;
}

}  // namespace odradek::ui
