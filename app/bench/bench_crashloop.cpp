// SPDX-License-Identifier: GPL-3.0-or-later
// Kills processes of a cluster at random while librdkafka produces and consumes: `crashloop` looks
// for what should not happen, `failover` at how long it takes.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/bench/benches.h"
#include "app/bench/crash_ledger.h"
#include "app/bench/process_cluster.h"
#include "app/bench/report.h"
#include "app/common/command_line.h"
#include "engine/base/prng.h"
#include "engine/runtime/real/data_dir.h"

namespace odradek::bench {
namespace {

constexpr int kNodes = 3;
constexpr int kPartitions = 3;
constexpr double kPatience =
    60;  ///< seconds without any ack, or for a start: then something is wrong
constexpr const char* kTopic = "crash";

using std::chrono::milliseconds;

void pause(Prng& random, int mostMs) {
    std::this_thread::sleep_for(milliseconds(random.below(static_cast<std::uint64_t>(mostMs) + 1)));
}

/// What metadata says of one partition; nothing while nobody answers.
struct Seen {
    int leader = -1;
    int controller = -1;
    int inSync = 0;
};
std::optional<Seen> look(rd_kafka_t* handle, int partition) {
    const rd_kafka_metadata_t* metadata = nullptr;
    auto* topic = rd_kafka_topic_new(handle, kTopic, nullptr);
    const auto error = rd_kafka_metadata(handle, 0, topic, &metadata, 1000);
    rd_kafka_topic_destroy(topic);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return std::nullopt;
    Seen seen;
    seen.controller = rd_kafka_controllerid(handle, 0);
    if (metadata->topic_cnt == 1 && partition < metadata->topics[0].partition_cnt) {
        seen.leader = metadata->topics[0].partitions[partition].leader;
        seen.inSync = metadata->topics[0].partitions[partition].isr_cnt;
    }
    rd_kafka_metadata_destroy(metadata);
    return seen;
}

Result<void> createTopic(rd_kafka_t* handle, int partitions) {
    char text[256];
    auto* topic = rd_kafka_NewTopic_new(kTopic, partitions, kNodes, text, sizeof text);
    rd_kafka_NewTopic_set_config(topic, "min.insync.replicas", "2");
    auto* queue = rd_kafka_queue_new(handle);
    auto* options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, 20'000, text, sizeof text);
    rd_kafka_AdminOptions_set_operation_timeout(options, 20'000, text, sizeof text);
    rd_kafka_CreateTopics(handle, &topic, 1, options, queue);
    auto* event = rd_kafka_queue_poll(queue, 30'000);
    std::string problem = event == nullptr ? "no answer" : "";
    if (event != nullptr) {
        std::size_t count = 0;
        const auto* result = rd_kafka_event_CreateTopics_result(event);
        if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
            problem = rd_kafka_event_error_string(event);
        else if (const auto* const* topics = rd_kafka_CreateTopics_result_topics(result, &count);
                 count == 1 && rd_kafka_topic_result_error(topics[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
            problem = rd_kafka_err2str(rd_kafka_topic_result_error(topics[0]));
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(topic);
    return problem.empty() ? Result<void>()
                           : fail(ErrorCode::Io, "cannot create the topic: " + problem);
}

/// All nodes started and the topic made.
struct Stage {
    ProcessCluster cluster;
    RdHandle admin;
};
Result<Stage> prepare(const std::filesystem::path& folder, const std::vector<std::string>& settings,
                      int partitions) {
    auto cluster = TRY(ProcessCluster::plan(kNodes, folder, settings));
    for (int node = 1; node <= kNodes; ++node)
        TRY_OK(cluster.spawn(node));
    for (int node = 1; node <= kNodes; ++node)
        TRY_OK(cluster.awaitReady(node));
    auto admin = TRY(makeHandle(RD_KAFKA_PRODUCER,
                                {{"bootstrap.servers", cluster.bootstrap()}, {"log_level", "0"}}));
    TRY_OK(createTopic(admin.get(), partitions));
    return Stage{std::move(cluster), std::move(admin)};
}

// ---- crashloop
// -----------------------------------------------------------------------------------------------

enum class Aim { One, Leader, Controller, Two, All };

std::vector<int> victimsOf(Aim aim, rd_kafka_t* admin, Prng& random) {
    const int any = static_cast<int>(random.below(kNodes)) + 1;
    switch (aim) {
        case Aim::One:
            return {any};
        case Aim::Leader:
        case Aim::Controller: {
            const auto seen = look(admin, static_cast<int>(random.below(kPartitions)));
            const int wished = !seen ? any : aim == Aim::Leader ? seen->leader : seen->controller;
            return {wished >= 1 && wished <= kNodes ? wished : any};
        }
        case Aim::Two:
            return {any, any % kNodes + 1};
        case Aim::All:
            return {1, 2, 3};
    }
    return {};
}

struct LoopCounts {
    int rounds = 0;
    int kills = 0;
    Samples untilAck;  ///< ms
};

Result<LoopCounts> killAtRandom(Stage& stage, NumberedProducer& producer, int kills, Prng& random) {
    LoopCounts counts;
    while (counts.kills < kills) {
        pause(random, 400);
        const auto aim = static_cast<Aim>(random.below(5));
        const auto victims = victimsOf(aim, stage.admin.get(), random);
        const auto killedAt = seconds();
        for (const auto node : victims) {
            counts.kills += stage.cluster.isRunning(node);
            stage.cluster.kill(node);
        }
        ++counts.rounds;
        pause(random, 300);
        for (int node = 1; node <= kNodes; ++node)
            if (!stage.cluster.isRunning(node))
                TRY_OK(stage.cluster.spawn(node));
        // One in three kills comes while the last ones are still recovering.
        if (random.below(3) == 0)
            continue;
        for (const auto node : victims)
            TRY_OK(stage.cluster.awaitReady(node));
        counts.untilAck.add((TRY(producer.awaitAckSince(killedAt, kPatience)) - killedAt) * 1000);
    }
    return counts;
}

/// Whether nothing went wrong; prints what was found.
Result<bool> crashLoop(int kills, std::uint64_t seed, int perSecond,
                       const std::filesystem::path& parent,
                       const std::vector<std::string>& settings) {
    ScratchFolder folder(parent);
    Prng random(seed);
    const auto begin = seconds();
    auto stage = TRY(prepare(folder.path(), settings, kPartitions));
    auto producer =
        TRY(NumberedProducer::start(stage.cluster.bootstrap(), kTopic, kPartitions, perSecond));
    auto live = TRY(NumberedReader::start(stage.cluster.bootstrap(), kTopic, kPartitions));
    TRY(producer->awaitAckSince(0, kPatience));
    const auto counts = TRY(killAtRandom(stage, *producer, kills, random));
    const auto finished = producer->finish(kPatience);
    const auto ends = producer->ackedEnds();
    const auto during = live->finish(ends, kPatience);
    const auto after = TRY(NumberedReader::start(stage.cluster.bootstrap(), kTopic, kPartitions))
                           ->finish(ends, kPatience);
    nlohmann::ordered_json failures = nlohmann::ordered_json::object();
    for (const auto& [why, count] : producer->failures())
        failures[why] = count;
    if (!finished)
        failures[finished.error().message] = 1;
    const auto json = [](const Findings& f) {
        return nlohmann::ordered_json{{"read", f.read},
                                      {"lost", f.lost},
                                      {"duplicated", f.duplicated},
                                      {"reordered", f.reordered}};
    };
    fmt::print("{}\n",
               nlohmann::ordered_json{{"bench", "crashloop"},
                                      {"case", "kill -9 at random"},
                                      {"seed", seed},
                                      {"kills", counts.kills},
                                      {"rounds", counts.rounds},
                                      {"seconds", std::round(seconds() - begin)},
                                      {"acked", producer->acked()},
                                      {"errors", failures},
                                      {"live_reader", json(during)},
                                      {"fresh_reader", json(after)},
                                      {"ms_to_ack_median", std::round(counts.untilAck.median())},
                                      {"ms_to_ack_max", std::round(counts.untilAck.max())}}
                   .dump());
    const auto clean = [](const Findings& f) {
        return f.lost == 0 && f.duplicated == 0 && f.reordered == 0;
    };
    return failures.empty() && clean(during) && clean(after);
}

// ---- failover
// ------------------------------------------------------------------------------------------------

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    const auto index =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values.at(std::max<std::size_t>(index, 1) - 1);
}

Result<void> failover(int kills, int perSecond, const std::filesystem::path& parent,
                      const std::vector<std::string>& settings) {
    ScratchFolder folder(parent);
    auto stage = TRY(prepare(folder.path(), settings, 1));
    auto producer = TRY(NumberedProducer::start(stage.cluster.bootstrap(), kTopic, 1, perSecond));
    TRY(producer->awaitAckSince(0, kPatience));
    std::vector<double> times;
    Report report;
    report.bench = "failover";
    report.name = "kill -9 of the leader to the next acks=all";
    report.unit = "ms";
    report.lowerIsBetter = true;
    while (std::ssize(times) < kills) {
        std::optional<Seen> seen;
        const auto deadline = seconds() + kPatience;
        while (!(seen = look(stage.admin.get(), 0)) || seen->inSync < kNodes || seen->leader < 1) {
            if (seconds() > deadline)
                return fail(ErrorCode::Timeout, "the replicas do not get in sync again");
            std::this_thread::sleep_for(milliseconds(20));
        }
        const auto killedAt = seconds();
        stage.cluster.kill(seen->leader);
        times.push_back((TRY(producer->awaitAckSince(killedAt, kPatience)) - killedAt) * 1000);
        report.value.add(times.back());
        TRY_OK(stage.cluster.spawn(seen->leader));
        TRY_OK(stage.cluster.awaitReady(seen->leader));
    }
    report.more = {{"p50", quantile(times, 0.5)}, {"p99", quantile(times, 0.99)}};
    print(report);
    return {};
}

}  // namespace

int runCrashLoop(const std::vector<std::string>& args) {
    constexpr auto kProgram = "odradek-bench crashloop";
    std::int64_t kills = 200;
    std::int64_t seed = 0;
    std::int64_t rate = 2000;
    std::string folder = "/tmp";
    std::vector<std::string> settings;
    app::CommandLine line(
        kProgram,
        "Three broker processes, killed at random while librdkafka produces and consumes; "
        "fails when anything acknowledged is lost, duplicated or reordered.");
    line.number("kills", "N", "processes to kill (default 200)", 1, 1'000'000, kills)
        .number("seed", "S", "of the random choices (default: another each time)", 0, INT64_MAX,
                seed)
        .number("rate", "N", "records per second (default 2000)", 1, 1'000'000, rate)
        .texts("set", "KEY=VALUE", "a broker configuration; may be repeated", settings)
        .text("dir", "DIR", "where data is put (default /tmp)", folder);
    const auto parsed = line.parse(args);
    if (!parsed)
        return app::complainUsage(kProgram, parsed.error().message);
    if (*parsed == app::CommandLine::Outcome::Shown)
        return app::kDone;
    if (seed == 0)
        seed = static_cast<std::int64_t>(real::randomSeed() >> 1);
    fmt::print(stderr, "{}: seed {}\n", kProgram, seed);
    const auto clean = crashLoop(static_cast<int>(kills), static_cast<std::uint64_t>(seed),
                                 static_cast<int>(rate), folder, settings);
    if (!clean)
        return app::complain(kProgram, clean.error().message, app::kFailed);
    return *clean
               ? app::kDone
               : app::complain(kProgram, "something went wrong; see the line above", app::kFailed);
}

int runFailover(const std::vector<std::string>& args) {
    constexpr auto kProgram = "odradek-bench failover";
    std::int64_t kills = 20;
    std::int64_t rate = 500;
    std::string folder = "/tmp";
    std::vector<std::string> settings;
    app::CommandLine line(
        kProgram,
        "Time from the kill -9 of a leader's process to the next acks=all success of "
        "librdkafka, three processes.");
    line.number("kills", "N", "leaders to kill (default 20)", 1, 100'000, kills)
        .number("rate", "N", "records per second (default 500)", 1, 1'000'000, rate)
        .texts("set", "KEY=VALUE", "a broker configuration; may be repeated", settings)
        .text("dir", "DIR", "where data is put (default /tmp)", folder);
    const auto parsed = line.parse(args);
    if (!parsed)
        return app::complainUsage(kProgram, parsed.error().message);
    if (*parsed == app::CommandLine::Outcome::Shown)
        return app::kDone;
    if (auto done = failover(static_cast<int>(kills), static_cast<int>(rate), folder, settings);
        !done)
        return app::complain(kProgram, done.error().message, app::kFailed);
    return app::kDone;
}

}  // namespace odradek::bench
