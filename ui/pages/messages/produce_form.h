// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/tasks/changes.h"

class QCheckBox;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace odradek::ui {

/// Key, value, headers and partition of a record to produce.
class ProduceForm : public QWidget {
    Q_OBJECT
public:
    ProduceForm(const QString& topic, int partitions, QWidget* parent = nullptr);
    /// The record as a change with preview and command line.
    models::Change change(const QString& bootstrap) const;

signals:
    void edited();

private:
    QString m_topic;
    int m_partitions;
    QLineEdit* m_key;
    QCheckBox* m_hasKey;
    QPlainTextEdit* m_value;
    QLineEdit* m_headers;
    QSpinBox* m_partition;
};

}  // namespace odradek::ui
