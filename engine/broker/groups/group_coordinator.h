// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/broker/groups/group_config.h"
#include "engine/broker/groups/group_io.h"
#include "engine/broker/groups/view.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

/// Coordinates the classic consumer groups (KIP-62, 345, 394, 429) and keeps the committed offsets of all groups whose
/// partition of `__consumer_offsets` this broker leads. Deterministic, sans-IO, copyable; one owner thread at a time.
///
/// How the broker uses it:
///  - The broker becomes leader of offsets partition p: onLoad(p, epoch), then feed(p, records) for the whole log from
///    its log start to its log end (in order, in pieces, over many steps if it likes), then onLoaded(p). Until then its groups answer COORDINATOR_LOAD_IN_PROGRESS. It stops
///    leading: onResign(p); everything waiting there is answered NOT_COORDINATOR at once, and later answers to appends
///    of p are ignored.
///  - Every request: one call of handle(). Answers come in GroupOutputs::replies by token, now or in a later call of any
///    method. A token is answered exactly once, also when its connection is gone by then (the broker drops it).
///  - Every GroupAppend: append the records as one batch to the leader's log as an acks=all produce of this broker
///    would, in order per partition. When it is replicated: onAppended(token, None, baseOffset). When the log refuses
///    it, so that it never got in (NOT_ENOUGH_REPLICAS, MESSAGE_TOO_LARGE, NOT_LEADER_OR_FOLLOWER): onAppended(token,
///    that error, {}). A slow replication is nobody's error: the coordinator answers its client by itself after
///    offsets.commit.timeout.ms and keeps waiting for the append. Do not report NOT_ENOUGH_REPLICAS_AFTER_APPEND; keep
///    waiting as well.
///  - Time: call tick() no later than nextWake().
///  - Space: now and then (each second, say, or after appends) call maybeRewrite(p, bytes of p's log). When it is worth
///    it, the coordinator issues the live entries as ordinary GroupAppends; once all of them are replicated a GroupTrim
///    says how far the log start may move. Crash-safe: until then nothing old is given up.
class GroupCoordinator {
public:
    /// `seed` feeds the member ids only.
    GroupCoordinator(GroupConfig config, std::uint64_t seed);

    // ---- Which groups are ours --------------------------------------------------------------------------------

    /// The partition of __consumer_offsets of a group: Java's String.hashCode over UTF-16, absolute, modulo the count.
    std::int32_t partitionOf(std::string_view groupId) const;
    /// The number of partitions `__consumer_offsets` really has, once it exists.
    void setOffsetsPartitions(std::int32_t count);
    /// New limits and times, from a change of configuration; takes effect from now on.
    void setConfig(const GroupConfig& config);

    /// This broker leads offsets partition p in this leader epoch; its log is being read.
    void onLoad(Now now, std::int32_t partition, LeaderEpoch epoch, GroupOutputs& out);
    /// The next records of p's log, in order. Control batches are to be left out by the caller.
    void feed(std::int32_t partition, std::span<const protocol::Record> records);
    /// All records were fed: p's groups serve from now on.
    void onLoaded(Now now, std::int32_t partition, GroupOutputs& out);
    /// This broker no longer leads p (or is shutting down).
    void onResign(Now now, std::int32_t partition, GroupOutputs& out);
    /// Whether p is led here and loaded.
    bool isActive(std::int32_t partition) const;

    // ---- Requests ---------------------------------------------------------------------------------------------

    void handle(Now now, const RequestContext& context, const protocol::JoinGroupRequest& request, GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::SyncGroupRequest& request, GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::HeartbeatRequest& request, GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::LeaveGroupRequest& request, GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::OffsetCommitRequest& request,
                const TopicResolver& topics, GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::OffsetFetchRequest& request,
                const TopicResolver& topics, GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::DescribeGroupsRequest& request,
                GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::ListGroupsRequest& request,
                GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::DeleteGroupsRequest& request,
                GroupOutputs& out);
    void handle(Now now, const RequestContext& context, const protocol::OffsetDeleteRequest& request,
                const TopicResolver& topics, GroupOutputs& out);

    // ---- What the broker reports ------------------------------------------------------------------------------

    /// An append ended (see the class comment). `baseOffset` is where its batch begins, when it got in.
    void onAppended(Now now, std::uint64_t appendToken, protocol::KafkaError error, Offset baseOffset,
                    GroupOutputs& out);
    /// Topics that no longer exist: their committed offsets are removed.
    void onTopicsDeleted(Now now, const std::vector<DeletedTopic>& topics, GroupOutputs& out);
    /// Session expiries, rebalance deadlines, offset expiry, commit timeouts.
    void tick(Now now, GroupOutputs& out);
    /// When tick() is wanted at the latest; Instant::never() when nothing is pending.
    Instant nextWake() const;

    // ---- Rewriting a partition (until compaction comes) ---------------------------------------------------------

    /// Starts to write p's live entries again when its log has grown past config.rewriteBytes and at least half of it
    /// is dead. Returns whether a rewrite is under way now. Cheap to call when nothing is to be done.
    bool maybeRewrite(Now now, std::int32_t partition, std::int64_t logBytes, GroupOutputs& out);
    /// The entries that would be written: what a reload of p must see. Sorted by group, then topic and partition.
    std::vector<protocol::Record> liveRecords(Now now, std::int32_t partition) const;

    // ---- Looking in -------------------------------------------------------------------------------------------

    /// All groups of the active partitions, sorted by id.
    std::vector<GroupView> inspect(Now now) const;
    /// One group, if it is here.
    std::optional<GroupView> inspect(Now now, std::string_view groupId) const;

private:
    GroupConfig m_config;
    Prng m_random;
};

}  // namespace odradek::broker
