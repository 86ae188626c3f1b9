// SPDX-License-Identifier: GPL-3.0-or-later
#include <sstream>

#include <fmt/format.h>

#include "app/bench/benches.h"
#include "app/bench/kafka_wire.h"
#include "app/bench/processes.h"
#include "app/bench/rd_client.h"
#include "app/bench/report.h"
#include "app/common/command_line.h"

namespace odradek::bench {
namespace {

constexpr auto kProgram = "odradek-bench produce";

struct Options {
    std::int64_t rounds = 5;
    std::int64_t megabytes = 300;
    std::int64_t partitions = 6;
    std::int64_t linger = 50;
    std::string sizes = "100,1000";
    std::string folder = "/tmp";
    std::string kafka;
    bool synced = false;
};

/// A produce run against a cluster that keeps topics: one topic per run, deleted afterwards.
Result<double> runOn(const std::string& bootstrap, std::size_t size, const Options& options, const std::string& topic) {
    auto connection = TRY(WireConnection::open(TRY(parseBootstrap(bootstrap)).front()));
    TRY(createTopic(connection, topic, static_cast<int>(options.partitions), 3));
    const auto messages = static_cast<std::uint64_t>(options.megabytes) * 1'000'000 / size;
    const auto took = TRY(produceAll({.bootstrap = bootstrap,
                                      .topic = topic,
                                      .messageSize = size,
                                      .messages = messages,
                                      .lingerMs = static_cast<int>(options.linger)}));
    TRY_OK(deleteTopic(connection, topic));
    return static_cast<double>(messages) / took;
}

/// The mock keeps all in memory, so each run has its own, in a process of its own.
Result<double> runOnMock(std::size_t size, const Options& options) {
    auto mock = TRY(Child::spawn({(binaryFolder() / "odradek-bench").string(), "mock-cluster", "--partitions",
                                  std::to_string(options.partitions)}));
    const auto bootstrap = TRY(bootstrapOf(TRY(mock.readLine())));
    const auto messages = static_cast<std::uint64_t>(options.megabytes) * 1'000'000 / size;
    const auto took = TRY(produceAll({.bootstrap = bootstrap,
                                      .topic = "bench",
                                      .messageSize = size,
                                      .messages = messages,
                                      .lingerMs = static_cast<int>(options.linger)}));
    return static_cast<double>(messages) / took;
}

Result<void> measureSize(std::size_t size, const Options& options) {
    const auto base = Report{.bench = "produce",
                             .name = fmt::format("{} B, acks=all, RF 3, idempotent, {} partitions", size,
                                                 options.partitions),
                             .unit = "msg/s"};
    auto besideMock = base;
    besideMock.reference = "librdkafka mock cluster (memory, RF 1)";
    besideMock.synced = options.synced;
    auto besideKafka = base;
    besideKafka.reference = "Apache Kafka, three brokers (RF 3, not synced)";
    besideKafka.synced = options.synced;
    ScratchFolder folder(options.folder);
    std::vector<std::string> command{(binaryFolder() / "odradekd").string(), "--port", "0", "--data",
                                     (folder.path() / "data").string(), "--set", "log.segment.delete.delay.ms=0"};
    command.insert(command.end(), {"--set", options.synced ? kFlushBeforeAck : kFlushNever});
    auto daemon = TRY(Child::spawn(command));
    const auto bootstrap = TRY(bootstrapOf(TRY(daemon.readLine())));
    Samples cpu;
    if (!options.kafka.empty()) {
        // A virtual machine is quick once it has compiled what is hot: both get a round that does not count.
        const auto topic = fmt::format("produce-{}-warm", size);
        TRY(runOn(options.kafka, size, options, topic));
        TRY(runOn(bootstrap, size, options, topic));
    }
    for (std::int64_t round = 0; round < options.rounds; ++round) {
        const auto topic = fmt::format("produce-{}-{}", size, round);
        besideMock.referenceValue.add(TRY(runOnMock(size, options)));
        const auto before = daemon.cpuSeconds();
        const auto ours = TRY(runOn(bootstrap, size, options, topic));
        cpu.add((daemon.cpuSeconds() - before) / (static_cast<double>(options.megabytes) / 1000));
        besideMock.value.add(ours);
        besideKafka.value.add(ours);
        if (!options.kafka.empty())
            besideKafka.referenceValue.add(TRY(runOn(options.kafka, size, options, topic)));
    }
    besideMock.more.emplace_back("broker_core_s_per_gb", cpu.median());
    besideMock.more.emplace_back("megabytes_per_s", besideMock.value.median() * static_cast<double>(size) / 1e6);
    print(besideMock);
    if (!options.kafka.empty())
        print(besideKafka);
    return {};
}

}  // namespace

int runProduce(const std::vector<std::string>& args) {
    Options options;
    app::CommandLine line(kProgram, "librdkafka produces to us, to its own mock cluster, and to Apache Kafka.");
    line.number("rounds", "N", "interleaved rounds (default 5)", 1, 1000, options.rounds)
        .number("megabytes", "N", "payload per run, in MB (default 300)", 1, 1 << 20, options.megabytes)
        .number("partitions", "N", "of the topic (default 6)", 1, 1000, options.partitions)
        .number("linger", "MS", "linger.ms of the producer (default 50)", 0, 10'000, options.linger)
        .text("sizes", "BYTES,...", "message sizes (default 100,1000)", options.sizes)
        .text("dir", "DIR", "where our data is put (default /tmp)", options.folder)
        .text("kafka", "HOST:PORT,...", "a three-broker Apache Kafka to compare with (app/bench/with_kafka.py)",
              options.kafka)
        .flag("synced", "flush before each ack (ours)", options.synced);
    const auto parsed = line.parse(args);
    if (!parsed)
        return app::complainUsage(kProgram, parsed.error().message);
    if (*parsed == app::CommandLine::Outcome::Shown)
        return app::kDone;
    std::istringstream sizes(options.sizes);
    for (std::string word; std::getline(sizes, word, ',');) {
        const auto size = std::strtoul(word.c_str(), nullptr, 10);
        if (size == 0)
            return app::complainUsage(kProgram, fmt::format("--sizes takes numbers of bytes, not '{}'", word));
        if (auto done = measureSize(size, options); !done)
            return app::complain(kProgram, done.error().message, app::kFailed);
    }
    return app::kDone;
}

}  // namespace odradek::bench
