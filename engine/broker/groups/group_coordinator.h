// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/broker/groups/group_config.h"
#include "engine/broker/groups/group_io.h"
#include "engine/broker/groups/partition_state.h"
#include "engine/broker/groups/view.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

/// Coordinates the classic consumer groups (KIP-62, 345, 394, 429) and keeps the committed offsets of all groups whose
/// partition of `__consumer_offsets` this broker leads. Deterministic, sans-IO, copyable; one owner thread at a time.
///
/// How the broker uses it:
///  - The broker becomes leader of offsets partition p: onLoad(p, epoch), then feed(p, records) for the whole log from
///    its log start to its log end (in order, in pieces, over many steps if it likes), then onLoaded(p). Until then its
///    groups answer COORDINATOR_LOAD_IN_PROGRESS. It stops leading: onResign(p); everything waiting there is answered
///    NOT_COORDINATOR at once, and later answers to appends of p are ignored.
///  - Every request: one call of handle(). Answers come in GroupOutputs::replies by token, now or in a later call of
///    any method. A token is answered exactly once, also when its connection is gone by then (the broker drops it).
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
    /// One call on one partition: what most of the private functions work with.
    struct Step {
        Now now;
        GroupOutputs& out;
        std::int32_t index;
        OffsetsPartition& partition;
    };
    using KeyValues = std::vector<std::pair<Bytes, std::optional<Bytes>>>;

    // group_coordinator.cpp: partitions, appends, timers
    protocol::KafkaError reach(const std::string& groupId, std::int32_t& index) const;
    Step step(Now now, std::int32_t index, GroupOutputs& out);
    ClassicGroup* find(Step& s, const std::string& groupId);
    ClassicGroup* find(Step& s, const std::string& groupId, std::uint64_t incarnation);
    ClassicGroup* findAlsoDeleted(Step& s, const std::string& groupId, std::uint64_t incarnation);
    ClassicGroup& create(Step& s, const std::string& groupId);
    void forgetIfUnused(Step& s, const std::string& groupId);
    void replay(OffsetsPartition& partition, const protocol::Record& record);
    std::uint64_t append(Step& s, const KeyValues& records, PendingAppend pending);
    std::uint64_t appendOffsets(Step& s, ClassicGroup& group, OffsetsChange change);
    std::uint64_t appendGroupRecord(Step& s, ClassicGroup& group, Bytes value, AppendAction action);
    void settle(Step& s, std::uint64_t token, PendingAppend& pending, protocol::KafkaError error);
    void undo(Step& s, PendingAppend& pending, protocol::KafkaError error);
    void restore(Step& s, ClassicGroup group);
    void appendIsLate(Step& s, std::uint64_t token);
    void answerParked(GroupOutputs& out, PendingAppend& pending, protocol::KafkaError error);
    void send(GroupOutputs& out, const ParkedReply& reply);
    std::uint64_t gather(const RequestContext& context, GroupResponse response, std::size_t parts);
    void queue(Instant at, TimerSubject subject);
    void fire(Now now, Instant at, const TimerSubject& subject, GroupOutputs& out);
    void expireOffsets(Step& s);

    // join.cpp: how members come in and generations begin
    void joinNew(Step& s, const RequestContext& context, const protocol::JoinGroupRequest& request,
                 ClassicGroup& group);
    void joinAgain(Step& s, const RequestContext& context, const protocol::JoinGroupRequest& request,
                   ClassicGroup& group);
    void rejoin(Step& s, const RequestContext& context, const protocol::JoinGroupRequest& request,
                ClassicGroup& group, ClassicMember& member);
    void addMember(Step& s, const RequestContext& context, const protocol::JoinGroupRequest& request,
                   ClassicGroup& group, const std::string& memberId);
    void updateMember(Step& s, const RequestContext& context, const protocol::JoinGroupRequest& request,
                      ClassicGroup& group, ClassicMember& member);
    void replaceStaticMember(Step& s, const RequestContext& context, const protocol::JoinGroupRequest& request,
                             ClassicGroup& group, const std::string& newId);
    bool accepts(const ClassicGroup& group, const std::string& memberId) const;
    std::uint64_t rebalanceOrComplete(Step& s, ClassicGroup& group, const std::string& cause);
    std::uint64_t prepareRebalance(Step& s, ClassicGroup& group, const std::string& cause);
    std::uint64_t maybeCompleteJoin(Step& s, ClassicGroup& group);
    std::uint64_t completeJoin(Step& s, ClassicGroup& group);
    void joinClockRang(Step& s, ClassicGroup& group);
    void setJoinClock(ClassicGroup& group, std::int32_t index, JoinClock clock);
    void finishStaticReplace(Step& s, const StaticReplaced& replaced);
    void undoStaticReplace(Step& s, const StaticReplaced& replaced, protocol::KafkaError error);
    void beginRebalance(Step& s, ClassicGroup& group, const std::string& cause);
    void endRebalance(Step& s, ClassicGroup& group);
    std::string newMemberId(const std::string& prefix);

    // membership.cpp: how members stay, get their assignment, and go
    void syncInCompleting(Step& s, const RequestContext& context, const protocol::SyncGroupRequest& request,
                          ClassicGroup& group, ClassicMember& member);
    void handOut(Step& s, ClassicGroup& group, protocol::KafkaError error);
    void finishAssignment(Step& s, const AssignmentStored& stored, protocol::KafkaError error);
    void touch(Step& s, const ClassicGroup& group, ClassicMember& member, std::int64_t timeoutMs);
    void sessionRang(Step& s, ClassicGroup& group, const std::string& memberId, Instant at);
    void syncClockRang(Step& s, ClassicGroup& group);
    void syncReceived(ClassicGroup& group, const std::string& memberId);
    void removeMember(Step& s, ClassicGroup& group, const std::string& memberId);
    protocol::LeaveGroupResponse leave(Step& s, const protocol::LeaveGroupRequest& request, ClassicGroup& group,
                                       std::uint64_t& appended);
    static void answerJoin(GroupOutputs& out, ClassicMember& member, protocol::JoinGroupResponse response);
    static void answerSync(GroupOutputs& out, ClassicMember& member, protocol::SyncGroupResponse response);

    // offsets.cpp
    protocol::KafkaError mayCommit(Step& s, const RequestContext& context,
                                   const protocol::OffsetCommitRequest& request);
    protocol::OffsetFetchResponse::OffsetFetchResponseGroup fetchGroup(
        const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& group, std::int16_t version, bool stable,
        const TopicResolver& topics);
    void parkOnLast(Step& s, ParkedReply reply);

    // describe.cpp
    void deleteIn(Step& s, const std::vector<std::string>& names, ReplyPart part);
    void eraseGroup(Step& s, ClassicGroup& group, KeyValues& tombstones, GroupsDeleted& deleted);
    static GroupView view(const ClassicGroup& group, std::int32_t index, Now now);

    // rewrite.cpp
    static KeyValues liveEntries(const OffsetsPartition& partition);
    static void addLiveEntries(const ClassicGroup& group, KeyValues& live);
    void beginRewriteIfQuiet(Step& s);
    void endRewriteIfDone(Step& s);

    GroupConfig m_config;
    Prng m_random;
    std::int32_t m_offsetsPartitions;
    std::map<std::int32_t, OffsetsPartition> m_partitions;  ///< those led here
    std::map<std::uint64_t, PendingAppend> m_appends;
    std::map<std::uint64_t, Gathering> m_gatherings;
    std::map<std::pair<Instant, std::uint64_t>, TimerSubject> m_timers;
    std::uint64_t m_lastAppend = 0;
    std::uint64_t m_lastGathering = 0;
    std::uint64_t m_lastTimer = 0;
    std::uint64_t m_lastIncarnation = 0;
    std::int64_t m_lastRebalance = 0;
};

}  // namespace odradek::broker
