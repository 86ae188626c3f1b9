// SPDX-License-Identifier: GPL-3.0-or-later
// How members stay in a group, get their assignment, and go.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/check.h"
#include "engine/broker/groups/group_coordinator.h"
#include "engine/broker/groups/group_errors.h"
#include "engine/broker/groups/group_records.h"

namespace odradek::broker {

using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupResponse;
using protocol::KafkaError;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

namespace {

void replySync(GroupOutputs& out, const RequestContext& context, KafkaError error) {
    SyncGroupResponse response;
    response.errorCode = code(error);
    out.replies.push_back({context.token, std::move(response)});
}

void replyHeartbeat(GroupOutputs& out, const RequestContext& context, KafkaError error) {
    HeartbeatResponse response;
    response.errorCode = code(error);
    out.replies.push_back({context.token, std::move(response)});
}

/// Below version 3 a LeaveGroup is for one member and has one error.
LeaveGroupResponse shaped(LeaveGroupResponse response, std::int16_t version) {
    if (version < 3) {
        if (response.errorCode == 0 && !response.members.empty())
            response.errorCode = response.members.front().errorCode;
        response.members.clear();
    }
    return response;
}

}  // namespace

void GroupCoordinator::answerJoin(GroupOutputs& out, ClassicMember& member, JoinGroupResponse response) {
    if (!member.join)
        return;
    shape(response, member.join->version);
    out.replies.push_back({member.join->token, std::move(response)});
    member.join.reset();
}

void GroupCoordinator::answerSync(GroupOutputs& out, ClassicMember& member, SyncGroupResponse response) {
    if (!member.sync)
        return;
    out.replies.push_back({member.sync->token, std::move(response)});
    member.sync.reset();
}

// ---- SyncGroup ----------------------------------------------------------------------------------------------

void GroupCoordinator::handle(Now now, const RequestContext& context, const SyncGroupRequest& request,
                              GroupOutputs& out) {
    if (context.apiVersion >= 5 && (!request.protocolType || !request.protocolName))
        return replySync(out, context, KafkaError::InconsistentGroupProtocol);
    if (request.groupId.empty())
        return replySync(out, context, KafkaError::InvalidGroupId);
    std::int32_t index = 0;
    if (const auto error = reach(request.groupId, index); error != KafkaError::None)
        return replySync(out, context, error);
    Step s = step(now, index, out);
    auto* group = find(s, request.groupId);
    if (!group || group->is(GroupState::Empty))
        return replySync(out, context, KafkaError::UnknownMemberId);
    if (const auto error = group->validate(request.memberId, request.groupInstanceId); error != KafkaError::None)
        return replySync(out, context, error);
    if (request.generationId != group->generation)
        return replySync(out, context, KafkaError::IllegalGeneration);
    const auto differs = [](const std::optional<std::string>& asked, const std::optional<std::string>& have) {
        return asked && have && *asked != *have;
    };
    if (differs(request.protocolType, group->protocolType) || differs(request.protocolName, group->protocolName))
        return replySync(out, context, KafkaError::InconsistentGroupProtocol);
    auto& member = *group->member(request.memberId);
    if (group->is(GroupState::PreparingRebalance))
        return replySync(out, context, KafkaError::RebalanceInProgress);
    if (group->is(GroupState::CompletingRebalance))
        return syncInCompleting(s, context, request, *group, member);
    syncReceived(*group, request.memberId);
    member.lastSeen = now.at;
    SyncGroupResponse response;
    response.protocolType = group->protocolType;
    response.protocolName = group->protocolName;
    response.assignment = member.assignment;
    out.replies.push_back({context.token, std::move(response)});
}

void GroupCoordinator::syncInCompleting(Step& s, const RequestContext& context, const SyncGroupRequest& request,
                                        ClassicGroup& group, ClassicMember& member) {
    if (member.sync) {  // asked again before it had an answer: the older request gets one now
        SyncGroupResponse again;
        again.errorCode = code(KafkaError::RebalanceInProgress);
        answerSync(s.out, member, std::move(again));
    }
    member.sync = OwedReply{context.token, context.apiVersion};
    member.lastSeen = s.now.at;
    syncReceived(group, member.id);
    if (!group.isLeader(member.id))
        return;
    AssignmentStored stored;
    stored.group = group.id;
    stored.incarnation = group.incarnation;
    stored.generation = group.generation;
    for (const auto& one : request.assignments)
        stored.assignments[one.memberId] = one.assignment;
    auto value = groupValue(group, stored.assignments);
    appendGroupRecord(s, group, std::move(value), std::move(stored));
}

void GroupCoordinator::syncReceived(ClassicGroup& group, const std::string& memberId) {
    group.pendingSync.erase(memberId);
    if (group.pendingSync.empty())
        group.syncClock.reset();
}

void GroupCoordinator::finishAssignment(Step& s, const AssignmentStored& stored, KafkaError error) {
    auto* group = find(s, stored.group, stored.incarnation);
    if (!group || !group->is(GroupState::CompletingRebalance) || group->generation != stored.generation)
        return;  // somebody joined or left meanwhile: this assignment is of no use any more
    if (error != KafkaError::None) {
        const auto told = coordinatorError(error);
        for (auto& [memberId, member] : group->members)
            member.assignment = {};
        handOut(s, *group, told);
        rebalanceOrComplete(s, *group, fmt::format("the assignment could not be stored (error {})", code(told)));
        return;
    }
    for (auto& [memberId, member] : group->members) {
        const auto given = stored.assignments.find(memberId);
        member.assignment = given == stored.assignments.end() ? Bytes() : given->second;
    }
    handOut(s, *group, KafkaError::None);
    group->transition(GroupState::Stable, s.now.wallMs);
    endRebalance(s, *group);
}

void GroupCoordinator::handOut(Step& s, ClassicGroup& group, KafkaError error) {
    for (auto& [memberId, member] : group.members) {
        if (!member.sync)
            continue;
        SyncGroupResponse response;
        response.errorCode = code(error);
        if (error == KafkaError::None) {
            response.protocolName = group.protocolName;
            response.protocolType = group.protocolType;
        }
        response.assignment = member.assignment;
        answerSync(s.out, member, std::move(response));
        // A session that ran out while the member waited for us was let pass: it starts anew.
        touch(s, group, member, member.sessionTimeoutMs);
    }
}

void GroupCoordinator::syncClockRang(Step& s, ClassicGroup& group) {
    const auto clock = *group.syncClock;
    group.syncClock.reset();
    if (clock.generation != group.generation || group.pendingSync.empty() ||
        !(group.is(GroupState::CompletingRebalance) || group.is(GroupState::Stable)))
        return;
    const std::vector<std::string> silent(group.pendingSync.begin(), group.pendingSync.end());
    for (const auto& memberId : silent)
        removeMember(s, group, memberId);
    prepareRebalance(s, group, fmt::format("no SyncGroup from {}", fmt::join(silent, ", ")));
}

// ---- Heartbeat and sessions ---------------------------------------------------------------------------------

void GroupCoordinator::handle(Now now, const RequestContext& context, const HeartbeatRequest& request,
                              GroupOutputs& out) {
    if (request.groupId.empty())
        return replyHeartbeat(out, context, KafkaError::InvalidGroupId);
    std::int32_t index = 0;
    if (const auto error = reach(request.groupId, index); error != KafkaError::None)
        // While the group is being loaded nobody can be thrown out: the member may go on.
        return replyHeartbeat(out, context,
                              error == KafkaError::CoordinatorLoadInProgress ? KafkaError::None : error);
    Step s = step(now, index, out);
    auto* group = find(s, request.groupId);
    if (!group)
        return replyHeartbeat(out, context, KafkaError::UnknownMemberId);
    if (const auto error = group->validate(request.memberId, request.groupInstanceId); error != KafkaError::None)
        return replyHeartbeat(out, context, error);
    if (request.generationId != group->generation)
        return replyHeartbeat(out, context, KafkaError::IllegalGeneration);
    auto& member = *group->member(request.memberId);
    touch(s, *group, member, member.sessionTimeoutMs);
    replyHeartbeat(out, context,
                   group->is(GroupState::PreparingRebalance) ? KafkaError::RebalanceInProgress : KafkaError::None);
}

void GroupCoordinator::touch(Step& s, const ClassicGroup& group, ClassicMember& member, std::int64_t timeoutMs) {
    member.lastSeen = s.now.at;
    member.deadline = s.now.at + Milliseconds(timeoutMs);
    if (member.queuedAt <= member.deadline)
        return;  // the timer that comes first will see the new deadline
    member.queuedAt = member.deadline;
    queue(member.deadline, {TimerSubject::Kind::Member, s.index, group.id, member.id, 0});
}

void GroupCoordinator::sessionRang(Step& s, ClassicGroup& group, const std::string& memberId, Instant at) {
    if (const auto pending = group.pendingJoin.find(memberId); pending != group.pendingJoin.end()) {
        if (pending->second.queuedAt != at)
            return;
        group.pendingJoin.erase(pending);
        if (group.is(GroupState::PreparingRebalance) && group.allJoined())
            completeJoin(s, group);
        return;
    }
    auto* member = group.member(memberId);
    if (!member || member->queuedAt != at)
        return;
    member->queuedAt = Instant::never();
    if (member->deadline > s.now.at) {
        member->queuedAt = member->deadline;
        queue(member->deadline, {TimerSubject::Kind::Member, s.index, group.id, memberId, 0});
        return;
    }
    if (member->satisfiedHeartbeat())
        return;  // it waits for us; its session starts anew with the answer
    removeMember(s, group, memberId);
    if (group.is(GroupState::Stable) || group.is(GroupState::CompletingRebalance))
        rebalanceOrComplete(s, group, fmt::format("session of {} expired", memberId));
    else if (group.is(GroupState::PreparingRebalance) && group.allJoined())
        completeJoin(s, group);
}

void GroupCoordinator::removeMember(Step& s, ClassicGroup& group, const std::string& memberId) {
    if (auto* member = group.member(memberId)) {
        // UNKNOWN_MEMBER_ID makes a client that is still there join anew.
        JoinGroupResponse join;
        join.errorCode = code(KafkaError::UnknownMemberId);
        answerJoin(s.out, *member, std::move(join));
        SyncGroupResponse sync;
        sync.errorCode = code(KafkaError::UnknownMemberId);
        answerSync(s.out, *member, std::move(sync));
    }
    group.remove(memberId);
    if (group.pendingSync.empty())
        group.syncClock.reset();
}

// ---- LeaveGroup ---------------------------------------------------------------------------------------------

void GroupCoordinator::handle(Now now, const RequestContext& context, const LeaveGroupRequest& request,
                              GroupOutputs& out) {
    LeaveGroupRequest asked = request;
    if (context.apiVersion < 3)
        asked.members = {LeaveGroupRequest::MemberIdentity{request.memberId, std::nullopt, std::nullopt}};
    LeaveGroupResponse response;
    std::int32_t index = 0;
    const auto error = request.groupId.empty() ? KafkaError::InvalidGroupId : reach(request.groupId, index);
    if (error != KafkaError::None) {
        response.errorCode = code(error);
        out.replies.push_back({context.token, shaped(std::move(response), context.apiVersion)});
        return;
    }
    Step s = step(now, index, out);
    std::uint64_t appended = 0;
    if (auto* group = find(s, request.groupId)) {
        response = leave(s, asked, *group, appended);
    } else {
        for (const auto& member : asked.members)
            response.members.push_back({member.memberId, member.groupInstanceId, code(KafkaError::UnknownMemberId)});
    }
    response = shaped(std::move(response), context.apiVersion);
    const auto waiting = m_appends.find(appended);
    if (appended != 0 && waiting != m_appends.end())  // the last one to leave waits for the record that says so
        waiting->second.parked.push_back({context.token, std::move(response), context.apiVersion});
    else
        out.replies.push_back({context.token, std::move(response)});
}

LeaveGroupResponse GroupCoordinator::leave(Step& s, const LeaveGroupRequest& request, ClassicGroup& group,
                                           std::uint64_t& appended) {
    LeaveGroupResponse response;
    std::vector<std::string> gone;
    for (const auto& who : request.members) {
        auto error = KafkaError::None;
        auto memberId = who.memberId;
        if (memberId.empty()) {  // an administrator removes a static member by its instance id
            const auto found = who.groupInstanceId ? group.staticMembers.find(*who.groupInstanceId)
                                                   : group.staticMembers.end();
            if (found == group.staticMembers.end())
                error = KafkaError::UnknownMemberId;
            else
                memberId = found->second;
        } else if (!group.pendingJoin.contains(memberId)) {
            error = group.validate(memberId, who.groupInstanceId);
        }
        if (error == KafkaError::None) {
            removeMember(s, group, memberId);
            gone.push_back(memberId + (who.reason && !who.reason->empty() ? " (" + *who.reason + ")" : ""));
        }
        response.members.push_back({who.memberId, who.groupInstanceId, code(error)});
    }
    if (gone.empty())
        return response;
    if (group.is(GroupState::Stable) || group.is(GroupState::CompletingRebalance))
        appended = rebalanceOrComplete(s, group, fmt::format("{} left", fmt::join(gone, ", ")));
    else if (group.is(GroupState::PreparingRebalance))
        appended = maybeCompleteJoin(s, group);
    return response;
}

}  // namespace odradek::broker
