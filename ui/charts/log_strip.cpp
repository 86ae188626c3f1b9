// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/log_strip.h"

#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace odradek::ui {

QVector<PlacedLabel> placeLabels(const QVector<double>& pinX, const QVector<double>& widths,
                                 double min, double max, double gap, int rows) {
    struct Span {
        double from, to;
        int row;
    };
    QVector<PlacedLabel> result(pinX.size());
    std::vector<Span> taken;
    const auto free = [&](double from, double to, int row, qsizetype own) {
        if (from < min || to > max)
            return false;
        for (const Span& s : taken)
            if (s.row == row && from < s.to + gap && to > s.from - gap)
                return false;
        if (row == 0) {
            for (qsizetype i = 0; i < pinX.size(); ++i)
                if (i != own && pinX[i] > from - gap / 2 && pinX[i] < to + gap / 2)
                    return false;
        }
        return true;
    };
    for (qsizetype i = 0; i < pinX.size(); ++i) {
        PlacedLabel& label = result[i];
        label.visible = false;
        for (int row = 0; row < rows && !label.visible; ++row) {
            const double right = pinX[i] + gap;
            const double left = pinX[i] - gap - widths[i];
            if (free(right, right + widths[i], row, i))
                label = {right, false, true, row};
            else if (free(left, left + widths[i], row, i))
                label = {left, true, true, row};
        }
        if (label.visible)
            taken.push_back({label.x, label.x + widths[i], label.row});
        else
            label.x = pinX[i];
    }
    return result;
}

double logPosition(LogScale scale, qint64 offset, qint64 start, qint64 end, qint64 longest) {
    if (scale == LogScale::Linear) {
        if (end <= start)
            return 1;
        return std::clamp(static_cast<double>(offset - start) / static_cast<double>(end - start),
                          0.0, 1.0);
    }
    // Decades counted back from the end; the last record is one step from the edge, not infinitely
    // far.
    const double back = static_cast<double>(std::max<qint64>(0, end - offset));
    const double whole = std::log10(1.0 + static_cast<double>(std::max<qint64>(longest, 1)));
    return std::clamp(1.0 - std::log10(1.0 + back) / whole, 0.0, 1.0);
}

LogStripView::LogStripView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Log of each partition"));
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void LogStripView::setStrips(const QVector<LogStripData>& strips) {
    if (m_strips == strips)
        return;
    const bool resized = m_strips.size() != strips.size();
    m_strips = strips;
    if (resized)
        updateGeometry();
    update();
}

void LogStripView::setScale(LogScale scale) {
    m_scale = scale;
    update();
}

void LogStripView::setSelected(int partition) {
    m_selected = partition;
    update();
}

int LogStripView::rowHeight() const {
    return 24 + 2 * (metrics().caption + 8) + metrics().caption / 2;
}

QSize LogStripView::sizeHint() const {
    return {720, static_cast<int>(m_strips.size()) * rowHeight() + metrics().caption + 20};
}

QSize LogStripView::minimumSizeHint() const {
    return {420, sizeHint().height()};
}

qint64 LogStripView::longest() const {
    qint64 longest = 1;
    for (const LogStripData& s : m_strips)
        longest = std::max(longest, s.logEnd - s.logStart);
    return longest;
}

QRectF LogStripView::barRect(int index) const {
    const qreal left = 11.5 * metrics().body;
    const qreal right = 64.0 * metrics().caption / 11;
    return {left, std::round(index * rowHeight() + metrics().caption + 14.0),
            std::max(80.0, width() - left - right), 24};
}

qreal LogStripView::xOf(const LogStripData& strip, qint64 offset) const {
    const QRectF bar = barRect(0);
    return bar.left() +
           logPosition(m_scale, offset, strip.logStart, strip.logEnd, longest()) * bar.width();
}

qint64 LogStripView::offsetAt(const LogStripData& strip, qreal x) const {
    const QRectF bar = barRect(0);
    const double p = std::clamp((x - bar.left()) / bar.width(), 0.0, 1.0);
    double offset = 0;
    if (m_scale == LogScale::Linear)
        offset = static_cast<double>(strip.logStart) +
                 p * static_cast<double>(strip.logEnd - strip.logStart);
    else
        offset = static_cast<double>(strip.logEnd) -
                 (std::pow(10.0, (1 - p) * std::log10(1.0 + static_cast<double>(longest()))) - 1);
    return std::clamp(static_cast<qint64>(std::llround(offset)), strip.logStart,
                      std::max(strip.logStart, strip.logEnd - 1));
}

int LogStripView::stripAt(const QPointF& pos) const {
    const int index = static_cast<int>(pos.y()) / rowHeight();
    return pos.y() >= 0 && index < m_strips.size() ? index : -1;
}

void LogStripView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (m_strips.isEmpty())
        return;
    paintAxis(painter);
    for (int i = 0; i < m_strips.size(); ++i)
        paintStrip(painter, i);
    paintCursor(painter);
    if (hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(tokens().border.focus, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
}

void LogStripView::paintAxis(QPainter& painter) {
    const Tokens& t = tokens();
    const QRectF bar = barRect(0);
    const qreal bottom = m_strips.size() * rowHeight();
    painter.setFont(theme().font(Theme::Size::Caption));
    const auto tick = [&](qreal x, const QString& text, bool line) {
        if (line)
            vLine(painter, x, 2, bottom, t.border.subtle);
        painter.setPen(t.text.tertiary);
        const qreal w = tabularWidth(painter.font(), text);
        drawTabular(
            painter,
            QRectF(std::min(x - w / 2, width() - w - 2), bottom + 2, w + 1, metrics().caption + 8),
            Qt::AlignLeft | Qt::AlignVCenter, text);
    };
    painter.setPen(t.text.tertiary);
    if (m_scale == LogScale::NearEnd) {
        drawText(painter, QRectF(6, bottom + 2, bar.left() + 20, metrics().caption + 8),
                 Qt::AlignLeft | Qt::AlignVCenter, tr("records before the end"));
        const double whole = std::log10(1.0 + static_cast<double>(longest()));
        for (double decade = 10; decade <= static_cast<double>(longest()); decade *= 10)
            tick(bar.left() + (1 - std::log10(1 + decade) / whole) * bar.width(),
                 formatShort(decade), true);
        tick(bar.right(), tr("end"), true);
    } else {
        drawText(painter, QRectF(0, bottom + 2, bar.left() - 40, metrics().caption + 8),
                 Qt::AlignLeft | Qt::AlignVCenter, tr("share of the log"));
        for (int i = 0; i <= 4; ++i)
            tick(bar.left() + bar.width() * i / 4, formatPercent(i / 4.0), true);
    }
}

void LogStripView::paintStrip(QPainter& painter, int index) {
    const Tokens& t = tokens();
    const LogStripData& s = m_strips[index];
    const QRectF bar = barRect(index);
    const qreal line = metrics().body + 4;
    if (s.partition == m_selected)
        roundedBox(painter,
                   QRectF(0, bar.center().y() - metrics().body - 7, bar.left() - 40,
                          2 * metrics().body + 14),
                   4, t.surface.selected, QColor());
    painter.setFont(theme().font(Theme::Size::Body, Theme::Weight::Strong));
    painter.setPen(t.text.primary);
    drawText(painter, QRectF(6, bar.center().y() - line + 1, bar.left() - 50, line),
             Qt::AlignLeft | Qt::AlignVCenter, s.title);
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.tertiary);
    drawText(painter, QRectF(6, bar.center().y() + 1, bar.left() - 50, line),
             Qt::AlignLeft | Qt::AlignVCenter, s.subtitle);
    const qreal start = xOf(s, s.logStart);
    const qreal hw = xOf(s, s.highWatermark);
    const qreal end = xOf(s, s.logEnd);
    // What retention has deleted: two dotted lines before the start.
    painter.setPen(QPen(t.border.control, 1, Qt::DotLine));
    for (const qreal y : {bar.top(), bar.bottom()}) {
        const qreal at = crisp(painter, y);
        painter.drawLine(QPointF(std::max(bar.left() - 30, start - 30), at), QPointF(start, at));
    }
    const QRectF body(QPointF(start, bar.top()), QPointF(std::max(end, start + 2), bar.bottom()));
    const QColor read = mix(t.accent.tint, t.accent.base, theme().isDark() ? 0.25 : 0.16);
    if (s.offline) {
        roundedBox(painter, body, 3, t.status(Status::Offline).tint,
                   t.status(Status::Offline).mark);
        hatch(painter, body.adjusted(1, 1, -1, -1), t.status(Status::Offline).mark, 8, 2, 2);
    } else {
        roundedBox(painter, body, 3, t.accent.tint, QColor());
        // Darker where every group has been, that is up to the slowest.
        qint64 slowest = s.logStart;
        bool any = false;
        for (const LogPin& pin : s.pins) {
            slowest = any ? std::min(slowest, pin.offset) : pin.offset;
            any = true;
        }
        if (any)
            roundedBox(painter,
                       QRectF(QPointF(start, bar.top()),
                              QPointF(std::max(start, xOf(s, slowest)), bar.bottom())),
                       3, read, QColor());
        qreal last = start;
        for (const qint64 segment : s.segments) {
            const qreal x = xOf(s, segment);
            if (x - last < 4)
                continue;  // closer ones would be one grey
            painter.fillRect(QRectF(std::round(x), bar.top() + 1, 2, bar.height() - 2),
                             t.surface.panel);
            last = x;
        }
        if (s.logEnd > s.highWatermark) {
            const QRectF tail(QPointF(hw, bar.top()), QPointF(end, bar.bottom()));
            painter.fillRect(tail, t.surface.panel);
            hatch(painter, tail, t.accent.base, 6, 1.5, 2);
        }
        roundedBox(painter, body, 3, QColor(), mix(t.accent.base, t.accent.tint, 0.35));
    }
    painter.fillRect(QRectF(std::round(hw) - 1, bar.top() - 1, 2, bar.height() + 6),
                     t.text.primary);
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.secondary);
    drawTabular(painter,
                QRectF(bar.right() + 6, bar.top(), width() - bar.right() - 6, bar.height()),
                Qt::AlignLeft | Qt::AlignVCenter, formatCount(s.logEnd));
    const qreal below = bar.bottom() + 3;
    const QString startText =
        tr("start %1").arg(formatCount(s.logStart)) +
        (s.startNote.isEmpty() ? QString() : QStringLiteral(" \u00B7 ") + s.startNote);
    const qreal used =
        drawTabular(painter, QRectF(start, below, bar.width(), metrics().caption + 5),
                    Qt::AlignLeft | Qt::AlignVCenter, startText);
    const QString hwText = tr("high watermark %1").arg(formatCount(s.highWatermark));
    const qreal w = tabularWidth(painter.font(), hwText);
    const qreal hx = std::min(hw - 4 - w, bar.right() - w);
    if (hx > start + used + 12)
        drawTabular(painter, QRectF(hx, below, w + 1, metrics().caption + 5),
                    Qt::AlignLeft | Qt::AlignVCenter, hwText);
    paintPins(painter, s, bar);
}

void LogStripView::paintPins(QPainter& painter, const LogStripData& strip, const QRectF& bar) {
    const Tokens& t = tokens();
    QVector<LogPin> pins = strip.pins;
    std::stable_sort(pins.begin(), pins.end(),
                     [](const LogPin& a, const LogPin& b) { return a.offset < b.offset; });
    QVector<double> xs;
    QVector<double> widths;
    QStringList texts;
    const QFont strong = theme().font(Theme::Size::Caption, Theme::Weight::Strong);
    for (const LogPin& pin : pins) {
        xs << xOf(strip, pin.offset);
        const qint64 lag = std::max<qint64>(0, strip.highWatermark - pin.offset);
        texts << pin.group + u' ' + formatCount(lag);
        widths << tabularWidth(pin.alarming ? strong : theme().font(Theme::Size::Caption),
                               texts.last());
    }
    const auto labels = placeLabels(xs, widths, bar.left() - 30, width() - 2.0, 9, 1);
    for (qsizetype i = 0; i < pins.size(); ++i) {
        const QColor color = t.seriesColor(pins[i].colorIndex);
        painter.fillRect(QRectF(std::round(xs[i]) - 1, bar.top() - 5, 2, bar.height() + 5), color);
        drawMarker(painter, QPointF(std::round(xs[i]), bar.top() - 8), markerAt(pins[i].colorIndex),
                   color, 9);
        if (!labels[i].visible)
            continue;
        painter.setFont(pins[i].alarming ? strong : theme().font(Theme::Size::Caption));
        painter.setPen(pins[i].alarming ? t.status(Status::Warning).text : t.text.secondary);
        drawTabular(painter,
                    QRectF(labels[i].x, bar.top() - 8 - (metrics().caption + 5) / 2.0,
                           widths[i] + 1, metrics().caption + 5),
                    (labels[i].left ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, texts[i]);
    }
}

void LogStripView::paintCursor(QPainter& painter) {
    const int index = stripAt(m_cursor);
    if (index < 0)
        return;
    const LogStripData& s = m_strips[index];
    const QRectF bar = barRect(index);
    if (s.logEnd <= s.logStart || m_cursor.x() < xOf(s, s.logStart) - 2 ||
        m_cursor.x() > bar.right() + 2)
        return;
    const Tokens& t = tokens();
    const qint64 offset = offsetAt(s, m_cursor.x());
    QString text =
        tr("offset %1, %2 before the end").arg(formatCount(offset), formatCount(s.logEnd - offset));
    for (const LogPin& pin : s.pins)
        if (std::fabs(xOf(s, pin.offset) - m_cursor.x()) < 6)
            text = tr("%1 committed %2, lag %3")
                       .arg(pin.group, formatCount(pin.offset),
                            formatCount(std::max<qint64>(0, s.highWatermark - pin.offset)));
    QPen pen(t.text.primary, 1);
    pen.setDashPattern({2, 2});
    painter.setPen(pen);
    const qreal x = crisp(painter, m_cursor.x());
    painter.drawLine(QPointF(x, bar.top()), QPointF(x, bar.bottom()));
    painter.setFont(theme().font(Theme::Size::Caption));
    const qreal w = tabularWidth(painter.font(), text) + 14;
    QRectF box(std::min(m_cursor.x(), width() - w - 2), bar.bottom() + 2, w, metrics().caption + 8);
    roundedBox(painter, box, 3, t.surface.tooltip, QColor());
    painter.setPen(t.text.onTooltip);
    drawTabular(painter, box.adjusted(7, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, text);
}

void LogStripView::mouseMoveEvent(QMouseEvent* event) {
    m_cursor = event->position();
    update();
}

void LogStripView::mousePressEvent(QMouseEvent* event) {
    const int index = stripAt(event->position());
    if (index < 0)
        return;
    m_selected = m_strips[index].partition;
    emit partitionSelected(m_selected);
    for (const LogPin& pin : m_strips[index].pins)
        if (std::fabs(xOf(m_strips[index], pin.offset) - event->position().x()) < 6)
            emit pinClicked(m_selected, pin.group);
    update();
}

void LogStripView::mouseDoubleClickEvent(QMouseEvent* event) {
    const int index = stripAt(event->position());
    if (index >= 0)
        emit offsetActivated(m_strips[index].partition,
                             offsetAt(m_strips[index], event->position().x()));
}

void LogStripView::leaveEvent(QEvent*) {
    m_cursor = {-1, -1};
    update();
}

void LogStripView::keyPressEvent(QKeyEvent* event) {
    int at = -1;
    for (int i = 0; i < m_strips.size(); ++i)
        if (m_strips[i].partition == m_selected)
            at = i;
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    if (step != 0 && !m_strips.isEmpty()) {
        at = std::clamp(at + step, 0, static_cast<int>(m_strips.size()) - 1);
        m_selected = m_strips[at].partition;
        emit partitionSelected(m_selected);
        return update();
    }
    if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        if (at < 0)
            return;
        const QRectF bar = barRect(at);
        const qreal x =
            m_cursor.x() < 0 ? bar.right() : m_cursor.x() + (event->key() == Qt::Key_Left ? -6 : 6);
        m_cursor = QPointF(std::clamp(x, bar.left(), bar.right()), bar.center().y());
        return update();
    }
    if (event->key() == Qt::Key_Return && at >= 0) {
        const qreal x = m_cursor.x() < 0 ? barRect(at).right() : m_cursor.x();
        emit offsetActivated(m_selected, offsetAt(m_strips[at], x));
        return;
    }
    QWidget::keyPressEvent(event);
}

}  // namespace odradek::ui
