// SPDX-License-Identifier: GPL-3.0-or-later
// What a trial is made of, drawn from its seed.
#include <algorithm>

#include <fmt/format.h>

#include "engine/runtime/sim/trial.h"

namespace odradek::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr HostId kFirstClientHost = 101;
constexpr std::int64_t kRecordsPerSecond = 230;  ///< over all producers, while all is well

std::string number(std::int64_t value) {
    return std::to_string(value);
}

}  // namespace

Trial::Drawn Trial::draw(const TrialOptions& options) {
    Prng random(options.seed * 0x9e3779b97f4a7c15ull + 1);
    Drawn drawn;
    auto& net = drawn.network;
    net.minNs = random.between(20'000, 1'000'000);
    net.maxNs = net.minNs + random.between(50'000, random.chance(1, 4) ? 20'000'000 : 4'000'000);
    net.spikePerMille = static_cast<std::uint32_t>(random.between(0, 5));
    net.spikeMaxNs = random.between(10'000'000, 300'000'000);
    auto& cluster = drawn.cluster;
    cluster.diskTimes.opMaxNs = random.between(50'000, 1'500'000);
    cluster.diskTimes.flushMaxNs = random.between(500'000, 8'000'000);
    cluster.segmentPoolBytes = random.chance(1, 4) ? 0 : 8u << 20;
    cluster.mutants = options.mutants;
    cluster.seed = random.next();
    drawn.flushEach = random.chance(2, 5);
    cluster.powerCuts = drawn.flushEach;
    drawn.lagMs = random.between(400, 2'000);
    auto& set = cluster.settings;
    const auto heartbeat = random.between(80, 300);
    drawn.sessionMs = heartbeat * random.between(4, 9);
    set["broker.heartbeat.interval.ms"] = number(heartbeat);
    set["broker.session.timeout.ms"] = number(drawn.sessionMs);
    set["replica.lag.time.max.ms"] = number(drawn.lagMs);
    set["replica.fetch.wait.max.ms"] =
        number(random.between(50, std::min<std::int64_t>(500, drawn.lagMs / 2)));
    set["replica.fetch.backoff.ms"] = number(random.between(10, 100));
    set["replica.high.watermark.checkpoint.interval.ms"] = number(random.between(200, 5'000));
    set["log.flush.offset.checkpoint.interval.ms"] = number(random.between(500, 10'000));
    set["leader.imbalance.check.interval.seconds"] = number(random.between(1, 10));
    set["min.insync.replicas"] = "2";
    set["default.replication.factor"] = "3";
    set["log.segment.bytes"] =
        number(random.chance(1, 2) ? 1 << 20 : random.between(16 << 10, 128 << 10));
    set["offsets.topic.num.partitions"] = number(random.between(1, 3));
    set["offsets.topic.replication.factor"] = "3";
    set["group.min.session.timeout.ms"] = "500";
    set["group.initial.rebalance.delay.ms"] = number(random.between(0, 300));
    set["log.flush.interval.messages"] = drawn.flushEach ? "1" : "9223372036854775807";
    return drawn;
}

Trial::Trial(TrialOptions options) : Trial(options, draw(options)) {}

Trial::Trial(TrialOptions options, Drawn drawn)
    : m_options(std::move(options)),
      m_world(m_options.seed ^ 0x5eed0000ull, drawn.network),
      m_cluster(m_world, drawn.cluster),
      m_random(m_options.seed * 31 + 7),
      m_lagMs(drawn.lagMs),
      m_sessionMs(drawn.sessionMs),
      m_flushEach(drawn.flushEach),
      m_start(m_world.now().at),
      m_lastHost(kFirstClientHost - 1),
      m_nextLook(m_start + milliseconds(20)) {
    const auto topics = m_random.between(1, 2);
    for (std::int64_t t = 0; t < topics; ++t) {
        StewardApp::Topic topic;
        topic.name = fmt::format("topic{}", t);
        topic.partitions = static_cast<std::int32_t>(m_random.between(1, 3));
        for (std::int32_t p = 0; p < topic.partitions; ++p)
            m_partitions.push_back({topic.name, p});
        m_topics.push_back(std::move(topic));
    }
    addApps();
    m_downMax = m_random.chance(1, 4) ? static_cast<int>(m_random.between(2, 3)) : 1;
    m_withCore = m_random.chance(1, 2);
    // The core gets time to show that it lives while producers still write.
    const auto faultsEnd = m_options.length - (m_withCore ? seconds(9) : seconds(4));
    m_healAt = from(faultsEnd);
    const FaultLimits limits{.powerCuts = m_flushEach, .storageDamage = m_options.storageDamage};
    m_plan = drawPlan(m_random, limits, m_start, faultsEnd);
    for (const auto& node : m_cluster.nodes())
        if (auto booted = m_cluster.start(m_world, node.id); !booted)
            violate("a fresh node does not boot: " + booted.error().message);
}

client::ClientOptions Trial::clientOptions(const std::string& name) {
    client::ClientOptions options;
    options.network.clientId = name;
    options.network.requestTimeout = Milliseconds(m_random.between(1'500, 6'000));
    options.network.connectTimeout = Milliseconds(m_random.between(300, 1'500));
    options.network.backoffMost = Milliseconds(m_random.between(100, 1'000));
    options.metadataMaxAge = Milliseconds(m_random.between(1'000, 10'000));
    options.fetchMaxWaitMs = static_cast<std::int32_t>(m_random.between(50, 500));
    options.fetchPartitionBytes = static_cast<std::int32_t>(m_random.between(2'000, 1 << 20));
    // Not fewer than ten, or a slow disk and network could not carry the load we count on.
    options.batchRecords =
        static_cast<std::int32_t>(std::max<std::int64_t>(10, m_random.between(1, 500)));
    options.compression =
        m_random.chance(1, 4) ? protocol::Compression::Lz4 : protocol::Compression::None;
    for (const auto& node : m_cluster.nodes())
        options.bootstrap.push_back({"", 0, node.id.value});
    return options;
}

ActorId Trial::place(std::string name, std::unique_ptr<io::Core> core) {
    const auto id = m_world.addActor(std::move(name), ++m_lastHost, std::nullopt);
    m_world.start(id, std::move(core));
    return id;
}

void Trial::addProducers() {
    const auto producers = m_random.between(2, 3);
    for (std::int64_t i = 0; i < producers; ++i) {
        ProducerApp::Options options;
        options.client = clientOptions(fmt::format("producer{}", i));
        options.producer = static_cast<std::uint32_t>(i);
        options.partitions = m_partitions;
        options.burstMax = m_random.between(3, 14);
        const auto mean =
            (options.burstMax + 1) * 500'000'000 * producers / kRecordsPerSecond;
        options.gapMinNs = mean / 2;
        options.gapMaxNs = mean * 3 / 2;
        options.valueMax = m_random.between(20, 400);
        options.start = from(milliseconds(200));
        options.stop = from(m_options.length - seconds(2));
        options.seed = m_random.next();
        m_producers.push_back(
            place(fmt::format("producer {}", i), std::make_unique<ProducerApp>(options)));
    }
}

void Trial::addGroup() {
    const auto count = m_random.between(2, 3);
    const bool isStatic = m_random.chance(1, 3);
    const auto session = m_random.between(1'000, 3'000);
    for (std::int64_t i = 0; i < count; ++i) {
        GroupMemberApp::Options options;
        options.client = clientOptions(fmt::format("member{}", i));
        if (isStatic)
            options.instance = fmt::format("instance{}", i);
        options.partitions = m_partitions;
        options.sessionMs = session;
        options.rebalanceMs = m_random.between(1'000, 3'000);
        options.commitGapNs = m_random.between(100'000'000, 800'000'000);
        options.start = from(milliseconds(m_random.between(300, 1'500)));
        options.seed = m_random.next();
        m_group.push_back(
            place(fmt::format("member {}", i), std::make_unique<GroupMemberApp>(options)));
    }
}

void Trial::addApps() {
    addProducers();
    ConsumerApp::Options options;
    options.client = clientOptions("consumer");
    options.partitions = m_partitions;
    options.start = from(milliseconds(300));
    options.rereadGapNs = m_random.between(500'000'000, 4'000'000'000);
    options.seed = m_random.next();
    m_consumers.push_back(place("consumer", std::make_unique<ConsumerApp>(options)));
    addGroup();
    StewardApp::Options steward;
    steward.client = clientOptions("steward");
    steward.topics = m_topics;
    steward.askGapNs = m_random.between(50'000'000, 300'000'000);
    steward.start = from(milliseconds(50));
    m_steward = place("steward", std::make_unique<StewardApp>(steward));
    m_admin = place("admin", std::make_unique<AdminApp>(clientOptions("admin")));
}

}  // namespace odradek::sim
