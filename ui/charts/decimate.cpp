// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/decimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace odradek::ui {

namespace {

struct Extremes {
    double min;
    double max;
    bool anyNan;
};

// Four independent pairs keep the adders busy; a NaN loses every comparison and so leaves no trace but the
// flag.
Extremes extremes(const double* y, std::size_t n) {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    double lo[4] = {kInf, kInf, kInf, kInf};
    double hi[4] = {-kInf, -kInf, -kInf, -kInf};
    bool nan = false;
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        for (std::size_t k = 0; k < 4; ++k) {
            const double v = y[i + k];
            lo[k] = v < lo[k] ? v : lo[k];
            hi[k] = v > hi[k] ? v : hi[k];
            nan |= v != v;
        }
    }
    for (; i < n; ++i) {
        lo[0] = y[i] < lo[0] ? y[i] : lo[0];
        hi[0] = y[i] > hi[0] ? y[i] : hi[0];
        nan |= y[i] != y[i];
    }
    return {std::min({lo[0], lo[1], lo[2], lo[3]}), std::max({hi[0], hi[1], hi[2], hi[3]}), nan};
}

}  // namespace

void decimate(std::span<const double> xs, std::span<const double> ys, double from, double to, int width,
              std::vector<PixelColumn>& out) {
    out.clear();
    const std::size_t n = std::min(xs.size(), ys.size());
    if (width <= 0 || !(to > from) || n == 0) return;
    const double* x = xs.data();
    const double* end = x + n;
    const double scale = (to - from) / width;
    const double* at = std::lower_bound(x, end, from);
    bool broken = false;
    for (int column = 0; column < width && at != end; ++column) {
        if (*at >= to) break;
        // Skip straight to the column of the next point; sparse data must not cost a search per pixel.
        const int own = std::min(width - 1, static_cast<int>((*at - from) / scale));
        column = std::max(column, own);
        const double limit = column + 1 == width ? to : from + scale * (column + 1);
        const double* next = std::lower_bound(at, end, limit);
        if (next == at) continue;
        const auto first = static_cast<std::size_t>(at - x);
        const auto count = static_cast<std::size_t>(next - at);
        const Extremes e = extremes(ys.data() + first, count);
        if (e.min <= e.max) {
            PixelColumn c;
            c.x = column;
            c.min = e.min;
            c.max = e.max;
            std::size_t a = first;
            std::size_t b = first + count - 1;
            while (std::isnan(ys[a])) ++a;
            while (std::isnan(ys[b])) --b;
            c.first = ys[a];
            c.last = ys[b];
            c.gapBefore = broken || a != first;
            broken = b != first + count - 1;
            out.push_back(c);
        } else {
            broken = true;
        }
        at = next;
    }
}

}  // namespace odradek::ui
