// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cstdio>

#include <fmt/format.h>

#include "app/bench/benches.h"
#include "app/common/command_line.h"

namespace {

using namespace odradek;

struct Subcommand {
    std::string_view name;
    int (*run)(const std::vector<std::string>& args);
    std::string_view help;  ///< empty: not shown
};

constexpr std::array<Subcommand, 9> kSubcommands{{
    {"startup", bench::runStartup,
     "three brokers from empty directories to the first acked and consumed record"},
    {"rf3", bench::runRf3,
     "ready-made batches, acks=all, three replicas, beside the hardware roofline"},
    {"produce", bench::runProduce,
     "librdkafka producing 100 B and 1 KB, beside its mock cluster and Apache Kafka"},
    {"idle", bench::runIdle, "memory and processor time of three idle brokers"},
    {"chart", bench::runChart, "one million points, beside Qt Charts' own line series"},
    {"crashloop", bench::runCrashLoop,
     "three processes killed at random: nothing acked is lost, duplicated or reordered"},
    {"failover", bench::runFailover, "kill -9 of a leader's process to the next acks=all success"},
    {"mock-cluster", bench::runMockCluster, ""},
    {"idle-cluster", bench::runIdleCluster, ""},
}};

constexpr std::array<std::string_view, 7> kLater{
    "rebalance", "search", "table", "backlog", "scan", "tail", "launch"};

std::string usage() {
    std::string text =
        "Usage: odradek-bench SUBCOMMAND [options]\n"
        "Measures one goal and prints one JSON line per case. Figures are medians of interleaved "
        "rounds.\n\n";
    for (const auto& each : kSubcommands) {
        if (!each.help.empty())
            text += fmt::format("  {:<10} {}\n", each.name, each.help);
    }
    return text + "\nodradek-bench SUBCOMMAND --help shows its options.\n";
}

}  // namespace

int main(int argc, char** argv) {
    constexpr auto kProgram = "odradek-bench";
    const std::vector<std::string> args(argv + 1, argv + argc);
    const std::string name = args.empty() ? "" : args.front();
    if (name == "--help" || name == "-h") {
        std::fputs(usage().c_str(), stdout);
        return app::kDone;
    }
    if (name == "--version") {
        std::puts(fmt::format("{} {}", kProgram, app::version()).c_str());
        return app::kDone;
    }
    for (const auto& each : kSubcommands) {
        if (each.name == name)
            return each.run({args.begin() + 1, args.end()});
    }
    for (const auto later : kLater) {
        if (later == name)
            return app::complainUsage(kProgram,
                                      fmt::format("'{}' is not built yet in this version", name));
    }
    return app::complainUsage(kProgram, name.empty()
                                            ? "needs a subcommand"
                                            : fmt::format("unknown subcommand '{}'", name));
}
