// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/sim/sim_command.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "app/common/command_line.h"
#include "app/sim/campaign.h"
#include "engine/runtime/sim/mutants.h"
#include "engine/runtime/sim/trial.h"

namespace odradek::app {
namespace {

constexpr const char* kProgram = "odradek-sim";
constexpr std::uint64_t kSeedsMax = 100'000'000;

struct Asked {
    std::optional<std::string> seeds;
    std::optional<std::string> seed;
    std::optional<std::string> replay;
    std::optional<std::string> scenario;
    std::optional<std::string> mutant;
    std::optional<std::string> without;
    bool trace = false;
    bool traceHash = false;
    bool asIs = false;
    bool wipes = false;
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

/// "3,5,8" as numbers; nullopt when it is not that.
std::optional<std::set<std::uint32_t>> parseNumbers(std::string_view text) {
    std::set<std::uint32_t> all;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto one = parseSeed(text.substr(0, comma));
        if (!one || *one > UINT32_MAX)
            return std::nullopt;
        all.insert(static_cast<std::uint32_t>(*one));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return all;
}

int runOne(Campaign& campaign, std::uint64_t seed, bool trace) {
    const auto begun = std::chrono::steady_clock::now();
    sim::Trial trial(campaign.trialOptions(seed));
    if (trace)
        trial.world().setTraceSink([](const std::string& line) {
            std::fwrite(line.data(), 1, line.size(), stdout);
            std::fputc('\n', stdout);
        });
    const auto report = trial.run();
    fmt::print("seed {}: {:.3f} s simulated, {} steps, {} acked and {} failed records, {} commits, "
               "{} ISR changes, {} elections, {} generations, trace hash {:016x}\nfaults:",
               seed, std::chrono::duration<double>(report.simulated).count(), report.steps,
               report.acked, report.failed, report.commits, report.isrChanges, report.elections,
               report.generations, report.traceHash);
    for (const auto& [name, count] : report.faults)
        fmt::print(" {} x {},", count, name);
    fmt::print(" {} in all\n", report.history.size());
    campaign.add(seed, report);
    return campaign.finish(begun);
}

int replay(Campaign& campaign, std::uint64_t seed, bool hash) {
    if (!hash)
        return runOne(campaign, seed, false);
    const auto report = sim::Trial(campaign.trialOptions(seed)).run();
    fmt::print("{:016x}\n", report.traceHash);
    return report.violation ? kFailed : kDone;
}

int listMutants() {
    for (const auto& one : sim::allMutants())
        fmt::print("{:<30}{}\n", one.name, one.words);
    return kDone;
}

int runAsked(const Asked& asked) {
    CampaignOptions options;
    if (asked.mutant) {
        if (*asked.mutant == "list")
            return listMutants();
        const auto mutant = sim::mutantNamed(*asked.mutant);
        if (!mutant)
            return complainUsage(
                kProgram, fmt::format("there is no planted bug '{}'; --mutant list names them",
                                      *asked.mutant));
        options.mutants.add(*mutant);
        options.mutantName = asked.mutant;
    }
    if (asked.without) {
        const auto numbers = parseNumbers(*asked.without);
        if (!numbers)
            return complainUsage(kProgram,
                                 "--without takes numbers of faults, such as --without 3,5,8");
        options.without = *numbers;
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
    options.seconds = asked.length;
    options.minimise = !asked.asIs;
    options.wipes = asked.wipes || asked.mutant;
    Campaign campaign(std::move(options));
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
        .number("jobs", "J", "in so many processes (1)", 1, 1024, asked.jobs)
        .text("seed", "S", "run one seed and say what happened in it", asked.seed)
        .flag("trace", "print every event of it", asked.trace)
        .text("replay", "S", "run one seed again", asked.replay)
        .flag("trace-hash", "print only the hash over all its events", asked.traceHash)
        .text("scenario", "FILE", "run a scenario (not built yet)", asked.scenario)
        .text("mutant", "NAME",
              "plant a bug and end at the first violation; 'list' prints the names", asked.mutant)
        .text("without", "N,N...", "leave out these faults of the schedule", asked.without)
        .flag("wipes", "brokers may also come back with an empty disk (always with --mutant)", asked.wipes)
        .flag("as-is", "do not look for the fewest faults that show a violation", asked.asIs)
        .number("length", "SECONDS", "simulated seconds per seed (30)", 30, 86'400, asked.length)
        .note("Exit code 1: a violation was found.");
    const auto outcome = line.parse(args);
    if (!outcome)
        return complainUsage(kProgram, outcome.error().message);
    return *outcome == CommandLine::Outcome::Shown ? kDone : runAsked(asked);
}

}  // namespace odradek::app
