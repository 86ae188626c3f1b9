// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <cstdio>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>

#include "app/bench/benches.h"
#include "app/bench/processes.h"
#include "app/bench/report.h"
#include "app/common/command_line.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::bench {
namespace {

constexpr auto kProgram = "odradek-bench idle";
constexpr double kGoalMiB = 60;
constexpr double kGoalCpuPercent = 0.5;

double mebibytes(std::size_t bytes) {
    return static_cast<double>(bytes) / (1 << 20);
}

Result<void> measure(int rounds, int idleSeconds, const std::filesystem::path& parent) {
    Report memory{.bench = "idle",
                  .name = "memory added by three brokers",
                  .unit = "MiB",
                  .reference = "goal"};
    Report cpu{.bench = "idle",
               .name = "processor time of three brokers",
               .unit = "% of a core",
               .reference = "goal"};
    memory.lowerIsBetter = cpu.lowerIsBetter = true;
    memory.referenceValue.add(kGoalMiB);
    cpu.referenceValue.add(kGoalCpuPercent);
    for (int round = 0; round < rounds; ++round) {
        ScratchFolder folder(parent);
        auto child = TRY(Child::spawn({(binaryFolder() / "odradek-bench").string(), "idle-cluster",
                                       (folder.path() / "data").string()}));
        // The child tells its memory just before it starts the cluster, then that it serves.
        const auto before = std::strtoull(TRY(child.readLine()).c_str(), nullptr, 10);
        TRY(child.readLine());
        std::this_thread::sleep_for(std::chrono::seconds(1));
        const auto cpuBefore = child.cpuSeconds();
        std::this_thread::sleep_for(std::chrono::seconds(idleSeconds));
        cpu.value.add((child.cpuSeconds() - cpuBefore) / idleSeconds * 100);
        memory.value.add(
            mebibytes(child.privateBytes() - std::min<std::size_t>(before, child.privateBytes())));
    }
    print(memory);
    print(cpu);
    return {};
}

}  // namespace

int runIdleCluster(const std::vector<std::string>& args) {
    if (args.size() != 1)
        return app::complainUsage("odradek-bench idle-cluster", "needs a data directory");
    std::puts(std::to_string(privateBytesOf(0)).c_str());
    std::fflush(stdout);
    real::ClusterOptions options;
    options.port = 0;
    options.data = args[0];
    const auto cluster = real::EmbeddedCluster::start(std::move(options));
    if (!cluster)
        return app::complain("odradek-bench idle-cluster", cluster.error().message, app::kFailed);
    std::puts("ready");
    std::fflush(stdout);
    for (;;)
        ::pause();  // ended by a signal
}

int runIdle(const std::vector<std::string>& args) {
    std::int64_t rounds = 5;
    std::int64_t idleSeconds = 5;
    std::string folder = "/tmp";
    app::CommandLine line(
        kProgram,
        "Private memory that three brokers add to a process, and their idle processor time.");
    line.number("rounds", "N", "starts (default 5)", 1, 1000, rounds)
        .number("seconds", "N", "idle time watched per start (default 5)", 1, 3600, idleSeconds)
        .text("dir", "DIR", "where data is put (default /tmp)", folder);
    const auto parsed = line.parse(args);
    if (!parsed)
        return app::complainUsage(kProgram, parsed.error().message);
    if (*parsed == app::CommandLine::Outcome::Shown)
        return app::kDone;
    if (auto done = measure(static_cast<int>(rounds), static_cast<int>(idleSeconds), folder); !done)
        return app::complain(kProgram, done.error().message, app::kFailed);
    return app::kDone;
}

}  // namespace odradek::bench
