// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/ribbon_view.h"

#include "ui/theme/focus.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace odradek::ui {

RibbonLayout layoutRibbons(const QVector<RibbonSource>& sources,
                           const QVector<RibbonTarget>& targets, const QRectF& rect,
                           double rowHeight) {
    RibbonLayout out;
    const double leftWidth = std::clamp(rect.width() * 0.27, 120.0, 320.0);
    const double rightWidth = std::clamp(rect.width() * 0.36, 150.0, 380.0);
    const double heading = rowHeight * 0.85;
    double y = rect.top();
    for (int i = 0; i < sources.size(); ++i) {
        if (i == 0 || sources[i].group != sources[i - 1].group) {
            if (i > 0)
                y += 3;
            out.headingRects.append(QRectF(rect.left(), y, leftWidth, heading));
            out.headings.append(sources[i].group);
            y += heading;
        }
        out.sourceRects.append(QRectF(rect.left(), y, leftWidth, rowHeight - 3));
        y += rowHeight;
    }
    const double cardHeight = rowHeight * 2.5;
    const double gap = 8;
    const double cards =
        targets.isEmpty() ? 0 : static_cast<double>(targets.size()) * (cardHeight + gap) - gap;
    out.height = std::max(y, rect.top() + cards) - rect.top();
    // Cards take the room there is, so that the picture stays balanced with few members.
    const double room = std::max(rect.height(), out.height);
    const double each = targets.isEmpty()
                            ? 0
                            : std::clamp((room + gap) / static_cast<double>(targets.size()) - gap,
                                         cardHeight, cardHeight * 1.5);
    double cy = rect.top();
    for (int i = 0; i < targets.size(); ++i) {
        out.targetRects.append(QRectF(rect.right() - rightWidth, cy, rightWidth, each));
        cy += each + gap;
    }
    out.height = std::max(out.height, cy - gap - rect.top());
    // One scale for all: the widest ribbon fits its row, the sum at a member fits its card.
    double heaviest = 0;
    QVector<double> sums(targets.size(), 0.0);
    QVector<int> counts(targets.size(), 0);
    for (const RibbonSource& s : sources) {
        if (s.member < 0 || s.member >= targets.size())
            continue;
        heaviest = std::max(heaviest, s.weight);
        sums[s.member] += std::max(0.0, s.weight);
        ++counts[s.member];
    }
    double scale = heaviest > 0 ? (rowHeight * 0.55) / heaviest : 0;
    for (int m = 0; m < targets.size(); ++m)
        if (sums[m] > 0)
            scale = std::min(scale, (each * 0.8) / sums[m]);
    const auto widthOf = [&](const RibbonSource& s) {
        const double least =
            counts[s.member] > 0 ? std::min(2.0, each * 0.8 / counts[s.member]) : 2.0;
        return std::max(least, s.weight * scale);
    };
    QVector<double> totals(targets.size(), 0.0);
    for (const RibbonSource& s : sources)
        if (s.member >= 0 && s.member < targets.size())
            totals[s.member] += widthOf(s);
    QVector<double> next(targets.size());
    for (int m = 0; m < targets.size(); ++m)
        next[m] = out.targetRects[m].center().y() - totals[m] / 2;
    for (int i = 0; i < sources.size(); ++i) {
        const int m = sources[i].member;
        if (m < 0 || m >= targets.size())
            continue;
        const double w = widthOf(sources[i]);
        out.ribbons.append({i, m, out.sourceRects[i].center().y(), next[m] + w / 2, w});
        next[m] += w;
    }
    return out;
}

RibbonView::RibbonView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Partitions and the members that read them"));
    connect(&theme(), &Theme::changed, this, [this] {
        relayout();
        updateGeometry();
    });
}

void RibbonView::setData(const QVector<RibbonSource>& sources,
                         const QVector<RibbonTarget>& targets) {
    if (m_sources == sources && m_targets == targets)
        return;
    const bool resized = m_sources.size() != sources.size() || m_targets.size() != targets.size();
    m_sources = sources;
    m_targets = targets;
    if (m_hoverSource >= sources.size())
        m_hoverSource = -1;
    if (m_hoverTarget >= targets.size())
        m_hoverTarget = -1;
    relayout();
    if (resized)
        updateGeometry();
}

void RibbonView::relayout() {
    m_layout = layoutRibbons(m_sources, m_targets, QRectF(rect()).adjusted(1, 1, -1, -1),
                             metrics().body + 12.0);
    update();
}

double RibbonView::neededHeight() const {
    return layoutRibbons(m_sources, m_targets, QRectF(0, 0, 600, 10), metrics().body + 12.0)
               .height +
           2;
}

QSize RibbonView::sizeHint() const {
    return {680, static_cast<int>(neededHeight())};
}

QSize RibbonView::minimumSizeHint() const {
    return {420, static_cast<int>(neededHeight())};
}

void RibbonView::resizeEvent(QResizeEvent*) {
    relayout();
}

QPainterPath RibbonView::ribbonPath(const RibbonLayout::Ribbon& r) const {
    const double x1 = m_layout.sourceRects[r.source].right() + 3;
    const double x2 = m_layout.targetRects[r.target].left();
    const double mid = (x1 + x2) / 2;
    const double h = r.width / 2;
    QPainterPath path(QPointF(x1, r.sourceY - h));
    path.cubicTo(mid, r.sourceY - h, mid, r.targetY - h, x2, r.targetY - h);
    path.lineTo(x2, r.targetY + h);
    path.cubicTo(mid, r.targetY + h, mid, r.sourceY + h, x1, r.sourceY + h);
    path.closeSubpath();
    return path;
}

bool RibbonView::isLit(int source, int target) const {
    if (m_hoverSource >= 0)
        return source == m_hoverSource;
    if (m_hoverTarget >= 0)
        return target == m_hoverTarget;
    return true;
}

void RibbonView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.secondary);
    for (int i = 0; i < m_layout.headingRects.size(); ++i)
        drawText(painter, m_layout.headingRects[i], Qt::AlignLeft | Qt::AlignVCenter,
                 m_layout.headings[i]);
    // Faded ones first, so the lit ones lie on top.
    for (const bool lit : {false, true}) {
        for (const RibbonLayout::Ribbon& ribbon : m_layout.ribbons) {
            if (isLit(ribbon.source, ribbon.target) != lit)
                continue;
            QColor color = t.seriesColor(m_targets[ribbon.target].colorIndex);
            color.setAlphaF(lit ? (theme().isDark() ? 0.5f : 0.55f) : 0.1f);
            painter.fillPath(ribbonPath(ribbon), color);
        }
    }
    for (int i = 0; i < m_sources.size(); ++i)
        paintSource(painter, i);
    for (int i = 0; i < m_targets.size(); ++i)
        paintTarget(painter, i);
}

void RibbonView::paintSource(QPainter& painter, int index) {
    const Tokens& t = tokens();
    const RibbonSource& s = m_sources[index];
    const QRectF r = m_layout.sourceRects[index];
    roundedBox(painter, r, 3, t.surface.raised,
               index == m_hoverSource ? t.border.focus : t.border.normal);
    const bool read = s.member >= 0 && s.member < m_targets.size();
    if (read)
        painter.fillRect(
            QRectF(std::round(r.right()) - 1, std::round(r.top()), 4, std::round(r.height())),
            t.seriesColor(m_targets[s.member].colorIndex));
    painter.setFont(theme().font());
    painter.setPen(t.text.primary);
    QRectF area = r.adjusted(10, 0, -10, 0);
    area.setLeft(area.left() + drawText(painter, area, Qt::AlignLeft | Qt::AlignVCenter, s.name) +
                 8);
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(read ? t.text.tertiary : t.status(Status::Warning).text);
    drawText(
        painter, area, Qt::AlignRight | Qt::AlignVCenter,
        read ? s.note : (s.note.isEmpty() ? tr("no member") : tr("no member, %1").arg(s.note)));
}

void RibbonView::paintTarget(QPainter& painter, int index) {
    const Tokens& t = tokens();
    const RibbonTarget& m = m_targets[index];
    const QRectF r = m_layout.targetRects[index];
    const bool idle = std::none_of(m_layout.ribbons.begin(), m_layout.ribbons.end(),
                                   [&](const auto& ribbon) { return ribbon.target == index; });
    painter.save();
    if (idle) {
        QPen pen(t.border.control, 1);
        pen.setDashPattern({4, 3});
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(r.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    } else {
        roundedBox(painter, r, 4, t.surface.raised,
                   index == m_hoverTarget ? t.border.focus : t.border.normal);
        painter.fillRect(
            QRectF(std::round(r.left()), std::round(r.top()), 4, std::round(r.height())),
            t.seriesColor(m.colorIndex));
    }
    const qreal line = metrics().caption + 5;
    const qreal block = metrics().body + 6 + 2 * line;
    qreal y = r.top() + std::max(3.0, (r.height() - block) / 2);
    QRectF area(r.left() + 16, y, r.width() - 26, metrics().body + 6);
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.tertiary);
    const qreal host = drawText(painter, area.adjusted(area.width() * 0.55, 0, 0, 0),
                                Qt::AlignRight | Qt::AlignVCenter, m.host);
    painter.setFont(theme().font(Theme::Size::Body, Theme::Weight::Strong));
    painter.setPen(t.text.primary);
    drawText(painter, area.adjusted(0, 0, -host - 8, 0), Qt::AlignLeft | Qt::AlignVCenter, m.name);
    y += metrics().body + 6;
    painter.setFont(
        theme().font(Theme::Size::Caption, idle ? Theme::Weight::Strong : Theme::Weight::Regular));
    qreal left = area.left();
    if (idle) {
        drawStatus(painter, QRectF(left, y + 1, metrics().caption + 1, metrics().caption + 1),
                   Status::Info);
        left += metrics().caption + 7;
        painter.setPen(t.status(Status::Info).text);
        drawText(painter, QRectF(left, y, area.right() - left, line),
                 Qt::AlignLeft | Qt::AlignVCenter,
                 m.idleReason.isEmpty() ? tr("Idle: nothing assigned") : m.idleReason);
    } else {
        painter.setPen(t.text.secondary);
        drawText(painter, QRectF(left, y, area.width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                 m.line1);
    }
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.secondary);
    drawText(painter, QRectF(area.left(), y + line, area.width(), line),
             Qt::AlignLeft | Qt::AlignVCenter, m.line2);
    if (focusVisible(this) && index == m_hoverTarget) {
        painter.setPen(QPen(t.border.focus, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(r.adjusted(1, 1, -1, -1), 4, 4);
    }
    painter.restore();
}

void RibbonView::mouseMoveEvent(QMouseEvent* event) {
    const auto hit = [&](const QVector<QRectF>& rects) {
        for (int i = 0; i < rects.size(); ++i)
            if (rects[i].contains(event->position()))
                return i;
        return -1;
    };
    const int source = hit(m_layout.sourceRects);
    const int target = hit(m_layout.targetRects);
    if (source == m_hoverSource && target == m_hoverTarget)
        return;
    if (target != m_hoverTarget)
        emit memberHovered(target);
    m_hoverSource = source;
    m_hoverTarget = target;
    update();
}

void RibbonView::mouseDoubleClickEvent(QMouseEvent*) {
    if (m_hoverTarget >= 0)
        emit memberActivated(m_hoverTarget);
    else if (m_hoverSource >= 0)
        emit sourceActivated(m_hoverSource);
}

void RibbonView::leaveEvent(QEvent*) {
    m_hoverSource = m_hoverTarget = -1;
    emit memberHovered(-1);
    update();
}

void RibbonView::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_targets.size()) - 1;
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    if (step != 0 && last >= 0) {
        m_hoverSource = -1;
        m_hoverTarget =
            m_hoverTarget < 0 ? (step > 0 ? 0 : last) : std::clamp(m_hoverTarget + step, 0, last);
        emit memberHovered(m_hoverTarget);
        return update();
    }
    if (event->key() == Qt::Key_Return && m_hoverTarget >= 0)
        return void(emit memberActivated(m_hoverTarget));
    if (event->key() == Qt::Key_Escape) {
        m_hoverTarget = m_hoverSource = -1;
        return update();
    }
    QWidget::keyPressEvent(event);
}

bool RibbonView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        QString text;
        if (m_hoverSource >= 0)
            text = m_sources[m_hoverSource].group + u' ' + m_sources[m_hoverSource].name + u'\n' +
                   m_sources[m_hoverSource].note;
        if (m_hoverTarget >= 0)
            text = m_targets[m_hoverTarget].id + u'\n' + m_targets[m_hoverTarget].host;
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace odradek::ui
