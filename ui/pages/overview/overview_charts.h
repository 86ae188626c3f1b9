// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/charts/chart_group.h"
#include "ui/charts/time_chart.h"
#include "ui/pages/common/cluster_context.h"

namespace odradek::ui {

class BarMeter;
class Panel;

/// The row of measurements under the map: messages, bytes, lag per group, latency, disk per broker.
/// One crosshair and one brush; the same event is the same mark in each. GUI thread.
class OverviewCharts : public QWidget {
    Q_OBJECT
public:
    explicit OverviewCharts(ClusterContext& context, QWidget* parent = nullptr);
    /// New points, marks and bars.
    void refresh();
    /// Only marks of this subject, as long as a problem is pointed at; empty = all.
    void setSubject(const QString& subject);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void requestNavigate(const odradek::ui::Location& location);

private:
    void refreshLines();
    void refreshLag();
    void refreshDisk();
    void refreshMarks();
    void refreshSpan();
    bool showsLatency() const;

    ClusterContext& m_context;
    ChartGroup m_group;
    TimeChart* m_messages = nullptr;
    TimeChart* m_bytes = nullptr;
    TimeChart* m_lag = nullptr;
    TimeChart* m_latency = nullptr;
    BarMeter* m_disk = nullptr;
    Panel* m_messagesPanel = nullptr;
    Panel* m_bytesPanel = nullptr;
    Panel* m_lagPanel = nullptr;
    Panel* m_latencyPanel = nullptr;
    Panel* m_diskPanel = nullptr;
    QString m_subject;
    double m_from = 0, m_to = 0;
};

/// Rows of a BarMeter for the log directories of all brokers: used share of the volume, warn mark,
/// and words. Brokers of which nothing is known are left out.
struct MeterRow;
QVector<MeterRow> diskRows(const api::ClusterSnapshot& snapshot);

}  // namespace odradek::ui
