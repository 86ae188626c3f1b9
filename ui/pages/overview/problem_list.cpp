// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/problem_list.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextLayout>
#include <QToolTip>

#include <algorithm>
#include <cmath>

#include "models/common/text.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/theme/focus.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

namespace odradek::ui {

namespace {

constexpr int kLeft = 36;  ///< px before the words: 12 padding, the shape, 8
constexpr int kPadding = 12;
constexpr int kDetailLines = 2;

int linkWidth(const models::Problem& problem) {
    return static_cast<int>(std::ceil(
        QFontMetricsF(theme().font(Theme::Size::Caption)).horizontalAdvance(problem.action)));
}

/// Words wrapped to at most `lines` lines; the last one is shortened.
QStringList wrapped(const QString& text, const QFont& font, int width, int lines) {
    QStringList result;
    QTextLayout layout(text, font);
    layout.beginLayout();
    for (auto line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width);
        if (result.size() + 1 == lines) {
            result << QFontMetrics(font).elidedText(text.mid(line.textStart()), Qt::ElideRight,
                                                    width);
            break;
        }
        result << text.mid(line.textStart(), line.textLength()).trimmed();
    }
    layout.endLayout();
    return result;
}

}  // namespace

ProblemList::ProblemList(QWidget* parent) : QAbstractScrollArea(parent) {
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Open problems"));
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&theme(), &Theme::changed, this, &ProblemList::relayout);
}

void ProblemList::setProblems(std::vector<ListedProblem> problems) {
    if (m_problems == problems)
        return;
    m_problems = std::move(problems);
    if (m_current >= count())
        m_current = count() - 1;
    if (m_hover >= count())
        m_hover = -1;
    relayout();
}

void ProblemList::relayout() {
    m_tops.assign(1, 0);
    const auto font = theme().font(Theme::Size::Caption);
    for (const auto& listed : m_problems) {
        const int width =
            std::max(60, viewport()->width() - kLeft - kPadding - linkWidth(listed.problem) - 12);
        const auto lines =
            static_cast<int>(wrapped(listed.problem.detail, font, width, kDetailLines).size());
        m_tops.push_back(m_tops.back() + 2 * 9 + metrics().body + 6 +
                         std::max(1, lines) * (metrics().caption + 5));
    }
    verticalScrollBar()->setRange(0, std::max(0, m_tops.back() - viewport()->height()));
    verticalScrollBar()->setPageStep(std::max(1, viewport()->height()));
    verticalScrollBar()->setSingleStep(40);
    viewport()->update();
}

QRect ProblemList::rowRect(int index) const {
    const auto i = static_cast<std::size_t>(index);
    return QRect(0, m_tops[i] - verticalScrollBar()->value(), viewport()->width(),
                 m_tops[i + 1] - m_tops[i]);
}

int ProblemList::rowAt(const QPoint& pos) const {
    for (int i = 0; i < count(); ++i)
        if (rowRect(i).contains(pos))
            return i;
    return -1;
}

void ProblemList::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    const auto& t = tokens();
    const auto caption = theme().font(Theme::Size::Caption);
    for (int i = 0; i < count(); ++i) {
        const QRect row = rowRect(i);
        if (row.bottom() < 0 || row.top() > viewport()->height())
            continue;
        const auto& listed = m_problems[static_cast<std::size_t>(i)];
        const bool focus = focusVisible(this) && i == m_current;
        if (i == m_hover || focus)
            painter.fillRect(row.adjusted(0, 0, 0, -1),
                             i == m_hover ? t.surface.hover : t.surface.selected);
        if (i > 0)
            hLine(painter, 0, viewport()->width(), row.top(), t.border.subtle);
        const int top = row.top() + 9;
        const int titleHeight = metrics().body + 6;
        const int right = viewport()->width() - kPadding;
        drawStatus(painter, QRectF(kPadding, top + (titleHeight - 14) / 2.0, 14, 14),
                   statusOf(listed.problem.health));
        painter.setFont(caption);
        int used = 0;
        if (listed.sinceMs >= 0) {
            painter.setPen(t.text.tertiary);
            used = static_cast<int>(
                drawTabular(painter, QRectF(kLeft, top, right - kLeft, titleHeight),
                            Qt::AlignRight | Qt::AlignVCenter, models::duration(listed.sinceMs)));
        }
        painter.setFont(theme().font(Theme::Size::Body, Theme::Weight::Strong));
        painter.setPen(t.text.primary);
        drawText(painter, QRectF(kLeft, top, right - kLeft - used - 12, titleHeight),
                 Qt::AlignLeft | Qt::AlignVCenter, listed.problem.title);
        const int link = linkWidth(listed.problem);
        const int line = metrics().caption + 5;
        painter.setFont(caption);
        painter.setPen(t.text.link);
        painter.drawText(QRect(right - link - 2, top + titleHeight, link + 2, line),
                         Qt::AlignRight | Qt::AlignVCenter, listed.problem.action);
        painter.setPen(t.text.secondary);
        int y = top + titleHeight;
        for (const auto& words : wrapped(listed.problem.detail, caption,
                                         std::max(60, right - kLeft - link - 12), kDetailLines)) {
            painter.drawText(QRect(kLeft, y, right - kLeft - link - 10, line),
                             Qt::AlignLeft | Qt::AlignVCenter, words);
            y += line;
        }
        if (focus) {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(t.border.focus, 2));
            painter.drawRoundedRect(QRectF(row).adjusted(2, 2, -2, -2), 4, 4);
        }
    }
}

void ProblemList::resizeEvent(QResizeEvent*) {
    relayout();
}

void ProblemList::point(int index) {
    if (m_hover == index)
        return;
    m_hover = index;
    emit hovered(index);
    viewport()->update();
}

void ProblemList::mouseMoveEvent(QMouseEvent* event) {
    const int row = rowAt(event->position().toPoint());
    viewport()->setCursor(row >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    point(row);
}

void ProblemList::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    if (const int row = rowAt(event->position().toPoint()); row >= 0) {
        m_current = row;
        emit activated(row);
    }
}

void ProblemList::keyPressEvent(QKeyEvent* event) {
    int next = m_current;
    switch (event->key()) {
        case Qt::Key_Down:
            next = std::min(count() - 1, m_current + 1);
            break;
        case Qt::Key_Up:
            next = std::max(0, m_current - 1);
            break;
        case Qt::Key_Home:
            next = 0;
            break;
        case Qt::Key_End:
            next = count() - 1;
            break;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (m_current >= 0)
                emit activated(m_current);
            return;
        default:
            QAbstractScrollArea::keyPressEvent(event);
            return;
    }
    if (count() == 0)
        return;
    m_current = next;
    setAccessibleDescription(m_problems[static_cast<std::size_t>(next)].problem.title);
    const QRect row = rowRect(next);
    if (row.top() < 0)
        verticalScrollBar()->setValue(verticalScrollBar()->value() + row.top());
    else if (row.bottom() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + row.bottom() -
                                      viewport()->height());
    emit hovered(next);
    viewport()->update();
}

void ProblemList::focusInEvent(QFocusEvent* event) {
    if (m_current < 0 && count() > 0 && event->reason() != Qt::MouseFocusReason)
        m_current = 0;
    viewport()->update();
}

void ProblemList::focusOutEvent(QFocusEvent*) {
    if (m_hover < 0)
        emit hovered(-1);
    viewport()->update();
}

bool ProblemList::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave)
        point(-1);
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos());
        QToolTip::showText(help->globalPos(),
                           row < 0 ? QString()
                                   : m_problems[static_cast<std::size_t>(row)].problem.title +
                                         QLatin1Char('\n') +
                                         m_problems[static_cast<std::size_t>(row)].problem.detail,
                           viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

}  // namespace odradek::ui
