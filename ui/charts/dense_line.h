// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/decimate.h"

#include <QColor>
#include <QPainter>

#include <functional>
#include <vector>

namespace odradek::ui {

/// How a line with several points per pixel column is drawn.
struct DenseLine {
    QRectF plot;         ///< column 0 is its left edge
    qreal pixelRatio = 1;
    qreal stroke = 1.5;  ///< in device-independent pixels
    QColor color;
    QColor tint;  ///< of the area below; invalid = none
    std::function<qreal(double)> yOf;
};

/// Draws each column as one bar over what its points span, up to where the line comes from: what
/// stroking the line itself would cover, at a small part of the cost (a path that goes up and down
/// in every pixel is the worst case of a stroker, and a thousand tall rectangles each wake Qt's
/// painting threads). The bars' ends are smooth.
void paintDenseLine(QPainter& painter, const std::vector<PixelColumn>& columns,
                    const DenseLine& line);

}  // namespace odradek::ui
