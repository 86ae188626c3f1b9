// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/timeline_view.h"

#include "ui/theme/focus.h"
#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace odradek::ui {

TimelineView::TimelineView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("State of each part over time"));
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void TimelineView::setRange(qint64 from, qint64 to) {
    m_from = from;
    m_to = std::max(from + 1, to);
    update();
}

void TimelineView::setLanes(const QVector<Lane>& lanes) {
    if (m_lanes == lanes)
        return;
    const bool resized = m_lanes.size() != lanes.size();
    m_lanes = lanes;
    if (m_lane >= lanes.size())
        m_lane = -1;
    if (resized)
        updateGeometry();
    update();
}

void TimelineView::setMarks(const QVector<LaneMark>& marks) {
    if (m_marks == marks)
        return;
    m_marks = marks;
    update();
}

void TimelineView::setFootnote(const QString& text) {
    m_footnote = text;
    update();
}

void TimelineView::setCursorTime(qint64 at) {
    m_cursorTime = at;
    update();
}

int TimelineView::laneHeight() const {
    return metrics().caption + 10;
}

qreal TimelineView::plotLeft() const {
    return 12.0 * metrics().body;
}

qreal TimelineView::xOf(qint64 at) const {
    const double p = static_cast<double>(at - m_from) / static_cast<double>(m_to - m_from);
    return plotLeft() + std::clamp(p, 0.0, 1.0) * (width() - plotLeft() - 12);
}

qreal TimelineView::laneTop(int lane) const {
    qreal top = metrics().caption + 12;
    for (int i = 0; i <= lane && i < m_lanes.size(); ++i) {
        if (i == 0 || m_lanes[i].group != m_lanes[i - 1].group)
            top += metrics().caption + 10;
        if (i < lane)
            top += laneHeight();
    }
    return top;
}

int TimelineView::laneAt(const QPointF& pos) const {
    for (int i = 0; i < m_lanes.size(); ++i)
        if (const qreal top = laneTop(i); pos.y() >= top && pos.y() < top + laneHeight())
            return i;
    return -1;
}

QRectF TimelineView::spanRect(int lane, int span) const {
    const LaneSpan& s = m_lanes[lane].spans[span];
    const qreal x = std::round(xOf(s.from));
    return {x, laneTop(lane) + 1, std::max(2.0, std::round(xOf(s.to)) - x), laneHeight() - 2.0};
}

QSize TimelineView::sizeHint() const {
    const int last = static_cast<int>(m_lanes.size()) - 1;
    const qreal lanes = last < 0 ? 60 : laneTop(last) + laneHeight();
    return {640, static_cast<int>(lanes) + 2 * (metrics().caption + 10)};
}

QSize TimelineView::minimumSizeHint() const {
    return {420, sizeHint().height()};
}

QString TimelineView::describe(const QPointF& pos) const {
    const int lane = laneAt(pos);
    if (lane < 0)
        return {};
    for (int i = 0; i < m_lanes[lane].spans.size(); ++i) {
        const QRectF r = spanRect(lane, i);
        if (pos.x() < r.left() || pos.x() > r.right())
            continue;
        const LaneSpan& s = m_lanes[lane].spans[i];
        return tr("%1: %2\n%3 to %4, %5")
            .arg(m_lanes[lane].name, s.text, formatClockMs(s.from), formatClockMs(s.to),
                 formatDuration(static_cast<double>(s.to - s.from) / 1000));
    }
    return {};
}

void TimelineView::paintSpan(QPainter& painter, const LaneSpan& span, const QRectF& rect) {
    const Tokens& t = tokens();
    QColor ink = t.text.secondary;
    switch (span.look) {
        case LaneSpan::Look::Quiet:
            roundedBox(painter, rect, 2, t.surface.sunken, QColor());
            break;
        case LaneSpan::Look::Series:
            roundedBox(painter, rect, 2, mix(t.seriesColor(span.colorIndex), t.surface.panel, 0.72),
                       t.seriesColor(span.colorIndex));
            ink = t.text.primary;
            break;
        case LaneSpan::Look::Strong:
            roundedBox(painter, rect, 2, t.replica.leader, QColor());
            ink = t.surface.panel;
            break;
        case LaneSpan::Look::Tinted:
            roundedBox(painter, rect, 2, t.status(Status::Offline).tint, QColor());
            ink = t.status(Status::Offline).text;
            break;
        case LaneSpan::Look::Hatched:
            roundedBox(painter, rect, 2, t.status(Status::Offline).tint, QColor());
            hatch(painter, rect, t.status(Status::Offline).mark, 7, 2, 2);
            ink = t.status(Status::Offline).text;
            break;
    }
    const QFont font = theme().font(Theme::Size::Caption, span.look == LaneSpan::Look::Hatched
                                                              ? Theme::Weight::Strong
                                                              : Theme::Weight::Regular);
    const qreal w = tabularWidth(font, span.text) + 10;
    if (w > rect.width())
        return;  // hovering says it
    painter.setFont(font);
    const QRectF words(rect.center().x() - w / 2, rect.top(), w, rect.height());
    if (span.look == LaneSpan::Look::Hatched)
        painter.fillRect(words.adjusted(0, 1, 0, -1), t.status(Status::Offline).tint);
    painter.setPen(ink);
    drawTabular(painter, words, Qt::AlignCenter, span.text);
}

void TimelineView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    if (m_lanes.isEmpty())
        return;
    const qreal bottom = laneTop(static_cast<int>(m_lanes.size()) - 1) + laneHeight();
    paintAxis(painter, bottom);
    for (int i = 0; i < m_lanes.size(); ++i) {
        const qreal top = laneTop(i);
        if (i == 0 || m_lanes[i].group != m_lanes[i - 1].group) {
            painter.setFont(theme().font(Theme::Size::Caption, Theme::Weight::Strong));
            painter.setPen(t.text.tertiary);
            drawText(painter,
                     QRectF(0, top - metrics().caption - 7, plotLeft() - 8, metrics().caption + 6),
                     Qt::AlignLeft | Qt::AlignVCenter, m_lanes[i].group);
        }
        if (i == m_lane && focusVisible(this))
            roundedBox(painter, QRectF(0, top, plotLeft() - 6, laneHeight()), 3, t.surface.selected,
                       QColor());
        painter.setFont(theme().font(Theme::Size::Body));
        painter.setPen(t.text.primary);
        drawText(painter, QRectF(4, top, plotLeft() - 14, laneHeight()),
                 Qt::AlignLeft | Qt::AlignVCenter, m_lanes[i].name);
        for (int s = 0; s < m_lanes[i].spans.size(); ++s)
            paintSpan(painter, m_lanes[i].spans[s], spanRect(i, s));
    }
    paintMarks(painter, bottom);
    if (!m_footnote.isEmpty()) {
        painter.setFont(theme().font(Theme::Size::Caption));
        painter.setPen(t.text.tertiary);
        drawText(painter,
                 QRectF(0, bottom + metrics().caption + 10, width(), metrics().caption + 6),
                 Qt::AlignLeft | Qt::AlignVCenter, m_footnote);
    }
    if (m_cursorTime >= m_from && m_cursorTime <= m_to)
        vLine(painter, xOf(m_cursorTime), metrics().caption + 10, bottom, t.accent.base);
    paintTip(painter);
    if (focusVisible(this)) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(t.border.focus, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
}

void TimelineView::paintAxis(QPainter& painter, qreal bottom) {
    static constexpr std::array<qint64, 12> kSteps{1000,    2000,    5000,      10'000,
                                                   30'000,  60'000,  120'000,   300'000,
                                                   600'000, 900'000, 1'800'000, 3'600'000};
    painter.setFont(theme().font(Theme::Size::Caption));
    const qreal room =
        (width() - plotLeft()) / (tabularWidth(painter.font(), QStringLiteral("00:00:00")) + 24);
    qint64 step = kSteps.back();
    for (const qint64 candidate : kSteps)
        if (static_cast<double>(m_to - m_from) / static_cast<double>(candidate) <= room) {
            step = candidate;
            break;
        }
    for (qint64 at = (m_from / step + 1) * step; at < m_to; at += step) {
        const qreal x = xOf(at);
        vLine(painter, x, metrics().caption + 12, bottom, tokens().border.subtle);
        const QString text = formatClock(at).left(step < 60'000 ? 8 : 5);
        const qreal w = tabularWidth(painter.font(), text);
        painter.setPen(tokens().text.tertiary);
        drawTabular(
            painter,
            QRectF(std::min(x - w / 2, width() - w - 2), bottom + 3, w + 1, metrics().caption + 6),
            Qt::AlignLeft | Qt::AlignVCenter, text);
    }
}

void TimelineView::paintMarks(QPainter& painter, qreal bottom) {
    const QFont font = theme().font(Theme::Size::Caption, Theme::Weight::Strong);
    qreal free = plotLeft() - 4;
    for (qsizetype i = 0; i < m_marks.size(); ++i) {
        const LaneMark& mark = m_marks[i];
        const StatusTokens& s = tokens().status(mark.status);
        const qreal x = crisp(painter, xOf(mark.at));
        QPen pen(s.mark, 1);
        pen.setDashPattern({3, 3});
        painter.setPen(pen);
        const qreal top = metrics().caption + 8;
        painter.drawLine(QPointF(x, top), QPointF(x, bottom));
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(s.mark);
        painter.drawPolygon(QPolygonF({{x - 4, top - 6}, {x + 4, top - 6}, {x, top}}));
        painter.restore();
        // Its words up to the next mark; at the right end they stand before it.
        const qreal next = i + 1 < m_marks.size() ? xOf(m_marks[i + 1].at) - 8 : width() - 4.0;
        painter.setFont(font);
        painter.setPen(s.text);
        const qreal w = tabularWidth(font, mark.text) + 2;
        if (x + 8 + w <= next || next - x - 8 >= std::min(w, 90.0)) {
            drawText(painter, QRectF(x + 8, 0, next - x - 8, metrics().caption + 6),
                     Qt::AlignLeft | Qt::AlignVCenter, mark.text);
            free = std::min(next, x + 8 + w);
        } else if (x - 8 - free > 60) {
            drawText(painter, QRectF(free, 0, x - 8 - free, metrics().caption + 6),
                     Qt::AlignRight | Qt::AlignVCenter, mark.text);
            free = x + 8;
        }
    }
}

void TimelineView::paintTip(QPainter& painter) {
    QPointF at = m_cursor;
    if (m_lane >= 0 && m_span >= 0 && focusVisible(this) && m_span < m_lanes[m_lane].spans.size())
        at = spanRect(m_lane, m_span).center();
    const QStringList lines = describe(at).split(u'\n', Qt::SkipEmptyParts);
    if (lines.isEmpty())
        return;
    const Tokens& t = tokens();
    painter.setFont(theme().font(Theme::Size::Caption));
    qreal w = 0;
    for (const QString& line : lines)
        w = std::max(w, tabularWidth(painter.font(), line));
    const qreal line = metrics().caption + 5;
    QRectF box(at.x() + 12, at.y() + 14, w + 18, line * static_cast<qreal>(lines.size()) + 8);
    if (box.right() > width() - 2)
        box.moveRight(at.x() - 10);
    if (box.bottom() > height() - 2)
        box.moveBottom(at.y() - 8);
    box.moveLeft(std::max(2.0, box.left()));
    roundedBox(painter, box, 4, t.surface.tooltip, QColor());
    painter.setPen(t.text.onTooltip);
    qreal y = box.top() + 4;
    for (const QString& text : lines) {
        drawTabular(painter, QRectF(box.left() + 9, y, w + 4, line),
                    Qt::AlignLeft | Qt::AlignVCenter, text);
        y += line;
    }
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
    m_cursor = event->position();
    update();
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
    m_lane = laneAt(event->position());
    m_span = -1;
    update();
}

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const int lane = laneAt(event->position()); lane >= 0)
        emit laneActivated(m_lanes[lane].id);
}

void TimelineView::leaveEvent(QEvent*) {
    m_cursor = {-1, -1};
    update();
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_lanes.size()) - 1;
    switch (event->key()) {
        case Qt::Key_Down:
            m_lane = std::min(last, m_lane + 1);
            m_span = -1;
            break;
        case Qt::Key_Up:
            m_lane = std::max(last < 0 ? -1 : 0, m_lane - 1);
            m_span = -1;
            break;
        case Qt::Key_Left:
        case Qt::Key_Right:
            if (m_lane < 0)
                return;
            m_span = std::clamp(m_span + (event->key() == Qt::Key_Left ? -1 : 1), 0,
                                std::max(0, static_cast<int>(m_lanes[m_lane].spans.size()) - 1));
            break;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (m_lane >= 0)
                emit laneActivated(m_lanes[m_lane].id);
            return;
        case Qt::Key_Escape:
            if (m_lane < 0 && m_span < 0)
                return QWidget::keyPressEvent(event);
            m_lane = m_span = -1;
            break;
        default:
            return QWidget::keyPressEvent(event);
    }
    if (m_lane >= 0)
        setAccessibleDescription(m_span >= 0 && m_span < m_lanes[m_lane].spans.size()
                                     ? describe(spanRect(m_lane, m_span).center())
                                     : m_lanes[m_lane].name);
    update();
}

}  // namespace odradek::ui
