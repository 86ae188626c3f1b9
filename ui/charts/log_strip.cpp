// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/log_strip.h"

#include "ui/charts/time_chart.h"
#include "ui/theme/focus.h"
#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

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
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
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
    if (m_scale == scale)
        return;
    m_scale = scale;
    showWhole();
    update();
}

void LogStripView::setSelected(int partition) {
    m_selected = partition;
    update();
}

int LogStripView::rowHeight() const {
    const int least = 24 + 2 * (metrics().caption + 8) + metrics().caption / 2;
    if (m_strips.isEmpty())
        return least;
    // Where there is room the strips stand further apart.
    const int room = (height() - metrics().caption - 20) / static_cast<int>(m_strips.size());
    return std::clamp(room, least, least * 3 / 2);
}

QSize LogStripView::sizeHint() const {
    const int least = 24 + 2 * (metrics().caption + 8) + metrics().caption / 2;
    return {720, static_cast<int>(m_strips.size()) * least + metrics().caption + 20};
}

int LogStripView::mostHeight() const {
    const int least = 24 + 2 * (metrics().caption + 8) + metrics().caption / 2;
    return static_cast<int>(m_strips.size()) * (least * 3 / 2) + metrics().caption + 20;
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

qreal LogStripView::xAt(double position) const {
    const QRectF bar = barRect(0);
    return bar.left() + (position - m_viewFrom) / (m_viewTo - m_viewFrom) * bar.width();
}

double LogStripView::positionAt(qreal x) const {
    const QRectF bar = barRect(0);
    return m_viewFrom + (x - bar.left()) / bar.width() * (m_viewTo - m_viewFrom);
}

qreal LogStripView::xOf(const LogStripData& strip, qint64 offset) const {
    return xAt(logPosition(m_scale, offset, strip.logStart, strip.logEnd, longest()));
}

QPointF LogStripView::pointOf(int partition, qint64 offset) const {
    for (int i = 0; i < m_strips.size(); ++i)
        if (m_strips[i].partition == partition)
            return {xOf(m_strips[i], offset), barRect(i).center().y()};
    return {-1, -1};
}

void LogStripView::setView(double from, double to) {
    // Down to about eight records, or a five-hundredth of the scale that counts from the end.
    const double least =
        m_scale == LogScale::Linear
            ? std::min(1.0, 8.0 / static_cast<double>(std::max<qint64>(longest(), 1)))
            : 0.002;
    double span = std::clamp(to - from, least, 1.0);
    if (span > 0.999)
        span = 1;
    from = std::clamp((from + to) / 2 - span / 2, 0.0, 1.0 - span);
    if (from == m_viewFrom && from + span == m_viewTo)
        return;
    m_viewFrom = from;
    m_viewTo = from + span;
    update();
    emit viewChanged(isZoomed());
}

void LogStripView::zoom(double factor, qreal x) {
    const QRectF bar = barRect(0);
    const double at = positionAt(std::clamp(x, bar.left(), bar.right()));
    setView(at - (at - m_viewFrom) / factor, at + (m_viewTo - at) / factor);
}

qint64 LogStripView::offsetAt(const LogStripData& strip, qreal x) const {
    const double p = std::clamp(positionAt(x), 0.0, 1.0);
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
    paintDrag(painter);
    if (focusVisible(this)) {
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
    drawText(painter, QRectF(6, bottom + 2, bar.left() - 24, metrics().caption + 8),
             Qt::AlignLeft | Qt::AlignVCenter,
             m_scale == LogScale::NearEnd ? tr("records before the end") : tr("share of the log"));
    // The round values of the part shown, most important first; one that would touch another is
    // left out.
    std::vector<std::pair<qreal, qreal>> taken;
    for (const auto& [position, text] : axisTicks()) {
        const qreal x = xAt(position);
        if (x < bar.left() - 0.5 || x > bar.right() + 0.5)
            continue;
        const qreal half = tabularWidth(painter.font(), text) / 2 + 8;
        if (std::any_of(taken.begin(), taken.end(), [&](const auto& other) {
                return x - half < other.second && x + half > other.first;
            }))
            continue;
        taken.emplace_back(x - half, x + half);
        tick(x, text, true);
    }
}

QVector<std::pair<double, QString>> LogStripView::axisTicks() const {
    QVector<std::pair<double, QString>> ticks;
    if (m_scale == LogScale::Linear) {
        for (const int parts : {4, 20, 100, 1000}) {
            if (parts > 4 && (m_viewTo - m_viewFrom) * parts > 12)
                break;
            for (int i = static_cast<int>(std::ceil(m_viewFrom * parts));
                 i <= static_cast<int>(std::floor(m_viewTo * parts)); ++i)
                ticks.append({static_cast<double>(i) / parts,
                              formatPercent(static_cast<double>(i) / parts, parts > 100 ? 1 : 0)});
        }
        return ticks;
    }
    const double longest = static_cast<double>(this->longest());
    const double whole = std::log10(1.0 + longest);
    const auto position = [&](double back) { return 1 - std::log10(1 + back) / whole; };
    const auto words = [](double back) {
        return back < 1000 ? formatCount(static_cast<qint64>(back)) : formatShort(back);
    };
    ticks.append({1.0, tr("end")});
    for (const double m : {1.0, 2.0, 5.0})
        for (double decade = m == 1.0 ? 10 : 1; decade * m <= longest; decade *= 10)
            ticks.append({position(decade * m), words(decade * m)});
    ticks.append({position(1), words(1)});
    // Zoomed far in, equal steps between the two ends.
    const double high = std::pow(10, (1 - m_viewFrom) * whole) - 1;
    const double low = std::pow(10, (1 - m_viewTo) * whole) - 1;
    const double step = std::max(1.0, decimalStep(std::max(1.0, (high - low) / 6)));
    if (low > 0 && high / low < 10)
        for (double back = std::ceil(low / step) * step; back <= high; back += step)
            ticks.append({position(back), formatCount(static_cast<qint64>(std::llround(back)))});
    return ticks;
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
    // Zoomed in, only what lies between the ends of the strip is drawn.
    painter.save();
    painter.setClipRect(QRectF(isZoomed() ? bar.left() - 1 : 0, 0,
                               bar.right() + 2 - (isZoomed() ? bar.left() - 1 : 0), height()));
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
    painter.restore();
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.secondary);
    drawTabular(painter,
                QRectF(bar.right() + 6, bar.top(), width() - bar.right() - 6, bar.height()),
                Qt::AlignLeft | Qt::AlignVCenter, formatCount(s.logEnd));
    const qreal below = bar.bottom() + 3;
    const QString startText =
        tr("start %1").arg(formatCount(s.logStart)) +
        (s.startNote.isEmpty() ? QString() : QStringLiteral(" \u00B7 ") + s.startNote);
    const bool startShown = start >= bar.left() - 1 && start <= bar.right();
    const qreal used =
        startShown ? drawTabular(painter, QRectF(start, below, bar.width(), metrics().caption + 5),
                                 Qt::AlignLeft | Qt::AlignVCenter, startText)
                   : 0;
    const QString hwText = tr("high watermark %1").arg(formatCount(s.highWatermark));
    const qreal w = tabularWidth(painter.font(), hwText);
    const qreal hx = std::min(hw - 4 - w, bar.right() - w);
    if (hw >= bar.left() && hw <= bar.right() + 1 &&
        hx > (startShown ? start + used + 12 : bar.left() - w))
        drawTabular(painter, QRectF(hx, below, w + 1, metrics().caption + 5),
                    Qt::AlignLeft | Qt::AlignVCenter, hwText);
    paintPins(painter, s, bar);
}

void LogStripView::paintPins(QPainter& painter, const LogStripData& strip, const QRectF& bar) {
    const Tokens& t = tokens();
    QVector<LogPin> pins;
    for (const LogPin& pin : strip.pins)
        if (const qreal x = xOf(strip, pin.offset); x >= bar.left() - 1 && x <= bar.right() + 1)
            pins.append(pin);
    std::stable_sort(pins.begin(), pins.end(),
                     [](const LogPin& a, const LogPin& b) { return a.offset < b.offset; });
    QVector<double> xs;
    QVector<double> widths;
    QStringList texts;
    const QFont strong = theme().font(Theme::Size::Caption, Theme::Weight::Strong);
    for (qsizetype i = 0; i < pins.size(); ++i) {
        const LogPin& pin = pins[i];
        xs << xOf(strip, pin.offset);
        const qint64 lag = std::max<qint64>(0, strip.highWatermark - pin.offset);
        texts << pin.group + u' ' + formatCount(lag);
        // Groups that stand at one place share the first one's label: nothing is hidden without a
        // word.
        qsizetype same = 0;
        while (i + same + 1 < pins.size() && xOf(strip, pins[i + same + 1].offset) - xs.last() < 5)
            ++same;
        if (same > 0 && (i == 0 || xs.last() - xs[i - 1] >= 5))
            texts.last() += same == 1 ? tr(", and %1").arg(pins[i + 1].group)
                                      : tr(", and %1 more groups").arg(same);
        widths << tabularWidth(pin.alarming ? strong : theme().font(Theme::Size::Caption),
                               texts.last());
    }
    // One label per place; the pins that share it are named in it.
    QVector<double> placeX, placeWidths;
    QVector<qsizetype> placeOf(pins.size(), -1);
    for (qsizetype i = 0; i < pins.size(); ++i)
        if (i == 0 || xs[i] - xs[i - 1] >= 5) {
            placeOf[i] = placeX.size();
            placeX << xs[i];
            placeWidths << widths[i];
        }
    const auto places = placeLabels(placeX, placeWidths, bar.left() - 30, width() - 2.0, 9, 1);
    for (qsizetype i = 0; i < pins.size(); ++i) {
        const QColor color = t.seriesColor(pins[i].colorIndex);
        painter.fillRect(QRectF(std::round(xs[i]) - 1, bar.top() - 5, 2, bar.height() + 5), color);
        drawMarker(painter, QPointF(std::round(xs[i]), bar.top() - 8), markerAt(pins[i].colorIndex),
                   color, 9);
        if (placeOf[i] < 0 || !places[placeOf[i]].visible)
            continue;
        const PlacedLabel& label = places[placeOf[i]];
        painter.setFont(pins[i].alarming ? strong : theme().font(Theme::Size::Caption));
        painter.setPen(pins[i].alarming ? t.status(Status::Warning).text : t.text.secondary);
        drawTabular(painter,
                    QRectF(label.x, bar.top() - 8 - (metrics().caption + 5) / 2.0, widths[i] + 1,
                           metrics().caption + 5),
                    (label.left ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, texts[i]);
    }
}

void LogStripView::paintCursor(QPainter& painter) {
    const int index = stripAt(m_cursor);
    if (index < 0)
        return;
    const LogStripData& s = m_strips[index];
    const QRectF bar = barRect(index);
    if (m_dragging || s.logEnd <= s.logStart ||
        m_cursor.x() < std::max(bar.left(), xOf(s, s.logStart)) - 2 ||
        m_cursor.x() > bar.right() + 2)
        return;
    const Tokens& t = tokens();
    const qint64 offset = offsetAt(s, m_cursor.x());
    QString text =
        tr("offset %1, %2 before the end").arg(formatCount(offset), formatCount(s.logEnd - offset));
    if (const LogPin* pin = pinAt(s, m_cursor.x()))
        text = tr("%1 committed %2, lag %3")
                   .arg(pin->group, formatCount(pin->offset),
                        formatCount(std::max<qint64>(0, s.highWatermark - pin->offset)));
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

const LogPin* LogStripView::pinAt(const LogStripData& strip, qreal x) const {
    const LogPin* nearest = nullptr;
    qreal distance = 6;
    for (const LogPin& pin : strip.pins)
        if (const qreal d = std::fabs(xOf(strip, pin.offset) - x); d < distance) {
            distance = d;
            nearest = &pin;
        }
    return nearest;
}

void LogStripView::paintDrag(QPainter& painter) {
    if (!m_dragging || m_panning)
        return;
    const int index = stripAt(m_pressed);
    if (index < 0)
        return;
    const LogStripData& s = m_strips[index];
    const QRectF bar = barRect(index);
    const auto [left, right] = std::minmax({std::clamp(m_pressed.x(), bar.left(), bar.right()),
                                            std::clamp(m_cursor.x(), bar.left(), bar.right())});
    const Tokens& t = tokens();
    QColor tint = t.accent.base;
    tint.setAlphaF(0.22f);
    painter.fillRect(QRectF(left, bar.top(), right - left, bar.height()), tint);
    vLine(painter, left, bar.top() - 3, bar.bottom() + 3, t.accent.base);
    vLine(painter, right, bar.top() - 3, bar.bottom() + 3, t.accent.base);
    const qint64 from = offsetAt(s, left), to = offsetAt(s, right);
    const QString text = tr("%1 to %2, %3 records")
                             .arg(formatCount(from), formatCount(to), formatCount(to - from + 1));
    painter.setFont(theme().font(Theme::Size::Caption));
    const qreal w = tabularWidth(painter.font(), text) + 14;
    const QRectF box(std::clamp((left + right - w) / 2, 0.0, width() - w - 2), bar.bottom() + 2, w,
                     metrics().caption + 8);
    roundedBox(painter, box, 3, t.surface.tooltip, QColor());
    painter.setPen(t.text.onTooltip);
    drawTabular(painter, box.adjusted(7, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, text);
}

void LogStripView::mouseMoveEvent(QMouseEvent* event) {
    m_cursor = event->position();
    if (m_pressed.x() >= 0 && std::fabs(m_cursor.x() - m_pressed.x()) > 4)
        m_dragging = true;
    if (m_dragging && m_panning) {
        const double span = m_viewTo - m_viewFrom;
        const double moved = (m_cursor.x() - m_pressed.x()) / barRect(0).width() * span;
        setView(m_pressedFrom - moved, m_pressedFrom - moved + span);
    }
    const int index = stripAt(m_cursor);
    const bool onBar = index >= 0 && barRect(index).adjusted(0, -10, 0, 2).contains(m_cursor);
    setCursor(m_panning ? Qt::ClosedHandCursor : onBar ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void LogStripView::mousePressEvent(QMouseEvent* event) {
    const int index = stripAt(event->position());
    if (index < 0 || event->button() == Qt::RightButton)
        return;
    m_selected = m_strips[index].partition;
    emit partitionSelected(m_selected);
    m_panning = isZoomed() &&
                (event->button() == Qt::MiddleButton || event->modifiers() & Qt::ShiftModifier);
    if (event->button() == Qt::LeftButton || m_panning) {
        m_pressed = event->position();
        m_pressedFrom = m_viewFrom;
    }
    update();
}

void LogStripView::mouseReleaseEvent(QMouseEvent* event) {
    const bool dragged = m_dragging, panned = m_panning;
    const QPointF pressed = m_pressed;
    m_dragging = m_panning = false;
    m_pressed = {-1, -1};
    update();
    const int index = stripAt(pressed);
    if (pressed.x() < 0 || index < 0 || panned)
        return;
    const LogStripData& s = m_strips[index];
    const QRectF bar = barRect(index);
    if (dragged) {
        const auto [left, right] =
            std::minmax({std::clamp(pressed.x(), bar.left(), bar.right()),
                         std::clamp(event->position().x(), bar.left(), bar.right())});
        if (right - left > 4)
            setView(positionAt(left), positionAt(right));
        return;
    }
    if (!bar.adjusted(0, -12, 1, 2).contains(pressed))
        return;
    if (const LogPin* pin = pinAt(s, pressed.x()))
        emit pinClicked(s.partition, pin->group);
    else if (s.logEnd > s.logStart && pressed.x() >= xOf(s, s.logStart) - 1)
        emit offsetActivated(s.partition, offsetAt(s, pressed.x()));
}

void LogStripView::wheelEvent(QWheelEvent* event) {
    // Beside the strips the wheel scrolls the page.
    const int index = stripAt(event->position());
    if (index < 0 || !barRect(index).adjusted(0, -12, 0, 12).contains(event->position()) ||
        event->angleDelta().y() == 0)
        return event->ignore();
    zoom(std::pow(1.25, event->angleDelta().y() / 120.0), event->position().x());
    event->accept();
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
        // At an end of what is shown the view moves along.
        const double step = (m_viewTo - m_viewFrom) / 10;
        if (isZoomed() && x < bar.left())
            setView(m_viewFrom - step, m_viewTo - step);
        else if (isZoomed() && x > bar.right())
            setView(m_viewFrom + step, m_viewTo + step);
        m_cursor = QPointF(std::clamp(x, bar.left(), bar.right()), bar.center().y());
        return update();
    }
    if (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal ||
        event->key() == Qt::Key_Minus) {
        const qreal x = m_cursor.x() < 0 ? barRect(0).right() : m_cursor.x();
        return zoom(event->key() == Qt::Key_Minus ? 1 / 1.5 : 1.5, x);
    }
    if (event->key() == Qt::Key_0 || (event->key() == Qt::Key_Escape && isZoomed()))
        return showWhole();
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && at >= 0) {
        const qreal x = m_cursor.x() < 0 ? barRect(at).right() : m_cursor.x();
        emit offsetActivated(m_selected, offsetAt(m_strips[at], x));
        return;
    }
    QWidget::keyPressEvent(event);
}

}  // namespace odradek::ui
