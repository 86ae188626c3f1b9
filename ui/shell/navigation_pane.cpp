// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/navigation_pane.h"

#include "ui/theme/focus.h"
#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

namespace odradek::ui {

QString navGroupWord(NavGroup group) {
    switch (group) {
        case NavGroup::Observe:
            return NavigationPane::tr("Observe");
        case NavGroup::Browse:
            return NavigationPane::tr("Browse");
        case NavGroup::Flow:
            return NavigationPane::tr("Flow");
        case NavGroup::Govern:
            return NavigationPane::tr("Govern");
        case NavGroup::Learn:
            return NavigationPane::tr("Learn");
    }
    return {};
}

NavigationPane::NavigationPane(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Navigation"));
    connect(&theme(), &Theme::changed, this, [this] {
        m_opened.clear();
        updateGeometry();
        update();
    });
}

int NavigationPane::paneWidth() {
    return metrics().navWidth;
}

QSize NavigationPane::sizeHint() const {
    return {paneWidth(), 500};
}

void NavigationPane::addEntry(const Entry& entry) {
    m_entries.append(entry);
    update();
}

void NavigationPane::setCurrent(const QString& id) {
    m_current = id;
    update();
}

void NavigationPane::setBadge(const QString& id, const NavBadge& badge) {
    for (Entry& entry : m_entries)
        if (entry.id == id)
            entry.badge = badge;
    update();
}

void NavigationPane::setAvailable(const QString& id, bool available) {
    for (Entry& entry : m_entries)
        if (entry.id == id)
            entry.available = available;
    update();
}

bool NavigationPane::isOpen(NavGroup group) const {
    if (!theme().isPresenter() || m_opened.contains(static_cast<int>(group)))
        return true;
    for (const Entry& entry : m_entries)
        if (entry.id == m_current)
            return entry.group == group;
    return true;
}

QVector<NavigationPane::Row> NavigationPane::rows() const {
    QVector<Row> result;
    const Metrics& m = metrics();
    qreal y = 8;
    for (int g = 0; g <= static_cast<int>(NavGroup::Learn); ++g) {
        const auto group = static_cast<NavGroup>(g);
        QVector<int> members;
        for (int i = 0; i < m_entries.size(); ++i)
            if (m_entries[i].group == group && m_entries[i].available)
                members.append(i);
        if (members.isEmpty())
            continue;
        const qreal heading = theme().isPresenter() ? m.navRow : m.navRow - 2;
        result.append({-1, group, QRectF(6, y, width() - 13, heading)});
        y += heading;
        if (isOpen(group)) {
            for (const int i : members) {
                result.append({i, group, QRectF(6, y, width() - 13, m.navRow - 1)});
                y += m.navRow - 1;
            }
        }
        if (!theme().isPresenter())
            y += 2;
    }
    return result;
}

const NavigationPane::Row* NavigationPane::rowAt(const QVector<Row>& rows,
                                                 const QPointF& pos) const {
    for (const Row& row : rows)
        if (row.rect.contains(pos))
            return &row;
    return nullptr;
}

void NavigationPane::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    const Metrics& m = metrics();
    for (const Row& row : rows()) {
        const QRectF& r = row.rect;
        if (row.entry < 0) {
            const bool presenter = theme().isPresenter();
            painter.setFont(theme().font(
                presenter ? Theme::Size::Body : Theme::Size::Caption,
                presenter && !isOpen(row.group) ? Theme::Weight::Regular : Theme::Weight::Strong));
            painter.setPen(presenter && isOpen(row.group) ? t.text.primary : t.text.tertiary);
            painter.drawText(r.adjusted(8, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                             navGroupWord(row.group));
            if (presenter)
                painter.drawPixmap(
                    QPointF(r.right() - 20, std::round(r.center().y() - 6)),
                    theme().pixmap(isOpen(row.group) ? QStringLiteral("chevron-down")
                                                     : QStringLiteral("chevron-right"),
                                   t.text.tertiary, 12, devicePixelRatioF()));
            continue;
        }
        const Entry& entry = m_entries[row.entry];
        const bool on = entry.id == m_current;
        if (on) {
            roundedBox(painter, r, m.radiusControl, t.surface.selected, QColor());
            painter.fillRect(QRectF(0, r.top() + 4, 3, r.height() - 8), t.accent.base);
            if (focusVisible(this)) {
                painter.setRenderHint(QPainter::Antialiasing);
                painter.setPen(QPen(t.border.focus, 2));
                painter.setBrush(Qt::NoBrush);
                painter.drawRoundedRect(r.adjusted(1, 1, -1, -1), m.radiusControl, m.radiusControl);
            }
        } else if (entry.id == m_hover) {
            roundedBox(painter, r, m.radiusControl, t.surface.hover, QColor());
        }
        painter.drawPixmap(QPointF(r.left() + 8, std::round(r.center().y() - m.icon / 2.0)),
                           theme().pixmap(entry.icon, on ? t.accent.base : t.text.secondary, m.icon,
                                          devicePixelRatioF()));
        QRectF text = r.adjusted(8 + m.icon + 8, 0, -6, 0);
        if (entry.badge.count > 0) {
            painter.setFont(theme().font(Theme::Size::Caption, Theme::Weight::Strong));
            const QString count = formatCount(entry.badge.count);
            const qreal w = tabularWidth(painter.font(), count);
            painter.setPen(t.status(entry.badge.status).text);
            drawTabular(painter, text, Qt::AlignRight | Qt::AlignVCenter, count);
            const qreal shape = m.caption + 1;
            drawStatus(
                painter,
                QRectF(text.right() - w - shape - 5, r.center().y() - shape / 2, shape, shape),
                entry.badge.status);
            text.setRight(text.right() - w - shape - 8);
        }
        painter.setFont(
            theme().font(Theme::Size::Body, on ? Theme::Weight::Strong : Theme::Weight::Regular));
        painter.setPen(on ? t.text.primary : t.text.secondary);
        drawText(painter, text, Qt::AlignVCenter | Qt::AlignLeft, entry.title);
    }
}

void NavigationPane::press(const Row& row) {
    if (row.entry >= 0)
        return void(emit chosen(m_entries[row.entry].id));
    if (!theme().isPresenter())
        return;
    const int group = static_cast<int>(row.group);
    if (!m_opened.remove(group))
        m_opened.insert(group);
    update();
}

void NavigationPane::mousePressEvent(QMouseEvent* event) {
    const QVector<Row> all = rows();
    if (const Row* row = rowAt(all, event->position()))
        press(*row);
}

void NavigationPane::mouseMoveEvent(QMouseEvent* event) {
    const QVector<Row> all = rows();
    const Row* row = rowAt(all, event->position());
    const QString id = row && row->entry >= 0 ? m_entries[row->entry].id : QString();
    if (id != m_hover) {
        m_hover = id;
        update();
    }
}

void NavigationPane::leaveEvent(QEvent*) {
    m_hover.clear();
    update();
}

void NavigationPane::keyPressEvent(QKeyEvent* event) {
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    if (step == 0)
        return QWidget::keyPressEvent(event);
    QVector<int> visible;
    for (const Row& row : rows())
        if (row.entry >= 0)
            visible.append(row.entry);
    for (int i = 0; i < visible.size(); ++i) {
        if (m_entries[visible[i]].id != m_current)
            continue;
        if (const int next = i + step; next >= 0 && next < visible.size())
            emit chosen(m_entries[visible[next]].id);
        return;
    }
    if (!visible.isEmpty())
        emit chosen(m_entries[visible.first()].id);
}

bool NavigationPane::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const QVector<Row> all = rows();
        const Row* row = rowAt(all, help->pos());
        QToolTip::showText(help->globalPos(),
                           row && row->entry >= 0 ? m_entries[row->entry].badge.tooltip : QString(),
                           this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace odradek::ui
