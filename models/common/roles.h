// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Qt>

namespace odradek::models {

/// Meaning of a cell beside its words; the shared table draws them (ui/widgets/table_roles.h has
/// the same numbers).
enum Role : int {
    kSortRole = Qt::UserRole + 1,       ///< typed value to sort by
    kSparklineRole = Qt::UserRole + 2,  ///< QVector<double>, oldest first
    kStatusRole = Qt::UserRole + 3,     ///< int(Health)
    kMarkerRole = Qt::UserRole + 4,     ///< int, marker of the entity
    kColorRole = Qt::UserRole + 5,      ///< int, series colour of the entity
    kExactRole = Qt::UserRole + 6,      ///< exact value with unit
    kLoadingRole = Qt::UserRole + 7,    ///< bool: not known yet
    kEmphasisRole = Qt::UserRole + 8,   ///< bool
    kFractionRole = Qt::UserRole + 9,   ///< double 0..1
    kKeyRole = Qt::UserRole + 20,       ///< QString: what names the row
};

/// How something is; the ui gives each its shape, colour and word. Same order as ui::Status.
enum class Health : int { Ok, Info, Warning, Error, Offline };

}  // namespace odradek::models
