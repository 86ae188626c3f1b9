// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/mutant.h"
#include "engine/io/core.h"
#include "engine/metadata/image.h"
#include "engine/quorum/events.h"
#include "engine/quorum/raft/raft.h"

namespace odradek::quorum {

/// How a controller is started. Settings have Kafka's broker config names (broker.session.timeout.ms, num.partitions,
/// default.replication.factor, leader.imbalance.check.interval.seconds, ...); unset ones have Kafka's defaults.
struct ControllerConfig {
    BrokerId node;
    std::string clusterId;
    Uuid directoryId;        ///< of the node's log directory (meta.properties)
    std::uint64_t seed = 0;  ///< makes topic ids and election jitter; must differ between lives outside the simulator
    metadata::ConfigMap settings;
    /// Who votes when the disk does not say (a directory formatted without voters, kraft.version 0); nullopt = this
    /// node alone. Where the disk does say, this is ignored.
    std::optional<raft::VoterSet> voters;
    std::vector<raft::Endpoint> listeners;  ///< how the other controllers reach this one
    std::uint32_t raftMutants = 0;          ///< raft::Mutant bits; none outside the simulator
    Mutants mutants;                        ///< planted bugs of the controls; none outside the simulator
};

/// A broker as the controller sees it now: what its registration does not say.
struct BrokerLiveness {
    Instant lastContact;  ///< last accepted registration or heartbeat
    std::int64_t metadataOffset = -1;
    bool controlledShutdown = false;
    bool operator==(const BrokerLiveness&) const = default;
};

/// A replica of the metadata log, as the leader knows it.
struct QuorumReplica {
    raft::ReplicaKey key;
    bool isVoter = false;
    std::int64_t logEnd = -1;
    std::int64_t lastFetchWallMs = -1;
    std::int64_t lastCaughtUpWallMs = -1;
    bool operator==(const QuorumReplica&) const = default;
};

/// This node's part in the quorum.
struct QuorumView {
    std::int32_t node = -1;
    raft::Role role{};
    bool isVoter = false;
    bool isActive = false;  ///< leads, and answers admin requests
    std::int32_t epoch = 0;
    std::int32_t leader = -1;
    std::int32_t votedFor = -1;
    std::int64_t logStart = 0;
    std::int64_t logEnd = 0;
    std::int64_t flushedEnd = 0;
    std::int64_t highWatermark = 0;
    std::int64_t snapshotOffset = -1;      ///< end of the latest snapshot; -1 = none
    std::int16_t kraftVersion = 0;
    std::vector<std::int32_t> voters;
    std::vector<QuorumReplica> replicas;   ///< only the leader knows them; itself included
    bool operator==(const QuorumView&) const = default;
};

/// What `inspect` gives: a consistent copy, cheap (shares the image's parts).
struct ControllerView {
    /// The active controller's holds changes that are not committed yet, too; the others' what they know committed.
    metadata::Image image;
    QuorumView quorum;
    std::int64_t logEnd = 0;           ///< next offset to write
    std::int64_t highWatermark = 0;    ///< first offset not yet durable
    std::int32_t epoch = -1;
    std::map<std::int32_t, BrokerLiveness> brokers;
    std::vector<ControllerEvent> events;  ///< those with a sequence above the cursor, oldest first
    std::uint64_t lastEvent = 0;          ///< the cursor for the next call
};

/// A controller of the cluster: one of the quorum's nodes, which keep `__cluster_metadata-0` in step by Raft. The one
/// that leads is active: it judges registrations, heartbeats and admin requests, and elects partition leaders. The
/// others follow the committed log and answer NOT_CONTROLLER. Who is deposed forgets what was not committed and
/// rebuilds its image from the snapshot and the committed log. Reached only by frames on the Controller listener.
///
/// Lifecycle: `boot` replays the log directory, then `step` until dropped (a crash is just that). One owner thread at
/// a time; a copyable value.
class Controller final : public io::Core {
public:
    /// Reads quorum-state, snapshots and the metadata log; creates nothing yet (effects of the first step do). Corrupt
    /// when the log cannot be a metadata log; a torn tail is cut and said in a Note.
    static Result<Controller> boot(ControllerConfig config, io::BootDisk& disk, Now now);

    Controller(const Controller& other);
    Controller(Controller&&) noexcept;
    Controller& operator=(const Controller&) = delete;
    Controller& operator=(Controller&&) noexcept;
    ~Controller() override;

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override;

    /// For snapshots, between steps on the owner's thread.
    ControllerView inspect(std::uint64_t eventsSince = 0) const;
    /// The image alone, without a copy.
    const metadata::Image& image() const;
    /// Leads the quorum and has taken over.
    bool isActive() const;
    const raft::Raft& raft() const;

    /// Before a stop in good order: an active controller gives up its leadership, so that another takes over at once.
    void beginShutdown(Now now, io::Effects& effects);

private:
    struct State;
    explicit Controller(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace odradek::quorum
