// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/bars.h"

#include "ui/theme/format.h"
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

BarMeter::BarMeter(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void BarMeter::setRows(const QVector<MeterRow>& rows) {
    if (m_rows == rows)
        return;
    const bool resized = m_rows.size() != rows.size();
    m_rows = rows;
    m_current = std::min(m_current, static_cast<int>(rows.size()) - 1);
    if (resized)
        updateGeometry();
    update();
}

QSize BarMeter::sizeHint() const {
    return {220, static_cast<int>(m_rows.size()) * (metrics().caption + 24)};
}

QSize BarMeter::minimumSizeHint() const {
    return {120, static_cast<int>(m_rows.size()) * (metrics().caption + 20)};
}

QRectF BarMeter::rowRect(int row) const {
    const qreal h =
        std::min<qreal>(metrics().caption + 26,
                        m_rows.isEmpty() ? height() : height() / static_cast<qreal>(m_rows.size()));
    return {0, row * h, static_cast<qreal>(width()), h};
}

int BarMeter::rowAt(const QPointF& pos) const {
    for (int i = 0; i < m_rows.size(); ++i)
        if (rowRect(i).contains(pos))
            return i;
    return -1;
}

void BarMeter::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    for (int i = 0; i < m_rows.size(); ++i) {
        const MeterRow& row = m_rows[i];
        const QRectF r = rowRect(i);
        if (i == m_hover || (i == m_current && hasFocus()))
            roundedBox(painter, r.adjusted(-2, 0, 2, 0), 3,
                       i == m_hover ? t.surface.hover : t.surface.selected, QColor());
        const qreal line = metrics().caption + 5;
        const qreal top = r.top() + (r.height() - line - 12) / 2;
        painter.setFont(theme().font(Theme::Size::Caption));
        painter.setPen(row.alarming ? t.status(Status::Error).text : t.text.tertiary);
        const qreal used = drawTabular(painter, QRectF(r.left(), top, r.width(), line),
                                       Qt::AlignRight | Qt::AlignVCenter, row.value);
        painter.setPen(t.text.secondary);
        drawText(painter, QRectF(r.left(), top, r.width() - used - 8, line),
                 Qt::AlignLeft | Qt::AlignVCenter, row.label);
        if (row.bars.isEmpty())
            continue;
        const auto count = static_cast<qreal>(row.bars.size());
        const qreal gap = 5;
        const qreal width = (r.width() - gap * (count - 1)) / count;
        for (int b = 0; b < row.bars.size(); ++b) {
            const MeterBar& bar = row.bars[b];
            const QRectF box(std::round(r.left() + b * (width + gap)), std::round(top + line + 1),
                             std::floor(width), 10);
            if (bar.absent) {
                roundedBox(painter, box, 2, t.status(Status::Offline).tint, QColor());
                hatch(painter, box, t.status(Status::Offline).mark, 7, 2.4, 2);
                continue;
            }
            roundedBox(painter, box, 2, t.surface.sunken, QColor());
            const bool over = bar.warnAt && bar.fraction >= *bar.warnAt;
            QRectF fill = box;
            fill.setWidth(std::max(bar.fraction > 0 ? 2.0 : 0.0,
                                   box.width() * std::clamp(bar.fraction, 0.0, 1.0)));
            if (fill.width() > 0)
                roundedBox(painter, fill, 2,
                           over      ? t.status(Status::Warning).mark
                           : bar.own ? mix(t.replica.leader, t.surface.sunken, 0.62)
                                     : t.replica.leader,
                           QColor());
            if (bar.own && *bar.own > 0) {
                fill.setWidth(std::max(2.0, box.width() * std::clamp(*bar.own, 0.0, 1.0)));
                roundedBox(painter, fill, 2, t.replica.leader, QColor());
            }
            if (bar.warnAt)
                painter.fillRect(QRectF(std::round(box.left() + box.width() * *bar.warnAt),
                                        box.top() - 2, 2, 14),
                                 t.status(Status::Warning).mark);
        }
    }
}

void BarMeter::mouseMoveEvent(QMouseEvent* event) {
    const int row = rowAt(event->position());
    if (row == m_hover)
        return;
    m_hover = row;
    emit hovered(row);
    update();
}

void BarMeter::mousePressEvent(QMouseEvent* event) {
    m_current = rowAt(event->position());
    if (m_current >= 0)
        emit clicked(m_current);
    update();
}

void BarMeter::leaveEvent(QEvent*) {
    m_hover = -1;
    emit hovered(-1);
    update();
}

void BarMeter::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_rows.size()) - 1;
    if (event->key() == Qt::Key_Down)
        m_current = std::min(last, m_current + 1);
    else if (event->key() == Qt::Key_Up)
        m_current = std::max(0, m_current - 1);
    else if (event->key() == Qt::Key_Return && m_current >= 0)
        emit clicked(m_current);
    else
        return QWidget::keyPressEvent(event);
    update();
}

bool BarMeter::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos());
        QStringList words;
        if (row >= 0)
            for (const MeterBar& bar : m_rows[row].bars)
                if (!bar.exact.isEmpty())
                    words << (bar.name.isEmpty() ? bar.exact
                                                 : bar.name + QStringLiteral(": ") + bar.exact);
        QToolTip::showText(help->globalPos(), words.join(u'\n'), this);
        return true;
    }
    return QWidget::event(event);
}

StackedBar::StackedBar(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void StackedBar::setParts(const QVector<StackPart>& parts) {
    if (m_parts == parts)
        return;
    m_parts = parts;
    update();
}

void StackedBar::setShowLabels(bool on) {
    m_labels = on;
    updateGeometry();
}

QSize StackedBar::sizeHint() const {
    return {220, m_labels ? 18 + metrics().caption + 4 : 12};
}

QSize StackedBar::minimumSizeHint() const {
    return {80, sizeHint().height()};
}

QRectF StackedBar::partRect(int part) const {
    double total = 0;
    double before = 0;
    for (int i = 0; i < m_parts.size(); ++i) {
        if (i < part)
            before += m_parts[i].value;
        total += m_parts[i].value;
    }
    if (total <= 0)
        return {};
    const qreal left = std::round(width() * before / total);
    const qreal right = std::round(width() * (before + m_parts[part].value) / total);
    return {left, 0, std::max(0.0, right - left - (part + 1 < m_parts.size() ? 1 : 0)), 12};
}

int StackedBar::partAt(const QPointF& pos) const {
    for (int i = 0; i < m_parts.size(); ++i)
        if (pos.x() >= partRect(i).left() && pos.x() <= partRect(i).right())
            return i;
    return -1;
}

void StackedBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    const auto count = static_cast<int>(m_parts.size());
    for (int i = 0; i < count; ++i) {
        const QRectF r = partRect(i);
        const QColor own = m_parts[i].colorIndex >= 0 ? t.seriesColor(m_parts[i].colorIndex)
                                                      : mix(t.replica.leader, t.surface.panel,
                                                            count < 2 ? 0 : 0.45 * i / (count - 1));
        roundedBox(painter, r, 2,
                   m_hover >= 0 && m_hover != i ? mix(own, t.surface.panel, 0.5) : own, QColor());
        if (!m_labels)
            continue;
        painter.setFont(theme().font(Theme::Size::Caption));
        painter.setPen(t.text.secondary);
        const QFontMetricsF fm(painter.font());
        if (fm.horizontalAdvance(m_parts[i].label) <= r.width())
            painter.drawText(QRectF(r.left(), 16, r.width() + 1, metrics().caption + 6),
                             Qt::AlignLeft | Qt::AlignVCenter, m_parts[i].label);
    }
}

void StackedBar::mouseMoveEvent(QMouseEvent* event) {
    const int part = partAt(event->position());
    if (part == m_hover)
        return;
    m_hover = part;
    emit hovered(part);
    update();
}

void StackedBar::mousePressEvent(QMouseEvent* event) {
    if (const int part = partAt(event->position()); part >= 0)
        emit clicked(part);
}

void StackedBar::leaveEvent(QEvent*) {
    m_hover = -1;
    emit hovered(-1);
    update();
}

bool StackedBar::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int part = partAt(help->pos());
        const QString text = part < 0                        ? QString()
                             : m_parts[part].exact.isEmpty() ? m_parts[part].label
                                                             : m_parts[part].exact;
        QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace odradek::ui
