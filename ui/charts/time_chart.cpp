// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/time_chart.h"

#include "ui/charts/chart_group.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace odradek::ui {

double decimalStep(double atLeast) {
    const double magnitude = std::pow(10, std::floor(std::log10(atLeast)));
    for (const double m : {1.0, 2.0, 2.5, 5.0})
        if (magnitude * m >= atLeast * 0.999)
            return magnitude * m;
    return magnitude * 10;
}

double binaryStep(double atLeast) {
    // Powers of two are round in every unit; below a byte there is nothing to label.
    return std::max(1.0, std::exp2(std::ceil(std::log2(atLeast * 0.999))));
}

TimeChart::TimeChart(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Chart over time"));
    setProperty("generalName", true);
    m_axisFormat = [](double v) { return formatShort(v); };
    m_exactFormat = [](double v) {
        return std::fabs(v) >= 1000 ? formatCount(std::llround(v))
                                    : formatDecimal(v, std::floor(v) == v ? 0 : 2);
    };
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void TimeChart::setSeries(const QVector<ChartSeries>& series) {
    m_lines.resize(static_cast<std::size_t>(series.size()));
    for (int i = 0; i < series.size(); ++i)
        m_lines[static_cast<std::size_t>(i)].spec = series[i];
    m_axisDirty = true;
    update();
}

void TimeChart::setPoints(int series, std::vector<double> times, std::vector<double> values) {
    if (series < 0 || series >= seriesCount())
        return;
    Line& line = m_lines[static_cast<std::size_t>(series)];
    values.resize(std::min(times.size(), values.size()));
    times.resize(values.size());
    line.times = std::move(times);
    line.values = std::move(values);
    m_axisDirty = true;
    update();
}

void TimeChart::appendPoint(int series, double time, double value) {
    if (series < 0 || series >= seriesCount())
        return;
    Line& line = m_lines[static_cast<std::size_t>(series)];
    if (!line.times.empty() && time < line.times.back())
        return;  // a late sample would break the order
    line.times.push_back(time);
    line.values.push_back(value);
    m_axisDirty = true;
    update();
}

void TimeChart::trimBefore(double time) {
    for (Line& line : m_lines) {
        const auto count =
            std::lower_bound(line.times.begin(), line.times.end(), time) - line.times.begin();
        line.times.erase(line.times.begin(), line.times.begin() + count);
        line.values.erase(line.values.begin(), line.values.begin() + count);
    }
    m_axisDirty = true;
    update();
}

void TimeChart::setMarks(const QVector<ChartMark>& marks) {
    m_marks = marks;
    update();
}

void TimeChart::setTimeRange(double from, double to) {
    m_from = from;
    m_to = to;
    m_axisDirty = true;
    update();
}

void TimeChart::setScale(Scale scale) {
    m_scale = scale;
    m_axisDirty = true;
    update();
}

void TimeChart::setZeroBased(bool on) {
    m_zero = on;
    m_axisDirty = true;
    update();
}

void TimeChart::setBinary(bool on) {
    m_binary = on;
    if (on)
        setFormatters([](double v) { return formatBytes(v); }, [](double v) { return formatBytes(v); });
    m_axisDirty = true;
    update();
}

void TimeChart::setMaximum(std::optional<double> maximum) {
    m_maximum = maximum;
    m_axisDirty = true;
    update();
}

void TimeChart::setFormatters(Formatter axis, Formatter exact) {
    if (axis)
        m_axisFormat = std::move(axis);
    if (exact)
        m_exactFormat = std::move(exact);
    update();
}

void TimeChart::setUnit(const QString& unit) {
    m_unit = unit;
}

void TimeChart::setGroup(ChartGroup* group) {
    if (m_group)
        m_group->disconnect(this);
    m_group = group;
    if (!group)
        return;
    connect(group, &ChartGroup::crosshairChanged, this, qOverload<>(&QWidget::update));
    connect(group, &ChartGroup::brushChanged, this, qOverload<>(&QWidget::update));
}

void TimeChart::setEndLabels(bool on) {
    m_endLabels = on;
    update();
}

void TimeChart::setEmptyText(const QString& text) {
    m_empty = text;
    update();
}

std::optional<double> TimeChart::valueAt(int series, double time) const {
    if (series < 0 || series >= seriesCount())
        return std::nullopt;
    const Line& line = m_lines[static_cast<std::size_t>(series)];
    const auto it = std::upper_bound(line.times.begin(), line.times.end(), time);
    if (it == line.times.begin())
        return std::nullopt;
    const double value = line.values[static_cast<std::size_t>(it - line.times.begin()) - 1];
    if (!std::isfinite(value))
        return std::nullopt;
    return value;
}

std::pair<double, double> TimeChart::range() const {
    if (m_to > m_from)
        return {m_from, m_to};
    double from = 0;
    double to = 0;
    bool any = false;
    for (const Line& line : m_lines) {
        if (line.times.empty())
            continue;
        from = any ? std::min(from, line.times.front()) : line.times.front();
        to = any ? std::max(to, line.times.back()) : line.times.back();
        any = true;
    }
    if (to <= from)
        to = from + 1000;
    return {from, to};
}

void TimeChart::updateAxis() {
    m_axisDirty = false;
    const auto [from, to] = range();
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    double leastPositive = low;
    for (const Line& line : m_lines) {
        const auto a = static_cast<std::size_t>(
            std::lower_bound(line.times.begin(), line.times.end(), from) - line.times.begin());
        const auto b = static_cast<std::size_t>(
            std::upper_bound(line.times.begin(), line.times.end(), to) - line.times.begin());
        if (a >= b)
            continue;
        // Whole-range extremes come from the decimator: one column over everything, the same fast
        // loop.
        decimate(std::span(line.times).subspan(a, b - a), std::span(line.values).subspan(a, b - a),
                 from, std::nextafter(to, to * 2 + 1), 256, m_scratch);
        for (const PixelColumn& c : m_scratch) {
            low = std::min(low, c.min);
            high = std::max(high, c.max);
            if (c.min > 0)
                leastPositive = std::min(leastPositive, c.min);
        }
    }
    m_axis.ticks.clear();
    if (!(low <= high)) {
        low = 0;
        high = 1;
        leastPositive = 1;
    }
    if (m_maximum)
        high = std::max(*m_maximum, low);
    if (m_scale == Scale::Log) {
        const double bottom =
            std::pow(10, std::floor(std::log10(std::isfinite(leastPositive) ? leastPositive : 1)));
        double top = std::pow(10, std::ceil(std::log10(std::max(high, bottom * 10))));
        m_axis.min = bottom;
        m_axis.max = top;
        for (double v = bottom; v <= top * 1.001; v *= 10)
            m_axis.ticks.push_back(v);
        return;
    }
    if (m_zero && low > 0)
        low = 0;
    if (high <= low)
        high = low + (low == 0 ? 1 : std::fabs(low) * 0.1);
    // Steps of 1, 2, 2.5 or 5 so that three to five lines stand in the plot.
    const int wanted = std::clamp(height() / 45, 2, 5);
    const double rough = (high - low) / wanted;
    const double step = m_binary ? binaryStep(rough) : decimalStep(rough);
    m_axis.min = std::floor(low / step + 1e-9) * step;
    m_axis.max = m_maximum ? high : std::ceil(high / step - 1e-9) * step;
    for (int i = 0; m_axis.min + i * step <= m_axis.max + step * 1e-6 && i < 20; ++i)
        m_axis.ticks.push_back(m_axis.min + i * step);
}

double TimeChart::fraction(double value) const {
    if (m_scale == Scale::Log) {
        const double v = std::max(value, m_axis.min);
        return std::log(v / m_axis.min) / std::log(m_axis.max / m_axis.min);
    }
    return (value - m_axis.min) / (m_axis.max - m_axis.min);
}

QString TimeChart::endLabel(const Line& line) const {
    return line.spec.endNote.isEmpty() ? line.spec.name : line.spec.name + u' ' + line.spec.endNote;
}

int TimeChart::leftMargin() const {
    const QFontMetricsF fm(theme().font(Theme::Size::Caption));
    qreal widest = 18;
    for (const double tick : m_axis.ticks)
        widest = std::max(widest, fm.horizontalAdvance(m_axisFormat(tick)));
    return static_cast<int>(std::ceil(widest)) + 8;
}

int TimeChart::rightMargin() const {
    if (!m_endLabels)
        return 8;
    const QFontMetricsF fm(theme().font(Theme::Size::Caption));
    qreal widest = 0;
    for (const Line& line : m_lines)
        if (!line.times.empty())
            widest = std::max(widest, fm.horizontalAdvance(endLabel(line)));
    if (widest == 0)
        return 8;
    return static_cast<int>(std::min(std::ceil(widest), width() * 0.4)) + 14;
}

QRectF TimeChart::plotRect() const {
    if (m_axisDirty)
        const_cast<TimeChart*>(this)->updateAxis();
    const bool words = std::any_of(m_marks.begin(), m_marks.end(),
                                   [](const ChartMark& m) { return !m.text.isEmpty(); });
    const int top = words ? metrics().caption + 9 : (m_marks.isEmpty() ? 8 : 12);
    const int left = leftMargin();
    const int bottom = metrics().caption + 9;
    return QRectF(left, top, std::max(10, width() - left - rightMargin()),
                  std::max(10, height() - top - bottom));
}

double TimeChart::timeAt(qreal x) const {
    const QRectF plot = plotRect();
    const auto [from, to] = range();
    return from + (x - plot.left()) / plot.width() * (to - from);
}

qreal TimeChart::xOf(double time) const {
    const QRectF plot = plotRect();
    const auto [from, to] = range();
    return plot.left() + (time - from) / (to - from) * plot.width();
}

qreal TimeChart::yOf(double value) const {
    const QRectF plot = plotRect();
    return plot.bottom() - std::clamp(fraction(value), -0.02, 1.02) * plot.height();
}

QColor TimeChart::color(const Line& line) const {
    return line.spec.colorIndex < 0 ? tokens().accent.base
                                    : tokens().seriesColor(line.spec.colorIndex);
}

std::optional<double> TimeChart::crosshair() const {
    return m_group ? m_group->crosshair() : m_ownCrosshair;
}

void TimeChart::setCrosshair(std::optional<double> time) {
    if (m_group)
        m_group->setCrosshair(time);
    m_ownCrosshair = time;
    update();
}

void TimeChart::mouseMoveEvent(QMouseEvent* event) {
    const QRectF plot = plotRect();
    m_hovered = true;
    const double time = timeAt(std::clamp(event->position().x(), plot.left(), plot.right()));
    if (m_dragFrom && m_group && std::fabs(xOf(*m_dragFrom) - event->position().x()) > 3)
        m_group->setBrush(*m_dragFrom, time);
    setCrosshair(time);
}

void TimeChart::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton)
        m_dragFrom = timeAt(event->position().x());
}

void TimeChart::mouseReleaseEvent(QMouseEvent* event) {
    if (!m_dragFrom)
        return;
    const double time = timeAt(event->position().x());
    if (std::fabs(xOf(*m_dragFrom) - event->position().x()) <= 3) {
        if (m_group)
            m_group->clearBrush();
        emit clicked(time);
    } else {
        emit brushed(std::min(*m_dragFrom, time), std::max(*m_dragFrom, time));
    }
    m_dragFrom.reset();
}

void TimeChart::leaveEvent(QEvent*) {
    m_hovered = false;
    setCrosshair(std::nullopt);
}

void TimeChart::keyPressEvent(QKeyEvent* event) {
    const auto [from, to] = range();
    const double step = (to - from) / std::max(1.0, plotRect().width()) *
                        (event->modifiers() & Qt::ControlModifier ? 20 : 4);
    switch (event->key()) {
        case Qt::Key_Left:
            return setCrosshair(std::clamp(crosshair().value_or(to) - step, from, to));
        case Qt::Key_Right:
            return setCrosshair(std::clamp(crosshair().value_or(from) + step, from, to));
        case Qt::Key_Return:
            if (crosshair())
                emit clicked(*crosshair());
            return;
        case Qt::Key_Escape:
            if (m_group)
                m_group->clearBrush();
            return setCrosshair(std::nullopt);
        default:
            QWidget::keyPressEvent(event);
    }
}

}  // namespace odradek::ui
