// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/history.h"

namespace odradek::ui {

History::History(QObject* parent, int limit) : QObject(parent), m_limit(limit) {}

void History::visit(const Location& location) {
    if (!location.isValid() || (m_index >= 0 && m_entries[m_index] == location)) return;
    m_entries.resize(m_index + 1);
    m_entries.append(location);
    if (m_entries.size() > m_limit) m_entries.removeFirst();
    m_index = static_cast<int>(m_entries.size()) - 1;
    emit changed();
}

void History::replace(const Location& location) {
    if (m_index < 0) return visit(location);
    m_entries[m_index] = location;
    emit changed();
}

Location History::current() const { return m_index >= 0 ? m_entries[m_index] : Location(); }

void History::back() {
    if (!canGoBack()) return;
    --m_index;
    emit changed();
    emit travelled(m_entries[m_index]);
}

void History::forward() {
    if (!canGoForward()) return;
    ++m_index;
    emit changed();
    emit travelled(m_entries[m_index]);
}

}  // namespace odradek::ui
