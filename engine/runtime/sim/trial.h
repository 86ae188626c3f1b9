// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/runtime/sim/apps.h"
#include "engine/runtime/sim/checks.h"
#include "engine/runtime/sim/cluster.h"
#include "engine/runtime/sim/world.h"

namespace odradek::sim {

struct TrialOptions {
    std::uint64_t seed = 1;
    Nanoseconds length = std::chrono::seconds(30);       ///< of simulated time at least
    Nanoseconds convergeMax = std::chrono::seconds(30);  ///< from healing to convergence at most
    std::uint32_t mutants = 0;                           ///< broker::Mutant bits: planted bugs
};

struct Violation {
    Instant at;
    std::uint64_t step = 0;
    std::string what;
};

/// What a trial came to.
struct TrialReport {
    std::optional<Violation> violation;
    Nanoseconds simulated{0};
    std::uint64_t steps = 0;
    std::uint64_t traceHash = 0;
    std::uint64_t acked = 0;
    std::uint64_t failed = 0;
    std::uint64_t crashes = 0;
    std::uint64_t powerCuts = 0;
    std::uint64_t pauses = 0;
    std::uint64_t clogs = 0;
    std::uint64_t resets = 0;
    std::uint64_t isrChanges = 0;
    std::uint64_t elections = 0;
};

/// One seed: a cluster of three brokers under clients and faults, then healing, convergence and
/// judgement.
///
/// Everything is drawn from the seed: timeouts, network and disk speeds, topics, load, and which
/// faults come how often (swarm testing); one crash and one pause long enough to leave the ISR come
/// in every trial. Lifecycle: construct, `runTo` as often as wanted, `run` for the rest. A copyable
/// value: a copy goes on identically. Thread: one at a time.
class Trial {
public:
    explicit Trial(TrialOptions options);

    /// Goes on until simulated time `until` since the start, or a violation, or the end. Broken
    /// invariants of the cores become violations.
    void runTo(Nanoseconds until);
    /// Goes on to the end.
    TrialReport run();
    bool ended() const { return m_ended; }
    TrialReport report() const;

    World& world() { return m_world; }
    const Cluster& cluster() const { return m_cluster; }

private:
    enum class Fault : std::uint8_t { Crash, PowerCut, Pause, Clog, Reset, SlowDisk, kCount };
    enum class Phase : std::uint8_t { Faults, Settling };
    struct Restart {
        BrokerId node;
        Instant at;
    };
    /// Draws from one generator, in a fixed order.
    struct Drawn {
        NetworkTimes network;
        ClusterOptions cluster;
        std::int64_t lagMs = 0;
        bool flushEach = false;
    };
    static Drawn draw(const TrialOptions& options);
    Trial(TrialOptions options, Drawn drawn);

    Instant from(Nanoseconds sinceStart) const { return m_start + sinceStart; }
    void addApps();
    client::ClientOptions clientOptions(const std::string& name);
    void planFaults();
    void advance(Instant until);
    Instant nextDue() const;
    void act();
    void inject(Fault fault);
    void injectRandom();
    void crash(BrokerId node, bool power);
    void restartDue();
    void heal();
    void maybeEnd();
    Finding judge();
    void violate(std::string what);
    int nodesDown() const;
    BrokerId anyNode(bool up);
    template <class App>
    std::vector<const App*> apps(const std::vector<ActorId>& ids) const;

    TrialOptions m_options;
    World m_world;
    Cluster m_cluster;
    Prng m_random;
    std::int64_t m_lagMs;
    bool m_flushEach;
    Instant m_start;
    std::vector<TopicPartition> m_partitions;
    std::vector<StewardApp::Topic> m_topics;
    std::vector<ActorId> m_producers;
    std::vector<ActorId> m_consumers;
    ActorId m_steward = 0;
    ReplicaWatch m_watch;

    Phase m_phase = Phase::Faults;
    std::uint64_t m_weights[static_cast<std::size_t>(Fault::kCount)] = {};
    std::int64_t m_faultGapNs = 0;
    int m_downMax = 1;
    Instant m_nextFault = Instant::never();
    Instant m_sureCrash = Instant::never();
    Instant m_surePause = Instant::never();
    Instant m_healAt = Instant::never();
    Instant m_nextLook;
    Instant m_slowUntil = Instant::never();
    std::vector<Restart> m_restarts;
    bool m_ended = false;
    TrialReport m_counts;
    std::optional<Violation> m_violation;
};

}  // namespace odradek::sim
