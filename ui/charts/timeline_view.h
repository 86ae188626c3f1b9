// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QString>
#include <QVector>
#include <QWidget>

#include <optional>

namespace odradek::ui {

/// One state of a lane. Times are ms since 1970.
struct LaneSpan {
    enum class Look { Quiet, Series, Strong, Hatched, Tinted };
    qint64 from = 0;
    qint64 to = 0;
    Look look = Look::Quiet;
    int colorIndex = -1;  ///< of Tokens::series, for Look::Series
    QString text;
    friend bool operator==(const LaneSpan&, const LaneSpan&) = default;
};

struct Lane {
    QString group;  ///< heading above the first lane of a group
    QString name;
    QString id;  ///< comes back in laneActivated()
    QVector<LaneSpan> spans;
    friend bool operator==(const Lane&, const Lane&) = default;
};

struct LaneMark {
    qint64 at = 0;
    Status status = Status::Warning;
    QString text;
    friend bool operator==(const LaneMark&, const LaneMark&) = default;
};

/// States of parts over time, one lane each, from cause to effect; moments that matter as dashed
/// lines with their words on top. Hovering tells the state, its exact times and how long it lasted.
/// Up/Down walk the lanes, Left/Right its states, Enter opens the lane's part. GUI thread.
class TimelineView : public QWidget {
    Q_OBJECT
public:
    explicit TimelineView(QWidget* parent = nullptr);
    void setRange(qint64 from, qint64 to);
    void setLanes(const QVector<Lane>& lanes);
    void setMarks(const QVector<LaneMark>& marks);
    /// Quiet words below the lanes ("27 more partitions stayed as they were").
    void setFootnote(const QString& text);
    /// A moment to point at, for example of the selected event; 0 = none.
    void setCursorTime(qint64 at);
    const QVector<Lane>& lanes() const { return m_lanes; }
    /// Words for the state at a place: lane, state, from, to, how long; empty where there is none.
    QString describe(const QPointF& pos) const;
    QRectF spanRect(int lane, int span) const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void laneActivated(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    qreal xOf(qint64 at) const;
    qreal plotLeft() const;
    int laneHeight() const;
    qreal laneTop(int lane) const;
    int laneAt(const QPointF& pos) const;
    void paintSpan(QPainter& painter, const LaneSpan& span, const QRectF& rect);
    void paintMarks(QPainter& painter, qreal bottom);
    void paintAxis(QPainter& painter, qreal bottom);
    void paintTip(QPainter& painter);

    QVector<Lane> m_lanes;
    QVector<LaneMark> m_marks;
    QString m_footnote;
    qint64 m_from = 0, m_to = 1;
    qint64 m_cursorTime = 0;
    QPointF m_cursor{-1, -1};
    int m_lane = -1, m_span = -1;  ///< walked by the keyboard
};

}  // namespace odradek::ui
