// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_group.h"

namespace odradek::ui {

void ChartGroup::setCrosshair(std::optional<double> time) {
    if (m_crosshair == time) return;
    m_crosshair = time;
    emit crosshairChanged();
}

void ChartGroup::setBrush(double from, double to) {
    if (from > to) std::swap(from, to);
    if (m_brushFrom == from && m_brushTo == to) return;
    m_brushFrom = from;
    m_brushTo = to;
    emit brushChanged();
}

}  // namespace odradek::ui
