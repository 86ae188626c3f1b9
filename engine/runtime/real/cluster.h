// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/broker.h"
#include "engine/quorum/controller.h"
#include "engine/runtime/real/data_dir.h"
#include "engine/runtime/real/executor.h"
#include "engine/runtime/real/fault_plan.h"
#include "engine/runtime/real/fault_power.h"
#include "engine/storage/log/checkpoints.h"

namespace odradek::real {

/// A node of a cluster that runs one process per node.
struct PeerNode {
    BrokerId id;
    Address address;  ///< for clients and brokers
    std::uint16_t controllerPort =
        0;  ///< of its controller listener; 0 = it has none
};

/// How an embedded cluster is started.
struct ClusterOptions {
    int brokers = 3;  ///< nodes 1..N
    /// Nodes that also host a voting controller, from the lowest id on, in a cluster that is formatted
    /// now: 1, 3 or 5; 0 = as many of these as there are nodes for. An existing cluster keeps its own.
    int controllers = 0;
    std::uint16_t port =
        9092;  ///< node N listens on port + N - 1; 0 = free ports, consecutive where possible
    std::vector<std::string> hosts = {
        "127.0.0.1", "::1"};     ///< addresses to listen on; clients are told the first
    std::filesystem::path data;  ///< log directories are data/node-N; not used when ephemeral
    bool ephemeral = false;  ///< data in a temporary folder, removed at the end, and never flushed
    /// Kafka's broker configs for every node, above the embedded defaults (see `embeddedDefaults`).
    std::map<std::string, std::string> settings;
    /// One process per node: the whole cluster, and which node of it runs here. `brokers`, `port`
    /// and `hosts` then follow from the peers; the others are reached by TCP. Controllers are on the
    /// peers with the lowest ids that have a controllerPort.
    std::vector<PeerNode> peers;
    BrokerId peer{-1};
    int executors = 1;              ///< threads that own cores; nodes are dealt to them in turn
    LogSink log;                    ///< called on several threads
    Milliseconds startMax{30'000};  ///< a start that takes longer fails
    Milliseconds stopMax{20'000};   ///< a clean stop that takes longer ends as a kill
    /// Remember what disks have not synced, so that powerCutNode is possible. Costs reading what is
    /// overwritten and a little memory.
    bool powerCuts = false;
    std::uint64_t faultSeed = 0;  ///< of the chance in faults; 0 = another one each time
};

/// What an embedded cluster sets when the user does not: quick reactions, since all nodes share a
/// machine, and replication over as many nodes as there are; and, unless the data is thrown away at
/// the end, a flush before each acknowledgement (log.flush.interval.messages=1, where Kafka leaves
/// flushing to the system: 9223372036854775807 gives that). Kafka's own defaults hold for the rest.
std::map<std::string, std::string> embeddedDefaults(int brokers, bool ephemeral);

/// Where a bit was flipped on purpose.
struct FlippedBit {
    std::filesystem::path file;
    std::uint64_t position = 0;  ///< of the byte
    int bit = 0;
};

/// A node as seen from outside, between steps.
struct NodeStatus {
    BrokerId id;
    bool running = false;
    bool paused = false;
    bool isController = false;
    Address address;  ///< where clients reach it
    broker::BrokerState state = broker::BrokerState::Stopped;
    std::size_t partitions = 0;
    std::size_t leaders = 0;
    std::size_t connections = 0;  ///< over TCP
    std::uint64_t logBytes = 0;
};

/// Several brokers and a controller in this process: real sockets, real files, Kafka's protocol on
/// loopback. Lifecycle: `start` returns once every broker serves; `stop` (or the destructor, which
/// stops cleanly too) ends it. Nodes can be killed and restarted in between, and many other things
/// done to them on purpose (engine/base/fault.h). Thread: any but an executor's.
class EmbeddedCluster {
public:
    /// Locks the data directory, formats empty log directories, binds the ports, boots the nodes
    /// and waits for them. Errors are one line that says what to do: a taken port or a locked
    /// directory is Refused.
    static Result<std::unique_ptr<EmbeddedCluster>> start(ClusterOptions options);
    ~EmbeddedCluster();
    EmbeddedCluster(const EmbeddedCluster&) = delete;
    EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;

    /// Controlled shutdown of every node, then of the controller; flushed and marked clean. Timeout
    /// when a node did not end in time (it is then dropped as by a kill).
    Result<void> stop();

    // Nodes, each its broker and, where it has one, its controller. NotFound when there is no such
    // node, Refused when it is not in the state for it.

    /// Drops a node's cores at once, as `kill -9` would: what was written stays, nothing else.
    Result<void> killNode(BrokerId node);
    /// As killNode, and what its disk had not synced is lost (UnsyncedJournal says how). Refused
    /// without ClusterOptions::powerCuts, and on ephemeral data, which is never synced.
    Result<UnsyncedJournal::Loss> powerCutNode(BrokerId node);
    /// Controlled shutdown of one node; leaders move first. Timeout: it was dropped then.
    Result<void> stopNode(BrokerId node);
    /// As SIGSTOP and SIGCONT: its cores are not driven, its connections stay open.
    Result<void> pauseNode(BrokerId node);
    Result<void> resumeNode(BrokerId node);
    /// Starts a node that is down, or stops (a paused one: kills) and starts one that runs. Returns
    /// once it serves.
    Result<void> restartNode(BrokerId node);
    /// Kills the node if it runs, waits until the controller has fenced it, empties its log
    /// directory, and starts it as a new one that catches up. Refused for the only controller.
    Result<void> wipeNode(BrokerId node);

    // Faults that last.

    /// Sets a fault of a link, a disk or a clock; its id. One of the same kind at the same place is
    /// replaced, except that jumps of a clock add up. Invalid, NotFound or Refused say why not.
    Result<std::uint64_t> setFault(Fault fault);
    /// Ends one fault: a node that is down starts again.
    Result<void> heal(std::uint64_t id);
    /// Ends all: links, disks and clocks first, then paused nodes go on and those that are down
    /// start. One that cannot be healed does not keep the others from it.
    Result<void> healAll();
    /// The active faults, by id.
    std::vector<Fault> faults() const { return m_faults->active(); }
    /// What began and ended after a FaultChange::sequence; the last 1,000 are kept.
    std::vector<FaultChange> faultChanges(std::uint64_t since) const {
        return m_faults->changesSince(since);
    }
    /// Flips one bit of a record batch of a partition on a node's disk, where its CRC looks. Done at
    /// once; no fault that lasts, and healed only by replication.
    Result<FlippedBit> flipBit(BrokerId node, const TopicPartition& partition);

    /// One address per node, in order; for `ready` lines and bootstrap lists.
    std::vector<Address> addresses() const;
    std::string bootstrap() const;
    const std::string& clusterId() const { return m_clusterId; }
    const std::filesystem::path& dataPath() const { return m_data.path(); }
    bool isEphemeral() const { return m_options.ephemeral; }
    std::vector<BrokerId> nodes() const;

    std::vector<NodeStatus> status();

    /// Asks a broker between its steps; Closed when it is not running. `ask` is called on the
    /// node's executor with a const broker::Broker& and the time.
    template <class Ask>
    auto inspectBroker(BrokerId node, Ask ask)
        -> Result<std::invoke_result_t<Ask, const broker::Broker&, Now>> {
        const auto place = TRY(brokerPlace(node));
        return place.executor->inspect(
            place.core, [ask = std::move(ask)](const io::Core& core, Now now) {
                return ask(static_cast<const broker::Broker&>(core), now);
            });
    }
    /// As inspectBroker, for the active controller; another one while none is active.
    template <class Ask>
    auto inspectController(Ask ask)
        -> Result<std::invoke_result_t<Ask, const quorum::Controller&, Now>> {
        const auto place = TRY(controllerPlace());
        return place.executor->inspect(
            place.core, [ask = std::move(ask)](const io::Core& core, Now now) {
                return ask(static_cast<const quorum::Controller&>(core), now);
            });
    }

    /// As inspectBroker, for every controller that runs, by node.
    template <class Ask>
    auto inspectControllers(Ask ask)
        -> std::map<BrokerId, std::invoke_result_t<Ask, const quorum::Controller&, Now>> {
        std::map<BrokerId, std::invoke_result_t<Ask, const quorum::Controller&, Now>> all;
        for (const auto& [node, place] : controllerPlaces())
            if (auto one = place.executor->inspect(
                    place.core, [ask](const io::Core& core, Now now) {
                        return ask(static_cast<const quorum::Controller&>(core), now);
                    }))
                all.emplace(node, std::move(*one));
        return all;
    }

private:
    struct Place {
        Executor* executor = nullptr;
        CoreId core;
    };
    struct Node {
        BrokerId id;
        Executor* executor = nullptr;
        std::uint16_t port = 0;
        storage::MetaProperties identity;
        std::shared_ptr<Disk> disk;
        std::shared_ptr<UnsyncedJournal> unsynced;  ///< of the last life of the disk, with powerCuts
        std::optional<CoreId> broker;
        std::optional<CoreId> controller;
    };

    EmbeddedCluster(ClusterOptions options, DataDir data);
    Result<void> begin();
    Result<void> takePeers();
    Result<void> format(Node& node);
    Result<std::vector<ListenSockets>> bindAll() const;
    Result<void> bootNode(Node& node, ListenSockets sockets);
    Result<void> bootController(Node& node);
    void planControllers();
    void findControllers();
    bool hasController(BrokerId node) const;
    Result<void> bootBroker(Node& node, ListenSockets sockets);
    Result<void> awaitServing(const Node& node);
    /// A broker that was told to end.
    struct Ending {
        BrokerId id;
        CoreId broker;
        std::shared_ptr<Disk> disk;
        std::shared_ptr<std::promise<bool>> ended;
    };
    std::vector<Ending> beginShutDown(const std::vector<Node*>& nodes);
    Result<void> awaitShutDown(const std::vector<Ending>& endings) const;
    void dropNode(Node& node);
    metadata::ConfigMap settingsOf(const Node& node) const;
    NodeStatus statusOf(const Node& node);
    Result<Place> brokerPlace(BrokerId node) const;
    Result<Place> controllerPlace() const;
    std::map<BrokerId, Place> controllerPlaces() const;
    Result<Node*> find(BrokerId node);
    // With m_changes held.
    Result<Node*> findRunning(BrokerId node);
    Result<void> startNode(Node& node);
    void resume(const Node& node);
    void nodeWent(const Node& node, FaultKind how);
    void applyFaults();
    void applyDiskFaults(const Node& node);
    void forEachCore(const Node& node, const std::function<void(Executor&, CoreId)>& act);
    bool isPaused(BrokerId node) const;
    Result<void> checkPlace(const Fault& fault);
    Result<void> mayWipe(const Node& node) const;
    Result<void> awaitFenced(BrokerId node);
    /// Both clocks as the node reads them.
    Now nowOf(BrokerId node) const;

    ClusterOptions m_options;
    DataDir m_data;
    std::string m_clusterId;
    metadata::ConfigMap m_settings;  ///< of every node: defaults and the user's
    raft::VoterSet m_firstVoters;    ///< of a cluster that is formatted now; else empty
    std::vector<BrokerId> m_controllers;  ///< nodes that host one, by id
    std::shared_ptr<AddressBook> m_book;
    std::uint64_t m_faultSeed;
    std::shared_ptr<FaultPlan> m_faults;
    std::atomic<std::uint64_t> m_flips{0};
    std::mutex m_changes;  ///< one change of nodes at a time; taken before m_mutex
    std::vector<std::unique_ptr<Executor>> m_executors;
    mutable std::mutex m_mutex;  ///< guards the places in m_nodes
    std::vector<Node> m_nodes;
    bool m_stopped = false;
};

}  // namespace odradek::real
