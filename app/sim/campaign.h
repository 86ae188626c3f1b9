// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "engine/base/mutant.h"
#include "engine/runtime/sim/trial.h"

namespace odradek::app {

/// What all trials of one call of odradek-sim have in common.
struct CampaignOptions {
    Mutants mutants;
    std::optional<std::string> mutantName;
    std::int64_t seconds = 30;          ///< simulated, per seed
    bool wipes = false;  ///< brokers may come back with an empty disk
    std::set<std::uint32_t> without;    ///< faults of the schedule left out
    bool minimise = true;               ///< look for fewer faults that still show a violation
};

/// What became of one seed.
struct SeedResult {
    std::uint64_t seed = 0;
    Nanoseconds simulated{0};
    std::uint64_t acked = 0;
    std::optional<std::string> violation;  ///< in words, with time and step
};

/// Runs trials and adds up what they came to; prints violations as they are found. A range of seeds runs in child
/// processes: reference counts stay free of locked instructions, and a seed that kills its process is a finding of
/// that seed. Lifecycle: construct, run one thing, `finish`. One thread.
class Campaign {
public:
    explicit Campaign(CampaignOptions options) : m_options(std::move(options)) {}

    sim::TrialOptions trialOptions(std::uint64_t seed) const;
    /// Runs seeds from..to in `jobs` processes. With a planted bug it ends at the first violation.
    void runSeeds(std::uint64_t from, std::uint64_t to, std::int64_t jobs);
    /// Takes a trial that ran in this process.
    void add(std::uint64_t seed, const sim::TrialReport& report);
    /// The last lines; returns the exit code.
    int finish(std::chrono::steady_clock::time_point begun) const;

private:
    void add(SeedResult result);
    void explain(std::uint64_t seed, const std::string& words);
    std::string replayCommand(std::uint64_t seed, const std::set<std::uint32_t>& without) const;

    static constexpr double kNoRate = 1e18;
    CampaignOptions m_options;
    std::uint64_t m_seeds = 0;
    std::uint64_t m_violations = 0;
    std::uint64_t m_acked = 0;
    double m_fewest = kNoRate;  ///< acked per simulated second, of all seeds without a violation
    Nanoseconds m_simulated{0};
    double m_spent = 0;  ///< seconds of processor time, when known
};

}  // namespace odradek::app
