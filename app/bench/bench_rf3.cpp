// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <sstream>

#include <fmt/format.h>

#include "app/bench/batch_pump.h"
#include "app/bench/benches.h"
#include "app/bench/processes.h"
#include "app/bench/report.h"
#include "app/common/command_line.h"

namespace odradek::bench {
namespace {

constexpr auto kProgram = "odradek-bench rf3";

struct Options {
    std::int64_t rounds = 5;
    std::int64_t megabytes = 1024;
    std::string roofline = "/work/shared/roofline/rf3.cpp";
    std::string folder = "/tmp";
    std::string sizes = "16,64,256,1024";
    std::string partitions = "1,24";
    bool syncedOnly = false;
    bool unsyncedOnly = false;
    bool fresh = false;
    std::vector<std::string> settings;
    std::vector<std::string> topicSettings;
};

/// One line of the roofline program.
struct Figures {
    double megabytesPerSecond = 0;
    double coreSecondsPerGb = 0;
    double p50Ms = 0;
    double p99Ms = 0;
};

/// In flight, as the roofline's own table has it.
int windowFor(int kib) {
    return kib <= 64 ? 16 : 8;
}

std::vector<int> numbersOf(const std::string& list) {
    std::vector<int> numbers;
    std::istringstream in(list);
    for (std::string word; std::getline(in, word, ',');)
        numbers.push_back(std::atoi(word.c_str()));
    return numbers;
}

Result<void> compileRoofline(const Options& options, const std::filesystem::path& program) {
    auto compiler = TRY(Child::spawn({"g++", "-O2", "-march=native", "-pthread", "-w",
                                      options.roofline, "-o", program.string()}));
    if (auto done = compiler.finish(); !done)
        return fail(ErrorCode::Io, fmt::format("cannot compile {}; give its path with --roofline",
                                               options.roofline));
    return {};
}

Result<Figures> runRoofline(const std::filesystem::path& program,
                            const std::filesystem::path& folder, int kib, const Options& options,
                            bool sync) {
    auto child = TRY(Child::spawn(
        {program.string(), std::to_string(kib), options.fresh ? "0" : "1", "3",
         std::to_string(options.megabytes), std::to_string(windowFor(kib)), sync ? "1" : "0"},
        folder));
    const auto text = TRY(child.finish());
    Figures figures;
    const auto at = text.find("window=");
    if (at == std::string::npos ||
        std::sscanf(text.c_str() + at,
                    "window=%*d: %lf MB/s payload, %lf core-s/GB, batch ack p50 %lf ms p99 %lf ms",
                    &figures.megabytesPerSecond, &figures.coreSecondsPerGb, &figures.p50Ms,
                    &figures.p99Ms) != 4)
        return fail(ErrorCode::Invalid,
                    fmt::format("cannot read the roofline's answer '{}'", text));
    return figures;
}

/// A daemon that lives through the rounds, so that its segments are recycled as in a long run.
struct Ours {
    Child daemon;
    std::string bootstrap;
};
Result<Ours> startOurs(const std::filesystem::path& data, bool sync, const Options& options) {
    std::vector<std::string> command{
        (binaryFolder() / "odradekd").string(), "--port", "0", "--data", data.string(), "--set",
        "log.segment.delete.delay.ms=0"};
    command.insert(command.end(),
                   {"--set", sync ? kFlushBeforeAck : kFlushNever});
    for (const auto& setting : options.settings)
        command.insert(command.end(), {"--set", setting});
    auto daemon = TRY(Child::spawn(command));
    auto bootstrap = TRY(bootstrapOf(TRY(daemon.readLine())));
    return Ours{std::move(daemon), std::move(bootstrap)};
}

Result<Figures> runOurs(const Ours& ours, int kib, int partitions, const Options& options,
                        int run) {
    auto connection = TRY(WireConnection::open(TRY(parseBootstrap(ours.bootstrap)).front()));
    PumpPlan plan;
    plan.topic = fmt::format("rf3-{}", run);
    std::map<std::string, std::string> configs{{"max.message.bytes", "2097152"}};
    for (const auto& setting : options.topicSettings)
        configs[setting.substr(0, setting.find('='))] = setting.substr(setting.find('=') + 1);
    plan.leaders = TRY(createTopic(connection, plan.topic, partitions, 3, configs));
    plan.batch = readyMadeBatch(static_cast<std::size_t>(kib) * 1024);
    plan.batches = static_cast<std::uint64_t>(options.megabytes) * 1024 * 1024 / plan.batch.size();
    plan.window = windowFor(kib);
    // A partition's files come into being with its first batch; that is not what is measured.
    auto first = plan;
    first.batches = static_cast<std::uint64_t>(partitions);
    TRY(pump(first));
    const auto cpuBefore = ours.daemon.cpuSeconds() + ownCpuSeconds();
    const auto pumped = TRY(pump(plan));
    const auto cpu = ours.daemon.cpuSeconds() + ownCpuSeconds() - cpuBefore;
    const auto bytes = static_cast<double>(plan.batches * plan.batch.size());
    TRY_OK(deleteTopic(connection, plan.topic));
    return Figures{bytes / pumped.seconds / 1e6, cpu / (bytes / 1e9), pumped.ackP50Ms,
                   pumped.ackP99Ms};
}

Result<void> measureCase(const std::filesystem::path& folder, const std::filesystem::path& roofline,
                         int kib, int partitions, bool sync, const Options& options) {
    Report report{
        .bench = "rf3",
        .name =
            fmt::format("{} KiB x{} in flight, {} partition{}{}", kib, windowFor(kib), partitions,
                        partitions == 1 ? "" : "s", sync ? ", flushed before ack" : ""),
        .unit = "MB/s",
        .reference = options.fresh ? "roofline, fresh files" : "roofline, recycled files"};
    report.synced = sync;
    Samples cpu, referenceCpu, p50, p99, referenceP50, referenceP99;
    ScratchFolder data(folder);
    const auto ours = TRY(startOurs(data.path() / "data", sync, options));
    for (std::int64_t round = 0; round < options.rounds; ++round) {
        const auto reference = TRY(runRoofline(roofline, folder, kib, options, sync));
        report.referenceValue.add(reference.megabytesPerSecond);
        referenceCpu.add(reference.coreSecondsPerGb);
        referenceP50.add(reference.p50Ms);
        referenceP99.add(reference.p99Ms);
        const auto figures = TRY(runOurs(ours, kib, partitions, options, static_cast<int>(round)));
        report.value.add(figures.megabytesPerSecond);
        cpu.add(figures.coreSecondsPerGb);
        p50.add(figures.p50Ms);
        p99.add(figures.p99Ms);
    }
    report.more = {
        {"core_s_per_gb", cpu.median()}, {"reference_core_s_per_gb", referenceCpu.median()},
        {"ack_p50_ms", p50.median()},    {"reference_ack_p50_ms", referenceP50.median()},
        {"ack_p99_ms", p99.median()},    {"reference_ack_p99_ms", referenceP99.median()}};
    print(report);
    return {};
}

Result<void> measure(const Options& options) {
    ScratchFolder folder(options.folder);
    const auto roofline = folder.path() / "roofline";
    TRY_OK(compileRoofline(options, roofline));
    for (const bool sync : {false, true}) {
        if ((sync && options.unsyncedOnly) || (!sync && options.syncedOnly))
            continue;
        for (const int partitions : numbersOf(options.partitions)) {
            for (const int kib : numbersOf(options.sizes))
                TRY_OK(measureCase(folder.path(), roofline, kib, partitions, sync, options));
        }
    }
    return {};
}

}  // namespace

int runRf3(const std::vector<std::string>& args) {
    Options options;
    app::CommandLine line(kProgram,
                          "Ready-made batches, acks=all, replication factor 3, over TCP, beside "
                          "the hardware roofline.");
    line.number("rounds", "N", "interleaved rounds per case (default 5)", 1, 1000, options.rounds)
        .number("megabytes", "N", "payload per run, in MiB (default 1024)", 1, 1 << 20,
                options.megabytes)
        .text("roofline", "FILE", "source of the roofline program", options.roofline)
        .text("dir", "DIR", "where data is put (default /tmp)", options.folder)
        .text("sizes", "KIB,...", "batch sizes (default 16,64,256,1024)", options.sizes)
        .text("partitions", "N,...", "partition counts (default 1,24)", options.partitions)
        .flag("synced", "only with a flush before each ack", options.syncedOnly)
        .flag("unsynced", "only without", options.unsyncedOnly)
        .flag("fresh", "compare with the roofline on fresh files, not on recycled ones",
              options.fresh)
        .texts("set", "KEY=VALUE", "a broker configuration for ours", options.settings)
        .texts("topic-set", "KEY=VALUE", "a topic configuration for ours", options.topicSettings);
    const auto parsed = line.parse(args);
    if (!parsed)
        return app::complainUsage(kProgram, parsed.error().message);
    if (*parsed == app::CommandLine::Outcome::Shown)
        return app::kDone;
    if (auto done = measure(options); !done)
        return app::complain(kProgram, done.error().message, app::kFailed);
    return app::kDone;
}

}  // namespace odradek::bench
