// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/types.h"

/// What the window shows of consumer groups: plain values copied out of a GroupCoordinator by inspect(). They may be
/// handed to other threads.
namespace odradek::broker {

/// States of the classic group protocol, with Kafka's names (KIP-62 and later).
enum class GroupState : std::uint8_t { Empty, PreparingRebalance, CompletingRebalance, Stable, Dead };

/// Kafka's word for a state, as DescribeGroups and ListGroups send it: "Empty", "PreparingRebalance", ...
const char* groupStateName(GroupState state);

/// One rebalance of one group: why it began, what it led to.
struct RebalanceEvent {
    std::int64_t sequence = 0;    ///< rises by one per event of this coordinator: a cursor for readers
    std::string groupId;
    std::string cause;            ///< in words: "member m-1 joined", "session of m-2 expired", "m-3 left", ...
    std::int64_t startedMs = 0;   ///< wall clock, milliseconds since 1970
    std::int64_t durationMs = -1; ///< to the moment the assignment was handed out; -1 while it still runs
    std::int32_t generation = 0;  ///< the generation it led to; the old one while it still runs
    std::int32_t members = 0;     ///< members of that generation
    bool operator==(const RebalanceEvent&) const = default;
};

struct GroupMemberView {
    std::string memberId;
    std::optional<std::string> instanceId;  ///< group.instance.id of a static member (KIP-345)
    std::string clientId;
    std::string clientHost;
    std::vector<std::string> topics;            ///< what it subscribes to; empty when not a consumer's metadata
    std::vector<TopicPartition> assignment;     ///< what the leader gave it in this generation
    std::int64_t lastHeartbeatAgeMs = 0;        ///< since its last heartbeat, join or sync
    std::int32_t sessionTimeoutMs = 0;
    std::int32_t rebalanceTimeoutMs = 0;
    bool operator==(const GroupMemberView&) const = default;
};

struct CommittedOffsetView {
    TopicPartition partition;
    std::int64_t offset = 0;
    std::int32_t leaderEpoch = -1;
    std::string metadata;
    std::int64_t commitTimeMs = 0;  ///< wall clock
    bool operator==(const CommittedOffsetView&) const = default;
};

struct GroupView {
    std::string groupId;
    std::int32_t offsetsPartition = 0;  ///< the partition of __consumer_offsets that keeps it
    GroupState state = GroupState::Empty;
    std::string protocolType;  ///< "consumer", or empty for a group that only commits offsets
    std::string protocolName;  ///< the chosen assignor
    std::int32_t generation = 0;
    std::string leaderId;
    std::vector<GroupMemberView> members;       ///< sorted by member id
    std::vector<CommittedOffsetView> offsets;   ///< sorted by topic and partition
    std::vector<RebalanceEvent> rebalances;     ///< the newest last, at most kRebalanceHistory of them
    bool operator==(const GroupView&) const = default;
};

inline constexpr std::size_t kRebalanceHistory = 50;  ///< rebalances remembered per group

}  // namespace odradek::broker
