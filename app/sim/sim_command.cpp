// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/sim/sim_command.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "app/common/command_line.h"
#include "engine/runtime/sim/trial.h"

namespace odradek::app {
namespace {

constexpr const char* kProgram = "odradek-sim";
constexpr std::uint64_t kSeedsMax = 100'000'000;

struct MutantName {
    std::string_view name;
    broker::Mutant bit;
    std::string_view words;
};
constexpr MutantName kMutants[] = {
    {"ack-before-isr", broker::Mutant::AckBeforeIsr,
     "acks=all is answered before the in-sync replicas have the records"},
    {"hw-plus-one", broker::Mutant::HwPlusOne,
     "a leader's high watermark stands one record too high"},
};

struct Asked {
    std::optional<std::string> seeds;
    std::optional<std::string> seed;
    std::optional<std::string> replay;
    std::optional<std::string> scenario;
    std::optional<std::string> mutant;
    bool trace = false;
    bool traceHash = false;
    std::int64_t jobs = 1;
    std::int64_t length = 30;
};

std::optional<std::uint64_t> parseSeed(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// What all trials of one call have in common, and what they came to.
class Campaign {
public:
    Campaign(std::uint32_t mutants, std::optional<std::string> mutant, std::int64_t seconds)
        : m_mutants(mutants), m_mutant(std::move(mutant)), m_seconds(seconds) {}

    sim::TrialOptions options(std::uint64_t seed) const {
        sim::TrialOptions options;
        options.seed = seed;
        options.length = std::chrono::seconds(m_seconds);
        options.mutants = m_mutants;
        return options;
    }

    /// Runs seeds from..to on `jobs` threads. With a planted bug it ends at the first violation.
    void runSeeds(std::uint64_t from, std::uint64_t to, std::int64_t jobs) {
        std::atomic<std::uint64_t> taken{0};
        std::atomic<bool> enough{false};
        const auto work = [&] {
            for (;;) {
                const auto seed = from + taken.fetch_add(1);
                if (seed > to || seed < from || enough)
                    return;
                sim::Trial trial(options(seed));
                const auto report = trial.run();
                add(seed, report);
                if (report.violation && m_mutants != 0)
                    enough = true;
            }
        };
        std::vector<std::thread> threads;
        for (std::int64_t i = 1; i < jobs; ++i)
            threads.emplace_back(work);
        work();
        for (auto& thread : threads)
            thread.join();
    }

    void add(std::uint64_t seed, const sim::TrialReport& report) {
        std::lock_guard lock(m_mutex);
        ++m_seeds;
        m_simulated += report.simulated;
        m_acked += report.acked;
        const double seconds = std::chrono::duration<double>(report.simulated).count();
        if (!report.violation && seconds > 0)
            m_fewest = std::min(m_fewest, static_cast<double>(report.acked) / seconds);
        if (!report.violation)
            return;
        ++m_violations;
        fmt::print(
            "seed {}: violation at {:.6f} s, step {}: {}\n  replay it with: {} --seed {}{}{}\n",
            seed, std::chrono::duration<double>(report.simulated).count(), report.violation->step,
            report.violation->what, kProgram, seed,
            m_seconds == 30 ? "" : fmt::format(" --length {}", m_seconds),
            m_mutant ? " --mutant " + *m_mutant : "");
        std::fflush(stdout);
    }

    /// The last two lines; returns the exit code.
    int finish(std::chrono::steady_clock::time_point begun) const {
        const double simulated = std::chrono::duration<double>(m_simulated).count();
        const double real =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        fmt::print(
            "{} acked operations, {:.1f} per simulated second{}\n", m_acked,
            simulated > 0 ? static_cast<double>(m_acked) / simulated : 0.0,
            m_fewest < kNoRate ? fmt::format(", {:.1f} at least in each seed", m_fewest) : "");
        fmt::print("{} seeds, {} violations, {:.3f} hours simulated, {:.1f} x real time\n", m_seeds,
                   m_violations, simulated / 3600, real > 0 ? simulated / real : 0.0);
        return m_violations > 0 ? kFailed : kDone;
    }

private:
    std::uint32_t m_mutants;
    std::optional<std::string> m_mutant;
    std::int64_t m_seconds;
    std::mutex m_mutex;
    std::uint64_t m_seeds = 0;
    std::uint64_t m_violations = 0;
    std::uint64_t m_acked = 0;
    static constexpr double kNoRate = 1e18;
    double m_fewest = kNoRate;  ///< acked per simulated second, of all seeds without a violation
    Nanoseconds m_simulated{0};
};

int runOne(Campaign& campaign, std::uint64_t seed, bool trace) {
    const auto begun = std::chrono::steady_clock::now();
    sim::Trial trial(campaign.options(seed));
    if (trace)
        trial.world().setTraceSink([](const std::string& line) {
            std::fwrite(line.data(), 1, line.size(), stdout);
            std::fputc('\n', stdout);
        });
    const auto report = trial.run();
    campaign.add(seed, report);
    fmt::print(
        "seed {}: {:.3f} s simulated, {} steps, {} acked and {} failed records, {} crashes, {} "
        "power cuts, {} "
        "pauses, {} clogged links, {} resets, {} ISR changes, {} elections, trace hash {:016x}\n",
        seed, std::chrono::duration<double>(report.simulated).count(), report.steps, report.acked,
        report.failed, report.crashes, report.powerCuts, report.pauses, report.clogs, report.resets,
        report.isrChanges, report.elections, report.traceHash);
    return campaign.finish(begun);
}

int replay(Campaign& campaign, std::uint64_t seed, bool hash) {
    if (!hash)
        return runOne(campaign, seed, false);
    sim::Trial trial(campaign.options(seed));
    const auto report = trial.run();
    fmt::print("{:016x}\n", report.traceHash);
    return report.violation ? kFailed : kDone;
}

int runAsked(const Asked& asked) {
    std::uint32_t mutants = 0;
    if (asked.mutant) {
        if (*asked.mutant == "list") {
            for (const auto& one : kMutants)
                fmt::print("{:<16}{}\n", one.name, one.words);
            return kDone;
        }
        for (const auto& one : kMutants)
            if (one.name == *asked.mutant)
                mutants = static_cast<std::uint32_t>(one.bit);
        if (mutants == 0)
            return complainUsage(
                kProgram, fmt::format("there is no planted bug '{}'; --mutant list names them",
                                      *asked.mutant));
    }
    if (asked.scenario)
        return complain(kProgram, "--scenario is not built yet; run seeds with --seeds A..B",
                        kBadUsage);
    if (static_cast<int>(asked.seeds.has_value()) + asked.seed.has_value() +
            asked.replay.has_value() !=
        1)
        return complainUsage(kProgram, "say what to run: --seeds A..B, --seed S or --replay S");
    if (asked.trace && !asked.seed)
        return complainUsage(kProgram, "--trace goes with --seed S");
    if (asked.traceHash && !asked.replay)
        return complainUsage(kProgram, "--trace-hash goes with --replay S");
    Campaign campaign(mutants, asked.mutant, asked.length);
    if (asked.seeds) {
        const auto dots = asked.seeds->find("..");
        const auto from = parseSeed(std::string_view(*asked.seeds).substr(0, dots));
        const auto to = dots == std::string::npos
                            ? std::nullopt
                            : parseSeed(std::string_view(*asked.seeds).substr(dots + 2));
        if (!from || !to || *to < *from || *to - *from >= kSeedsMax)
            return complainUsage(
                kProgram,
                fmt::format("'{}' is no range of seeds; write --seeds 1..500", *asked.seeds));
        const auto begun = std::chrono::steady_clock::now();
        campaign.runSeeds(*from, *to, asked.jobs);
        return campaign.finish(begun);
    }
    const auto seed = parseSeed(asked.seed ? *asked.seed : *asked.replay);
    if (!seed)
        return complainUsage(kProgram, fmt::format("'{}' is no seed; write a whole number",
                                                   asked.seed ? *asked.seed : *asked.replay));
    return asked.seed ? runOne(campaign, *seed, asked.trace)
                      : replay(campaign, *seed, asked.traceHash);
}

}  // namespace

int runSim(const std::vector<std::string>& args) {
    Asked asked;
    CommandLine line(
        kProgram,
        "Runs clusters with clients and faults on a virtual clock, network and disk, and checks "
        "what must hold.");
    line.text("seeds", "A..B", "run these seeds", asked.seeds)
        .number("jobs", "J", "on so many threads (1)", 1, 1024, asked.jobs)
        .text("seed", "S", "run one seed and say what happened in it", asked.seed)
        .flag("trace", "print every event of it", asked.trace)
        .text("replay", "S", "run one seed again", asked.replay)
        .flag("trace-hash", "print only the hash over all its events", asked.traceHash)
        .text("scenario", "FILE", "run a scenario (not built yet)", asked.scenario)
        .text("mutant", "NAME",
              "plant a bug and end at the first violation; 'list' prints the names", asked.mutant)
        .number("length", "SECONDS", "simulated seconds per seed (30)", 30, 86'400, asked.length)
        .note("Exit code 1: a violation was found.");
    const auto outcome = line.parse(args);
    if (!outcome)
        return complainUsage(kProgram, outcome.error().message);
    return *outcome == CommandLine::Outcome::Shown ? kDone : runAsked(asked);
}

}  // namespace odradek::app
