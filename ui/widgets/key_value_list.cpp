// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/key_value_list.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QToolTip>

namespace odradek::ui {

KeyValueList::KeyValueList(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void KeyValueList::setItems(const QVector<KeyValue>& items) {
    if (m_items == items) return;
    const bool resized = m_items.size() != items.size();
    m_items = items;
    if (m_current >= items.size()) m_current = -1;
    if (resized) updateGeometry();
    update();
}

void KeyValueList::setKeyWidth(int width) {
    m_keyWidth = width;
    update();
}

int KeyValueList::rowHeight() const { return metrics().body + 7; }

QSize KeyValueList::sizeHint() const { return {260, static_cast<int>(m_items.size()) * rowHeight()}; }

QSize KeyValueList::minimumSizeHint() const { return {120, sizeHint().height()}; }

int KeyValueList::keyWidth() const {
    if (m_keyWidth > 0) return m_keyWidth;
    const QFontMetricsF fm(theme().font(Theme::Size::Caption));
    qreal widest = 40;
    for (const KeyValue& item : m_items) widest = std::max(widest, fm.horizontalAdvance(item.key));
    return static_cast<int>(std::min(widest + 16, width() * 0.5));
}

int KeyValueList::rowAt(int y) const {
    const int row = y / rowHeight();
    return y >= 0 && row < m_items.size() ? row : -1;
}

void KeyValueList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    const int keys = keyWidth();
    for (int i = 0; i < m_items.size(); ++i) {
        const KeyValue& item = m_items[i];
        const QRectF row(0, i * rowHeight(), width(), rowHeight());
        if (i == m_current && hasFocus()) roundedBox(painter, row, 3, t.surface.selected, QColor());
        painter.setFont(theme().font(Theme::Size::Caption));
        painter.setPen(t.text.tertiary);
        drawText(painter, QRectF(2, row.top(), keys - 8, row.height()), Qt::AlignVCenter | Qt::AlignLeft, item.key);
        painter.setFont(item.mono ? theme().monoFont() : theme().font());
        painter.setPen(t.text.primary);
        QRectF area(keys, row.top(), row.width() - keys, row.height());
        area.setLeft(area.left() + drawText(painter, area, Qt::AlignVCenter | Qt::AlignLeft, item.value) + 8);
        if (!item.note.isEmpty()) {
            painter.setFont(theme().font(Theme::Size::Caption));
            painter.setPen(t.text.tertiary);
            drawText(painter, area, Qt::AlignVCenter | Qt::AlignLeft, item.note);
        }
    }
}

void KeyValueList::copyRow(int row) const {
    if (row >= 0 && row < m_items.size()) QGuiApplication::clipboard()->setText(m_items[row].value);
}

void KeyValueList::mousePressEvent(QMouseEvent* event) {
    m_current = rowAt(static_cast<int>(event->position().y()));
    update();
}

void KeyValueList::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return copyRow(m_current);
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Up) {
        const int step = event->key() == Qt::Key_Down ? 1 : -1;
        m_current = qBound(0, m_current + step, static_cast<int>(qMax<qsizetype>(0, m_items.size() - 1)));
        return update();
    }
    QWidget::keyPressEvent(event);
}

void KeyValueList::contextMenuEvent(QContextMenuEvent* event) {
    const int row = event->reason() == QContextMenuEvent::Mouse ? rowAt(event->pos().y()) : m_current;
    if (row < 0) return;
    QMenu menu(this);
    connect(menu.addAction(theme().icon(QStringLiteral("copy")), tr("Copy value")), &QAction::triggered, this,
            [this, row] { copyRow(row); });
    connect(menu.addAction(tr("Copy all")), &QAction::triggered, this, [this] {
        QString text;
        for (const KeyValue& item : m_items) text += item.key + QStringLiteral(": ") + item.value + u'\n';
        QGuiApplication::clipboard()->setText(text);
    });
    menu.exec(event->globalPos());
}

bool KeyValueList::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos().y());
        const QFontMetricsF fm(theme().font());
        const bool cut = row >= 0 && fm.horizontalAdvance(m_items[row].value) > width() - keyWidth();
        QToolTip::showText(help->globalPos(), cut ? m_items[row].value : QString(), this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace odradek::ui
