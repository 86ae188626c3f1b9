// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>
#include <QString>
#include <QVector>
#include <QWidget>

namespace odradek::ui {

struct TreemapItem {
    QString id;
    QString label;
    QString value;      ///< "4.2 GiB"
    QString exact;      ///< tooltip
    double size = 0;
    int colorIndex = -1;  ///< -1 = grey by rank
    friend bool operator==(const TreemapItem&, const TreemapItem&) = default;
};

/// Squarified rectangles (Bruls, Huizing, van Wijk 2000) for sizes in descending order; areas are
/// proportional and fill `rect` exactly. Sizes of 0 get empty rectangles.
QVector<QRectF> squarify(const QVector<double>& sizes, const QRectF& rect);

/// Bytes as areas, labelled where a label fits. Arrow keys move, Enter or double click activates.
class Treemap : public QWidget {
    Q_OBJECT
public:
    explicit Treemap(QWidget* parent = nullptr);
    void setItems(QVector<TreemapItem> items);
    QSize sizeHint() const override { return {360, 220}; }

signals:
    void clicked(const QString& id);
    void activated(const QString& id);
    void hovered(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    int itemAt(const QPointF& pos) const;
    void relayout();
    QVector<TreemapItem> m_items;
    QVector<QRectF> m_rects;
    int m_hover = -1;
    int m_current = -1;
};

}  // namespace odradek::ui
