// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/activity_tray.h"

#include "ui/theme/focus.h"
#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace odradek::ui {

ActivityTray::ActivityTray(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Activity"));
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void ActivityTray::setTask(const ActivityTask& task) {
    auto it = std::find_if(m_tasks.begin(), m_tasks.end(),
                           [&](const ActivityTask& t) { return t.id == task.id; });
    const bool wasRunning = it == m_tasks.end() || it->state == ActivityTask::State::Running ||
                            it->state == ActivityTask::State::Paused;
    if (it == m_tasks.end())
        m_tasks.prepend(task);
    else
        *it = task;
    if (wasRunning && task.state == ActivityTask::State::Done)
        ++m_done;
    // Running ones first; of the ended only the latest few stay to be read.
    std::stable_sort(m_tasks.begin(), m_tasks.end(),
                     [](const ActivityTask& a, const ActivityTask& b) {
                         return (a.state <= ActivityTask::State::Paused) >
                                (b.state <= ActivityTask::State::Paused);
                     });
    while (m_tasks.size() > runningCount() + 20)
        m_tasks.removeLast();
    update();
}

void ActivityTray::removeTask(const QString& id) {
    m_tasks.removeIf([&](const ActivityTask& t) { return t.id == id; });
    update();
}

int ActivityTray::runningCount() const {
    return static_cast<int>(std::count_if(
        m_tasks.begin(), m_tasks.end(),
        [](const ActivityTask& t) { return t.state <= ActivityTask::State::Paused; }));
}

void ActivityTray::setExpanded(bool expanded) {
    m_expanded = expanded;
    update();
}

QSize ActivityTray::sizeHint() const {
    return {metrics().body * 36, metrics().statusBar};
}

void ActivityTray::paintRow(QPainter& painter, const QRectF& rect, const ActivityTask& task,
                            bool compact) {
    const Tokens& t = tokens();
    QRectF area = rect;
    const auto right = [&](const QString& text, qreal width, const QColor& color) {
        painter.setPen(color);
        drawTabular(painter, QRectF(area.right() - width, rect.top(), width, rect.height()),
                    Qt::AlignRight | Qt::AlignVCenter, text);
        area.setRight(area.right() - width - 8);
    };
    painter.setFont(theme().font(Theme::Size::Caption));
    const QFontMetricsF fm(painter.font());
    const bool running = task.state <= ActivityTask::State::Paused;
    if (running && task.cancellable && !compact) {
        const QRectF cross(area.right() - 14, rect.center().y() - 7, 14, 14);
        painter.drawPixmap(cross.topLeft(), theme().pixmap(QStringLiteral("close"), t.text.tertiary,
                                                           14, devicePixelRatioF()));
        m_cancelRects[task.id] = cross.adjusted(-4, -4, 4, 4);
        area.setRight(cross.left() - 8);
    }
    if (running) {
        const QString left = task.remainingSeconds >= 0
                                 ? tr("%1 left").arg(formatDuration(task.remainingSeconds))
                                 : QString();
        if (compact) {
            QStringList words;
            if (!task.rate.isEmpty())
                words << task.rate;
            if (!left.isEmpty())
                words << left;
            const QString text = words.join(QStringLiteral(", "));
            right(text, fm.horizontalAdvance(text) + 2, t.text.tertiary);
        } else {
            right(left, fm.horizontalAdvance(tr("%1 left").arg(QStringLiteral("12 min 59 s"))),
                  t.text.tertiary);
            right(task.rate, fm.horizontalAdvance(QStringLiteral("999 k rec/s")), t.text.tertiary);
        }
        right(task.progress >= 0 ? formatPercent(task.progress) : QString(),
              fm.horizontalAdvance(QStringLiteral("100 %")), t.text.primary);
        const qreal width = std::clamp(rect.width() * 0.2, 50.0, 96.0);
        const QRectF bar(area.right() - width, rect.center().y() - 3, width, 6);
        roundedBox(painter, bar, 3, t.border.subtle, QColor());
        if (task.progress >= 0) {
            roundedBox(painter,
                       QRectF(bar.left(), bar.top(),
                              std::max(3.0, bar.width() * std::min(1.0, task.progress)), 6),
                       3, t.accent.base, QColor());
        } else {
            hatch(painter, bar, t.accent.base, 6, 2, 3);
        }
        area.setRight(bar.left() - 10);
    } else {
        const Status status = task.state == ActivityTask::State::Done     ? Status::Ok
                              : task.state == ActivityTask::State::Failed ? Status::Error
                                                                          : Status::Info;
        const QString word = task.state == ActivityTask::State::Done     ? tr("done")
                             : task.state == ActivityTask::State::Failed ? task.message
                                                                         : tr("cancelled");
        const qreal width = std::min(fm.horizontalAdvance(word) + 2, rect.width() * 0.5);
        right(word, width, t.status(status).text);
        const qreal shape = metrics().caption + 1;
        drawStatus(painter,
                   QRectF(area.right() - shape, rect.center().y() - shape / 2, shape, shape),
                   status);
        area.setRight(area.right() - shape - 8);
    }
    painter.setPen(t.text.primary);
    drawText(painter, area, Qt::AlignVCenter | (compact ? Qt::AlignRight : Qt::AlignLeft),
             task.title);
}

void ActivityTray::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    m_cancelRects.clear();
    const int line = metrics().statusBar;
    QRectF head(12, 0, width() - 20, line);
    const int running = runningCount();
    const int chevron = 14;
    painter.drawPixmap(
        QPointF(head.right() - chevron, std::round((line - chevron) / 2.0)),
        theme().pixmap(m_expanded ? QStringLiteral("chevron-down") : QStringLiteral("chevron-up"),
                       t.text.secondary, chevron, devicePixelRatioF()));
    head.setRight(head.right() - chevron - 8);
    if (!m_expanded) {
        if (running > 0) {
            paintRow(painter, head, m_tasks.first(), true);
        } else {
            painter.setFont(theme().font(Theme::Size::Caption));
            painter.setPen(t.text.tertiary);
            painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight, tr("No running tasks"));
        }
    } else {
        painter.setFont(theme().font(Theme::Size::Caption, Theme::Weight::Strong));
        painter.setPen(t.text.primary);
        const qreal used =
            drawText(painter, head, Qt::AlignVCenter | Qt::AlignLeft, tr("Activity"));
        painter.setFont(theme().font(Theme::Size::Caption));
        painter.setPen(t.text.tertiary);
        drawText(painter, head.adjusted(used + 10, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                 tr("%n running", nullptr, running) + QStringLiteral(", ") +
                     tr("%n done", nullptr, m_done));
        const int row = metrics().tableRow - 1;
        for (int i = 0; i < m_tasks.size() && line + (i + 1) * row <= height() + row / 2; ++i) {
            const QRectF r(12, line + i * row, width() - 24, row);
            if (focusVisible(this) && i == m_focused)
                roundedBox(painter, r.adjusted(-6, 1, 6, -1), 3, t.surface.selected, QColor());
            paintRow(painter, r, m_tasks[i], false);
        }
    }
    if (focusVisible(this))
        hLine(painter, 0, width(), 1, t.border.focus);
}

void ActivityTray::mousePressEvent(QMouseEvent* event) {
    for (auto it = m_cancelRects.begin(); it != m_cancelRects.end(); ++it)
        if (it.value().contains(event->position()))
            return void(emit cancelRequested(it.key()));
    if (event->position().y() < metrics().statusBar)
        emit expandToggled();
}

void ActivityTray::mouseMoveEvent(QMouseEvent* event) {
    QString hint;
    for (auto it = m_cancelRects.begin(); it != m_cancelRects.end(); ++it)
        if (it.value().contains(event->position()))
            hint = tr("Cancel");
    setToolTip(hint);
}

void ActivityTray::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_tasks.size()) - 1;
    switch (event->key()) {
        case Qt::Key_Up:
            m_focused = qBound(0, m_focused - 1, qMax(0, last));
            break;
        case Qt::Key_Down:
            m_focused = qBound(0, m_focused + 1, qMax(0, last));
            break;
        case Qt::Key_Return:
        case Qt::Key_Space:
            emit expandToggled();
            break;
        case Qt::Key_Delete:
            if (m_focused <= last && m_tasks[m_focused].cancellable &&
                m_tasks[m_focused].state <= ActivityTask::State::Paused)
                emit cancelRequested(m_tasks[m_focused].id);
            break;
        default:
            return QWidget::keyPressEvent(event);
    }
    update();
}

}  // namespace odradek::ui
