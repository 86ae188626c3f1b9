// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/fault.h"
#include "engine/base/types.h"

/// What a cluster looks like at one moment, as plain values. Snapshots are immutable once published
/// (`shared_ptr<const ClusterSnapshot>`) and are the only thing models read; an embedded cluster, a remote one and a
/// simulation fill in the same structs. Facts a source cannot know are std::nullopt or empty, never invented.
/// Counters are totals since the source began (rates are the reader's difference between two snapshots).
namespace odradek::api {

/// Milliseconds since 1970 UTC.
using WallMs = std::int64_t;

enum class BrokerState : std::uint8_t {
    Online,    ///< registered and unfenced
    Fenced,    ///< registered, not (yet) serving
    Stopping,  ///< controlled shutdown
    Offline,   ///< known from assignments or the past, not there now
};

/// Requests of one API served by a broker.
struct ApiCounter {
    std::int16_t apiKey = 0;
    std::string name;  ///< Kafka's name, such as "Produce"
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;  ///< answers that carried any error code
    /// Microseconds from the whole request received to the answer handed over; of recent requests.
    std::int64_t p50Us = 0;
    std::int64_t p99Us = 0;
    std::int64_t maxUs = 0;
    auto operator<=>(const ApiCounter&) const = default;
};

struct ConnectionInfo {
    std::uint64_t id = 0;
    std::string host;
    std::string clientId;
    std::string software;  ///< client software name and version from ApiVersions v3+, if given
    WallMs since = 0;
    std::uint64_t requests = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    auto operator<=>(const ConnectionInfo&) const = default;
};

struct Broker {
    std::int32_t id = 0;
    std::string host;
    std::int32_t port = 0;
    std::string rack;
    BrokerState state = BrokerState::Offline;
    bool isController = false;
    std::int64_t epoch = -1;
    std::string logDir;
    std::optional<std::int64_t> logBytes;    ///< bytes of all its replicas
    std::optional<std::int64_t> diskTotal;   ///< bytes of the volume under logDir
    std::optional<std::int64_t> diskUsable;  ///< bytes still free for us
    std::optional<std::uint64_t> messagesIn;
    std::optional<std::uint64_t> bytesIn;
    std::optional<std::uint64_t> bytesOut;
    std::optional<std::vector<ApiCounter>> apis;
    std::optional<std::vector<ConnectionInfo>> connections;
    auto operator<=>(const Broker&) const = default;
};

struct Replica {
    std::int32_t broker = 0;
    bool inSync = false;
    bool online = true;
    std::optional<std::int64_t> logEnd;
    std::optional<std::int64_t> bytes;
    std::optional<std::int64_t> lag;          ///< records behind the leader
    std::optional<std::int64_t> caughtUpMs;   ///< ms since it had everything; 0 = now
    auto operator<=>(const Replica&) const = default;
};

struct SegmentInfo {
    std::int64_t baseOffset = 0;
    std::int64_t bytes = 0;
    WallMs newest = -1;  ///< largest record timestamp in it
    auto operator<=>(const SegmentInfo&) const = default;
};

struct Partition {
    std::int32_t index = 0;
    std::int32_t leader = -1;  ///< -1 = offline
    std::int32_t leaderEpoch = -1;
    std::vector<Replica> replicas;  ///< in assignment order: the first is the preferred leader
    std::int64_t logStart = -1;     ///< -1 = not known (yet)
    std::int64_t highWatermark = -1;
    std::int64_t logEnd = -1;
    std::optional<std::int64_t> bytes;       ///< of the leader's log
    std::optional<std::uint64_t> bytesIn;    ///< appended by clients since the source began
    std::vector<SegmentInfo> segments;       ///< of the leader's log, oldest first; empty when not known
    auto operator<=>(const Partition&) const = default;
};

struct Topic {
    Uuid id;
    std::string name;
    bool isInternal = false;
    std::int16_t replicationFactor = 0;
    std::int32_t minInsync = 1;
    std::vector<Partition> partitions;
    /// Settings that decide deletion; nullopt when not known. -1 = unlimited.
    std::optional<std::int64_t> retentionMs;
    std::optional<std::int64_t> retentionBytes;
    std::optional<std::int64_t> segmentBytes;
    std::string cleanupPolicy;
    std::int32_t changedConfigs = 0;  ///< number of topic configs set on the topic itself
    auto operator<=>(const Topic&) const = default;
};

struct GroupMember {
    std::string memberId;
    std::string instanceId;  ///< empty = dynamic member
    std::string clientId;
    std::string host;
    std::vector<std::string> subscription;       ///< topics it asks for
    std::vector<TopicPartition> assignment;
    std::optional<std::int64_t> heartbeatAgeMs;  ///< since its last heartbeat
    std::optional<WallMs> joined;
    auto operator<=>(const GroupMember&) const = default;
};

struct CommittedOffset {
    TopicPartition partition;
    std::int64_t offset = -1;
    std::int64_t highWatermark = -1;  ///< at the same moment; -1 = not known
    WallMs committedAt = -1;
    std::string metadata;
    /// Records not yet committed; -1 when the high watermark is not known.
    std::int64_t lag() const {
        return highWatermark < 0 || offset < 0 ? -1 : (highWatermark > offset ? highWatermark - offset : 0);
    }
    auto operator<=>(const CommittedOffset&) const = default;
};

struct Group {
    std::string id;
    std::string state;         ///< Kafka's word: Stable, PreparingRebalance, CompletingRebalance, Empty, Dead
    std::string protocolType;  ///< "consumer" for consumers
    std::string protocol;      ///< assignor, such as "range"
    std::int32_t generation = -1;
    std::int32_t coordinator = -1;
    std::string leaderMember;
    std::vector<GroupMember> members;
    std::vector<CommittedOffset> offsets;
    /// Sum of known lags; -1 when none is known.
    std::int64_t totalLag() const {
        std::int64_t sum = -1;
        for (const auto& o : offsets)
            if (const auto lag = o.lag(); lag >= 0)
                sum = (sum < 0 ? 0 : sum) + lag;
        return sum;
    }
    auto operator<=>(const Group&) const = default;
};

/// One consumer or producer of the retail platform, as it runs in our own process.
struct WorkloadClient {
    std::uint64_t id = 0;
    std::string application;  ///< such as "ShippingService"
    bool isConsumer = false;
    std::string clientId;
    std::string group;                    ///< of consumers
    std::string state;                    ///< running, slowed, stopping, crashed, connecting
    std::int32_t slowdownMs = 0;          ///< added to each record by "slow"
    std::uint64_t records = 0;            ///< sent or read so far
    std::uint64_t errors = 0;
    std::string lastError;
    auto operator<=>(const WorkloadClient&) const = default;
};

struct Workload {
    bool available = false;  ///< only on the embedded cluster
    bool paused = true;
    std::int32_t rate = 0;   ///< wished records per second over all producers
    std::string pauseReason; ///< why it paused by itself, such as "disk under 5 % free"; empty otherwise
    std::vector<WorkloadClient> clients;
    auto operator<=>(const Workload&) const = default;
};

/// A node of the metadata quorum. An embedded cluster tells what each node says of itself, a remote one what the leader
/// says of all (DescribeQuorum); what is not known is nullopt.
struct QuorumNode {
    std::int32_t id = -1;
    bool isVoter = false;
    bool isOnline = true;              ///< it answers; an offline one shows what it said last
    std::string role;                  ///< leader, follower, candidate, prospective, unattached, resigned; observer
    std::optional<std::int32_t> epoch;
    std::optional<std::int32_t> leader;    ///< as this node knows; -1 = none
    std::optional<std::int32_t> votedFor;  ///< in its epoch; -1 = nobody
    std::optional<std::int64_t> logStart;
    std::optional<std::int64_t> logEnd;
    std::optional<std::int64_t> flushedEnd;     ///< what it has on disk for good
    std::optional<std::int64_t> highWatermark;  ///< what it knows to be committed
    std::optional<std::int64_t> snapshot;       ///< end offset of its latest snapshot
    std::optional<std::int64_t> lag;            ///< records behind the leader
    std::optional<WallMs> lastFetch;            ///< from the leader, as the leader saw it
    std::optional<WallMs> lastCaughtUp;
    auto operator<=>(const QuorumNode&) const = default;
};

/// The quorum of controllers that keeps the metadata.
struct Quorum {
    std::int32_t leader = -1;  ///< -1 = none: nothing can be changed in the cluster
    std::int32_t epoch = -1;
    std::int64_t logEnd = -1;
    std::int64_t highWatermark = -1;
    std::int16_t kraftVersion = 0;   ///< 1 = the voters can be changed (KIP-853)
    std::vector<QuorumNode> nodes;   ///< by id: voters, then observers
    auto operator<=>(const Quorum&) const = default;
};

enum class Connection : std::uint8_t {
    Starting,   ///< first contact not made yet
    Live,
    Stale,      ///< was live; now trying again, the data below is old
    Failed,     ///< cannot be used until something changes; `problem` says what
};

/// A whole cluster at one moment.
struct ClusterSnapshot {
    std::uint64_t version = 0;  ///< rises with every published snapshot of a source
    WallMs at = 0;
    Connection connection = Connection::Starting;
    std::string problem;        ///< one line for people when not Live
    std::string clusterId;
    std::int32_t controller = -1;
    WallMs started = 0;         ///< embedded: since when it runs
    std::vector<Broker> brokers;  ///< by id
    std::vector<Topic> topics;    ///< by name
    std::vector<Group> groups;    ///< by id
    std::optional<Workload> workload;
    std::optional<Quorum> quorum;
    /// What is wrong on purpose now, by id; only in clusters of ours.
    std::vector<Fault> faults;
};

using SnapshotPtr = std::shared_ptr<const ClusterSnapshot>;

}  // namespace odradek::api
