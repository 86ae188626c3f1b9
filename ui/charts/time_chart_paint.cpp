// SPDX-License-Identifier: GPL-3.0-or-later
// How a TimeChart looks.
#include "ui/charts/chart_group.h"
#include "ui/charts/dense_line.h"
#include "ui/charts/time_chart.h"
#include "ui/theme/focus.h"
#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QDateTime>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>

namespace odradek::ui {

void TimeChart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    m_axisDirty = true;  // the height may have changed the number of grid lines
    updateAxis();
    const QRectF plot = plotRect();
    const bool any =
        std::any_of(m_lines.begin(), m_lines.end(), [](const Line& l) { return !l.times.empty(); });
    paintGrid(painter, plot);
    if (!any) {
        painter.setFont(theme().font(Theme::Size::Caption));
        painter.setPen(tokens().text.tertiary);
        painter.drawText(plot, Qt::AlignCenter | Qt::TextWordWrap,
                         m_empty.isEmpty() ? tr("No measurements yet") : m_empty);
        return;
    }
    paintTimeAxis(painter, plot);
    if (m_group && m_group->hasBrush()) {
        QRectF brush(QPointF(xOf(m_group->brushFrom()), plot.top()),
                     QPointF(xOf(m_group->brushTo()), plot.bottom()));
        brush = brush.intersected(plot);
        QColor tint = tokens().accent.base;
        tint.setAlphaF(0.13f);
        painter.fillRect(brush, tint);
        vLine(painter, brush.left(), plot.top(), plot.bottom(), tokens().accent.base);
        vLine(painter, brush.right(), plot.top(), plot.bottom(), tokens().accent.base);
    }
    for (int i = 0; i < seriesCount(); ++i)
        paintLine(painter, plot, i);
    paintMarks(painter, plot);
    if (m_endLabels)
        paintEndLabels(painter, plot);
    paintCrosshair(painter, plot);
    if (focusVisible(this)) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens().border.focus, 2));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
}

void TimeChart::paintGrid(QPainter& painter, const QRectF& plot) {
    painter.setFont(theme().font(Theme::Size::Caption));
    const qreal half = (metrics().caption + 6) / 2.0;
    for (const double tick : m_axis.ticks) {
        const qreal y = yOf(tick);
        hLine(painter, plot.left(), plot.right(), y, tokens().border.subtle);
        painter.setPen(tokens().text.tertiary);
        drawTabular(painter, QRectF(0, y - half, plot.left() - 7, half * 2),
                    Qt::AlignRight | Qt::AlignVCenter, m_axisFormat(tick));
    }
}

void TimeChart::paintTimeAxis(QPainter& painter, const QRectF& plot) {
    static constexpr std::array<double, 17> kSteps{1e3,    2e3,    5e3,     10e3,    15e3,   30e3,
                                                   60e3,   120e3,  300e3,   600e3,   900e3,  1800e3,
                                                   3600e3, 7200e3, 21600e3, 43200e3, 86400e3};
    const auto [from, to] = range();
    const QFontMetricsF fm(painter.font());
    const double fine = plot.width() / (fm.horizontalAdvance(QStringLiteral("00:00:00")) + 18);
    const double coarse = plot.width() / (fm.horizontalAdvance(QStringLiteral("00:00")) + 14);
    double step = kSteps.back();
    for (const double candidate : kSteps)
        if ((to - from) / candidate <= std::max(1.0, candidate < 60e3 ? fine : coarse)) {
            step = candidate;
            break;
        }
    // Local midnight, not the epoch's, decides where whole hours are.
    const double offset =
        QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(from)).offsetFromUtc() * 1000.0;
    painter.setPen(tokens().text.tertiary);
    qreal free = plot.left() - 20;
    for (double t = std::ceil((from + offset) / step) * step - offset; t <= to; t += step) {
        const QString format = step >= 86400e3 ? QStringLiteral("d MMM")
                               : step < 60e3   ? QStringLiteral("HH:mm:ss")
                                               : QStringLiteral("HH:mm");
        const QString text =
            QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(std::llround(t))).toString(format);
        const qreal w = tabularWidth(painter.font(), text);
        const qreal x = xOf(t) - w / 2;
        if (x < free || x + w > width() - 2)
            continue;
        drawTabular(painter, QRectF(x, plot.bottom() + 3, w + 2, metrics().caption + 6),
                    Qt::AlignLeft | Qt::AlignVCenter, text);
        free = x + w + 8;
    }
}

void TimeChart::paintLine(QPainter& painter, const QRectF& plot, int index) {
    const Line& line = m_lines[static_cast<std::size_t>(index)];
    const auto [from, to] = range();
    const double dpr = painter.device()->devicePixelRatioF();
    const int columns = std::max(1, static_cast<int>(plot.width() * dpr));
    decimate(line.times, line.values, from, std::nextafter(to, to + 1 + std::fabs(to)), columns,
             m_scratch);
    if (m_scratch.empty())
        return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setClipRect(plot.adjusted(0, -3, 4, 1));
    // As yOf and xOf, which measure the labels' text each time to find the plot.
    const auto toY = [&](double value) {
        return plot.bottom() - std::clamp(fraction(value), -0.02, 1.02) * plot.height();
    };
    const auto toX = [&, from = from, to = to](double time) {
        return plot.left() + (time - from) / (to - from) * plot.width();
    };
    const auto endDot = [&, to = to] {
        painter.setClipping(false);
        if (!std::isfinite(line.values.back()) || line.times.back() > to || !m_endLabels)
            return;
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(line));
        painter.drawEllipse(QPointF(toX(line.times.back()), toY(line.values.back())), 2.5, 2.5);
    };
    if (line.times.size() > m_scratch.size() * 8) {
        QColor tint = color(line);
        tint.setAlphaF(0.12f);
        const bool area = line.spec.area || m_lines.size() == 1;
        paintDenseLine(painter, m_scratch,
                       {plot, dpr, metrics().seriesStroke, color(line), area ? tint : QColor(),
                        toY});
        endDot();
        painter.restore();
        return;
    }
    QPainterPath path;
    QPainterPath fill;
    // With fewer points than pixels every point is drawn where it is; otherwise per column its
    // extent.
    const bool dense = line.times.size() > m_scratch.size() * 2;
    qreal lastX = 0;
    bool open = false;
    const qreal base = plot.bottom();
    const auto closeFill = [&] {
        if (open) {
            fill.lineTo(lastX, base);
            fill.closeSubpath();
        }
        open = false;
    };
    const auto point = [&](qreal x, double value) {
        const qreal y = toY(value);
        if (!open) {
            path.moveTo(x, y);
            fill.moveTo(x, base);
            fill.lineTo(x, y);
            open = true;
        } else {
            path.lineTo(x, y);
            fill.lineTo(x, y);
        }
        lastX = x;
    };
    if (dense) {
        for (const PixelColumn& c : m_scratch) {
            if (c.gapBefore)
                closeFill();
            const qreal x = plot.left() + (c.x + 0.5) / dpr;
            point(x, c.first);
            const bool minFirst = std::fabs(c.first - c.min) < std::fabs(c.first - c.max);
            point(x, minFirst ? c.min : c.max);
            point(x, minFirst ? c.max : c.min);
            point(x, c.last);
        }
    } else {
        const auto begin = std::lower_bound(line.times.begin(), line.times.end(), from);
        auto i = static_cast<std::size_t>(begin - line.times.begin());
        if (i > 0)
            --i;  // the line enters from outside the plot
        for (; i < line.times.size(); ++i) {
            if (!std::isfinite(line.values[i]))
                closeFill();
            else
                point(toX(line.times[i]), line.values[i]);
            if (line.times[i] > to)
                break;
        }
    }
    closeFill();
    const QColor c = color(line);
    if (line.spec.area || m_lines.size() == 1) {
        QColor tint = c;
        tint.setAlphaF(0.12f);
        painter.fillPath(fill, tint);
    }
    QPen pen(c, metrics().seriesStroke, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (const auto dash = theme().seriesDash(index); !dash.isEmpty() && !dense)
        pen.setDashPattern(dash);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    endDot();
    painter.restore();
}

void TimeChart::paintEndLabels(QPainter& painter, const QRectF& plot) {
    struct Label {
        qreal y;
        QString text;
    };
    std::vector<Label> labels;
    const auto [from, to] = range();
    for (const Line& line : m_lines) {
        if (line.times.empty() || endLabel(line).isEmpty())
            continue;
        const auto value = valueAt(static_cast<int>(&line - m_lines.data()), to);
        if (value)
            labels.push_back({yOf(*value), endLabel(line)});
    }
    // Keep them apart: down in order, then push back up from the bottom edge.
    std::stable_sort(labels.begin(), labels.end(),
                     [](const Label& a, const Label& b) { return a.y < b.y; });
    const qreal line = metrics().caption + 3;
    for (std::size_t i = 1; i < labels.size(); ++i)
        labels[i].y = std::max(labels[i].y, labels[i - 1].y + line);
    qreal floor = plot.bottom();
    for (auto it = labels.rbegin(); it != labels.rend(); ++it) {
        it->y = std::min(it->y, floor);
        floor = it->y - line;
    }
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(tokens().text.secondary);
    for (const Label& label : labels)
        drawText(
            painter,
            QRectF(plot.right() + 8, label.y - line / 2 - 1, width() - plot.right() - 8, line + 2),
            Qt::AlignVCenter | Qt::AlignLeft, label.text);
}

void TimeChart::paintMarks(QPainter& painter, const QRectF& plot) {
    const auto [from, to] = range();
    painter.save();
    painter.setFont(theme().font(Theme::Size::Caption));
    for (const ChartMark& mark : m_marks) {
        if (mark.time < from || mark.time > to)
            continue;
        const StatusTokens& s = tokens().status(mark.status);
        const qreal x = crisp(painter, xOf(mark.time));
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(QPen(s.mark, 1, Qt::CustomDashLine, Qt::FlatCap));
        QPen pen = painter.pen();
        pen.setDashPattern({3, 3});
        painter.setPen(pen);
        painter.drawLine(QPointF(x, plot.top() - 4), QPointF(x, plot.bottom()));
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(s.mark);
        painter.drawPolygon(
            QPolygonF({{x - 4, plot.top() - 9}, {x + 4, plot.top() - 9}, {x, plot.top() - 3}}));
        if (mark.text.isEmpty())
            continue;
        const qreal w = QFontMetricsF(painter.font()).horizontalAdvance(mark.text);
        const bool left = x + 7 + w > plot.right();
        painter.setPen(s.text);
        painter.drawText(QRectF(left ? x - 7 - w : x + 7, plot.top() - metrics().caption - 7, w + 2,
                                metrics().caption + 5),
                         Qt::AlignLeft | Qt::AlignVCenter, mark.text);
    }
    painter.restore();
}

void TimeChart::paintCrosshair(QPainter& painter, const QRectF& plot) {
    const auto time = crosshair();
    const auto [from, to] = range();
    if (!time || *time < from || *time > to)
        return;
    const Tokens& t = tokens();
    painter.save();
    const qreal x = crisp(painter, xOf(*time));
    QPen pen(t.text.tertiary, 1);
    pen.setDashPattern({3, 3});
    painter.setPen(pen);
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    struct Row {
        QColor color;
        QString text;
    };
    std::vector<Row> rows;
    painter.setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < seriesCount(); ++i) {
        const Line& line = m_lines[static_cast<std::size_t>(i)];
        const auto value = valueAt(i, *time);
        if (!value)
            continue;
        painter.setBrush(color(line));
        painter.setPen(QPen(t.surface.panel, 1.5));
        painter.drawEllipse(QPointF(x, yOf(*value)), 3.5, 3.5);
        const QString exact =
            m_unit.isEmpty() ? m_exactFormat(*value) : m_exactFormat(*value) + u' ' + m_unit;
        rows.push_back({color(line), line.spec.name.isEmpty()
                                         ? exact
                                         : line.spec.name + QStringLiteral("  ") + exact});
    }
    // Every chart of the group tells its values at the crosshair; the one under the mouse adds the
    // time.
    painter.setFont(theme().font(Theme::Size::Caption));
    const QFontMetricsF fm(painter.font());
    const QString clock = formatClockMs(static_cast<qint64>(std::llround(*time)));
    const bool own = m_hovered || hasFocus() || !m_group;
    qreal width = own ? fm.horizontalAdvance(clock) : 0;
    for (const Row& row : rows)
        width = std::max(width, fm.horizontalAdvance(row.text) + 14);
    const qreal lineHeight = metrics().caption + 5;
    const qreal height = lineHeight * (static_cast<qreal>(rows.size()) + (own ? 1 : 0)) + 8;
    if (rows.empty()) {
        painter.restore();
        return;
    }
    QRectF box(x + 10, plot.top() + 2, width + 18, height);
    if (box.right() > this->width() - 2)
        box.moveRight(x - 10);
    box.moveLeft(std::max(2.0, box.left()));
    roundedBox(painter, box, 4, t.surface.tooltip, QColor());
    qreal y = box.top() + 4;
    painter.setPen(t.text.onTooltip);
    if (own) {
        painter.drawText(QRectF(box.left() + 9, y, width + 4, lineHeight),
                         Qt::AlignVCenter | Qt::AlignLeft, clock);
        y += lineHeight;
    }
    for (const Row& row : rows) {
        // Series colours are chosen for panels; on the inverse surface a light rim keeps them
        // visible.
        painter.setPen(QPen(t.text.onTooltip, 1));
        painter.setBrush(row.color);
        painter.drawEllipse(QPointF(box.left() + 13, y + lineHeight / 2), 3.5, 3.5);
        painter.setPen(t.text.onTooltip);
        painter.drawText(QRectF(box.left() + 22, y, width, lineHeight),
                         Qt::AlignVCenter | Qt::AlignLeft, row.text);
        y += lineHeight;
    }
    painter.restore();
}

}  // namespace odradek::ui
