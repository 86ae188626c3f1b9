// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/messages/produce_form.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSpinBox>

#include "engine/base/partitioner.h"
#include "models/common/text.h"

namespace odradek::ui {
namespace {

Bytes bytesOf(const QString& text) {
    const auto utf8 = text.toUtf8();
    return Bytes::copy(std::string_view(utf8.constData(), static_cast<std::size_t>(utf8.size())));
}

}  // namespace

ProduceForm::ProduceForm(const QString& topic, int partitions, QWidget* parent)
    : QWidget(parent), m_topic(topic), m_partitions(partitions) {
    m_hasKey = new QCheckBox(tr("with a key"));
    m_hasKey->setChecked(true);
    m_key = new QLineEdit;
    m_key->setObjectName(QStringLiteral("recordKey"));
    m_value = new QPlainTextEdit;
    m_value->setObjectName(QStringLiteral("recordValue"));
    m_value->setFixedHeight(96);
    m_value->setTabChangesFocus(true);
    m_headers = new QLineEdit;
    m_headers->setObjectName(QStringLiteral("recordHeaderText"));
    m_headers->setPlaceholderText(tr("source_app=Odradek trace_id=…"));
    m_partition = new QSpinBox;
    m_partition->setRange(-1, std::max(0, partitions - 1));
    m_partition->setValue(-1);
    m_partition->setSpecialValueText(tr("by key"));
    auto* keyRow = new QHBoxLayout;
    keyRow->addWidget(m_key, 1);
    keyRow->addWidget(m_hasKey);
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("&Key"), keyRow);
    form->addRow(tr("&Value"), m_value);
    form->addRow(tr("&Headers"), m_headers);
    form->addRow(tr("&Partition"), m_partition);
    connect(m_hasKey, &QCheckBox::toggled, m_key, &QWidget::setEnabled);
    connect(m_hasKey, &QCheckBox::toggled, this, &ProduceForm::edited);
    connect(m_key, &QLineEdit::textChanged, this, &ProduceForm::edited);
    connect(m_value, &QPlainTextEdit::textChanged, this, &ProduceForm::edited);
    connect(m_headers, &QLineEdit::textChanged, this, &ProduceForm::edited);
    connect(m_partition, &QSpinBox::valueChanged, this, &ProduceForm::edited);
    setFocusProxy(m_key);
}

models::Change ProduceForm::change(const QString& bootstrap) const {
    models::Change change;
    change.title = tr("Produce a record to %1").arg(m_topic);
    change.verb = tr("Produce");
    api::OutgoingRecord record;
    QString place = m_partition->value() >= 0 ? tr("partition %1, by hand").arg(m_partition->value())
                                              : tr("a partition of the client's choice");
    if (m_hasKey->isChecked()) {
        record.key = bytesOf(m_key->text());
        if (m_partition->value() < 0 && m_partitions > 0)
            place = tr("partition %1, by murmur2 of the key").arg(partitionForKey(*record.key, m_partitions));
    }
    record.value = bytesOf(m_value->toPlainText());
    QStringList headers;
    for (const auto& word : m_headers->text().split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const auto equals = word.indexOf(QLatin1Char('='));
        const auto name = equals < 0 ? word : word.left(equals);
        record.headers.emplace_back(name.toStdString(),
                                    equals < 0 ? std::optional<Bytes>() : bytesOf(word.mid(equals + 1)));
        headers << QStringLiteral("-H %1").arg(models::shellWord(word));
    }
    if (m_partition->value() >= 0)
        record.partition = m_partition->value();
    change.items.push_back({tr("record 1"), tr("not there"), place});
    change.effect = tr("Acked by all in-sync replicas (acks=all). Every group that reads the topic gets it.");
    QString command = QStringLiteral("printf %1 | kcat -P -b %2 -t %3")
                          .arg(models::shellWord(m_value->toPlainText()), models::shellWord(bootstrap), m_topic);
    if (m_hasKey->isChecked())
        command += QStringLiteral(" -k %1").arg(models::shellWord(m_key->text()));
    if (m_partition->value() >= 0)
        command += QStringLiteral(" -p %1").arg(m_partition->value());
    if (m_hasKey->isChecked() && m_partition->value() < 0)
        command += QStringLiteral(" -X topic.partitioner=murmur2_random");
    if (!headers.isEmpty())
        command += QLatin1Char(' ') + headers.join(QLatin1Char(' '));
    change.commandLine = command;
    change.command = api::Produce{m_topic.toStdString(), {record}};
    return change;
}

}  // namespace odradek::ui
