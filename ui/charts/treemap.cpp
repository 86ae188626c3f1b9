// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/treemap.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace odradek::ui {

QVector<QRectF> squarify(const QVector<double>& sizes, const QRectF& rect) {
    QVector<QRectF> result(sizes.size());
    double remaining = 0;
    for (const double s : sizes)
        remaining += std::max(0.0, s);
    QRectF free = rect;
    qsizetype i = 0;
    while (i < sizes.size() && remaining > 0 && sizes[i] > 0) {
        const double side = std::min(free.width(), free.height());
        const double unit = free.width() * free.height() / remaining;
        // Add to the row as long as its worst aspect ratio gets better.
        double sum = 0;
        double best = std::numeric_limits<double>::infinity();
        qsizetype end = i;
        while (end < sizes.size() && sizes[end] > 0) {
            const double next = sum + sizes[end];
            const double length = next * unit / side;
            const double biggest = sizes[i] * unit / length;
            const double smallest = sizes[end] * unit / length;
            const double worst = std::max(std::max(biggest / length, length / biggest),
                                          std::max(smallest / length, length / smallest));
            if (worst > best)
                break;
            best = worst;
            sum = next;
            ++end;
        }
        const double length = sum * unit / side;
        const bool column = free.width() >= free.height();
        double at = column ? free.top() : free.left();
        for (qsizetype k = i; k < end; ++k) {
            const double extent = sizes[k] / sum * side;
            result[k] = column ? QRectF(free.left(), at, length, extent)
                               : QRectF(at, free.top(), extent, length);
            at += extent;
        }
        if (column)
            free.setLeft(free.left() + length);
        else
            free.setTop(free.top() + length);
        remaining -= sum;
        i = end;
        if (free.width() <= 0 || free.height() <= 0)
            break;
    }
    return result;
}

Treemap::Treemap(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Treemap::setItems(QVector<TreemapItem> items) {
    std::stable_sort(items.begin(), items.end(),
                     [](const TreemapItem& a, const TreemapItem& b) { return a.size > b.size; });
    if (m_items == items)
        return;
    m_items = std::move(items);
    m_hover = -1;
    m_current = std::min(m_current, static_cast<int>(m_items.size()) - 1);
    relayout();
}

void Treemap::relayout() {
    QVector<double> sizes;
    for (const TreemapItem& item : m_items)
        sizes << item.size;
    m_rects = squarify(sizes, QRectF(rect()));
    update();
}

void Treemap::resizeEvent(QResizeEvent*) {
    relayout();
}

int Treemap::itemAt(const QPointF& pos) const {
    for (int i = 0; i < m_rects.size(); ++i)
        if (m_rects[i].contains(pos))
            return i;
    return -1;
}

void Treemap::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    for (int i = 0; i < m_items.size(); ++i) {
        const QRectF r = m_rects[i].adjusted(1, 1, -1, -1);
        if (r.width() < 1 || r.height() < 1)
            continue;
        const QColor own = m_items[i].colorIndex >= 0
                               ? mix(t.seriesColor(m_items[i].colorIndex), t.surface.panel, 0.72)
                               : mix(t.surface.selected, t.surface.sunken, std::min(1.0, i / 8.0));
        const bool hot = i == m_hover || (i == m_current && hasFocus());
        roundedBox(painter, r, 3, hot ? mix(own, t.accent.base, 0.18) : own,
                   hot ? t.border.focus : QColor());
        if (m_items[i].colorIndex >= 0 && r.height() > 8)
            painter.fillRect(QRectF(r.left(), r.top() + 2, 3, r.height() - 4),
                             t.seriesColor(m_items[i].colorIndex));
        const qreal line = metrics().body + 4;
        if (r.width() < 46 || r.height() < line + 4)
            continue;
        painter.setFont(theme().font(Theme::Size::Body,
                                     i < 3 ? Theme::Weight::Strong : Theme::Weight::Regular));
        painter.setPen(t.text.primary);
        const QRectF text = r.adjusted(9, 5, -6, -4);
        drawText(painter, QRectF(text.left(), text.top(), text.width(), line),
                 Qt::AlignLeft | Qt::AlignVCenter, m_items[i].label);
        if (text.height() < 2 * line - 2)
            continue;
        painter.setFont(theme().font(Theme::Size::Caption));
        painter.setPen(t.text.secondary);
        drawTabular(painter, QRectF(text.left(), text.top() + line, text.width(), line),
                    Qt::AlignLeft | Qt::AlignVCenter, m_items[i].value);
    }
}

void Treemap::mouseMoveEvent(QMouseEvent* event) {
    const int item = itemAt(event->position());
    if (item == m_hover)
        return;
    m_hover = item;
    emit hovered(item < 0 ? QString() : m_items[item].id);
    update();
}

void Treemap::mousePressEvent(QMouseEvent* event) {
    m_current = itemAt(event->position());
    if (m_current >= 0)
        emit clicked(m_items[m_current].id);
    update();
}

void Treemap::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const int item = itemAt(event->position()); item >= 0)
        emit activated(m_items[item].id);
}

void Treemap::leaveEvent(QEvent*) {
    m_hover = -1;
    emit hovered({});
    update();
}

void Treemap::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_items.size()) - 1;
    int next = m_current;
    switch (event->key()) {
        case Qt::Key_Right:
        case Qt::Key_Down:
            next = std::min(last, m_current + 1);
            break;
        case Qt::Key_Left:
        case Qt::Key_Up:
            next = std::max(0, m_current - 1);
            break;
        case Qt::Key_Return:
            if (m_current >= 0)
                emit activated(m_items[m_current].id);
            return;
        default:
            return QWidget::keyPressEvent(event);
    }
    if (next < 0 || next > last)
        return;
    m_current = next;
    emit clicked(m_items[next].id);
    update();
}

bool Treemap::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int item = itemAt(help->pos());
        const QString text = item < 0 ? QString()
                                      : m_items[item].label + u'\n' +
                                            (m_items[item].exact.isEmpty() ? m_items[item].value
                                                                           : m_items[item].exact);
        QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace odradek::ui
