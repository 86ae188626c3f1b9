// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/base/mutant.h"

namespace odradek::sim {

/// A planted bug as people name it.
struct MutantName {
    Mutant mutant;
    std::string_view name;
    std::string_view words;  ///< what goes wrong with it
};

/// All that are planted somewhere, in the order they are listed.
std::span<const MutantName> allMutants();
std::optional<Mutant> mutantNamed(std::string_view name);

}  // namespace odradek::sim
