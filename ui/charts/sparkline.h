// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPainter>
#include <QVector>
#include <QWidget>

namespace odradek::ui {

/// A small history without axes in `rect`: line, optional area, a dot at the newest value. NaN = gap.
/// Flat zero stays quiet (a hairline).
void paintSparkline(QPainter& painter, const QRectF& rect, const QVector<double>& values, const QColor& color,
                    bool area = true);

/// The same as a widget.
class Sparkline : public QWidget {
    Q_OBJECT
public:
    explicit Sparkline(QWidget* parent = nullptr);
    void setValues(const QVector<double>& values);
    void setColorIndex(int index);  ///< -1 = accent
    QSize sizeHint() const override { return {64, 20}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVector<double> m_values;
    int m_color = -1;
};

}  // namespace odradek::ui
