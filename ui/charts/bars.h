// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QVector>
#include <QWidget>

#include <optional>

namespace odradek::ui {

/// One bar of a meter: used of capacity, with a warn mark. Offline ones are hatched.
struct MeterBar {
    double fraction = 0;                ///< 0..1
    std::optional<double> warnAt;       ///< 0..1
    bool absent = false;                ///< hatched in the offline colour
    QString name;                       ///< "d1", shown in the tooltip
    QString exact;                      ///< exact words for the tooltip
    std::optional<double> own;          ///< 0..1: the part of `fraction` that is ours; the rest is drawn lighter
    friend bool operator==(const MeterBar&, const MeterBar&) = default;
};

struct MeterRow {
    QString label;  ///< "Broker 1"
    QString value;  ///< "11.5 GiB, 29 %"
    bool alarming = false;
    QVector<MeterBar> bars;
    friend bool operator==(const MeterRow&, const MeterRow&) = default;
};

/// Rows of bars: disk per broker and log directory. Up/Down move, Enter clicks.
class BarMeter : public QWidget {
    Q_OBJECT
public:
    explicit BarMeter(QWidget* parent = nullptr);
    void setRows(const QVector<MeterRow>& rows);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void clicked(int row);
    void hovered(int row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF rowRect(int row) const;
    int rowAt(const QPointF& pos) const;
    QVector<MeterRow> m_rows;
    int m_current = -1;
    int m_hover = -1;
};

struct StackPart {
    QString label;  ///< below: "P0 32.8 %"
    double value = 0;
    int colorIndex = -1;  ///< -1 = greys by position
    QString exact;
    friend bool operator==(const StackPart&, const StackPart&) = default;
};

/// One bar divided by share, labels below where they fit.
class StackedBar : public QWidget {
    Q_OBJECT
public:
    explicit StackedBar(QWidget* parent = nullptr);
    void setParts(const QVector<StackPart>& parts);
    void setShowLabels(bool on);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void clicked(int part);
    void hovered(int part);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF partRect(int part) const;
    int partAt(const QPointF& pos) const;
    QVector<StackPart> m_parts;
    bool m_labels = true;
    int m_hover = -1;
};

}  // namespace odradek::ui
