// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/groups/group_coordinator.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "engine/base/check.h"
#include "engine/broker/groups/group_errors.h"
#include "engine/broker/groups/group_records.h"
#include "engine/broker/groups/java_strings.h"

namespace odradek::broker {

using protocol::KafkaError;

GroupCoordinator::GroupCoordinator(GroupConfig config, std::uint64_t seed)
    : m_config(config), m_random(seed), m_offsetsPartitions(std::max(1, config.offsetsPartitions)) {}

std::int32_t GroupCoordinator::partitionOf(std::string_view groupId) const {
    const auto hash = javaHash(groupId);
    return (hash == INT32_MIN ? 0 : std::abs(hash)) % m_offsetsPartitions;
}

void GroupCoordinator::setOffsetsPartitions(std::int32_t count) { m_offsetsPartitions = std::max(1, count); }

void GroupCoordinator::setConfig(const GroupConfig& config) { m_config = config; }

// ---- Partitions ---------------------------------------------------------------------------------------------

void GroupCoordinator::onLoad(Now now, std::int32_t partition, LeaderEpoch epoch, GroupOutputs& out) {
    if (m_partitions.contains(partition))
        onResign(now, partition, out);
    m_partitions[partition].epoch = epoch;
}

void GroupCoordinator::feed(std::int32_t partition, std::span<const protocol::Record> records) {
    const auto found = m_partitions.find(partition);
    if (found == m_partitions.end() || found->second.active)
        return;
    for (const auto& record : records)
        replay(found->second, record);
}

void GroupCoordinator::replay(OffsetsPartition& partition, const protocol::Record& record) {
    const auto read = readGroupRecord(record);
    if (!read)
        return;  // written by something newer, or damaged: what it keyed is as if it had not been written
    const auto groupNamed = [&](const std::string& id) -> ClassicGroup& {
        auto [place, isNew] = partition.groups.try_emplace(id, id);
        if (isNew)
            place->second.incarnation = ++m_lastIncarnation;
        return place->second;
    };
    if (const auto* offset = std::get_if<OffsetRecord>(&*read)) {
        if (offset->value)
            groupNamed(offset->group).offsets[offset->partition] = *offset->value;
        else if (const auto found = partition.groups.find(offset->group); found != partition.groups.end())
            found->second.offsets.erase(offset->partition);
        return;
    }
    const auto* written = std::get_if<GroupRecord>(&*read);
    if (!written)
        return;
    if (!written->value) {
        partition.groups.erase(written->group);
        return;
    }
    const auto& value = *written->value;
    ClassicGroup loaded(written->group);
    auto& place = groupNamed(written->group);
    loaded.incarnation = place.incarnation;
    loaded.offsets = std::move(place.offsets);
    loaded.record = record.value;
    loaded.generation = value.generation;
    loaded.protocolName = value.protocol;
    loaded.leaderId = value.leader;
    if (value.currentStateTimestamp != -1)
        loaded.stateSinceMs = value.currentStateTimestamp;
    for (const auto& one : value.members) {
        ClassicMember member;
        member.id = one.memberId;
        member.instanceId = one.groupInstanceId;
        member.clientId = one.clientId;
        member.clientHost = one.clientHost;
        member.rebalanceTimeoutMs = one.rebalanceTimeout == -1 ? one.sessionTimeout : one.rebalanceTimeout;
        member.sessionTimeoutMs = one.sessionTimeout;
        member.protocolType = value.protocolType;
        member.protocols.push_back({value.protocol.value_or(""), one.subscription});
        member.assignment = one.assignment;
        if (!loaded.members.contains(member.id))
            loaded.add(std::move(member));
    }
    if (!value.protocolType.empty())
        loaded.protocolType = value.protocolType;
    else
        loaded.protocolType.reset();
    loaded.state = loaded.members.empty() ? GroupState::Empty : GroupState::Stable;
    loaded.computeSubscribedTopics();
    place = std::move(loaded);
}

void GroupCoordinator::onLoaded(Now now, std::int32_t partition, GroupOutputs& out) {
    const auto found = m_partitions.find(partition);
    if (found == m_partitions.end() || found->second.active)
        return;
    found->second.active = true;
    Step s = step(now, partition, out);
    for (auto& [groupId, group] : s.partition.groups) {
        for (auto& [memberId, member] : group.members)
            touch(s, group, member, member.sessionTimeoutMs);
        if (static_cast<std::int64_t>(group.members.size()) > m_config.maxSize)
            prepareRebalance(s, group, "the group has more members than group.max.size allows");
    }
    queue(now.at + m_config.retentionCheckInterval,
          {TimerSubject::Kind::Expiry, partition, {}, {}, static_cast<std::uint64_t>(s.partition.epoch.value)});
}

void GroupCoordinator::onResign(Now now, std::int32_t partition, GroupOutputs& out) {
    const auto found = m_partitions.find(partition);
    if (found == m_partitions.end())
        return;
    Step s = step(now, partition, out);
    for (auto& [groupId, group] : s.partition.groups)
        for (auto& [memberId, member] : group.members) {
            protocol::JoinGroupResponse join;
            join.memberId = memberId;
            join.errorCode = code(KafkaError::NotCoordinator);
            answerJoin(out, member, std::move(join));
            protocol::SyncGroupResponse sync;
            sync.errorCode = code(KafkaError::NotCoordinator);
            answerSync(out, member, std::move(sync));
        }
    for (auto it = m_appends.begin(); it != m_appends.end();) {
        if (it->second.partition == partition) {
            answerParked(out, it->second, KafkaError::NotCoordinator);
            it = m_appends.erase(it);
        } else {
            ++it;
        }
    }
    m_partitions.erase(partition);
}

bool GroupCoordinator::isActive(std::int32_t partition) const {
    const auto found = m_partitions.find(partition);
    return found != m_partitions.end() && found->second.active;
}

KafkaError GroupCoordinator::reach(const std::string& groupId, std::int32_t& index) const {
    index = partitionOf(groupId);
    const auto found = m_partitions.find(index);
    if (found == m_partitions.end())
        return KafkaError::NotCoordinator;
    return found->second.active || m_config.mutants.has(Mutant::AnswerWhileLoading)
               ? KafkaError::None
               : KafkaError::CoordinatorLoadInProgress;
}

GroupCoordinator::Step GroupCoordinator::step(Now now, std::int32_t index, GroupOutputs& out) {
    return Step{now, out, index, m_partitions.at(index)};
}

ClassicGroup* GroupCoordinator::find(Step& s, const std::string& groupId) {
    const auto found = s.partition.groups.find(groupId);
    return found == s.partition.groups.end() ? nullptr : &found->second;
}

ClassicGroup* GroupCoordinator::find(Step& s, const std::string& groupId, std::uint64_t incarnation) {
    auto* group = find(s, groupId);
    return group && group->incarnation == incarnation ? group : nullptr;
}

ClassicGroup* GroupCoordinator::findAlsoDeleted(Step& s, const std::string& groupId, std::uint64_t incarnation) {
    if (auto* group = find(s, groupId, incarnation))
        return group;
    for (auto& [token, pending] : m_appends)  // its deletion is under way and may be refused
        if (auto* deleted = std::get_if<GroupsDeleted>(&pending.action))
            for (auto& group : deleted->saved)
                if (group.incarnation == incarnation)
                    return &group;
    return nullptr;
}

ClassicGroup& GroupCoordinator::create(Step& s, const std::string& groupId) {
    auto [place, isNew] = s.partition.groups.try_emplace(groupId, groupId);
    ODRADEK_CHECK(isNew, "a group is created once");
    place->second.incarnation = ++m_lastIncarnation;
    place->second.stateSinceMs = s.now.wallMs;
    return place->second;
}

void GroupCoordinator::forgetIfUnused(Step& s, const std::string& groupId) {
    const auto* group = find(s, groupId);
    if (group && group->is(GroupState::Empty) && !group->record && group->offsets.empty() &&
        group->inFlight.empty() && group->pendingJoin.empty() && group->generation == 0)
        s.partition.groups.erase(groupId);
}

// ---- Appends ------------------------------------------------------------------------------------------------

std::uint64_t GroupCoordinator::append(Step& s, const KeyValues& records, PendingAppend pending) {
    const auto token = ++m_lastAppend;
    GroupAppend wanted{s.index, token, {}};
    wanted.records.reserve(records.size());
    for (const auto& [key, value] : records) {
        auto& record = wanted.records.emplace_back();
        record.offset = static_cast<std::int64_t>(wanted.records.size()) - 1;
        record.timestampMs = s.now.wallMs;
        record.key = key;
        record.value = value;
    }
    pending.partition = s.index;
    m_appends.emplace(token, std::move(pending));
    TimerSubject subject{TimerSubject::Kind::Append, s.index, {}, {}, token};
    queue(s.now.at + m_config.commitTimeout, std::move(subject));
    if (s.partition.rewrite && s.partition.rewrite->waiting) {
        s.partition.rewrite->held.push_back(std::move(wanted));
    } else {
        s.partition.underWay.insert(token);
        s.out.appends.push_back(std::move(wanted));
    }
    return token;
}

std::uint64_t GroupCoordinator::appendOffsets(Step& s, ClassicGroup& group, OffsetsChange change) {
    KeyValues records;
    for (const auto& [key, entry] : change.changes)
        records.emplace_back(offsetKey(group.id, key),
                             entry ? std::optional(offsetValue(*entry)) : std::nullopt);
    change.group = group.id;
    change.incarnation = group.incarnation;
    const auto changes = change.changes;
    PendingAppend pending;
    pending.action = std::move(change);
    const auto token = append(s, records, std::move(pending));
    for (const auto& [key, entry] : changes)
        group.inFlight[key].emplace_back(token, entry);
    return token;
}

std::uint64_t GroupCoordinator::appendGroupRecord(Step& s, ClassicGroup& group, Bytes value, AppendAction action) {
    PendingAppend pending;
    pending.action = std::move(action);
    pending.recordOf = group.id;
    pending.recordIncarnation = group.incarnation;
    pending.record = value;
    KeyValues records;
    records.emplace_back(groupKey(group.id), std::move(value));
    return append(s, records, std::move(pending));
}

void GroupCoordinator::onAppended(Now now, std::uint64_t appendToken, KafkaError error, Offset baseOffset,
                                  GroupOutputs& out) {
    auto found = m_appends.extract(appendToken);
    if (found.empty())
        return;  // of a partition no longer ours
    auto& pending = found.mapped();
    const auto partition = m_partitions.find(pending.partition);
    ODRADEK_CHECK(partition != m_partitions.end(), "appends under way belong to partitions led here");
    Step s = step(now, pending.partition, out);
    s.partition.underWay.erase(appendToken);
    if (s.partition.rewrite && s.partition.rewrite->outstanding.erase(appendToken) > 0) {
        auto& rewrite = *s.partition.rewrite;
        if (error != KafkaError::None)
            rewrite.failed = true;
        else if (!rewrite.begins || baseOffset < *rewrite.begins)
            rewrite.begins = baseOffset;
    }
    settle(s, appendToken, pending, error);
    answerParked(out, pending, error);
    beginRewriteIfQuiet(s);
    endRewriteIfDone(s);
}

void GroupCoordinator::settle(Step& s, std::uint64_t token, PendingAppend& pending, KafkaError error) {
    if (const auto* change = std::get_if<OffsetsChange>(&pending.action)) {
        auto* group = findAlsoDeleted(s, change->group, change->incarnation);
        for (const auto& [key, entry] : change->changes) {
            if (!group)
                break;
            const auto flying = group->inFlight.find(key);
            if (flying != group->inFlight.end()) {
                std::erase_if(flying->second, [&](const auto& one) { return one.first == token; });
                if (flying->second.empty())
                    group->inFlight.erase(flying);
            }
            if (error != KafkaError::None)
                continue;
            if (entry)
                group->offsets[key] = *entry;
            else
                group->offsets.erase(key);
        }
        if (error != KafkaError::None)
            forgetIfUnused(s, change->group);
        return;
    }
    if (error == KafkaError::None && pending.record)
        if (auto* group = find(s, pending.recordOf, pending.recordIncarnation))
            group->record = pending.record;
    if (pending.late && !std::holds_alternative<GroupsDeleted>(pending.action))
        return;  // all has been undone already
    if (error != KafkaError::None) {
        undo(s, pending, error);
        return;
    }
    if (const auto* stored = std::get_if<AssignmentStored>(&pending.action))
        finishAssignment(s, *stored, KafkaError::None);
    else if (const auto* replaced = std::get_if<StaticReplaced>(&pending.action))
        finishStaticReplace(s, *replaced);
}

void GroupCoordinator::undo(Step& s, PendingAppend& pending, KafkaError error) {
    if (const auto* stored = std::get_if<AssignmentStored>(&pending.action)) {
        finishAssignment(s, *stored, error);
    } else if (const auto* replaced = std::get_if<StaticReplaced>(&pending.action)) {
        undoStaticReplace(s, *replaced, error);
    } else if (const auto* created = std::get_if<GroupCreated>(&pending.action)) {
        auto* group = find(s, created->group, created->incarnation);
        if (!group)
            return;
        for (auto& [memberId, member] : group->members) {
            protocol::JoinGroupResponse failed;
            failed.errorCode = code(coordinatorError(error));
            answerJoin(s.out, member, std::move(failed));
        }
        if (!pending.late && group->generation == 0 && group->offsets.empty() && group->inFlight.empty()) {
            if (group->rebalance)
                endRebalance(s, *group);
            s.partition.groups.erase(created->group);
        }
    } else if (auto* deleted = std::get_if<GroupsDeleted>(&pending.action)) {
        for (auto& group : deleted->saved)
            restore(s, std::move(group));
    }
}

void GroupCoordinator::restore(Step& s, ClassicGroup group) {
    group.pendingJoin.clear();  // whoever held such an id has been told that it is unknown
    // It may have been made anew meanwhile, and deleted once more: then the next deletion in the log decides of both.
    ClassicGroup* again = nullptr;
    for (auto& [token, pending] : m_appends)
        if (auto* deleted = std::get_if<GroupsDeleted>(&pending.action); deleted && !again)
            for (auto& other : deleted->saved)
                if (other.id == group.id)
                    again = &other;
    if (!again)
        again = find(s, group.id);
    if (!again) {
        auto groupId = group.id;
        s.partition.groups.insert_or_assign(std::move(groupId), std::move(group));
        return;
    }
    for (const auto& [key, entry] : group.offsets)
        again->offsets.try_emplace(key, entry);
    if (again->is(GroupState::Empty) && !again->record && again->generation == 0) {
        again->record = group.record;
        again->generation = group.generation;
        again->protocolType = group.protocolType;
        again->stateSinceMs = group.stateSinceMs;
        again->subscribedTopics = group.subscribedTopics;
    }
}

void GroupCoordinator::appendIsLate(Step& s, std::uint64_t token) {
    const auto found = m_appends.find(token);
    if (found == m_appends.end() || found->second.late)
        return;
    auto& pending = found->second;
    pending.late = true;
    answerParked(s.out, pending, KafkaError::RequestTimedOut);
    // The records are in the log and will most likely be replicated yet: what they say of offsets and of deleted groups
    // still counts then, but nobody waits for an assignment any longer.
    if (!std::holds_alternative<GroupsDeleted>(pending.action)) {
        auto copy = pending;
        undo(s, copy, KafkaError::RequestTimedOut);
    }
}

void GroupCoordinator::answerParked(GroupOutputs& out, PendingAppend& pending, KafkaError error) {
    for (auto& reply : pending.parked) {
        if (error != KafkaError::None)
            makeError(reply.response, error);
        send(out, reply);
    }
    pending.parked.clear();
}

void GroupCoordinator::send(GroupOutputs& out, const ParkedReply& reply) {
    if (const auto* token = std::get_if<std::uint64_t>(&reply.to)) {
        out.replies.push_back({*token, reply.response});
        return;
    }
    const auto& part = std::get<ReplyPart>(reply.to);
    auto& whole = m_gatherings.at(part.gathering);
    std::size_t filled = 0;
    if (const auto* fetched = std::get_if<protocol::OffsetFetchResponse>(&reply.response)) {
        auto& groups = std::get<protocol::OffsetFetchResponse>(whole.response).groups;
        for (const auto& group : fetched->groups)
            groups.at(part.first + filled++) = group;
    } else {
        const auto& deleted = std::get<protocol::DeleteGroupsResponse>(reply.response);
        auto& results = std::get<protocol::DeleteGroupsResponse>(whole.response).results;
        results.insert(results.end(), deleted.results.begin(), deleted.results.end());
        filled = deleted.results.size();
    }
    ODRADEK_CHECK(filled <= whole.missing, "every part of an answer comes once");
    whole.missing -= filled;
    if (whole.missing > 0)
        return;
    auto done = m_gatherings.extract(part.gathering);
    if (auto* fetched = std::get_if<protocol::OffsetFetchResponse>(&done.mapped().response))
        shape(*fetched, done.mapped().version);
    out.replies.push_back({done.mapped().token, std::move(done.mapped().response)});
}

std::uint64_t GroupCoordinator::gather(const RequestContext& context, GroupResponse response, std::size_t parts) {
    const auto id = ++m_lastGathering;
    m_gatherings.emplace(id, Gathering{context.token, context.apiVersion, parts, std::move(response)});
    return id;
}

// ---- Timers -------------------------------------------------------------------------------------------------

void GroupCoordinator::queue(Instant at, TimerSubject subject) {
    m_timers.emplace(std::pair(at, ++m_lastTimer), std::move(subject));
}

Instant GroupCoordinator::nextWake() const {
    return m_timers.empty() ? Instant::never() : m_timers.begin()->first.first;
}

void GroupCoordinator::tick(Now now, GroupOutputs& out) {
    // What a timer sets up anew for this very moment waits for the next tick.
    std::vector<std::pair<Instant, TimerSubject>> due;
    while (!m_timers.empty() && m_timers.begin()->first.first <= now.at) {
        auto first = m_timers.extract(m_timers.begin());
        due.emplace_back(first.key().first, std::move(first.mapped()));
    }
    for (const auto& [at, subject] : due)
        fire(now, at, subject, out);
}

void GroupCoordinator::fire(Now now, Instant at, const TimerSubject& subject, GroupOutputs& out) {
    if (!isActive(subject.partition))
        return;
    Step s = step(now, subject.partition, out);
    if (subject.kind == TimerSubject::Kind::Append) {
        appendIsLate(s, subject.append);
        return;
    }
    if (subject.kind == TimerSubject::Kind::Expiry) {
        if (subject.append == static_cast<std::uint64_t>(s.partition.epoch.value))
            expireOffsets(s);
        return;
    }
    auto* group = find(s, subject.group);
    if (!group)
        return;
    if (subject.kind == TimerSubject::Kind::Member)
        sessionRang(s, *group, subject.member, at);
    else if (subject.kind == TimerSubject::Kind::Join && group->joinClock && group->joinClock->at == at)
        joinClockRang(s, *group);
    else if (subject.kind == TimerSubject::Kind::Sync && group->syncClock && group->syncClock->at == at)
        syncClockRang(s, *group);
}

}  // namespace odradek::broker
