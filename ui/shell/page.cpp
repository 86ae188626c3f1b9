// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page.h"

namespace odradek::ui {

void Page::setHeader(const PageHeader& header) {
    if (m_header == header) return;
    m_header = header;
    emit headerChanged();
}

void Page::tabChosen(const QString& tabId) {
    Location next = m_location;
    next.tab = tabId;
    emit requestNavigate(next);
}

}  // namespace odradek::ui
