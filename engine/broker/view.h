// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/types.h"
#include "engine/broker/groups/view.h"

/// What `Broker::inspect()` tells: plain values for snapshots, no request involved. Everything is
/// exact at the moment of the call; nothing refers back into the broker.
namespace odradek::broker {

/// How long requests took, from frame in to frame out, in buckets of a quarter power of two of
/// microseconds.
struct LatencyHistogram {
    static constexpr int kBuckets = 112;  ///< up to 2^28 µs, about four and a half minutes
    std::array<std::uint32_t, kBuckets> counts{};
    std::uint64_t total = 0;
    std::uint64_t sumMicros = 0;
    std::uint64_t maxMicros = 0;

    void add(std::uint64_t micros);
    /// The smallest bucket bound (µs) that at least `permille`/1000 of the requests stayed within;
    /// 0 without requests.
    std::uint64_t quantileMicros(int permille) const;
    /// The exclusive upper bound of a bucket, in µs.
    static std::uint64_t upperBound(int bucket);
};

enum class ReplicaRole : std::uint8_t { Offline, Follower, Leader };

/// One file of records of a partition.
struct SegmentView {
    Offset baseOffset{0};
    std::uint64_t bytes = 0;
    std::int64_t newestMs = -1;  ///< largest record timestamp in it; -1 = none
};

/// How one follower of a partition we lead stands.
struct FollowerView {
    BrokerId broker;
    Offset logEnd{-1};  ///< what it has told us it holds (stable); -1 = not heard of in this epoch
    std::int64_t lagRecords = 0;  ///< our log end minus its
    std::int64_t behindMs = 0;    ///< time since it was last caught up; 0 when it is
    bool inSync = false;
};

struct PartitionView {
    std::string topic;
    Uuid topicId;
    std::int32_t partition = 0;
    ReplicaRole role = ReplicaRole::Offline;
    BrokerId leader{-1};
    LeaderEpoch leaderEpoch{-1};
    std::int32_t partitionEpoch = -1;
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> isr;
    Offset logStart{0};
    Offset logEnd{0};
    Offset stableEnd{0};  ///< what survives by the configured promise (written or flushed)
    Offset highWatermark{0};
    std::uint64_t sizeBytes = 0;
    bool failed = false;           ///< its log no longer takes writes
    std::uint64_t messagesIn = 0;  ///< records appended by producers while we led
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;           ///< to clients
    std::vector<FollowerView> followers;  ///< only when we lead
    std::vector<SegmentView> segments;    ///< oldest first
};

struct ConnectionView {
    ConnectionId id;
    std::string host;
    std::string clientId;
    std::string software;  ///< name and version as told by ApiVersions; empty before
    bool inProcess = false;
    std::int64_t openMs = 0;  ///< age
    std::uint64_t requests = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::size_t inFlight = 0;
};

struct ApiView {
    std::int16_t api = 0;
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;  ///< answers that carried any error code, as far as handlers tell
    LatencyHistogram latency;
};

struct TopicTraffic {
    std::string topic;
    std::uint64_t messagesIn = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
};

enum class EventKind : std::uint8_t {
    IsrShrunk,
    IsrExpanded,
    BecameLeader,
    BecameFollower,
    Truncated,
    PartitionDeleted,
    RetentionDeleted,
    LogFailed,
    LogRestored,
    Registered,
    Fenced,
    Unfenced,
};

/// Something that happened to this broker. Sequences rise by one; the ring keeps the newest ones.
struct BrokerEvent {
    std::uint64_t sequence = 0;
    std::int64_t wallMs = 0;
    EventKind kind = EventKind::Registered;
    std::string topic;  ///< empty when it concerns the whole broker
    std::int32_t partition = -1;
    std::string text;  ///< one line in words
};

/// Where a broker stands in its life.
enum class BrokerState : std::uint8_t {
    Starting,
    Fenced,
    Running,
    ControlledShutdown,
    ShuttingDown,
    Stopped
};

struct BrokerView {
    BrokerId id;
    BrokerState state = BrokerState::Starting;
    BrokerEpoch epoch{-1};
    std::string host;
    std::uint16_t port = 0;
    std::int64_t metadataOffset = -1;
    std::uint64_t bytesIn = 0;   ///< request frames from clients
    std::uint64_t bytesOut = 0;  ///< response frames to clients
    std::uint64_t replicationBytesIn = 0;
    std::uint64_t replicationBytesOut = 0;
    std::uint64_t messagesIn = 0;
    std::uint64_t logBytes = 0;
    std::size_t delayedFetches = 0;
    std::size_t delayedProduces = 0;
    std::vector<PartitionView> partitions;    ///< by topic name, then index
    std::vector<ConnectionView> connections;  ///< by id
    std::vector<ApiView> apis;                ///< by key; those asked for at least once
    std::vector<TopicTraffic> topics;         ///< by name
    std::vector<GroupView> groups;            ///< coordinated here, by id
    std::vector<BrokerEvent> events;          ///< those after the given sequence
    std::uint64_t lastEvent = 0;
};

}  // namespace odradek::broker
