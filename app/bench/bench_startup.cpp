// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "app/bench/benches.h"
#include "app/bench/kafka_wire.h"
#include "app/bench/processes.h"
#include "app/bench/rd_client.h"
#include "app/bench/report.h"
#include "app/common/command_line.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/produce.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::bench {
namespace {

constexpr auto kProgram = "odradek-bench startup";
constexpr double kGoalMs = 150;
constexpr std::int16_t kProduceVersion = 11;
constexpr std::int16_t kFetchVersion = 11;

Result<void> produceOne(const TopicLeaders& leaders, const std::string& topic) {
    auto connection = TRY(WireConnection::open(leaders.brokers.at(leaders.leaderOf[0])));
    protocol::ProduceRequest produce;
    produce.acks = -1;
    produce.timeoutMs = 10'000;
    auto& data = produce.topicData.emplace_back();
    data.name = topic;
    data.partitionData.emplace_back().records = Chain(readyMadeBatch(100));
    const auto produced = TRY(connection.ask<protocol::ProduceResponse>(produce, kProduceVersion));
    if (produced.responses.at(0).partitionResponses.at(0).errorCode != 0)
        return fail(ErrorCode::Refused, "the first record is not acked");
    protocol::FetchRequest fetch;
    fetch.maxWaitMs = 5000;
    fetch.minBytes = 1;
    auto& wanted = fetch.topics.emplace_back();
    wanted.topic = topic;
    wanted.partitions.emplace_back().partitionMaxBytes = 1 << 20;
    const auto fetched = TRY(connection.ask<protocol::FetchResponse>(fetch, kFetchVersion));
    const auto& records = fetched.responses.at(0).partitions.at(0).records;
    if (!records || records->size() < protocol::kBatchHeaderSize)
        return fail(ErrorCode::Refused, "the first record is not consumed");
    return {};
}

struct Startup {
    double servingMs = 0;
    double firstRecordMs = 0;
};

/// Our cluster in this process, as the window runs it; then our own protocol client, or librdkafka.
Result<Startup> startOnce(const std::filesystem::path& parent, bool syncs, bool withLibrdkafka) {
    ScratchFolder folder(parent);
    const auto begin = seconds();
    real::ClusterOptions options;
    options.port = 0;
    options.data = folder.path() / "data";
    options.settings["log.flush.interval.messages"] = syncs ? "1" : "9223372036854775807";
    const auto cluster = TRY(real::EmbeddedCluster::start(std::move(options)));
    const auto serving = seconds();
    auto connection = TRY(WireConnection::open(cluster->addresses().front()));
    const auto leaders = TRY(createTopic(connection, "bench", 1, 3));
    auto end = 0.0;
    if (withLibrdkafka) {
        end = TRY(roundTripOne(cluster->bootstrap(), "bench"));
    } else {
        TRY_OK(produceOne(leaders, "bench"));
        end = seconds();
    }
    TRY_OK(cluster->stop());
    return Startup{(serving - begin) * 1e3, (end - begin) * 1e3};
}

/// librdkafka's mock cluster in a process of its own, from spawn to the same client's first record.
Result<double> startMock() {
    const auto begin = seconds();
    auto mock = TRY(Child::spawn({(binaryFolder() / "odradek-bench").string(), "mock-cluster", "--partitions", "1"}));
    const auto bootstrap = TRY(bootstrapOf(TRY(mock.readLine())));
    return (TRY(roundTripOne(bootstrap, "bench")) - begin) * 1e3;
}

/// odradekd from spawn to its ready line and the first record.
Result<Startup> startDaemon(const std::filesystem::path& parent) {
    ScratchFolder folder(parent);
    const auto begin = seconds();
    auto daemon = TRY(Child::spawn({(binaryFolder() / "odradekd").string(), "--port", "0", "--data",
                                    (folder.path() / "data").string()}));
    const auto bootstrap = TRY(bootstrapOf(TRY(daemon.readLine())));
    const auto serving = seconds();
    auto connection = TRY(WireConnection::open(TRY(parseBootstrap(bootstrap)).front()));
    const auto leaders = TRY(createTopic(connection, "bench", 1, 3));
    TRY_OK(produceOne(leaders, "bench"));
    return Startup{(serving - begin) * 1e3, (seconds() - begin) * 1e3};
}

Result<void> measure(int rounds, const std::filesystem::path& parent) {
    const auto report = [](std::string name, std::string reference, bool synced) {
        Report r{.bench = "startup", .name = std::move(name), .unit = "ms", .reference = std::move(reference)};
        r.lowerIsBetter = true;
        r.synced = synced;
        return r;
    };
    auto plain = report("in process, own client", "goal", false);
    auto synced = report("in process, own client, flushed before ack", "goal", true);
    auto rdkafka = report("in process, librdkafka client", "librdkafka mock cluster, own process, same client", false);
    auto daemon = report("odradekd spawned, own client", "goal", false);
    Samples serving;
    for (auto* each : {&plain, &synced, &daemon})
        each->referenceValue.add(kGoalMs);
    for (int round = 0; round < rounds; ++round) {
        const auto one = TRY(startOnce(parent, false, false));
        plain.value.add(one.firstRecordMs);
        serving.add(one.servingMs);
        synced.value.add(TRY(startOnce(parent, true, false)).firstRecordMs);
        rdkafka.value.add(TRY(startOnce(parent, false, true)).firstRecordMs);
        rdkafka.referenceValue.add(TRY(startMock()));
        daemon.value.add(TRY(startDaemon(parent)).firstRecordMs);
    }
    plain.more.emplace_back("until_serving_ms", serving.median());
    for (const auto* each : {&plain, &synced, &daemon, &rdkafka})
        print(*each);
    return {};
}

}  // namespace

int runStartup(const std::vector<std::string>& args) {
    std::int64_t rounds = 20;
    std::string folder = "/tmp";
    app::CommandLine line(kProgram, "Three brokers from empty directories to the first acked and consumed record.");
    line.number("rounds", "N", "how many starts (default 20)", 1, 10'000, rounds)
        .text("dir", "DIR", "where data is put (default /tmp)", folder);
    const auto parsed = line.parse(args);
    if (!parsed)
        return app::complainUsage(kProgram, parsed.error().message);
    if (*parsed == app::CommandLine::Outcome::Shown)
        return app::kDone;
    if (auto done = measure(static_cast<int>(rounds), folder); !done)
        return app::complain(kProgram, done.error().message, app::kFailed);
    return app::kDone;
}

}  // namespace odradek::bench
