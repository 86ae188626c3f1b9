// SPDX-License-Identifier: GPL-3.0-or-later
// How members come into a group, and how a generation begins.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/broker/groups/group_coordinator.h"
#include "engine/broker/groups/group_errors.h"
#include "engine/broker/groups/group_records.h"

namespace odradek::broker {

using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::KafkaError;

namespace {

JoinGroupResponse refusal(std::string memberId, KafkaError error) {
    JoinGroupResponse response;
    response.memberId = std::move(memberId);
    response.errorCode = code(error);
    return response;
}

void reply(GroupOutputs& out, const RequestContext& context, JoinGroupResponse response) {
    shape(response, context.apiVersion);
    out.replies.push_back({context.token, std::move(response)});
}

std::int32_t rebalanceTimeout(const RequestContext& context, const JoinGroupRequest& request) {
    return context.apiVersion == 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs;
}

/// What the client says of why it joins, if it does (v8).
std::string reasonOf(const JoinGroupRequest& request) {
    return request.reason && !request.reason->empty() ? ": " + *request.reason : std::string();
}

std::vector<JoinGroupResponse::JoinGroupResponseMember> memberList(const ClassicGroup& group) {
    std::vector<JoinGroupResponse::JoinGroupResponseMember> list;
    for (const auto& [memberId, member] : group.members) {
        auto& one = list.emplace_back();
        one.memberId = memberId;
        one.groupInstanceId = member.instanceId;
        if (const auto* metadata = group.protocolName ? member.metadata(*group.protocolName) : nullptr)
            one.metadata = *metadata;
    }
    return list;
}

/// The current generation as one member is told of it.
JoinGroupResponse generationFor(const ClassicGroup& group, const std::string& memberId, bool withMembers) {
    JoinGroupResponse response;
    response.memberId = memberId;
    response.generationId = group.generation;
    response.protocolName = group.protocolName;
    response.protocolType = group.protocolType;
    response.leader = group.leaderId.value_or("");
    if (withMembers && group.isLeader(memberId))
        response.members = memberList(group);
    return response;
}

}  // namespace

std::string GroupCoordinator::newMemberId(const std::string& prefix) {
    const auto high = (m_random.next() & ~0xF000ull) | 0x4000ull;  // a version 4 UUID's bits
    const auto low = (m_random.next() & ~(3ull << 62)) | (2ull << 62);
    return fmt::format("{}-{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", prefix, high >> 32, (high >> 16) & 0xFFFF,
                       high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFFull);
}

void GroupCoordinator::handle(Now now, const RequestContext& context, const JoinGroupRequest& request,
                              GroupOutputs& out) {
    if (request.groupId.empty())
        return reply(out, context, refusal(request.memberId, KafkaError::InvalidGroupId));
    const Milliseconds session(request.sessionTimeoutMs);
    if (session < m_config.minSessionTimeout || session > m_config.maxSessionTimeout)
        return reply(out, context, refusal(request.memberId, KafkaError::InvalidSessionTimeout));
    std::int32_t index = 0;
    if (const auto error = reach(request.groupId, index); error != KafkaError::None)
        return reply(out, context, refusal("", error));
    Step s = step(now, index, out);
    auto* group = find(s, request.groupId);
    const bool isNewGroup = group == nullptr;
    if (isNewGroup) {
        if (!request.memberId.empty())
            return reply(out, context, refusal(request.memberId, KafkaError::UnknownMemberId));
        group = &create(s, request.groupId);
        // The group exists from now on, also for whoever loads this partition next.
        appendGroupRecord(s, *group, emptyGroupValue(*group), GroupCreated{group->id, group->incarnation});
    }
    if (!accepts(*group, request.memberId)) {
        removeMember(s, *group, request.memberId);
        reply(out, context, refusal("", KafkaError::GroupMaxSizeReached));
    } else if (request.memberId.empty()) {
        joinNew(s, context, request, *group);
    } else {
        joinAgain(s, context, request, *group);
    }
}

bool GroupCoordinator::accepts(const ClassicGroup& group, const std::string& memberId) const {
    const auto* member = group.member(memberId);
    switch (group.state) {
        case GroupState::Empty:
        case GroupState::Dead: return true;
        case GroupState::PreparingRebalance:
            // Who already waits stays. Otherwise the number of those waiting counts, so that a group that is too large
            // already gets rid of its last ones.
            return (member && member->join) || static_cast<std::int64_t>(group.awaitingJoin()) < m_config.maxSize;
        case GroupState::CompletingRebalance:
        case GroupState::Stable:
            return member || static_cast<std::int64_t>(group.members.size()) < m_config.maxSize;
    }
    return true;
}

void GroupCoordinator::joinNew(Step& s, const RequestContext& context, const JoinGroupRequest& request,
                               ClassicGroup& group) {
    if (!group.supports(request.protocolType, request.protocols))
        return reply(s.out, context, refusal("", KafkaError::InconsistentGroupProtocol));
    const auto memberId = newMemberId(request.groupInstanceId.value_or(context.clientId));
    if (request.groupInstanceId) {
        if (group.staticMembers.contains(*request.groupInstanceId))
            return replaceStaticMember(s, context, request, group, memberId);
        return addMember(s, context, request, group, memberId);
    }
    if (context.apiVersion < 4)
        return addMember(s, context, request, group, memberId);
    // KIP-394: the client is told its id and must come again with it.
    const auto deadline = s.now.at + Milliseconds(request.sessionTimeoutMs);
    group.pendingJoin[memberId] = {deadline, deadline};
    queue(deadline, {TimerSubject::Kind::Member, s.index, group.id, memberId, 0});
    reply(s.out, context, refusal(memberId, KafkaError::MemberIdRequired));
}

void GroupCoordinator::joinAgain(Step& s, const RequestContext& context, const JoinGroupRequest& request,
                                 ClassicGroup& group) {
    const auto& memberId = request.memberId;
    if (!group.supports(request.protocolType, request.protocols))
        return reply(s.out, context, refusal(memberId, KafkaError::InconsistentGroupProtocol));
    if (group.pendingJoin.contains(memberId)) {
        if (request.groupInstanceId)  // pending ids are given to dynamic members only
            return reply(s.out, context, refusal("", KafkaError::UnknownServerError));
        return addMember(s, context, request, group, memberId);
    }
    if (const auto error = group.validate(memberId, request.groupInstanceId); error != KafkaError::None) {
        auto refused = refusal(memberId, error);
        refused.protocolName.reset();
        return reply(s.out, context, std::move(refused));
    }
    rejoin(s, context, request, group, *group.member(memberId));
}

void GroupCoordinator::rejoin(Step& s, const RequestContext& context, const JoinGroupRequest& request,
                              ClassicGroup& group, ClassicMember& member) {
    switch (group.state) {
        case GroupState::PreparingRebalance: return updateMember(s, context, request, group, member);
        case GroupState::CompletingRebalance:
            // The same again: its answer got lost, so it gets it once more.
            if (member.protocols == request.protocols)
                return reply(s.out, context, generationFor(group, member.id, true));
            return updateMember(s, context, request, group, member);
        case GroupState::Stable:
            // The leader may have seen new partitions, which its metadata does not show; others need a reason.
            if (group.isLeader(member.id) || member.protocols != request.protocols)
                return updateMember(s, context, request, group, member);
            return reply(s.out, context, generationFor(group, member.id, false));
        case GroupState::Empty:
        case GroupState::Dead: break;
    }
    reply(s.out, context, refusal(member.id, KafkaError::UnknownMemberId));
}

void GroupCoordinator::addMember(Step& s, const RequestContext& context, const JoinGroupRequest& request,
                                 ClassicGroup& group, const std::string& memberId) {
    ClassicMember member;
    member.id = memberId;
    member.instanceId = request.groupInstanceId;
    member.clientId = context.clientId;
    member.clientHost = context.clientHost;
    member.rebalanceTimeoutMs = rebalanceTimeout(context, request);
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.protocolType = request.protocolType;
    member.protocols = request.protocols;
    member.join = OwedReply{context.token, context.apiVersion};
    member.isNew = true;
    // The first rebalance waits a little longer while members keep coming.
    if (group.is(GroupState::PreparingRebalance) && group.previousState == GroupState::Empty)
        group.newMemberAdded = true;
    auto& added = group.add(std::move(member));
    // A new member cannot send heartbeats while its JoinGroup waits; one that never comes back must go some day.
    touch(s, group, added, m_config.newMemberJoinTimeout.count());
    rebalanceOrComplete(s, group, fmt::format("member {} joined{}", memberId, reasonOf(request)));
}

void GroupCoordinator::updateMember(Step& s, const RequestContext& context, const JoinGroupRequest& request,
                                    ClassicGroup& group, ClassicMember& member) {
    if (member.join)  // asked again before it had an answer: the older request gets one now
        answerJoin(s.out, member, refusal(member.id, KafkaError::RebalanceInProgress));
    const auto cause = fmt::format("{} {} rejoined{}{}", group.isLeader(member.id) ? "leader" : "member", member.id,
                                   member.protocols == request.protocols ? "" : " with other metadata",
                                   reasonOf(request));
    group.setProtocols(member, request.protocols);
    member.rebalanceTimeoutMs = rebalanceTimeout(context, request);
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.join = OwedReply{context.token, context.apiVersion};
    member.lastSeen = s.now.at;
    rebalanceOrComplete(s, group, cause);
}

// ---- Static members (KIP-345) -------------------------------------------------------------------------------

void GroupCoordinator::replaceStaticMember(Step& s, const RequestContext& context, const JoinGroupRequest& request,
                                           ClassicGroup& group, const std::string& newId) {
    const auto& instanceId = *request.groupInstanceId;
    StaticReplaced replaced;
    replaced.group = group.id;
    replaced.incarnation = group.incarnation;
    replaced.instanceId = instanceId;
    replaced.oldId = group.staticMembers.at(instanceId);
    replaced.newId = newId;
    replaced.oldLeader = group.leaderId;
    auto& old = *group.member(replaced.oldId);
    // Whoever still uses the old id is fenced at once.
    auto fenced = refusal(replaced.oldId, KafkaError::FencedInstanceId);
    fenced.protocolName.reset();
    answerJoin(s.out, old, std::move(fenced));
    protocol::SyncGroupResponse fencedSync;
    fencedSync.errorCode = code(KafkaError::FencedInstanceId);
    answerSync(s.out, old, std::move(fencedSync));
    if (group.pendingSync.erase(replaced.oldId) > 0)
        group.pendingSync.insert(newId);
    auto& member = group.replaceStatic(instanceId, newId);
    touch(s, group, member, member.sessionTimeoutMs);
    replaced.oldProtocols = member.protocols;
    replaced.oldRebalanceTimeoutMs = member.rebalanceTimeoutMs;
    replaced.oldSessionTimeoutMs = member.sessionTimeoutMs;
    group.setProtocols(member, request.protocols);
    member.rebalanceTimeoutMs = rebalanceTimeout(context, request);
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.join = OwedReply{context.token, context.apiVersion};

    const auto cause = fmt::format("static member {} came back as {}{}", instanceId, newId, reasonOf(request));
    if (group.is(GroupState::CompletingRebalance)) {
        // The leader may be computing an assignment for the old id: everybody starts over.
        prepareRebalance(s, group, cause);
    } else if (!group.is(GroupState::Stable)) {
        maybeCompleteJoin(s, group);
    } else if (group.protocolName.value_or("") != group.selectProtocol()) {
        rebalanceOrComplete(s, group, cause + " and changes the group's protocol");
    } else {
        // Same protocol: nobody else notices. The new id must be in the log before it is used.
        std::map<std::string, Bytes> assignments;
        for (const auto& [memberId, one] : group.members)
            assignments[memberId] = one.assignment;
        appendGroupRecord(s, group, groupValue(group, assignments), std::move(replaced));
    }
}

void GroupCoordinator::finishStaticReplace(Step& s, const StaticReplaced& replaced) {
    auto* group = find(s, replaced.group, replaced.incarnation);
    auto* member = group ? group->member(replaced.newId) : nullptr;
    if (!member || !member->join || !group->is(GroupState::Stable))
        return;  // a rebalance has come between and answers instead
    JoinGroupResponse response;
    if (member->join->version >= 9) {
        response = generationFor(*group, member->id, true);
        response.skipAssignment = group->isLeader(member->id);
    } else {
        // Older clients are told the leader's old id, so that none of them believes it should assign now.
        response = generationFor(*group, member->id, false);
        response.leader = replaced.oldLeader.value_or("");
    }
    answerJoin(s.out, *member, std::move(response));
    member->lastSeen = s.now.at;
}

void GroupCoordinator::undoStaticReplace(Step& s, const StaticReplaced& replaced, KafkaError error) {
    auto* group = find(s, replaced.group, replaced.incarnation);
    if (!group)
        return;
    const auto current = group->staticMembers.find(replaced.instanceId);
    if (current == group->staticMembers.end() || current->second != replaced.newId)
        return;
    auto& member = *group->member(replaced.newId);
    auto failed = generationFor(*group, "", false);
    failed.leader = replaced.oldLeader.value_or("");
    failed.errorCode = code(coordinatorError(error));
    answerJoin(s.out, member, std::move(failed));
    protocol::SyncGroupResponse fenced;
    fenced.errorCode = code(KafkaError::FencedInstanceId);
    answerSync(s.out, member, std::move(fenced));
    group->setProtocols(member, replaced.oldProtocols);
    member.rebalanceTimeoutMs = replaced.oldRebalanceTimeoutMs;
    member.sessionTimeoutMs = replaced.oldSessionTimeoutMs;
    auto& restored = group->replaceStatic(replaced.instanceId, replaced.oldId);
    touch(s, *group, restored, restored.sessionTimeoutMs);
}

// ---- Rebalances ---------------------------------------------------------------------------------------------

std::uint64_t GroupCoordinator::rebalanceOrComplete(Step& s, ClassicGroup& group, const std::string& cause) {
    return group.canRebalance() ? prepareRebalance(s, group, cause) : maybeCompleteJoin(s, group);
}

std::uint64_t GroupCoordinator::prepareRebalance(Step& s, ClassicGroup& group, const std::string& cause) {
    if (group.is(GroupState::CompletingRebalance)) {
        for (auto& [memberId, member] : group.members)
            member.assignment = {};
        handOut(s, group, KafkaError::RebalanceInProgress);
    }
    group.pendingSync.clear();
    group.syncClock.reset();
    const bool initial = group.is(GroupState::Empty);
    group.transition(GroupState::PreparingRebalance, s.now.wallMs);
    beginRebalance(s, group, cause);
    if (initial) {
        const auto delay = m_config.initialRebalanceDelay.count();
        if (delay <= 0)
            return completeJoin(s, group);
        const auto remaining = std::max<std::int64_t>(group.rebalanceTimeoutMs() - delay, 0);
        setJoinClock(group, s.index, {s.now.at + Milliseconds(delay), true, delay, remaining});
        return 0;
    }
    if (group.allJoined())
        return completeJoin(s, group);
    setJoinClock(group, s.index, {s.now.at + Milliseconds(std::max(1, group.rebalanceTimeoutMs())), false, 0, 0});
    return 0;
}

void GroupCoordinator::setJoinClock(ClassicGroup& group, std::int32_t index, JoinClock clock) {
    group.joinClock = clock;
    queue(clock.at, {TimerSubject::Kind::Join, index, group.id, {}, 0});
}

void GroupCoordinator::joinClockRang(Step& s, ClassicGroup& group) {
    const auto clock = *group.joinClock;
    group.joinClock.reset();
    if (!group.is(GroupState::PreparingRebalance))
        return;
    if (clock.initial && group.newMemberAdded && clock.remainingMs != 0) {
        group.newMemberAdded = false;
        const auto delay = std::min<std::int64_t>(m_config.initialRebalanceDelay.count(), clock.remainingMs);
        const auto remaining = std::max<std::int64_t>(clock.remainingMs - clock.delayMs, 0);
        const auto at = s.now.at + Milliseconds(std::max<std::int64_t>(1, delay));
        setJoinClock(group, s.index, {at, true, delay, remaining});
        return;
    }
    completeJoin(s, group);
}

std::uint64_t GroupCoordinator::maybeCompleteJoin(Step& s, ClassicGroup& group) {
    if (!group.is(GroupState::PreparingRebalance) || group.previousState == GroupState::Empty || !group.allJoined())
        return 0;
    return completeJoin(s, group);
}

std::uint64_t GroupCoordinator::completeJoin(Step& s, ClassicGroup& group) {
    group.joinClock.reset();
    std::vector<std::string> missing;
    for (const auto& [memberId, member] : group.members)
        if (!member.join && !member.isStatic())
            missing.push_back(memberId);
    for (const auto& memberId : missing)
        removeMember(s, group, memberId);
    if (!group.electJoinedLeader() && !group.members.empty()) {
        // Only static members, and none has come back: their sessions decide.
        setJoinClock(group, s.index,
                     {s.now.at + Milliseconds(std::max(1, group.rebalanceTimeoutMs())), false, 0, 0});
        return 0;
    }
    group.newMemberAdded = false;
    group.nextGeneration(s.now.wallMs);
    if (m_config.mutants.has(Mutant::KeepGeneration) && group.generation > 1)
        --group.generation;
    if (group.is(GroupState::Empty)) {
        endRebalance(s, group);
        return appendGroupRecord(s, group, groupValue(group, {}), GroupEmptied{group.id});
    }
    for (auto& [memberId, member] : group.members) {
        answerJoin(s.out, member, generationFor(group, memberId, true));
        touch(s, group, member, member.sessionTimeoutMs);
        member.isNew = false;
        group.pendingSync.insert(memberId);
    }
    const auto deadline = s.now.at + Milliseconds(std::max(1, group.rebalanceTimeoutMs()));
    group.syncClock = SyncClock{deadline, group.generation};
    queue(deadline, {TimerSubject::Kind::Sync, s.index, group.id, {}, 0});
    return 0;
}

void GroupCoordinator::beginRebalance(Step& s, ClassicGroup& group, const std::string& cause) {
    if (group.rebalance)
        endRebalance(s, group);
    RebalanceEvent event;
    event.sequence = ++m_lastRebalance;
    event.groupId = group.id;
    event.cause = cause;
    event.startedMs = s.now.wallMs;
    event.generation = group.generation;
    event.members = static_cast<std::int32_t>(group.members.size());
    group.rebalance = event;
    group.rebalanceStarted = s.now.at;
    s.out.rebalances.push_back(std::move(event));
}

void GroupCoordinator::endRebalance(Step& s, ClassicGroup& group) {
    if (!group.rebalance)
        return;
    auto event = std::move(*group.rebalance);
    group.rebalance.reset();
    event.durationMs = std::chrono::duration_cast<Milliseconds>(s.now.at - group.rebalanceStarted).count();
    event.generation = group.generation;
    event.members = static_cast<std::int32_t>(group.members.size());
    group.history.push_back(event);
    if (group.history.size() > kRebalanceHistory)
        group.history.erase(group.history.begin());
    s.out.rebalances.push_back(std::move(event));
}

}  // namespace odradek::broker
