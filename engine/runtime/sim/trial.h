// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/prng.h"
#include "engine/runtime/sim/admin_app.h"
#include "engine/runtime/sim/apps.h"
#include "engine/runtime/sim/checks.h"
#include "engine/runtime/sim/cluster.h"
#include "engine/runtime/sim/fault_plan.h"
#include "engine/runtime/sim/group_app.h"
#include "engine/runtime/sim/world.h"

namespace odradek::sim {

struct TrialOptions {
    std::uint64_t seed = 1;
    Nanoseconds length = std::chrono::seconds(30);       ///< of simulated time at least
    Nanoseconds convergeMax = std::chrono::seconds(30);  ///< from healing to convergence at most
    Mutants mutants;                                     ///< planted bugs
    std::set<std::uint32_t> without;  ///< numbers of faults of the schedule that do not happen
    bool wipes = false;               ///< brokers that come back with an empty disk
    bool storageDamage = false;       ///< full disks, errors, bit rot, lost and misplaced writes too
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
    std::uint64_t commits = 0;      ///< of offsets, acked
    std::uint64_t generations = 0;  ///< members were given an assignment so often
    std::uint64_t isrChanges = 0;
    std::uint64_t elections = 0;
    std::map<std::string_view, std::uint64_t> faults;  ///< by kind, those that happened
    std::vector<std::string> history;                  ///< what was done to the cluster, in order
    std::set<std::uint32_t> happened;                  ///< numbers of the faults that did anything
};

/// One seed: a cluster of three brokers under clients and faults, then a core that must come back by itself while one
/// node stays away, then healing, convergence and judgement.
///
/// Everything is drawn from the seed: timeouts, network and disk speeds, topics, load, and the schedule of faults.
/// Lifecycle: construct, `runTo` as often as wanted, `run` for the rest. A copyable value: a copy goes on identically.
/// Thread: one at a time.
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
    enum class Phase : std::uint8_t { Faults, Core, Settling };
    /// Something to be done later, mostly the end of a fault.
    struct Later {
        enum class What : std::uint8_t {
            Restart,
            SpeedUp,
            HealDisk,
            EndTrouble,
            StopNext,  ///< of a rolling restart
            LookStopped,
            Insist,  ///< the administrator asks for everything once more
            Again,   ///< a fault that could not happen
        };
        Instant at;
        What what = What::Restart;
        BrokerId node;
        Instant deadline;         ///< LookStopped
        std::uint32_t fault = 0;  ///< Again: its number
    };
    /// Draws from one generator, in a fixed order.
    struct Drawn {
        NetworkTimes network;
        ClusterOptions cluster;
        std::int64_t lagMs = 0;
        std::int64_t sessionMs = 0;  ///< of brokers
        bool flushEach = false;
    };
    static Drawn draw(const TrialOptions& options);
    Trial(TrialOptions options, Drawn drawn);

    // ---- Set-up (trial_setup.cpp)
    Instant from(Nanoseconds sinceStart) const { return m_start + sinceStart; }
    void addApps();
    void addProducers();
    void addGroup();
    ActorId place(std::string name, std::unique_ptr<io::Core> core);
    client::ClientOptions clientOptions(const std::string& name);

    // ---- Running (trial.cpp)
    void advance(Instant until);
    Instant nextDue() const;
    void act();
    void look();
    void beginCore();
    bool mayStayAway(BrokerId node) const;
    void chooseAway();
    void lookAtCore();
    void heal();
    void maybeEnd();
    Finding notDone() const;
    Finding judge();
    void violate(std::string what);

    // ---- Faults (trial_faults.cpp)
    void injectNumber(std::uint32_t index);
    std::string inject(const PlannedFault& planned, Prng random);
    std::string injectIntoNode(const PlannedFault& planned, Prng& random);
    std::string injectIntoNetwork(const PlannedFault& planned, Prng& random);
    std::string injectIntoDisk(const PlannedFault& planned, Prng& random);
    std::string injectIntoTopics(const PlannedFault& planned, Prng& random);
    std::string injectIntoGroup(const PlannedFault& planned, Prng& random);
    std::string crash(BrokerId node, bool power, Prng& random);
    std::string blackout(Prng& random);
    std::string wipe(Prng& random);
    std::string stopNode(BrokerId node);
    void doLater(const Later& later);
    void restart(BrokerId node);
    void lookStopped(const Later& later);
    void tell(const std::string& what);
    int nodesDown() const;
    BrokerId anyNode(bool up, Prng& random) const;
    BrokerId anyLeader(Prng& random) const;
    HostId anyHost(Prng& random) const;
    bool isrIsWhole() const;

    template <class App>
    std::vector<const App*> apps(const std::vector<ActorId>& ids) const {
        std::vector<const App*> all;
        for (const auto id : ids)
            all.push_back(static_cast<const App*>(m_world.core(id)));
        return all;
    }
    std::vector<const GroupHistory*> members() const;
    std::uint64_t ackedNow() const;

    TrialOptions m_options;
    World m_world;
    Cluster m_cluster;
    Prng m_random;
    std::int64_t m_lagMs;
    std::int64_t m_sessionMs;
    bool m_flushEach;
    Instant m_start;
    std::vector<TopicPartition> m_partitions;
    std::vector<StewardApp::Topic> m_topics;
    HostId m_lastHost = 0;
    std::vector<ActorId> m_producers;
    std::vector<ActorId> m_consumers;
    std::vector<ActorId> m_group;
    ActorId m_steward = 0;
    ActorId m_admin = 0;
    ReplicaWatch m_watch;

    Phase m_phase = Phase::Faults;
    std::vector<PlannedFault> m_plan;
    std::uint32_t m_nextFault = 0;
    std::vector<Later> m_laters;  ///< few, in no order
    std::deque<BrokerId> m_rolling;  ///< nodes a rolling restart has still to stop
    int m_downMax = 1;
    bool m_withCore = false;
    BrokerId m_away{-1};  ///< the node that stays away while the core comes back
    Instant m_coreUntil = Instant::never();
    std::optional<std::uint64_t> m_coreAcked;  ///< when the core had come back
    Instant m_healAt;
    Instant m_nextLook;
    BrokerId m_suspect{-1};  ///< has suffered what nothing may detect: no other node may fail any more
    bool m_wiped = false;    ///< it is suspect for an empty disk only
    std::int64_t m_wallSteps = 0;
    bool m_insisted = false;
    std::set<HostId> m_troubled;
    bool m_ended = false;
    std::map<std::string_view, std::uint64_t> m_faults;
    std::vector<std::string> m_history;
    std::set<std::uint32_t> m_happened;
    std::optional<Violation> m_violation;
};

}  // namespace odradek::sim
