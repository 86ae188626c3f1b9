// SPDX-License-Identifier: GPL-3.0-or-later
// Whole trials: determinism, copies, fresh seeds, planted bugs, and the seeds that once found
// something.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/broker/config.h"
#include "engine/runtime/sim/trial.h"

namespace odradek::sim {
namespace {

struct Ran {
    int exitCode = -1;
    std::string output;
};

Ran runSim(const std::string& args) {
    Ran ran;
    const auto command = std::string(ODRADEK_BIN_DIR) + "/odradek-sim " + args + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr)
        return ran;
    std::array<char, 4096> buffer;
    while (const auto got = std::fread(buffer.data(), 1, buffer.size(), pipe))
        ran.output.append(buffer.data(), got);
    const int status = ::pclose(pipe);
    ran.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return ran;
}

/// A first seed nobody has tried, or the one the environment names; printed, so that a failure can
/// be repeated.
std::uint64_t freshSeed() {
    if (const char* given = std::getenv("ODRADEK_SIM_SEED"))
        return std::strtoull(given, nullptr, 10);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
               std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) *
           1000;
}

double numberBefore(const std::string& text, const std::string& word) {
    const auto end = text.rfind(word);
    if (end == std::string::npos)
        return -1;
    auto begin = end;
    while (begin > 0 &&
           (std::isdigit(static_cast<unsigned char>(text[begin - 1])) || text[begin - 1] == '.'))
        --begin;
    return std::strtod(text.substr(begin, end - begin).c_str(), nullptr);
}

TEST(Trial, TheSameSeedGivesTheSameTrace) {
    for (const std::uint64_t seed : {3u, 4u}) {
        TrialOptions options;
        options.seed = seed;
        const auto first = Trial(options).run();
        const auto second = Trial(options).run();
        EXPECT_FALSE(first.violation) << first.violation->what;
        EXPECT_EQ(first.traceHash, second.traceHash);
        EXPECT_EQ(first.steps, second.steps);
        options.seed = seed + 100;
        EXPECT_NE(Trial(options).run().traceHash, first.traceHash);
    }
}

TEST(Trial, ACopiedWorldGoesOnIdentically) {
    TrialOptions options;
    options.seed = 11;
    Trial one(options);
    one.runTo(std::chrono::seconds(9));
    Trial other = one;
    Trial third = one;
    EXPECT_EQ(one.world().traceHash(), other.world().traceHash());
    one.runTo(std::chrono::seconds(15));
    const auto whole = one.run();
    // Only now, after the first one has gone to its end: nothing may be shared.
    const auto again = other.run();
    EXPECT_EQ(whole.traceHash, again.traceHash);
    EXPECT_EQ(whole.acked, again.acked);
    EXPECT_EQ(Trial(options).run().traceHash, whole.traceHash) << "copying leaves no trace";
    EXPECT_LT(third.report().steps, whole.steps);
}

TEST(Trial, AWholeTrialHasWhatItPromises) {
    TrialOptions options;
    options.seed = 5;
    const auto report = Trial(options).run();
    EXPECT_FALSE(report.violation) << report.violation->what;
    EXPECT_GE(report.simulated, std::chrono::seconds(30));
    EXPECT_GE(report.crashes + report.powerCuts, 1u);
    EXPECT_GE(report.isrChanges, 1u);
    EXPECT_GE(static_cast<double>(report.acked),
              100 * std::chrono::duration<double>(report.simulated).count());
}

/// Seeds that once found something; their names say what.
void holds(std::uint64_t seed) {
    TrialOptions options;
    options.seed = seed;
    const auto report = Trial(options).run();
    EXPECT_FALSE(report.violation) << report.violation->what;
}

/// A deposed leader whose epoch got no records was told to cut where there was nothing to cut, and
/// never followed again.
TEST(SeedsThatFoundSomething, AnEpochWithoutRecordsIsForgotten) {
    for (const std::uint64_t seed : {3u, 8u, 20u})
        holds(seed);
}

TEST(OdradekSim, FiveHundredFreshSeeds) {
    const auto first = freshSeed();
    std::printf("first seed %llu (repeat with ODRADEK_SIM_SEED=%llu)\n",
                static_cast<unsigned long long>(first), static_cast<unsigned long long>(first));
    const auto ran =
        runSim("--jobs 2 --seeds " + std::to_string(first) + ".." + std::to_string(first + 499));
    std::printf("%s", ran.output.c_str());
    EXPECT_EQ(ran.exitCode, 0) << ran.output;
    EXPECT_NE(ran.output.find("500 seeds, 0 violations, "), std::string::npos) << ran.output;
    EXPECT_GE(numberBefore(ran.output, " per simulated second"), 100);
    EXPECT_GE(numberBefore(ran.output, " at least in each seed"), 100);
}

TEST(OdradekSim, PlantedBugsAreCaughtWithin200Seeds) {
    for (const std::string mutant : {"ack-before-isr", "hw-plus-one"}) {
        const auto ran = runSim("--jobs 2 --seeds 1..200 --mutant " + mutant);
        std::printf("%s: %s", mutant.c_str(), ran.output.c_str());
        EXPECT_EQ(ran.exitCode, 1) << mutant;
        EXPECT_NE(ran.output.find("replay it with: odradek-sim --seed "), std::string::npos)
            << ran.output;
    }
}

TEST(OdradekSim, ReplaysPrintTheSameHash) {
    const auto first = runSim("--replay 7 --trace-hash");
    EXPECT_EQ(first.exitCode, 0);
    EXPECT_EQ(first.output.size(), 17u) << first.output;
    EXPECT_EQ(runSim("--replay 7 --trace-hash").output, first.output);
    EXPECT_NE(runSim("--replay 8 --trace-hash").output, first.output);
}

TEST(OdradekSim, BadUsageEndsWithTwo) {
    EXPECT_EQ(runSim("").exitCode, 2);
    EXPECT_EQ(runSim("--seeds 5").exitCode, 2);
    EXPECT_EQ(runSim("--seeds 9..5").exitCode, 2);
    EXPECT_EQ(runSim("--seed x").exitCode, 2);
    EXPECT_EQ(runSim("--seed 1 --mutant nothing").exitCode, 2);
    const auto scenario = runSim("--scenario some.file");
    EXPECT_EQ(scenario.exitCode, 2);
    EXPECT_NE(scenario.output.find("not built yet"), std::string::npos);
    const auto list = runSim("--mutant list");
    EXPECT_EQ(list.exitCode, 0);
    EXPECT_NE(list.output.find("ack-before-isr"), std::string::npos);
    EXPECT_NE(list.output.find("hw-plus-one"), std::string::npos);
    EXPECT_EQ(runSim("--help").exitCode, 0);
}

}  // namespace
}  // namespace odradek::sim
