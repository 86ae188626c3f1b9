// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>

#include <vector>

#include "models/cluster/problems.h"

namespace odradek::ui {

/// A problem with how long the window has known of it.
struct ListedProblem {
    models::Problem problem;
    qint64 sinceMs = -1;  ///< since it was first seen; -1 = not said
    bool operator==(const ListedProblem&) const = default;
};

/// What is wrong, most harmful first: shape, finding, cause and effect in two lines, and where to
/// go. Up/Down move, Enter or a click goes there. GUI thread.
class ProblemList : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit ProblemList(QWidget* parent = nullptr);
    void setProblems(std::vector<ListedProblem> problems);
    int count() const { return static_cast<int>(m_problems.size()); }
    const ListedProblem& at(int index) const { return m_problems[static_cast<std::size_t>(index)]; }
    QRect rowRect(int index) const;  ///< in the viewport
    QSize sizeHint() const override { return {360, 300}; }
    QSize minimumSizeHint() const override { return {220, 80}; }

signals:
    void activated(int index);
    /// The mouse or the keyboard is on this one; -1 = none.
    void hovered(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int, int) override { viewport()->update(); }

private:
    void relayout();
    int rowAt(const QPoint& pos) const;
    void point(int index);
    std::vector<ListedProblem> m_problems;
    std::vector<int> m_tops;  ///< one more than problems
    int m_hover = -1;
    int m_current = -1;
};

}  // namespace odradek::ui
