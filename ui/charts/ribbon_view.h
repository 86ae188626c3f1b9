// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QPainterPath>
#include <QVector>
#include <QWidget>

namespace odradek::ui {

/// A partition at the left. `member` is the index of its member, -1 = nobody reads it.
struct RibbonSource {
    QString group;     ///< heading: the topic
    QString name;      ///< "P0"
    QString note;      ///< "lag 14, 2.25 /s"
    double weight = 1; ///< ribbon width: records/s or lag
    int member = -1;
    friend bool operator==(const RibbonSource&, const RibbonSource&) = default;
};

/// A member at the right. Without a partition it is drawn dashed, with the words in `idleReason`.
struct RibbonTarget {
    QString id;
    QString name;
    QString host;      ///< quiet text at the right
    QString line1;     ///< "3 partitions, one of each topic"
    QString line2;     ///< "8.58 records/s, lag 28"
    QString idleReason;
    int colorIndex = 0;
    friend bool operator==(const RibbonTarget&, const RibbonTarget&) = default;
};

/// Geometry of a ribbon view, without painting, so that it can be tested. Ribbons of one member leave in
/// order of their sources and never overlap at either end; widths are proportional, with a minimum.
struct RibbonLayout {
    struct Ribbon {
        int source = 0;
        int target = 0;
        double sourceY = 0;  ///< centre at the left end
        double targetY = 0;  ///< centre at the right end
        double width = 1;
    };
    QVector<QRectF> sourceRects;
    QVector<QRectF> headingRects;  ///< one per group of sources, in order
    QStringList headings;
    QVector<QRectF> targetRects;
    QVector<Ribbon> ribbons;
    double height = 0;
};
RibbonLayout layoutRibbons(const QVector<RibbonSource>& sources, const QVector<RibbonTarget>& targets,
                           const QRectF& rect, double rowHeight);

/// Who reads what: partitions left, members right, ribbons between; hovering or focusing one fades the
/// others. Up/Down move over members, Enter activates. Scrolls when put in a scroll area.
class RibbonView : public QWidget {
    Q_OBJECT
public:
    explicit RibbonView(QWidget* parent = nullptr);
    void setData(const QVector<RibbonSource>& sources, const QVector<RibbonTarget>& targets);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void memberActivated(int target);
    void sourceActivated(int source);
    void memberHovered(int target);  ///< -1 = none

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    void relayout();
    double neededHeight() const;
    QPainterPath ribbonPath(const RibbonLayout::Ribbon& ribbon) const;
    bool isLit(int source, int target) const;
    void paintSource(QPainter& painter, int index);
    void paintTarget(QPainter& painter, int index);

    QVector<RibbonSource> m_sources;
    QVector<RibbonTarget> m_targets;
    RibbonLayout m_layout;
    int m_hoverSource = -1;
    int m_hoverTarget = -1;
};

}  // namespace odradek::ui
