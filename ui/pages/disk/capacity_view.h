// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/cluster/disk_model.h"
#include "ui/pages/common/cluster_context.h"

class QDoubleSpinBox;
class QSpinBox;

namespace odradek::ui {

class BarMeter;
class Button;
class KeyValueList;
class Panel;
class TextLabel;

/// The capacity planner: from messages per minute, size, retention and replicas to bytes on disk
/// and on the network, beside what the cluster measures now. GUI thread.
class CapacityView : public QWidget {
    Q_OBJECT
public:
    explicit CapacityView(ClusterContext& context, QWidget* parent = nullptr);
    /// Takes in the present snapshot for the comparison.
    void refresh();
    models::CapacityInput input() const;
    QWidget* firstField() const;

private:
    QWidget* makeInputs();
    void recompute();
    void takeMeasured();
    void remember();
    QString comparison(const models::MeasuredLoad& load, const models::CapacityPlan& plan) const;
    QString fitWords(const models::CapacityPlan& plan) const;

    ClusterContext& m_context;
    QDoubleSpinBox* m_messages = nullptr;
    QDoubleSpinBox* m_size = nullptr;
    QDoubleSpinBox* m_hours = nullptr;
    QSpinBox* m_replicas = nullptr;
    QSpinBox* m_brokers = nullptr;
    Button* m_measure = nullptr;
    Panel* m_resultPanel = nullptr;
    TextLabel* m_headline = nullptr;
    KeyValueList* m_results = nullptr;
    TextLabel* m_comparison = nullptr;
    TextLabel* m_fit = nullptr;
    BarMeter* m_bars = nullptr;
    KeyValueList* m_measured = nullptr;
};

/// Decimal units, as capacity is bought: "1.44 TB".
QString decimalBytes(double bytes);

}  // namespace odradek::ui
