// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/paint.h"

#include "ui/theme/theme.h"

#include <QPainterPath>
#include <QPixmap>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace odradek::ui {

namespace {

qreal ratio(const QPainter& painter) {
    const qreal dpr = painter.device() ? painter.device()->devicePixelRatioF() : 1.0;
    return dpr > 0 ? dpr : 1.0;
}

double channel(double c) {
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c) {
    return 0.2126 * channel(c.redF()) + 0.7152 * channel(c.greenF()) + 0.0722 * channel(c.blueF());
}

}  // namespace

qreal crisp(const QPainter& painter, qreal value) {
    // A pen one unit wide covers `dpr` device pixels; its centre must fall so that its edges meet
    // theirs.
    const qreal dpr = ratio(painter);
    return (std::floor(value * dpr) + std::max(1.0, std::round(dpr)) / 2.0) / dpr;
}

QPen hairline(const QColor& color) {
    QPen pen(color, 1);
    pen.setCapStyle(Qt::FlatCap);
    pen.setJoinStyle(Qt::MiterJoin);
    return pen;
}

void hLine(QPainter& painter, qreal x1, qreal x2, qreal y, const QColor& color) {
    const qreal at = crisp(painter, y);
    painter.save();
    painter.setPen(hairline(color));
    painter.drawLine(QPointF(x1, at), QPointF(x2, at));
    painter.restore();
}

void vLine(QPainter& painter, qreal x, qreal y1, qreal y2, const QColor& color) {
    const qreal at = crisp(painter, x);
    painter.save();
    painter.setPen(hairline(color));
    painter.drawLine(QPointF(at, y1), QPointF(at, y2));
    painter.restore();
}

void roundedBox(QPainter& painter, const QRectF& rect, qreal radius, const QColor& fill,
                const QColor& border) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QRectF box(QPointF(std::round(rect.left()), std::round(rect.top())),
               QPointF(std::round(rect.right()), std::round(rect.bottom())));
    if (border.isValid()) {
        box.adjust(0.5, 0.5, -0.5, -0.5);
        painter.setPen(QPen(border, 1));
    } else {
        painter.setPen(Qt::NoPen);
    }
    painter.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(box, radius, radius);
    painter.restore();
}

void hatch(QPainter& painter, const QRectF& rect, const QColor& color, qreal spacing, qreal width,
           qreal radius) {
    if (rect.isEmpty())
        return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath clip;
    clip.addRoundedRect(rect, radius, radius);
    painter.setClipPath(clip, Qt::IntersectClip);
    painter.setPen(QPen(color, width, Qt::SolidLine, Qt::FlatCap));
    const qreal h = rect.height();
    // Anchored at the origin rather than at the rectangle, so neighbours share one pattern.
    const qreal start = std::floor((rect.left() - h) / spacing) * spacing;
    for (qreal x = start; x < rect.right() + h; x += spacing)
        painter.drawLine(QPointF(x - 1, rect.bottom() + 1), QPointF(x + h + 1, rect.top() - 1));
    painter.restore();
}

void drawStatus(QPainter& painter, const QRectF& rect, Status status) {
    const StatusTokens& s = tokens().status(status);
    const QPixmap pixmap = theme().pixmap(
        s.shape, s.mark, std::max(1, static_cast<int>(std::lround(rect.width()))), ratio(painter));
    painter.drawPixmap(QPointF(std::round(rect.left()), std::round(rect.top())), pixmap);
}

void drawMarker(QPainter& painter, const QPointF& center, Marker marker, const QColor& color,
                qreal size) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(center);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const qreal r = size / 2;
    switch (marker) {
        case Marker::Circle:
            painter.drawEllipse(QPointF(0, 0), r * 0.96, r * 0.96);
            break;
        case Marker::TriangleDown:
            painter.drawPolygon(QPolygonF({{-r * 1.1, -r * 0.85}, {r * 1.1, -r * 0.85}, {0, r}}));
            break;
        case Marker::Square:
            painter.drawRect(QRectF(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76));
            break;
        case Marker::Diamond:
            painter.drawPolygon(
                QPolygonF({{0, -r * 1.15}, {r * 1.15, 0}, {0, r * 1.15}, {-r * 1.15, 0}}));
            break;
        case Marker::TriangleUp:
            painter.drawPolygon(QPolygonF({{-r * 1.1, r * 0.85}, {r * 1.1, r * 0.85}, {0, -r}}));
            break;
        case Marker::Cross:
        case Marker::Plus: {
            if (marker == Marker::Cross)
                painter.rotate(45);
            const qreal w = r * 0.62;
            painter.drawRect(QRectF(-r * 1.1, -w / 2, r * 2.2, w));
            painter.drawRect(QRectF(-w / 2, -r * 1.1, w, r * 2.2));
            break;
        }
        case Marker::Hexagon: {
            QPolygonF hexagon;
            for (int i = 0; i < 6; ++i) {
                const double a = std::numbers::pi / 3 * i;
                hexagon << QPointF(std::cos(a) * r * 1.05, std::sin(a) * r * 1.05);
            }
            painter.drawPolygon(hexagon);
            break;
        }
    }
    painter.restore();
}

qreal drawText(QPainter& painter, const QRectF& rect, int alignment, const QString& text) {
    const QFontMetricsF fm(painter.font());
    const qreal full = fm.horizontalAdvance(text);
    if (full <= rect.width() + 0.5) {
        painter.drawText(rect, alignment | Qt::TextSingleLine, text);
        return full;
    }
    if (rect.width() < 4)
        return 0;
    const QString shorter = fm.elidedText(text, Qt::ElideRight, rect.width());
    painter.drawText(rect, alignment | Qt::TextSingleLine, shorter);
    return fm.horizontalAdvance(shorter);
}

namespace {

qreal digitAdvance(const QFontMetricsF& fm) {
    qreal widest = 0;
    for (char16_t c = u'0'; c <= u'9'; ++c)
        widest = std::max(widest, fm.horizontalAdvance(QChar(c)));
    return widest;
}

}  // namespace

qreal tabularWidth(const QFont& font, const QString& text) {
    const QFontMetricsF fm(font);
    const qreal digit = digitAdvance(fm);
    qreal width = 0;
    for (const QChar c : text)
        width += c >= u'0' && c <= u'9' ? digit : fm.horizontalAdvance(c);
    return width;
}

qreal drawTabular(QPainter& painter, const QRectF& rect, int alignment, const QString& text) {
    const qreal width = tabularWidth(painter.font(), text);
    if (width > rect.width() + 0.5)
        return drawText(painter, rect, alignment, text);
    const QFontMetricsF fm(painter.font());
    const qreal digit = digitAdvance(fm);
    qreal x = rect.left();
    if (alignment & Qt::AlignRight)
        x = rect.right() - width;
    else if (alignment & Qt::AlignHCenter)
        x = rect.center().x() - width / 2;
    qreal y = rect.top() + fm.ascent();
    if (alignment & Qt::AlignVCenter)
        y = rect.center().y() + (fm.ascent() - fm.descent()) / 2;
    else if (alignment & Qt::AlignBottom)
        y = rect.bottom() - fm.descent();
    // Runs between digits keep their own shaping; only digits get cells.
    qsizetype i = 0;
    while (i < text.size()) {
        if (text[i] >= u'0' && text[i] <= u'9') {
            painter.drawText(QPointF(x + (digit - fm.horizontalAdvance(text[i])) / 2, y),
                             QString(text[i]));
            x += digit;
            ++i;
            continue;
        }
        qsizetype end = i;
        while (end < text.size() && !(text[end] >= u'0' && text[end] <= u'9'))
            ++end;
        painter.drawText(QPointF(x, y), text.mid(i, end - i));
        for (; i < end; ++i)
            x += fm.horizontalAdvance(text[i]);
    }
    return width;
}

QColor mix(const QColor& a, const QColor& b, double t) {
    t = std::clamp(t, 0.0, 1.0);
    const auto part = [t](float x, float y) { return static_cast<float>(x * (1 - t) + y * t); };
    return QColor::fromRgbF(part(a.redF(), b.redF()), part(a.greenF(), b.greenF()),
                            part(a.blueF(), b.blueF()), part(a.alphaF(), b.alphaF()));
}

double contrast(const QColor& a, const QColor& b) {
    const double x = luminance(a);
    const double y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

}  // namespace odradek::ui
