// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/decimate.h"
#include "ui/theme/tokens.h"

#include <QColor>
#include <QPointer>
#include <QString>
#include <QVector>
#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

namespace odradek::ui {

class ChartGroup;

/// The step of 1, 2, 2.5 or 5 times a power of ten, or of a power of two, that is at least this much.
double decimalStep(double atLeast);
double binaryStep(double atLeast);

/// One line. The colour belongs to the entity (index into Tokens::series; -1 = the accent, for single
/// lines); dash follows the position.
struct ChartSeries {
    QString name;         ///< direct label at the line's end
    int colorIndex = -1;
    bool area = false;    ///< filled below; automatic when it is the only one
    QString endNote;      ///< after the name: "5:50", "42"
};

/// A moment worth a dashed vertical line with a triangle.
struct ChartMark {
    double time = 0;      ///< ms since epoch
    QString text;         ///< may be empty
    Status status = Status::Error;
};

/// Live line chart over time, drawn with min/max per pixel so a million points stay exact and fast. X is
/// ms since epoch (UTC shown in local time). Shares crosshair and brush with the charts of its group.
/// Left/Right move the crosshair, Shift+drag or drag brushes, Esc clears. GUI thread.
class TimeChart : public QWidget {
    Q_OBJECT
public:
    enum class Scale { Linear, Log };
    using Formatter = std::function<QString(double)>;

    explicit TimeChart(QWidget* parent = nullptr);

    void setSeries(const QVector<ChartSeries>& series);
    int seriesCount() const { return static_cast<int>(m_lines.size()); }
    /// Replaces all points of a line; times ascending. NaN = gap.
    void setPoints(int series, std::vector<double> times, std::vector<double> values);
    void appendPoint(int series, double time, double value);
    /// Forgets points before this time.
    void trimBefore(double time);
    void setMarks(const QVector<ChartMark>& marks);
    /// Shown span; default: all points.
    void setTimeRange(double from, double to);
    void setScale(Scale scale);
    /// Lowest value of the axis is 0 unless off.
    void setZeroBased(bool on);
    /// Steps of 1, 2, 4 ... 512 of B, KiB, MiB, so that byte axes have round values; sets byte formatters.
    void setBinary(bool on);
    /// Fixed top of the axis; nothing = by data.
    void setMaximum(std::optional<double> maximum);
    /// Axis labels and tooltip values; defaults: formatShort and the exact number.
    void setFormatters(Formatter axis, Formatter exact);
    void setUnit(const QString& unit);  ///< appended to exact values
    void setGroup(ChartGroup* group);
    void setEndLabels(bool on);
    /// Words while there are no points.
    void setEmptyText(const QString& text);

    /// Exact value of a line at or before a time; nothing without a point.
    std::optional<double> valueAt(int series, double time) const;
    QRectF plotRect() const;
    double timeAt(qreal x) const;
    qreal xOf(double time) const;
    QSize sizeHint() const override { return {320, 160}; }
    QSize minimumSizeHint() const override { return {140, 90}; }

signals:
    void clicked(double time);
    void brushed(double from, double to);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Line {
        ChartSeries spec;
        std::vector<double> times;
        std::vector<double> values;
    };
    struct Axis {
        double min = 0, max = 1;
        std::vector<double> ticks;
    };
    void updateAxis();
    double fraction(double value) const;
    qreal yOf(double value) const;
    std::pair<double, double> range() const;
    QColor color(const Line& line) const;
    void paintGrid(QPainter& painter, const QRectF& plot);
    void paintTimeAxis(QPainter& painter, const QRectF& plot);
    void paintLine(QPainter& painter, const QRectF& plot, int index);
    void paintEndLabels(QPainter& painter, const QRectF& plot);
    void paintMarks(QPainter& painter, const QRectF& plot);
    void paintCrosshair(QPainter& painter, const QRectF& plot);
    void setCrosshair(std::optional<double> time);
    std::optional<double> crosshair() const;
    QString endLabel(const Line& line) const;
    int leftMargin() const;
    int rightMargin() const;

    std::vector<Line> m_lines;
    std::vector<PixelColumn> m_scratch;
    QVector<ChartMark> m_marks;
    QPointer<ChartGroup> m_group;
    double m_from = 0, m_to = 0;
    Scale m_scale = Scale::Linear;
    bool m_zero = true;
    bool m_binary = false;
    bool m_endLabels = true;
    std::optional<double> m_maximum;
    Formatter m_axisFormat;
    Formatter m_exactFormat;
    QString m_unit;
    QString m_empty;
    Axis m_axis;
    bool m_axisDirty = true;
    std::optional<double> m_ownCrosshair;
    std::optional<double> m_dragFrom;
    bool m_hovered = false;
};

}  // namespace odradek::ui
