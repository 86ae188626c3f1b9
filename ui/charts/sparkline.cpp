// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/sparkline.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QPainterPath>

#include <cmath>

namespace odradek::ui {

void paintSparkline(QPainter& painter, const QRectF& rect, const QVector<double>& values,
                    const QColor& color, bool area) {
    double low = 0;
    double high = 0;
    bool any = false;
    qsizetype last = -1;
    for (qsizetype i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]))
            continue;
        low = any ? std::min(low, values[i]) : values[i];
        high = any ? std::max(high, values[i]) : values[i];
        any = true;
        last = i;
    }
    if (!any)
        return;
    if (high == 0 && low == 0) {
        hLine(painter, rect.left(), rect.right(), rect.bottom() - 1, tokens().border.normal);
        return;
    }
    // A history that hardly moves must not look wild: the span is at least a fifth of the height of
    // the value.
    const double span = std::max(high - low, std::fabs(high) * 0.2);
    const double base = (high + low) / 2 - span / 2;
    const qreal radius = 1.9;
    const QRectF plot = rect.adjusted(1, radius, -radius - 1, -radius);
    const double step =
        values.size() > 1 ? plot.width() / static_cast<double>(values.size() - 1) : 0;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath line;
    QPainterPath fill;
    bool open = false;
    qreal x = 0;
    qreal y = 0;
    const auto closeArea = [&] {
        if (!open)
            return;
        fill.lineTo(x, rect.bottom());
        fill.closeSubpath();
        open = false;
    };
    for (qsizetype i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            closeArea();
            continue;
        }
        x = plot.left() + step * static_cast<double>(i);
        y = plot.bottom() - (values[i] - base) / span * plot.height();
        if (!open) {
            line.moveTo(x, y);
            fill.moveTo(x, rect.bottom());
            fill.lineTo(x, y);
            open = true;
        } else {
            line.lineTo(x, y);
            fill.lineTo(x, y);
        }
    }
    closeArea();
    if (area) {
        QColor tint = color;
        tint.setAlphaF(0.14f);
        painter.fillPath(fill, tint);
    }
    painter.setPen(QPen(color, 1.3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(line);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    if (last == values.size() - 1)
        painter.drawEllipse(QPointF(x, y), radius, radius);
    painter.restore();
}

Sparkline::Sparkline(QWidget* parent) : QWidget(parent) {
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Sparkline::setValues(const QVector<double>& values) {
    m_values = values;
    update();
}

void Sparkline::setColorIndex(int index) {
    m_color = index;
    update();
}

void Sparkline::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintSparkline(painter, QRectF(rect()), m_values,
                   m_color < 0 ? tokens().accent.base : tokens().seriesColor(m_color));
}

}  // namespace odradek::ui
