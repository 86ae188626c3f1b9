// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <QString>
#include <QStringList>

namespace odradek::ui {

/// A place in the window: a page, what it is opened on, and its tab. Plain value; what history, breadcrumbs,
/// palette entries and links carry. Text form "topics/new_orders#configuration", parts percent-encoded.
struct Location {
    QString page;      ///< Page::id()
    QStringList path;  ///< for example {"new_orders"} or {"new_orders", "2"}
    QString tab;       ///< tab id, empty = first

    bool isValid() const { return !page.isEmpty(); }
    QString toString() const;
    static Location fromString(const QString& text);
    friend bool operator==(const Location&, const Location&) = default;
};

}  // namespace odradek::ui

Q_DECLARE_METATYPE(odradek::ui::Location)
