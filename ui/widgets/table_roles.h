// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Qt>

namespace odradek::ui {

/// Roles the shared table understands on any model. A model that has other numbers for them keeps its own
/// and the page names them with DataTable::setRole().
enum TableRole : int {
    kSortRole = Qt::UserRole + 1,       ///< typed value to sort by (number, QDateTime, string); default DisplayRole
    kSparklineRole = Qt::UserRole + 2,  ///< QVector<double>, oldest first
    kStatusRole = Qt::UserRole + 3,     ///< int(Status): shape and colour before the display text
    kMarkerRole = Qt::UserRole + 4,     ///< int(Marker) drawn before the text
    kColorRole = Qt::UserRole + 5,      ///< int index of the series colour, for marker, sparkline, bar
    kExactRole = Qt::UserRole + 6,      ///< exact value with unit, shown as tooltip and used by export
    kLoadingRole = Qt::UserRole + 7,    ///< bool: not known yet, drawn as a skeleton bar
    kEmphasisRole = Qt::UserRole + 8,   ///< bool: strong weight
    kFractionRole = Qt::UserRole + 9,   ///< double 0..1 for meter columns
};

/// How a column is drawn and aligned.
enum class ColumnKind {
    Text,       ///< left
    Number,     ///< right, tabular digits
    Mono,       ///< fixed width, left: keys, ids, times
    MonoNumber, ///< fixed width, right: offsets
    Status,     ///< shape + coloured word by kStatusRole
    Marker,     ///< entity marker by kMarkerRole and kColorRole, then text
    Sparkline,  ///< kSparklineRole
    Meter,      ///< kFractionRole as bar with the text
    Link        ///< text in link colour
};

}  // namespace odradek::ui
