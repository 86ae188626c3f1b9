// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QHash>
#include <QVector>
#include <QWidget>

namespace odradek::ui {

/// A long piece of work as the tray shows it. Sent again with the same id to update it.
struct ActivityTask {
    enum class State { Running, Paused, Done, Failed, Cancelled };
    QString id;
    QString title;                ///< "Copy user_clicks -> case file"
    double progress = -1;         ///< 0..1; below 0 = unknown, shown as moving stripes
    QString rate;                 ///< "18.4 MB/s", translated
    double remainingSeconds = -1; ///< below 0 = unknown
    State state = State::Running;
    QString message;              ///< error text when failed
    bool cancellable = true;
};

/// Bottom right: what is running, with progress, rate, remaining time and cancel; one line unless expanded.
class ActivityTray : public QWidget {
    Q_OBJECT
public:
    explicit ActivityTray(QWidget* parent = nullptr);
    void setTask(const ActivityTask& task);
    void removeTask(const QString& id);
    int runningCount() const;
    int doneCount() const { return m_done; }
    void setExpanded(bool expanded);
    QVector<ActivityTask> tasks() const { return m_tasks; }

signals:
    void cancelRequested(const QString& taskId);
    void expandToggled();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    QSize sizeHint() const override;

private:
    void paintRow(QPainter& painter, const QRectF& rect, const ActivityTask& task, bool compact);
    QVector<ActivityTask> m_tasks;
    QHash<QString, QRectF> m_cancelRects;
    bool m_expanded = false;
    int m_done = 0;
    int m_focused = 0;
};

}  // namespace odradek::ui
