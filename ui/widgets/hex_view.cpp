// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/code_view.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>

namespace odradek::ui {

namespace {
constexpr int kBytes = 16;
constexpr int kHexColumn = 10;                            // characters before the hex part
constexpr int kTextColumn = kHexColumn + kBytes * 3 + 2;  // before the text part
}  // namespace

HexView::HexView(QWidget* parent) : QAbstractScrollArea(parent) {
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Bytes"));
    connect(&theme(), &Theme::changed, this, [this] {
        updateScroll();
        viewport()->update();
    });
}

void HexView::setData(const QByteArray& data) {
    m_data = data;
    m_anchor = m_cursor = -1;
    verticalScrollBar()->setValue(0);
    updateScroll();
    viewport()->update();
}

int HexView::lineCount() const {
    return static_cast<int>((m_data.size() + kBytes - 1) / kBytes);
}

QString HexView::lineText(int index) const {
    const qsizetype from = qsizetype(index) * kBytes;
    QString text = QStringLiteral("%1  ").arg(from, 8, 16, QLatin1Char('0'));
    QString letters;
    for (int i = 0; i < kBytes; ++i) {
        if (from + i < m_data.size()) {
            const auto byte = static_cast<uchar>(m_data[from + i]);
            text += QStringLiteral("%1 ").arg(byte, 2, 16, QLatin1Char('0'));
            letters += byte >= 32 && byte < 127 ? QChar(byte) : QChar(0x00B7);
        } else {
            text += QStringLiteral("   ");
        }
        if (i == 7)
            text += u' ';
    }
    return text + u' ' + letters;
}

void HexView::updateScroll() {
    const int line = metrics().treeRow;
    verticalScrollBar()->setPageStep(viewport()->height() / line);
    verticalScrollBar()->setRange(0, qMax(0, lineCount() - viewport()->height() / line));
    const qreal cell = QFontMetricsF(theme().monoFont()).horizontalAdvance(u'0');
    const int width = static_cast<int>(cell * (kTextColumn + kBytes)) + 28;
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setRange(0, qMax(0, width - viewport()->width()));
}

void HexView::resizeEvent(QResizeEvent*) {
    updateScroll();
}

void HexView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    const Tokens& t = tokens();
    painter.fillRect(viewport()->rect(), t.surface.panel);
    painter.setFont(theme().monoFont());
    const qreal cell = QFontMetricsF(painter.font()).horizontalAdvance(u'0');
    const int height = metrics().treeRow;
    const int first = verticalScrollBar()->value();
    painter.translate(12 - horizontalScrollBar()->value(), 0);
    const int low = qMin(m_anchor, m_cursor);
    const int high = qMax(m_anchor, m_cursor);
    for (int row = 0; row * height < viewport()->height() && first + row < lineCount(); ++row) {
        const QString text = lineText(first + row);
        const qreal y = row * height;
        for (int i = 0; i < kBytes; ++i) {
            const int byte = (first + row) * kBytes + i;
            if (m_anchor < 0 || byte < low || byte > high || byte >= m_data.size())
                continue;
            const qreal x = (kHexColumn + i * 3 + (i > 7)) * cell;
            painter.fillRect(QRectF(x - 2, y + 2, cell * 2 + 4, height - 4), t.surface.selected);
            painter.fillRect(QRectF((kTextColumn + i) * cell, y + 2, cell, height - 4),
                             t.surface.selected);
        }
        const auto part = [&](int from, int count, const QColor& color) {
            painter.setPen(color);
            painter.drawText(QRectF(from * cell, y, cell * (count + 1), height),
                             Qt::AlignVCenter | Qt::AlignLeft, text.mid(from, count));
        };
        part(0, kHexColumn, t.text.tertiary);
        part(kHexColumn, kTextColumn - kHexColumn, t.text.primary);
        part(kTextColumn, kBytes, t.syntax.string);
    }
}

int HexView::byteAt(const QPoint& pos) const {
    const qreal cell = QFontMetricsF(theme().monoFont()).horizontalAdvance(u'0');
    const double column = (pos.x() - 12 + horizontalScrollBar()->value()) / cell;
    const int line = verticalScrollBar()->value() + pos.y() / metrics().treeRow;
    int i = 0;
    if (column >= kTextColumn)
        i = static_cast<int>(column) - kTextColumn;
    else
        i = static_cast<int>((column - kHexColumn - (column > kHexColumn + 24 ? 1 : 0)) / 3);
    const qsizetype byte = qsizetype(line) * kBytes + qBound(0, i, kBytes - 1);
    return m_data.isEmpty() ? -1 : static_cast<int>(qBound<qsizetype>(0, byte, m_data.size() - 1));
}

void HexView::mousePressEvent(QMouseEvent* event) {
    m_cursor = byteAt(event->pos());
    if (!(event->modifiers() & Qt::ShiftModifier))
        m_anchor = m_cursor;
    viewport()->update();
}

void HexView::mouseMoveEvent(QMouseEvent* event) {
    if (!(event->buttons() & Qt::LeftButton))
        return;
    m_cursor = byteAt(event->pos());
    viewport()->update();
}

void HexView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy))
        return copy(true);
    if (event->matches(QKeySequence::SelectAll)) {
        m_anchor = 0;
        m_cursor = static_cast<int>(m_data.size()) - 1;
        return viewport()->update();
    }
    int step = 0;
    switch (event->key()) {
        case Qt::Key_Left:
            step = -1;
            break;
        case Qt::Key_Right:
            step = 1;
            break;
        case Qt::Key_Up:
            step = -kBytes;
            break;
        case Qt::Key_Down:
            step = kBytes;
            break;
        default:
            return QAbstractScrollArea::keyPressEvent(event);
    }
    if (m_data.isEmpty())
        return;
    m_cursor = qBound(0, qMax(0, m_cursor) + step, static_cast<int>(m_data.size()) - 1);
    if (!(event->modifiers() & Qt::ShiftModifier))
        m_anchor = m_cursor;
    const int line = m_cursor / kBytes;
    if (line < verticalScrollBar()->value())
        verticalScrollBar()->setValue(line);
    const int page = viewport()->height() / metrics().treeRow;
    if (line >= verticalScrollBar()->value() + page)
        verticalScrollBar()->setValue(line - page + 1);
    viewport()->update();
}

void HexView::copy(bool hex) const {
    const int low = m_anchor < 0 ? 0 : qMin(m_anchor, m_cursor);
    const int high = m_anchor < 0 ? static_cast<int>(m_data.size()) - 1 : qMax(m_anchor, m_cursor);
    const QByteArray part = m_data.mid(low, high - low + 1);
    QGuiApplication::clipboard()->setText(hex ? QString::fromLatin1(part.toHex(' '))
                                              : QString::fromUtf8(part));
}

void HexView::contextMenuEvent(QContextMenuEvent* event) {
    QMenu menu(this);
    connect(menu.addAction(theme().icon(QStringLiteral("copy")), tr("Copy as hex")),
            &QAction::triggered, this, [this] { copy(true); });
    connect(menu.addAction(tr("Copy as text")), &QAction::triggered, this, [this] { copy(false); });
    menu.exec(event->globalPos());
}

}  // namespace odradek::ui
