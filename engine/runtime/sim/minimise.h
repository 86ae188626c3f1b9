// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>

#include "engine/runtime/sim/trial.h"

namespace odradek::sim {

/// The fewest faults found that still show a violation.
struct Least {
    std::set<std::uint32_t> without;  ///< for TrialOptions
    TrialReport report;               ///< of the trial without them
    std::size_t faults = 0;           ///< that happened at first
    std::size_t faultsLeft = 0;
    int runs = 0;
};

/// Runs a violating trial again and again, leaving out faults of its schedule: halves, quarters, then single ones. At
/// most `runsMax` trials.
Least minimise(TrialOptions options, int runsMax = 60);

}  // namespace odradek::sim
