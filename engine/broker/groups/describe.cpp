// SPDX-License-Identifier: GPL-3.0-or-later
// Looking at groups, and deleting them.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/broker/groups/group_coordinator.h"
#include "engine/broker/groups/group_errors.h"
#include "engine/broker/groups/group_records.h"

namespace odradek::broker {

using protocol::DeleteGroupsRequest;
using protocol::DeleteGroupsResponse;
using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;
using protocol::KafkaError;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;

namespace {

/// What one may do with a group where nothing is forbidden: READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS.
constexpr std::int32_t kAllGroupOperations = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);

DescribeGroupsResponse::DescribedGroup describe(const ClassicGroup& group) {
    DescribeGroupsResponse::DescribedGroup described;
    described.groupId = group.id;
    described.groupState = groupStateName(group.state);
    described.protocolType = group.protocolType.value_or("");
    const bool stable = group.is(GroupState::Stable);
    if (stable)
        described.protocolData = group.protocolName.value_or("");
    for (const auto& [memberId, member] : group.members) {
        auto& one = described.members.emplace_back();
        one.memberId = memberId;
        one.groupInstanceId = member.instanceId;
        one.clientId = member.clientId;
        one.clientHost = member.clientHost;
        one.memberAssignment = member.assignment;
        if (const auto* metadata = stable ? member.metadata(described.protocolData) : nullptr)
            one.memberMetadata = *metadata;
    }
    return described;
}

std::string trimmedLower(std::string text) {
    for (auto& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto first = text.find_first_not_of(" \t\r\n");
    const auto last = text.find_last_not_of(" \t\r\n");
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

}  // namespace

void GroupCoordinator::handle(Now, const RequestContext& context, const DescribeGroupsRequest& request,
                              GroupOutputs& out) {
    DescribeGroupsResponse response;
    for (const auto& groupId : request.groups) {
        DescribeGroupsResponse::DescribedGroup described;
        described.groupId = groupId;
        std::int32_t index = 0;
        if (const auto error = reach(groupId, index); error != KafkaError::None) {
            described.errorCode = code(error);
        } else {
            const auto& groups = m_partitions.at(index).groups;
            const auto found = groups.find(groupId);
            if (found != groups.end()) {
                described = describe(found->second);
            } else {
                described.groupState = groupStateName(GroupState::Dead);
                if (context.apiVersion >= 6) {
                    described.errorCode = code(KafkaError::GroupIdNotFound);
                    described.errorMessage = fmt::format("Group {} not found.", groupId);
                }
            }
        }
        if (context.apiVersion >= 3 && request.includeAuthorizedOperations && described.errorCode == 0)
            described.authorizedOperations = kAllGroupOperations;
        response.groups.push_back(std::move(described));
    }
    out.replies.push_back({context.token, std::move(response)});
}

void GroupCoordinator::handle(Now, const RequestContext& context, const ListGroupsRequest& request,
                              GroupOutputs& out) {
    ListGroupsResponse response;
    std::set<std::string> states;
    for (const auto& state : request.statesFilter)
        states.insert(trimmedLower(state));
    const bool ofType = request.typesFilter.empty() ||
                        std::any_of(request.typesFilter.begin(), request.typesFilter.end(), [](const auto& type) {
                            return type.size() == 7 && trimmedLower(type) == "classic";
                        });
    for (const auto& [index, partition] : m_partitions) {
        if (!partition.active) {
            response.groups.clear();
            response.errorCode = code(KafkaError::CoordinatorLoadInProgress);
            break;
        }
        for (const auto& [groupId, group] : partition.groups) {
            const auto* state = groupStateName(group.state);
            if (!ofType || (!request.statesFilter.empty() && !states.contains(trimmedLower(state))))
                continue;
            response.groups.push_back({groupId, group.protocolType.value_or(""), state, "classic"});
        }
    }
    std::sort(response.groups.begin(), response.groups.end(),
              [](const auto& a, const auto& b) { return a.groupId < b.groupId; });
    out.replies.push_back({context.token, std::move(response)});
}

// ---- DeleteGroups -------------------------------------------------------------------------------------------

void GroupCoordinator::handle(Now now, const RequestContext& context, const DeleteGroupsRequest& request,
                              GroupOutputs& out) {
    std::map<std::int32_t, std::vector<std::string>> byPartition;
    std::set<std::string> seen;
    for (const auto& groupId : request.groupsNames)
        if (seen.insert(groupId).second)
            byPartition[partitionOf(groupId)].push_back(groupId);
    if (seen.empty()) {
        out.replies.push_back({context.token, DeleteGroupsResponse{}});
        return;
    }
    const auto gathering = gather(context, DeleteGroupsResponse{}, seen.size());
    for (const auto& [index, names] : byPartition) {
        std::int32_t same = 0;
        const auto error = reach(names.front(), same);
        if (error == KafkaError::None) {
            Step s = step(now, index, out);
            deleteIn(s, names, {gathering, 0});
            continue;
        }
        DeleteGroupsResponse refused;
        for (const auto& groupId : names)
            refused.results.push_back({groupId, code(error), {}});
        send(out, {ReplyPart{gathering, 0}, std::move(refused), context.apiVersion});
    }
}

void GroupCoordinator::deleteIn(Step& s, const std::vector<std::string>& names, ReplyPart part) {
    DeleteGroupsResponse response;
    KeyValues tombstones;
    GroupsDeleted deleted;
    for (const auto& groupId : names) {
        auto error = KafkaError::None;
        if (auto* group = find(s, groupId); !group)
            error = KafkaError::GroupIdNotFound;
        else if (!group->is(GroupState::Empty))
            error = KafkaError::NonEmptyGroup;
        else
            eraseGroup(s, *group, tombstones, deleted);
        response.results.push_back({groupId, code(error), {}});
    }
    ParkedReply reply{part, std::move(response), 0};
    if (tombstones.empty())
        return send(s.out, reply);
    PendingAppend pending;
    pending.action = std::move(deleted);
    const auto token = append(s, tombstones, std::move(pending));
    m_appends.at(token).parked.push_back(std::move(reply));
}

void GroupCoordinator::eraseGroup(Step& s, ClassicGroup& group, KeyValues& tombstones, GroupsDeleted& deleted) {
    std::set<TopicPartition> keys;
    for (const auto& [key, entry] : group.offsets)
        keys.insert(key);
    for (const auto& [key, changes] : group.inFlight)
        keys.insert(key);
    for (const auto& key : keys)
        tombstones.emplace_back(offsetKey(group.id, key), std::nullopt);
    tombstones.emplace_back(groupKey(group.id), std::nullopt);
    const auto groupId = group.id;
    deleted.saved.push_back(std::move(group));
    s.partition.groups.erase(groupId);
}

// ---- Views --------------------------------------------------------------------------------------------------

GroupView GroupCoordinator::view(const ClassicGroup& group, std::int32_t index, Now now) {
    GroupView shown;
    shown.groupId = group.id;
    shown.offsetsPartition = index;
    shown.state = group.state;
    shown.protocolType = group.protocolType.value_or("");
    shown.protocolName = group.protocolName.value_or("");
    shown.generation = group.generation;
    shown.leaderId = group.leaderId.value_or("");
    for (const auto& [memberId, member] : group.members) {
        auto& one = shown.members.emplace_back();
        one.memberId = memberId;
        one.instanceId = member.instanceId;
        one.clientId = member.clientId;
        one.clientHost = member.clientHost;
        const auto* metadata = group.protocolName ? member.metadata(*group.protocolName) : nullptr;
        if (!metadata && !member.protocols.empty())
            metadata = &member.protocols.front().metadata;
        if (metadata && group.usesConsumerProtocol())
            one.topics = subscriptionTopics(*metadata).value_or(std::vector<std::string>());
        if (group.usesConsumerProtocol())
            one.assignment = assignmentPartitions(member.assignment);
        one.lastHeartbeatAgeMs = std::chrono::duration_cast<Milliseconds>(now.at - member.lastSeen).count();
        one.sessionTimeoutMs = member.sessionTimeoutMs;
        one.rebalanceTimeoutMs = member.rebalanceTimeoutMs;
    }
    for (const auto& [key, entry] : group.offsets)
        shown.offsets.push_back({key, entry.offset, entry.leaderEpoch, entry.metadata, entry.commitMs});
    shown.rebalances = group.history;
    if (group.rebalance)
        shown.rebalances.push_back(*group.rebalance);
    if (shown.rebalances.size() > kRebalanceHistory)
        shown.rebalances.erase(shown.rebalances.begin());
    return shown;
}

std::vector<GroupView> GroupCoordinator::inspect(Now now) const {
    std::vector<GroupView> all;
    for (const auto& [index, partition] : m_partitions)
        if (partition.active)
            for (const auto& [groupId, group] : partition.groups)
                all.push_back(view(group, index, now));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.groupId < b.groupId; });
    return all;
}

std::optional<GroupView> GroupCoordinator::inspect(Now now, std::string_view groupId) const {
    const std::string name(groupId);
    std::int32_t index = 0;
    if (reach(name, index) != KafkaError::None)
        return std::nullopt;
    const auto& groups = m_partitions.at(index).groups;
    const auto found = groups.find(name);
    return found == groups.end() ? std::nullopt : std::optional(view(found->second, index, now));
}

}  // namespace odradek::broker
