// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <optional>

namespace odradek::ui {

/// What the charts of one page share: the crosshair, the brush, and the hovered entity. Every chart both
/// moves it and follows it. Owned by the page; GUI thread. Times are ms since epoch.
class ChartGroup : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    std::optional<double> crosshair() const { return m_crosshair; }
    void setCrosshair(std::optional<double> time);
    bool hasBrush() const { return m_brushTo > m_brushFrom; }
    double brushFrom() const { return m_brushFrom; }
    double brushTo() const { return m_brushTo; }
    void setBrush(double from, double to);
    void clearBrush() { setBrush(0, 0); }

signals:
    void crosshairChanged();
    void brushChanged();

private:
    std::optional<double> m_crosshair;
    double m_brushFrom = 0;
    double m_brushTo = 0;
};

}  // namespace odradek::ui
