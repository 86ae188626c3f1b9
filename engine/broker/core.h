// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/prng.h"
#include "engine/broker/config.h"
#include "engine/broker/connections.h"
#include "engine/broker/controller_link.h"
#include "engine/broker/fetch_sessions.h"
#include "engine/broker/disk_health.h"
#include "engine/broker/groups/group_coordinator.h"
#include "engine/broker/metrics.h"
#include "engine/broker/partition.h"
#include "engine/broker/pending.h"
#include "engine/broker/replication/fetcher.h"
#include "engine/broker/view.h"
#include "engine/metadata/config_resolution.h"
#include "engine/metadata/image.h"
#include "engine/protocol/kafka_error.h"
#include "engine/storage/log/checkpoints.h"
#include "engine/storage/log/segment_pool.h"

namespace odradek::broker {

/// The block of producer ids the controller gave us, and who waits for the next one.
struct ProducerIdBlock {
    std::int64_t next = 0;
    std::int64_t end = 0;
    bool asked = false;
    std::vector<Ticket> waiting;  ///< InitProducerId requests
};

/// How far a partition of __consumer_offsets has been read into the group coordinator.
struct GroupLoad {
    LeaderEpoch epoch;
    Offset next;
    Offset upTo;
    bool reading = false;  ///< a cold read is out
};

/// Everything a broker is, between steps. Plain, copyable; only free functions of this folder work
/// on it, one idea per file. Not part of the broker's public face (broker.h is).
struct BrokerCore {
    BrokerConfig config;
    storage::MetaProperties identity;
    Uuid incarnation;
    BrokerEpoch previousEpoch{-1};  ///< from the clean-shutdown marker; -1 after a crash (KIP-966)
    BrokerEpoch epoch{-1};          ///< from the registration
    BrokerState state = BrokerState::Starting;
    Prng random{0};
    bool registrationComplained = false;
    DiskHealth health;
    bool diskEverFailed = false;  ///< in this life: no clean-shutdown marker then

    metadata::Image image;
    std::int64_t metadataFetchOffset = 0;  ///< next offset of __cluster_metadata to read
    std::int32_t metadataFetchEpoch = -1;
    bool caughtUp = false;  ///< the image once held our own current registration

    Connections connections;
    bool serving = false;  ///< was Running once; until then clients' frames wait
    std::uint64_t dials = 0;

    PartitionTable partitions;
    std::vector<PartitionRef> touchedPartitions;
    std::vector<PartitionRef>
        isrWork;  ///< partitions whose ISR change is to be sent at the end of this step
    storage::OpIds ops;
    storage::SegmentPool pool;
    std::unordered_map<io::OpId, DiskWait> diskWaits;  ///< by op; looked up only

    ControllerLink link;
    FetcherTable fetchers;

    PendingId lastPending = 0;
    PendingTable<PendingProduce> produces;
    PendingTable<PendingFetch> fetches;
    PendingTable<PendingDelete> deletes;
    PendingTable<PendingLookup> lookups;
    Deadlines deadlines;
    FetchSessionCache fetchSessions;
    std::map<std::int32_t, Instant> followerFetches;  ///< when each follower last fetched from us
    /// Led partitions a replica is not in sync for, by replica: its fetches look whether it may
    /// join.
    std::map<std::int32_t, std::set<PartitionRef>> outsiders;

    ProducerIdBlock producerIds;
    std::set<std::string> creatingTopics;  ///< auto-creations under way

    GroupCoordinator groups{GroupConfig{}, 0};
    std::map<std::int32_t, GroupLoad> groupLoads;  ///< by offsets partition
    PendingTable<Ticket> groupTickets;

    Metrics metrics;
    EventRing events;

    std::int64_t diskTotal = -1;  ///< told by the runtime; -1 = not known
    std::int64_t diskUsable = -1;

    Instant isrCheckAt = Instant::never();
    Instant isrRetryAt = Instant::never();
    std::uint64_t lastIsrWish = 0;
    Instant retentionAt = Instant::never();
    Instant highWatermarkCheckpointAt = Instant::never();
    Instant recoveryCheckpointAt = Instant::never();
    std::uint64_t appendedBytes = 0;      ///< to all logs since the start
    std::uint64_t checkpointedBytes = 0;  ///< appendedBytes at the last recovery checkpoint
    Instant logStartCheckpointAt = Instant::never();
    Instant groupSizesAt = Instant::never();
    Instant idleCheckAt = Instant::never();
    Instant shutdownDeadline = Instant::never();
    storage::OffsetCheckpoint writtenHighWatermarks;  ///< content last written, to skip equal ones
    storage::OffsetCheckpoint writtenLogStarts;
    storage::OffsetCheckpoint writtenRecoveryPoints;

    bool closing = false;   ///< flushing for the last time
    io::OpId markerOp = 0;  ///< the write of the clean-shutdown marker

    ConnectionId nextDial() { return ConnectionId((std::uint64_t{1} << 63) | ++dials); }
    PendingId nextPending() { return ++lastPending; }
    std::int32_t id() const { return config.node.value; }
    metadata::ConfigResolver resolver() const {
        return metadata::ConfigResolver(image, config.node.value, config.settings);
    }
};

/// One step of a broker: what every function of this folder works with. A view; never kept.
struct Step {
    BrokerCore& core;
    Now now;
    io::Effects& out;

    storage::DiskOut disk() { return storage::DiskOut{out, core.ops, core.pool}; }
    void note(LogLevel level, std::string text) {
        out.push_back(io::Note{{level, std::move(text)}});
    }
    /// Marks a partition, so that those who wait on it look again at the end of the step.
    Touched& touch(Partition& partition) {
        if (!partition.touched.any())
            core.touchedPartitions.push_back(partition.ref);
        return partition.touched;
    }
    /// Answers a request; an empty frame closes its place without a response.
    void answer(const Ticket& ticket, Chain frame, bool error = false) {
        core.connections.complete(ticket, std::move(frame), error, now.at, out);
    }
};

}  // namespace odradek::broker
