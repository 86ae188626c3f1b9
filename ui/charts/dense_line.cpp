// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/dense_line.h"

#include <QImage>

#include <algorithm>
#include <cmath>

namespace odradek::ui {
namespace {

/// What a column of device pixels shows, in device pixels from the image's top.
struct Bar {
    float top = 0;
    float bottom = 0;  ///< top == bottom: nothing
};

class Bars {
public:
    Bars(const DenseLine& line, int width) : m_line(line), m_bars(static_cast<std::size_t>(width)) {}

    void add(const PixelColumn& c) {
        if (c.x < 0 || c.x >= static_cast<int>(m_bars.size()))
            return;
        double top = y(c.max);
        double bottom = y(c.min);
        if (m_any && !c.gapBefore) {
            bridge(c.x, y(c.first));
            top = std::min(top, m_lastY);
            bottom = std::max(bottom, m_lastY);
        }
        put(c.x, top, bottom);
        m_any = true;
        m_lastX = c.x;
        m_lastY = y(c.last);
    }
    const std::vector<Bar>& all() const { return m_bars; }

private:
    double y(double value) const {
        return (m_line.yOf(value) - m_line.plot.top()) * m_line.pixelRatio;
    }
    /// Columns without points: the line crosses them.
    void bridge(int to, double toY) {
        for (int x = m_lastX + 1; x < to; ++x) {
            const double at = m_lastY + (toY - m_lastY) * (x - m_lastX) / (to - m_lastX);
            put(x, at, at);
        }
    }
    void put(int x, double top, double bottom) {
        const double half = m_line.stroke * m_line.pixelRatio / 2;
        m_bars[static_cast<std::size_t>(x)] = {static_cast<float>(top - half),
                                               static_cast<float>(bottom + half)};
    }
    const DenseLine& m_line;
    std::vector<Bar> m_bars;
    bool m_any = false;
    int m_lastX = 0;
    double m_lastY = 0;
};

QRgb mixed(QRgb over, QRgb under, float share) {
    const auto channel = [share](int a, int b) {
        return static_cast<int>(static_cast<float>(a) * share + static_cast<float>(b) * (1 - share));
    };
    return qRgba(channel(qRed(over), qRed(under)), channel(qGreen(over), qGreen(under)),
                 channel(qBlue(over), qBlue(under)), channel(qAlpha(over), qAlpha(under)));
}

void fillRow(QRgb* row, int y, const std::vector<Bar>& bars, QRgb color, QRgb tint) {
    const auto from = static_cast<float>(y);
    for (std::size_t x = 0; x < bars.size(); ++x) {
        const Bar& bar = bars[x];
        if (bar.top == bar.bottom || from + 1 <= bar.top) {
            row[x] = 0;
            continue;
        }
        const QRgb under = from + 1 > (bar.top + bar.bottom) / 2 ? tint : 0;
        const float covered = std::min(bar.bottom, from + 1) - std::max(bar.top, from);
        row[x] = covered >= 1 ? color : covered <= 0 ? tint : mixed(color, under, covered);
    }
}

}  // namespace

void paintDenseLine(QPainter& painter, const std::vector<PixelColumn>& columns,
                    const DenseLine& line) {
    const int width = static_cast<int>(line.plot.width() * line.pixelRatio);
    const int height = static_cast<int>(std::ceil(line.plot.height() * line.pixelRatio));
    if (width <= 0 || height <= 0)
        return;
    Bars bars(line, width);
    for (const PixelColumn& c : columns)
        bars.add(c);
    QImage image(width, height, QImage::Format_ARGB32_Premultiplied);
    const QRgb color = qPremultiply(line.color.rgba());
    const QRgb tint = line.tint.isValid() ? qPremultiply(line.tint.rgba()) : 0;
    for (int y = 0; y < height; ++y)
        fillRow(reinterpret_cast<QRgb*>(image.scanLine(y)), y, bars.all(), color, tint);
    image.setDevicePixelRatio(line.pixelRatio);
    painter.drawImage(line.plot.topLeft(), image);
}

}  // namespace odradek::ui
