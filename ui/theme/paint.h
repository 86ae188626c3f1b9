// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QBrush>
#include <QPainter>
#include <QRectF>

namespace odradek::ui {

/// Markers of entities (groups, members), in the palette's order; shape repeats what colour says.
enum class Marker { Circle, TriangleDown, Square, Diamond, TriangleUp, Cross, Plus, Hexagon };
inline constexpr int kMarkerCount = 8;
inline Marker markerAt(int index) {
    return static_cast<Marker>(((index % kMarkerCount) + kMarkerCount) % kMarkerCount);
}

/// Puts a coordinate on the centre of a device pixel, so a 1 px line is crisp at any pixel ratio.
qreal crisp(const QPainter& painter, qreal value);
/// Pen that is exactly one device-independent hairline.
QPen hairline(const QColor& color);
void hLine(QPainter& painter, qreal x1, qreal x2, qreal y, const QColor& color);
void vLine(QPainter& painter, qreal x, qreal y1, qreal y2, const QColor& color);
/// Filled rounded rectangle with a crisp 1 px border; either colour may be invalid to leave it out.
void roundedBox(QPainter& painter, const QRectF& rect, qreal radius, const QColor& fill,
                const QColor& border);
/// Diagonal hatching: degraded or absent.
void hatch(QPainter& painter, const QRectF& rect, const QColor& color, qreal spacing = 6,
           qreal width = 2, qreal radius = 0);
/// The shape of a status, inside `rect` (square).
void drawStatus(QPainter& painter, const QRectF& rect, Status status);
/// An entity's marker centred at `center`; `size` is its width.
void drawMarker(QPainter& painter, const QPointF& center, Marker marker, const QColor& color,
                qreal size = 9);
/// One line of text, elided on the right when too wide. Returns the drawn width.
qreal drawText(QPainter& painter, const QRectF& rect, int alignment, const QString& text);
/// One line with every digit on the same advance, so that columns of numbers stand straight in
/// faces whose digits are proportional (Qt before 6.7 cannot ask the face for tabular ones). Elides
/// like drawText().
qreal drawTabular(QPainter& painter, const QRectF& rect, int alignment, const QString& text);
/// Width drawTabular() needs.
qreal tabularWidth(const QFont& font, const QString& text);
/// a mixed with b: 0 = a, 1 = b.
QColor mix(const QColor& a, const QColor& b, double t);
/// WCAG contrast ratio of two opaque colours, 1..21.
double contrast(const QColor& a, const QColor& b);

}  // namespace odradek::ui
