// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/broker/broker.h"
#include "engine/quorum/controller.h"
#include "engine/runtime/sim/world.h"

namespace odradek::sim {

/// How the nodes of a simulated cluster are.
struct ClusterOptions {
    int brokers = 3;               ///< nodes 1..N
    int controllers = 1;           ///< nodes 1..C also host a voting controller; 1, 3 or 5
    metadata::ConfigMap settings;  ///< Kafka's broker config names, for every node
    DiskTimes diskTimes;
    bool powerCuts = false;  ///< disks keep track of what is not flushed
    std::uint64_t segmentPoolBytes = 8u << 20;
    Mutants mutants;  ///< planted bugs
    std::uint64_t seed = 0;
};

/// The nodes of a cluster in a world: boots brokers and the controller from their disks, crashes
/// and restarts them. The cores live in the world; this is only the knowledge of who is where, a
/// copyable value kept beside its world.
class Cluster {
public:
    struct Node {
        BrokerId id;
        ActorId broker = 0;
        std::optional<ActorId> controller;
        DiskId disk = 0;
        Uuid directory;
        bool up = false;
    };

    /// Formats the disks of all nodes and makes the places and routes; nothing runs yet.
    Cluster(World& world, ClusterOptions options);

    /// Boots a node from what its disk holds. An error is a violation: a crash must never leave
    /// what cannot be booted.
    Result<void> start(World& world, BrokerId id);
    /// kill -9, or with `power` the loss of everything that was not flushed.
    void crash(World& world, BrokerId id, bool power);
    void pause(World& world, BrokerId id, Instant until);
    void resume(World& world, BrokerId id);
    /// A clean shutdown begins; once `hasStopped`, `crash` ends the node without harm.
    void beginStop(World& world, BrokerId id);
    bool hasStopped(World& world, BrokerId id) const;
    /// A node that is down gets a new, empty, formatted disk.
    void replaceDisk(World& world, BrokerId id);

    const std::vector<Node>& nodes() const { return m_nodes; }
    const Node& node(BrokerId id) const { return m_nodes[static_cast<std::size_t>(id.value - 1)]; }
    /// Null while the node is down.
    static const broker::Broker* brokerOf(const World& world, const Node& node);
    /// The active controller of the latest epoch; with one controller, that one. Null while there is none.
    const quorum::Controller* controller(const World& world) const;
    /// Null while the node is down, and when it hosts none.
    static const quorum::Controller* controllerOf(const World& world, const Node& node);
    const metadata::ConfigMap& settings() const { return m_options.settings; }

private:
    void format(World& world, const Node& node) const;
    metadata::ConfigMap settingsOf(const Node& node) const;

    ClusterOptions m_options;
    std::string m_clusterId;
    raft::VoterSet m_voters;  ///< the first ones; empty with one controller
    Prng m_random;
    std::vector<Node> m_nodes;
};

}  // namespace odradek::sim
