// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/tasks/changes.h"
#include "ui/pages/common/cluster_context.h"

class QComboBox;
class QLineEdit;

namespace odradek::ui {

class SegmentedControl;

/// Where a group's committed offsets go: earliest, latest, an offset, or a shift, for all its topics or one.
class ResetForm : public QWidget {
    Q_OBJECT
public:
    ResetForm(ClusterContext& context, const QString& group, QWidget* parent = nullptr);
    models::Change change() const;

signals:
    void edited();

private:
    enum Mode { Earliest, Latest, Offset, Shift };

    ClusterContext& m_context;
    QString m_group;
    SegmentedControl* m_mode;
    QLineEdit* m_number;
    QComboBox* m_topic;
};

}  // namespace odradek::ui
