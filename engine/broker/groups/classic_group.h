// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/base/types.h"
#include "engine/broker/groups/view.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/join_group.h"

namespace odradek::broker {

/// An answer owed to a request: its token and the version it was asked in.
struct OwedReply {
    std::uint64_t token = 0;
    std::int16_t version = 0;
};

/// One committed offset, as it stands in an OffsetCommitValue.
struct OffsetEntry {
    std::int64_t offset = 0;
    std::int32_t leaderEpoch = -1;
    std::string metadata;
    std::int64_t commitMs = 0;                ///< wall clock
    std::optional<std::int64_t> expireMs;     ///< wall clock; only from OffsetCommit v2-4 with a retention time
    Uuid topicId;                             ///< zero when written by something that knew none
    bool operator==(const OffsetEntry&) const = default;
};

using Protocols = std::vector<protocol::JoinGroupRequest::JoinGroupRequestProtocol>;

/// One member of a classic group.
struct ClassicMember {
    std::string id;
    std::optional<std::string> instanceId;
    std::string clientId;
    std::string clientHost;
    std::int32_t rebalanceTimeoutMs = 0;
    std::int32_t sessionTimeoutMs = 0;
    std::string protocolType;
    Protocols protocols;  ///< change them by ClassicGroup::setProtocols, which counts
    Bytes assignment;
    std::optional<OwedReply> join;  ///< its JoinGroup waits for the others
    std::optional<OwedReply> sync;  ///< its SyncGroup waits for the leader's
    bool isNew = false;             ///< has not seen a generation yet
    Instant deadline = Instant::never();  ///< when its session (or a new member's patience) ends
    Instant queuedAt = Instant::never();  ///< the timer that will look at `deadline`
    Instant lastSeen;

    bool isStatic() const { return instanceId.has_value(); }
    /// Whether the group cannot expect a heartbeat now, since the member waits for us.
    bool satisfiedHeartbeat() const { return !isNew && (join || sync); }
    /// Its metadata for a protocol; nothing when it does not offer it.
    const Bytes* metadata(const std::string& protocol) const;
};

/// A member id given out (KIP-394) and not yet used.
struct PendingMember {
    Instant deadline;
    Instant queuedAt;
};

/// The clock of a join phase: either the initial delay, which stretches while members come, or the rebalance timeout.
struct JoinClock {
    Instant at;
    bool initial = false;
    std::int64_t delayMs = 0;
    std::int64_t remainingMs = 0;
};

struct SyncClock {
    Instant at;
    std::int32_t generation = 0;
};

/// The state of one classic group and the rules that need nothing but that state: who is in it, who leads it, which
/// protocol all can speak, which state may follow which. Timers, records and replies are the coordinator's. A copyable
/// value; members are kept sorted by id, so that everything that walks them is deterministic.
class ClassicGroup {
public:
    explicit ClassicGroup(std::string groupId = {}) : id(std::move(groupId)) {}

    std::string id;
    std::uint64_t incarnation = 0;  ///< tells this group from an earlier one of the same name
    GroupState state = GroupState::Empty;
    GroupState previousState = GroupState::Dead;
    std::optional<std::int64_t> stateSinceMs;  ///< wall clock
    std::optional<std::string> protocolType;
    std::optional<std::string> protocolName;
    std::int32_t generation = 0;
    std::optional<std::string> leaderId;
    std::map<std::string, ClassicMember> members;
    std::map<std::string, std::string> staticMembers;  ///< instance id -> member id
    std::map<std::string, PendingMember> pendingJoin;
    std::set<std::string> pendingSync;
    std::optional<std::set<std::string>> subscribedTopics;
    bool newMemberAdded = false;
    std::optional<JoinClock> joinClock;
    std::optional<SyncClock> syncClock;

    std::optional<Bytes> record;  ///< the GroupMetadataValue last replicated (with its version prefix), if any
    std::map<TopicPartition, OffsetEntry> offsets;
    /// Changes on their way into the log, oldest first: append token and the new value (nothing = deleted).
    std::map<TopicPartition, std::vector<std::pair<std::uint64_t, std::optional<OffsetEntry>>>> inFlight;

    std::optional<RebalanceEvent> rebalance;  ///< the one under way
    Instant rebalanceStarted;
    std::vector<RebalanceEvent> history;      ///< ended ones, newest last

    bool is(GroupState s) const { return state == s; }
    bool isLeader(const std::string& memberId) const { return leaderId && *leaderId == memberId; }
    ClassicMember* member(const std::string& memberId);
    const ClassicMember* member(const std::string& memberId) const;
    bool usesConsumerProtocol() const { return protocolType && *protocolType == "consumer"; }
    std::size_t awaitingJoin() const;
    bool allJoined() const { return pendingJoin.empty() && awaitingJoin() == members.size(); }
    bool canRebalance() const;
    std::int32_t rebalanceTimeoutMs() const;

    /// Moves to another state; forbidden moves fail an invariant.
    void transition(GroupState next, std::int64_t wallMs);
    ClassicMember& add(ClassicMember member);
    void setProtocols(ClassicMember& member, Protocols protocols);
    /// Forgets a member or pending member; the leader's place goes to the first member left. Replies it is owed must
    /// have been taken before.
    void remove(const std::string& memberId);
    /// Gives a static member's place to a new member id; owed replies must have been taken before.
    ClassicMember& replaceStatic(const std::string& instanceId, const std::string& newMemberId);
    /// When the leader has not rejoined, somebody who has takes its place. False when nobody has.
    bool electJoinedLeader();
    /// The next generation: picks the protocol, and goes to CompletingRebalance or Empty.
    void nextGeneration(std::int64_t wallMs);

    /// Whether somebody offering these could be a member.
    bool supports(const std::string& type, const Protocols& protocols) const;
    /// The protocol all members speak that most of them like best; ties as Java's HashMap order breaks them.
    std::string selectProtocol() const;
    /// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, or None.
    protocol::KafkaError validate(const std::string& memberId, const std::optional<std::string>& instanceId) const;
    void computeSubscribedTopics();
    bool isSubscribedTo(const std::string& topic) const;
    /// What a reader after all appends under way would see.
    std::optional<OffsetEntry> latest(const TopicPartition& key) const;

private:
    void count(const ClassicMember& member, int by);

    std::map<std::string, std::int32_t> m_offers;  ///< protocol name -> how many members offer it
};

/// Topics of a ConsumerProtocol subscription (with its version prefix); nothing when it is none.
std::optional<std::vector<std::string>> subscriptionTopics(const Bytes& metadata);
/// Partitions of a ConsumerProtocol assignment (with its version prefix); empty when it is none.
std::vector<TopicPartition> assignmentPartitions(const Bytes& assignment);

}  // namespace odradek::broker
