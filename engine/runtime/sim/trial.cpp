// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/trial.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace odradek::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr HostId kFirstClientHost = 101;
constexpr Nanoseconds kLookGap = milliseconds(20);
constexpr Nanoseconds kLookGapAtEnd = milliseconds(100);

/// A broken invariant of a core, on its way out of the world.
struct BrokenInvariant : std::runtime_error {
    using std::runtime_error::runtime_error;
};
[[noreturn]] void throwBroken(const std::string& message) {
    throw BrokenInvariant(message);
}

std::string number(std::int64_t value) {
    return std::to_string(value);
}

}  // namespace

// ---- Drawing
// ---------------------------------------------------------------------------------------------------

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
    drawn.flushEach = random.chance(1, 3);
    cluster.powerCuts = drawn.flushEach;
    drawn.lagMs = random.between(400, 2'000);
    auto& set = cluster.settings;
    const auto heartbeat = random.between(80, 300);
    set["broker.heartbeat.interval.ms"] = number(heartbeat);
    set["broker.session.timeout.ms"] = number(heartbeat * random.between(4, 9));
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
    if (drawn.flushEach)
        set["log.flush.interval.messages"] = "1";
    return drawn;
}

Trial::Trial(TrialOptions options) : Trial(options, draw(options)) {}

Trial::Trial(TrialOptions options, Drawn drawn)
    : m_options(options),
      m_world(options.seed ^ 0x5eed0000ull, drawn.network),
      m_cluster(m_world, drawn.cluster),
      m_random(options.seed * 31 + 7),
      m_lagMs(drawn.lagMs),
      m_flushEach(drawn.flushEach),
      m_start(m_world.now().at),
      m_nextLook(m_start + kLookGap) {
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
    planFaults();
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

void Trial::addApps() {
    HostId host = kFirstClientHost;
    const auto place = [&](std::string name, std::unique_ptr<io::Core> core) {
        const auto id = m_world.addActor(std::move(name), host++, std::nullopt);
        m_world.start(id, std::move(core));
        return id;
    };
    const auto producers = m_random.between(2, 4);
    for (std::int64_t i = 0; i < producers; ++i) {
        ProducerApp::Options options;
        options.client = clientOptions(fmt::format("producer{}", i));
        options.producer = static_cast<std::uint32_t>(i);
        options.partitions = m_partitions;
        // About 250 records a second over all producers.
        options.burstMax = m_random.between(1, 12);
        const auto mean = (options.burstMax + 1) * 500'000'000 * producers / 250;
        options.gapMinNs = mean / 2;
        options.gapMaxNs = mean * 3 / 2;
        options.valueMax = m_random.between(20, 400);
        options.start = from(milliseconds(200));
        options.stop = from(m_options.length - seconds(2));
        options.seed = m_random.next();
        m_producers.push_back(
            place(fmt::format("producer {}", i), std::make_unique<ProducerApp>(options)));
    }
    for (int i = 0; i < 2; ++i) {
        ConsumerApp::Options options;
        options.client = clientOptions(fmt::format("consumer{}", i));
        options.partitions = m_partitions;
        options.start = from(milliseconds(300));
        options.rereadGapNs = i == 0 ? 0 : m_random.between(500'000'000, 4'000'000'000);
        options.seed = m_random.next();
        m_consumers.push_back(
            place(fmt::format("consumer {}", i), std::make_unique<ConsumerApp>(options)));
    }
    StewardApp::Options options;
    options.client = clientOptions("steward");
    options.topics = m_topics;
    options.askGapNs = m_random.between(50'000'000, 300'000'000);
    options.start = from(milliseconds(50));
    m_steward = place("steward", std::make_unique<StewardApp>(options));
}

void Trial::planFaults() {
    for (auto& weight : m_weights)
        weight = m_random.chance(1, 3) ? 0 : m_random.below(10);
    m_weights[static_cast<std::size_t>(Fault::PowerCut)] *= m_flushEach ? 1 : 0;
    m_faultGapNs = m_random.between(600'000'000, 5'000'000'000);
    m_downMax = m_random.chance(1, 4) ? static_cast<int>(m_random.between(2, 3)) : 1;
    const auto faultsEnd = m_options.length - seconds(4);
    m_sureCrash = from(milliseconds(m_random.between(3'000, 12'000)));
    m_surePause = from(milliseconds(m_random.between(13'000, 18'000)));
    m_nextFault = from(milliseconds(m_random.between(1'000, 8'000)));
    m_healAt = from(faultsEnd);
}

// ---- Running
// ---------------------------------------------------------------------------------------------------

void Trial::violate(std::string what) {
    if (!m_violation)
        m_violation = Violation{m_world.now().at, m_world.steps(), std::move(what)};
    m_ended = true;
}

TrialReport Trial::report() const {
    auto report = m_counts;
    report.violation = m_violation;
    report.simulated = m_world.now().at - m_start;
    report.steps = m_world.steps();
    report.traceHash = m_world.traceHash();
    for (const auto* producer : apps<ProducerApp>(m_producers)) {
        report.acked += producer->acked();
        report.failed += producer->failed();
    }
    report.isrChanges = m_watch.isrChanges();
    report.elections = m_watch.elections();
    return report;
}

TrialReport Trial::run() {
    while (!m_ended)
        runTo(m_world.now().at - m_start + seconds(1));
    return report();
}

void Trial::runTo(Nanoseconds until) {
    const auto before = setCheckHandler(&throwBroken);
    try {
        advance(from(until));
    } catch (const BrokenInvariant& broken) {
        violate(broken.what());
    }
    setCheckHandler(before);
}

void Trial::advance(Instant until) {
    while (!m_ended) {
        const auto due = nextDue();
        m_world.runUntil(std::min(due, until));
        if (due > until)
            return;
        act();
    }
}

Instant Trial::nextDue() const {
    auto due = std::min({m_nextFault, m_sureCrash, m_surePause, m_healAt, m_nextLook, m_slowUntil});
    for (const auto& restart : m_restarts)
        due = std::min(due, restart.at);
    return due;
}

void Trial::act() {
    const auto now = m_world.now().at;
    if (m_healAt <= now)
        heal();
    restartDue();
    if (m_slowUntil <= now) {
        m_slowUntil = Instant::never();
        for (const auto& node : m_cluster.nodes())
            m_world.disk(node.disk).setSlowness(1);
    }
    if (m_sureCrash <= now) {
        m_sureCrash = Instant::never();
        inject(Fault::Crash);
    }
    if (m_surePause <= now) {
        // Only a node that runs can fall behind; waits for one.
        m_surePause = nodesDown() == 0 ? Instant::never() : now + milliseconds(100);
        if (m_surePause == Instant::never())
            inject(Fault::Pause);
    }
    if (m_nextFault <= now) {
        m_nextFault = now + Nanoseconds(m_random.between(m_faultGapNs / 4, m_faultGapNs * 7 / 4));
        injectRandom();
    }
    if (m_nextLook <= now) {
        m_nextLook = now + (m_phase == Phase::Settling ? kLookGapAtEnd : kLookGap);
        if (auto finding = m_watch.look(m_world, m_cluster))
            return violate(*finding);
        if (m_phase == Phase::Settling)
            maybeEnd();
    }
}

int Trial::nodesDown() const {
    return static_cast<int>(std::count_if(m_cluster.nodes().begin(), m_cluster.nodes().end(),
                                          [](const auto& node) { return !node.up; }));
}

BrokerId Trial::anyNode(bool up) {
    std::vector<BrokerId> some;
    for (const auto& node : m_cluster.nodes())
        if (node.up == up)
            some.push_back(node.id);
    return some.empty() ? BrokerId(-1) : some[m_random.below(some.size())];
}

// ---- Faults
// ----------------------------------------------------------------------------------------------------

void Trial::injectRandom() {
    std::uint64_t sum = 0;
    for (const auto weight : m_weights)
        sum += weight;
    if (sum == 0)
        return;
    auto drawn = m_random.below(sum);
    for (std::size_t i = 0; i < static_cast<std::size_t>(Fault::kCount); ++i) {
        if (drawn < m_weights[i])
            return inject(static_cast<Fault>(i));
        drawn -= m_weights[i];
    }
}

void Trial::inject(Fault fault) {
    const auto now = m_world.now().at;
    switch (fault) {
        case Fault::Crash:
        case Fault::PowerCut:
            if (nodesDown() < m_downMax)
                crash(anyNode(true), fault == Fault::PowerCut);
            break;
        case Fault::Pause:
            if (const auto node = anyNode(true); node.value > 0) {
                m_cluster.pause(m_world, node,
                                now + milliseconds(m_random.between(m_lagMs * 2, m_lagMs * 3)));
                ++m_counts.pauses;
            }
            break;
        case Fault::Clog: {
            const auto hosts = m_cluster.nodes().size();
            const auto a = static_cast<HostId>(1 + m_random.below(hosts));
            const auto b = static_cast<HostId>(1 + m_random.below(hosts));
            const auto until = now + milliseconds(m_random.between(10, m_lagMs * 2));
            m_world.clog(a, b, until);
            if (m_random.chance(1, 2))
                m_world.clog(b, a, until);
            ++m_counts.clogs;
            break;
        }
        case Fault::Reset: {
            const auto a = static_cast<HostId>(1 + m_random.below(m_cluster.nodes().size()));
            const auto clients = static_cast<HostId>(m_producers.size() + m_consumers.size());
            const auto b =
                m_random.chance(1, 2)
                    ? static_cast<HostId>(1 + m_random.below(m_cluster.nodes().size()))
                    : static_cast<HostId>(kFirstClientHost + m_random.between(0, clients));
            m_world.resetConnections(a, b);
            ++m_counts.resets;
            break;
        }
        case Fault::SlowDisk:
            m_world.disk(m_cluster.nodes()[m_random.below(m_cluster.nodes().size())].disk)
                .setSlowness(m_random.between(5, 100));
            m_slowUntil = now + milliseconds(m_random.between(50, 2'000));
            break;
        case Fault::kCount:
            break;
    }
}

void Trial::crash(BrokerId node, bool power) {
    if (node.value < 0)
        return;
    m_cluster.crash(m_world, node, power);
    ++(power ? m_counts.powerCuts : m_counts.crashes);
    const auto pause =
        m_random.chance(1, 3) ? m_random.between(1, 100) : m_random.between(100, 5'000);
    m_restarts.push_back({node, m_world.now().at + milliseconds(pause)});
}

void Trial::restartDue() {
    const auto now = m_world.now().at;
    for (std::size_t i = 0; i < m_restarts.size();) {
        if (m_restarts[i].at > now) {
            ++i;
            continue;
        }
        const auto node = m_restarts[i].node;
        m_restarts.erase(m_restarts.begin() + static_cast<std::ptrdiff_t>(i));
        if (auto booted = m_cluster.start(m_world, node); !booted)
            violate(fmt::format("node {} does not boot after a crash: {}", node.value,
                                booted.error().message));
    }
}

void Trial::heal() {
    m_healAt = Instant::never();
    m_nextFault = m_sureCrash = m_surePause = Instant::never();
    m_phase = Phase::Settling;
    m_world.unclog();
    for (auto& restart : m_restarts)
        restart.at = m_world.now().at;
    m_slowUntil = m_world.now().at;
}

// ---- The end
// ---------------------------------------------------------------------------------------------------

template <class App>
std::vector<const App*> Trial::apps(const std::vector<ActorId>& ids) const {
    std::vector<const App*> all;
    for (const auto id : ids)
        all.push_back(static_cast<const App*>(m_world.core(id)));
    return all;
}

void Trial::maybeEnd() {
    const auto now = m_world.now().at;
    if (now < from(m_options.length))
        return;
    Finding open = notConverged(m_world, m_cluster, m_partitions);
    for (const auto* producer : apps<ProducerApp>(m_producers))
        if (!open && !producer->done(now))
            open = fmt::format("producer {} still has {} records", producer->producer(),
                               producer->client().unacked());
    for (const auto* consumer : apps<ConsumerApp>(m_consumers))
        for (std::size_t i = 0; i < m_partitions.size() && !open; ++i) {
            const auto& partition = m_partitions[i];
            const auto* truth = m_cluster.controller(m_world)->image().partition(
                partition.topic, partition.partition);
            const auto* leader =
                Cluster::brokerOf(m_world, m_cluster.node(BrokerId(truth->leader)));
            for (const auto& one : leader->inspect(m_world.now()).partitions)
                if (one.topic == partition.topic && one.partition == partition.partition &&
                    static_cast<std::int64_t>(consumer->seen()[i].size()) <
                        one.highWatermark.value &&
                    consumer->problems().empty())
                    open = fmt::format("a consumer of {}-{} has read {} of {}", partition.topic,
                                       partition.partition, consumer->seen()[i].size(),
                                       one.highWatermark.value);
        }
    if (open) {
        if (now >= from(m_options.length - seconds(4) + m_options.convergeMax))
            violate("does not converge: " + *open);
        return;
    }
    if (auto finding = judge())
        violate(*finding);
    m_ended = true;
}

Finding Trial::judge() {
    if (auto finding = judgeHistories(m_partitions, apps<ProducerApp>(m_producers),
                                      apps<ConsumerApp>(m_consumers)))
        return finding;
    const auto* steward = static_cast<const StewardApp*>(m_world.core(m_steward));
    if (!steward->problems().empty())
        return steward->problems().front();
    if (steward->answers() == 0)
        return "nobody answered ListOffsets";
    if (auto finding = compareReplicas(m_world, m_cluster, m_partitions))
        return finding;
    if (m_counts.crashes + m_counts.powerCuts == 0 || m_watch.isrChanges() == 0)
        return "a trial without a crash or an ISR change proves too little";
    return std::nullopt;
}

}  // namespace odradek::sim
