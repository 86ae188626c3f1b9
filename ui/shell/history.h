// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/location.h"

#include <QObject>
#include <QVector>

namespace odradek::ui {

/// Where the user has been, as in a browser: visit() drops the forward part, back() and forward() walk.
/// Going to the present place again changes nothing. GUI thread.
class History : public QObject {
    Q_OBJECT
public:
    explicit History(QObject* parent = nullptr, int limit = 200);
    void visit(const Location& location);
    /// Replaces the present entry (a tab switched, a row selected) without a step.
    void replace(const Location& location);
    bool canGoBack() const { return m_index > 0; }
    bool canGoForward() const { return m_index + 1 < m_entries.size(); }
    Location current() const;
    void back();
    void forward();

signals:
    /// back() or forward() arrived here.
    void travelled(const odradek::ui::Location& location);
    void changed();

private:
    QVector<Location> m_entries;
    int m_index = -1;
    int m_limit;
};

}  // namespace odradek::ui
