// SPDX-License-Identifier: GPL-3.0-or-later
// Committed offsets: written, read, removed, expired.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/broker/groups/group_coordinator.h"
#include "engine/broker/groups/group_errors.h"
#include "engine/broker/groups/group_records.h"
#include "engine/broker/groups/java_strings.h"

namespace odradek::broker {

using protocol::KafkaError;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

namespace {

constexpr std::int16_t kTopicIds = 10;  ///< OffsetCommit and OffsetFetch name topics by id from here on

/// The topics of a commit as the answer lists them: the refused ones first, then those the coordinator looked at. As in
/// Kafka, the coordinator's topics stand as often as the request named them, unless something was refused before: then
/// each topic stands once.
class CommitAnswer {
public:
    using Topic = OffsetCommitResponse::OffsetCommitResponseTopic;

    explicit CommitAnswer(bool byId) : m_byId(byId) {}

    /// The topic's place among what is refused before the coordinator sees it, made when missing.
    Topic& refused(const std::string& name, const Uuid& id) {
        if (auto* known = find(name, id))
            return *known;
        return m_refused.emplace_back(Topic{name, id, {}});
    }
    /// A partition the coordinator looked at, of the `place`-th topic of the request; places never fall.
    void judged(std::size_t place, const std::string& name, const Uuid& id, std::int32_t partition, KafkaError error) {
        if (m_judged.empty() || m_lastPlace != place)
            m_judged.push_back({name, id, {}});
        m_lastPlace = place;
        m_judged.back().partitions.push_back({partition, code(error)});
    }
    OffsetCommitResponse take() {
        OffsetCommitResponse response;
        if (m_refused.empty())
            m_refused = std::move(m_judged);
        else
            for (auto& topic : m_judged) {
                auto& partitions = refused(topic.name, topic.topicId).partitions;
                partitions.insert(partitions.end(), topic.partitions.begin(), topic.partitions.end());
            }
        response.topics = std::move(m_refused);
        return response;
    }

private:
    Topic* find(const std::string& name, const Uuid& id) {
        const auto place = std::find_if(m_refused.begin(), m_refused.end(), [&](const auto& one) {
            return m_byId ? one.topicId == id : one.name == name;
        });
        return place == m_refused.end() ? nullptr : &*place;
    }

    bool m_byId;
    std::size_t m_lastPlace = 0;
    std::vector<Topic> m_refused;
    std::vector<Topic> m_judged;
};

/// One partition of a commit that exists.
struct Wanted {
    std::size_t place = 0;  ///< of its topic in the request
    std::string topic;
    Uuid id;
    OffsetCommitRequest::OffsetCommitRequestPartition asked;
};

/// Sorts out what does not exist (answered at once) from what the coordinator is to store.
std::vector<Wanted> resolve(const OffsetCommitRequest& request, bool byId, const TopicResolver& topics,
                            CommitAnswer& answer) {
    std::vector<Wanted> wanted;
    for (std::size_t place = 0; place < request.topics.size(); ++place) {
        const auto& topic = request.topics[place];
        const auto name = byId ? topics.nameOf(topic.topicId) : std::optional(topic.name);
        const auto id = byId ? std::optional(topic.topicId) : topics.idOf(topic.name);
        if (!name || !id) {
            const auto error = name ? KafkaError::UnknownTopicOrPartition : KafkaError::UnknownTopicId;
            auto& refused = answer.refused(name.value_or(""), id.value_or(Uuid{}));
            for (const auto& partition : topic.partitions)
                refused.partitions.push_back({partition.partitionIndex, code(error)});
            continue;
        }
        const auto count = topics.partitionsOf(*name);
        for (const auto& partition : topic.partitions) {
            if (partition.partitionIndex < 0 || partition.partitionIndex >= count)
                answer.refused(*name, *id).partitions.push_back(
                    {partition.partitionIndex, code(KafkaError::UnknownTopicOrPartition)});
            else
                wanted.push_back({place, *name, *id, partition});
        }
    }
    return wanted;
}

}  // namespace

// ---- OffsetCommit -------------------------------------------------------------------------------------------

KafkaError GroupCoordinator::mayCommit(Step& s, const RequestContext& context, const OffsetCommitRequest& request) {
    const auto generation = request.generationIdOrMemberEpoch;
    auto* group = find(s, request.groupId);
    if (!group) {
        if (generation >= 0)
            return context.apiVersion >= 9 ? KafkaError::GroupIdNotFound : KafkaError::IllegalGeneration;
        group = &create(s, request.groupId);  // a group that only keeps offsets
    }
    if (generation < 0 && group->is(GroupState::Empty))
        return KafkaError::None;
    if (generation >= 0 || !request.memberId.empty() || request.groupInstanceId) {
        const auto error = group->validate(request.memberId, request.groupInstanceId);
        if (error != KafkaError::None)
            return error;
        if (generation != group->generation)
            return KafkaError::IllegalGeneration;
    } else if (!group->is(GroupState::Empty)) {
        return KafkaError::UnknownMemberId;
    }
    if (group->is(GroupState::CompletingRebalance))
        return KafkaError::RebalanceInProgress;
    if (auto* member = group->member(request.memberId))  // a commit is as good as a heartbeat
        touch(s, *group, *member, member->sessionTimeoutMs);
    return KafkaError::None;
}

void GroupCoordinator::handle(Now now, const RequestContext& context, const OffsetCommitRequest& request,
                              const TopicResolver& topics, GroupOutputs& out) {
    const bool byId = context.apiVersion >= kTopicIds;
    CommitAnswer answer(byId);
    const auto wanted = resolve(request, byId, topics, answer);
    if (wanted.empty()) {
        out.replies.push_back({context.token, answer.take()});
        return;
    }
    std::int32_t index = 0;
    auto error = reach(request.groupId, index);
    std::optional<Step> s;
    if (error == KafkaError::None) {
        s.emplace(step(now, index, out));
        error = mayCommit(*s, context, request);
    }
    OffsetsChange change;
    for (const auto& one : wanted) {
        auto mine = error;
        const auto& metadata = one.asked.committedMetadata;
        if (mine == KafkaError::None && metadata &&
            javaLength(*metadata) > static_cast<std::size_t>(m_config.offsetMetadataMaxSize))
            mine = KafkaError::OffsetMetadataTooLarge;
        answer.judged(one.place, one.topic, one.id, one.asked.partitionIndex, mine);
        if (mine != KafkaError::None)
            continue;
        OffsetEntry entry{one.asked.committedOffset, one.asked.committedLeaderEpoch, metadata.value_or(""),
                          now.wallMs, std::nullopt, one.id};
        if (request.retentionTimeMs != -1)
            entry.expireMs = now.wallMs + request.retentionTimeMs;
        change.changes[{one.topic, one.asked.partitionIndex}] = std::move(entry);
    }
    if (change.changes.empty()) {
        out.replies.push_back({context.token, answer.take()});
        return;
    }
    const auto token = appendOffsets(*s, *find(*s, request.groupId), std::move(change));
    if (m_config.mutants.has(Mutant::LoseGroupCommit))
        out.replies.push_back({context.token, answer.take()});
    else
        m_appends.at(token).parked.push_back({context.token, answer.take(), context.apiVersion});
}

// ---- OffsetFetch --------------------------------------------------------------------------------------------

namespace {

using FetchedGroup = OffsetFetchResponse::OffsetFetchResponseGroup;
using FetchedPartition = OffsetFetchResponse::OffsetFetchResponsePartitions;

FetchedPartition fetched(std::int32_t partition, const std::optional<OffsetEntry>& entry) {
    FetchedPartition one;
    one.partitionIndex = partition;
    one.committedOffset = entry ? entry->offset : -1;
    one.committedLeaderEpoch = entry ? entry->leaderEpoch : -1;
    one.metadata = entry ? entry->metadata : "";
    return one;
}

/// The whole group's error; version 1 has a place for it in each partition only.
FetchedGroup fetchError(const OffsetFetchRequest::OffsetFetchRequestGroup& asked, KafkaError error,
                        std::int16_t version) {
    FetchedGroup group;
    group.groupId = asked.groupId;
    if (version >= 2) {
        group.errorCode = code(error);
        return group;
    }
    if (!asked.topics)
        return group;
    for (const auto& topic : *asked.topics) {
        auto& answered = group.topics.emplace_back();
        answered.name = topic.name;
        for (const auto partition : topic.partitionIndexes) {
            answered.partitions.push_back(fetched(partition, std::nullopt));
            answered.partitions.back().errorCode = code(error);
        }
    }
    return group;
}

/// Versions below 8 ask for one group, at the top level.
std::vector<OffsetFetchRequest::OffsetFetchRequestGroup> groupsOf(const OffsetFetchRequest& request,
                                                                  std::int16_t version) {
    if (version >= 8)
        return request.groups;
    OffsetFetchRequest::OffsetFetchRequestGroup one;
    one.groupId = request.groupId;
    if (!request.topics) {
        one.topics.reset();
        return {one};
    }
    for (const auto& topic : *request.topics) {
        auto& asked = one.topics->emplace_back();
        asked.name = topic.name;
        asked.partitionIndexes = topic.partitionIndexes;
    }
    return {one};
}

}  // namespace

OffsetFetchResponse::OffsetFetchResponseGroup GroupCoordinator::fetchGroup(
    const OffsetFetchRequest::OffsetFetchRequestGroup& asked, std::int16_t version, bool stable,
    const TopicResolver& topics) {
    const bool byId = version >= kTopicIds;
    const auto& groups = m_partitions.at(partitionOf(asked.groupId)).groups;
    const auto found = groups.find(asked.groupId);
    const ClassicGroup* group = found == groups.end() ? nullptr : &found->second;
    const auto committed = [&](const TopicPartition& key) -> std::optional<OffsetEntry> {
        if (!group)
            return std::nullopt;
        if (stable)
            return group->latest(key);
        const auto place = group->offsets.find(key);
        return place == group->offsets.end() ? std::nullopt : std::optional(place->second);
    };
    FetchedGroup answer;
    answer.groupId = asked.groupId;
    if (!asked.topics) {  // everything the group has
        std::set<TopicPartition> keys;
        if (group) {
            for (const auto& [key, entry] : group->offsets)
                keys.insert(key);
            for (const auto& [key, changes] : group->inFlight)
                if (stable)
                    keys.insert(key);
        }
        for (const auto& key : keys) {
            const auto entry = committed(key);
            const auto id = byId ? topics.idOf(key.topic) : std::optional(Uuid{});
            if (!entry || !id)
                continue;
            if (answer.topics.empty() || answer.topics.back().name != key.topic)
                answer.topics.push_back({key.topic, *id, {}});
            answer.topics.back().partitions.push_back(fetched(key.partition, entry));
        }
        return answer;
    }
    std::vector<OffsetFetchResponse::OffsetFetchResponseTopics> unknown;
    for (const auto& topic : *asked.topics) {
        const auto name = byId ? topics.nameOf(topic.topicId) : std::optional(topic.name);
        auto& answered = name ? answer.topics.emplace_back() : unknown.emplace_back();
        answered.name = name.value_or("");
        answered.topicId = topic.topicId;
        for (const auto partition : topic.partitionIndexes) {
            auto entry = name ? committed({*name, partition}) : std::nullopt;
            // An offset of another topic that had this name is none.
            if (entry && byId && !entry->topicId.isZero() && entry->topicId != topic.topicId)
                entry.reset();
            answered.partitions.push_back(fetched(partition, entry));
            if (!name)
                answered.partitions.back().errorCode = code(KafkaError::UnknownTopicId);
        }
    }
    answer.topics.insert(answer.topics.end(), unknown.begin(), unknown.end());
    return answer;
}

void GroupCoordinator::parkOnLast(Step& s, ParkedReply reply) {
    std::uint64_t last = s.partition.underWay.empty() ? 0 : *s.partition.underWay.rbegin();
    if (s.partition.rewrite && !s.partition.rewrite->held.empty())
        last = std::max(last, s.partition.rewrite->held.back().appendToken);
    const auto found = m_appends.find(last);
    if (found == m_appends.end() || found->second.late)
        send(s.out, reply);
    else
        found->second.parked.push_back(std::move(reply));
}

void GroupCoordinator::handle(Now now, const RequestContext& context, const OffsetFetchRequest& request,
                              const TopicResolver& topics, GroupOutputs& out) {
    const auto groups = groupsOf(request, context.apiVersion);
    const bool stable = context.apiVersion >= 7 && request.requireStable;
    OffsetFetchResponse response;
    response.groups.resize(groups.size());
    if (groups.empty()) {
        out.replies.push_back({context.token, std::move(response)});
        return;
    }
    const auto gathering = gather(context, std::move(response), groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto& asked = groups[i];
        std::int32_t index = 0;
        auto error = reach(asked.groupId, index);
        if (error == KafkaError::None && context.outOfTouch)
            error = KafkaError::NotCoordinator;
        OffsetFetchResponse part;
        part.groups.push_back(error == KafkaError::None
                                  ? fetchGroup(asked, context.apiVersion, stable, topics)
                                  : fetchError(asked, error, context.apiVersion));
        ParkedReply reply{ReplyPart{gathering, i}, std::move(part), context.apiVersion};
        if (stable && error == KafkaError::None) {
            // A stable answer counts what is on its way into the log, and waits until it is there (KIP-447).
            Step s = step(now, index, out);
            parkOnLast(s, std::move(reply));
        } else {
            send(out, reply);
        }
    }
}

// ---- Removing offsets ---------------------------------------------------------------------------------------

void GroupCoordinator::handle(Now now, const RequestContext& context, const OffsetDeleteRequest& request,
                              const TopicResolver& topics, GroupOutputs& out) {
    OffsetDeleteResponse response;
    std::int32_t index = 0;
    auto error = request.groupId.empty() ? KafkaError::InvalidGroupId : reach(request.groupId, index);
    std::optional<Step> s;
    ClassicGroup* group = nullptr;
    if (error == KafkaError::None) {
        s.emplace(step(now, index, out));
        group = find(*s, request.groupId);
        if (!group)
            error = KafkaError::GroupIdNotFound;
        else if (!group->is(GroupState::Empty) && !group->usesConsumerProtocol())
            error = KafkaError::NonEmptyGroup;
    }
    if (error != KafkaError::None) {
        response.errorCode = code(error);
        out.replies.push_back({context.token, std::move(response)});
        return;
    }
    OffsetsChange change;
    std::vector<OffsetDeleteResponse::OffsetDeleteResponseTopic> known;
    for (const auto& topic : request.topics) {
        const auto count = topics.partitionsOf(topic.name);
        OffsetDeleteResponse::OffsetDeleteResponseTopic refused{topic.name, {}};
        OffsetDeleteResponse::OffsetDeleteResponseTopic taken{topic.name, {}};
        for (const auto& partition : topic.partitions) {
            const TopicPartition key{topic.name, partition.partitionIndex};
            if (key.partition < 0 || key.partition >= count) {
                refused.partitions.push_back({key.partition, code(KafkaError::UnknownTopicOrPartition)});
            } else if (group->isSubscribedTo(topic.name)) {
                taken.partitions.push_back({key.partition, code(KafkaError::GroupSubscribedToTopic)});
            } else {
                taken.partitions.push_back({key.partition, code(KafkaError::None)});
                if (group->latest(key))
                    change.changes[key] = std::nullopt;
            }
        }
        if (!refused.partitions.empty() || count == 0) {
            refused.partitions.insert(refused.partitions.end(), taken.partitions.begin(), taken.partitions.end());
            response.topics.push_back(std::move(refused));
        } else if (!taken.partitions.empty()) {
            known.push_back(std::move(taken));
        }
    }
    response.topics.insert(response.topics.end(), known.begin(), known.end());
    if (change.changes.empty()) {
        out.replies.push_back({context.token, std::move(response)});
        return;
    }
    const auto token = appendOffsets(*s, *group, std::move(change));
    m_appends.at(token).parked.push_back({context.token, std::move(response), context.apiVersion});
}

void GroupCoordinator::onTopicsDeleted(Now now, const std::vector<DeletedTopic>& topics, GroupOutputs& out) {
    for (auto& [index, partition] : m_partitions) {
        if (!partition.active)
            continue;
        Step s = step(now, index, out);
        for (auto& [groupId, group] : partition.groups) {
            std::set<TopicPartition> keys;
            for (const auto& [key, entry] : group.offsets)
                keys.insert(key);
            for (const auto& [key, changes] : group.inFlight)
                keys.insert(key);
            OffsetsChange change;
            for (const auto& key : keys) {
                const auto entry = group.latest(key);
                const bool gone = entry && std::any_of(topics.begin(), topics.end(), [&](const auto& topic) {
                    return topic.name == key.topic && (entry->topicId.isZero() || entry->topicId == topic.id);
                });
                if (gone)
                    change.changes[key] = std::nullopt;
            }
            if (!change.changes.empty())
                appendOffsets(s, group, std::move(change));
        }
    }
}

void GroupCoordinator::expireOffsets(Step& s) {
    queue(s.now.at + m_config.retentionCheckInterval,
          {TimerSubject::Kind::Expiry, s.index, {}, {}, static_cast<std::uint64_t>(s.partition.epoch.value)});
    const auto retention = m_config.offsetsRetention.count();
    std::vector<std::string> names;
    for (const auto& [groupId, group] : s.partition.groups)
        names.push_back(groupId);
    for (const auto& groupId : names) {
        auto& group = s.partition.groups.at(groupId);
        // With members, only a stable group of consumers lets go, and only of topics nobody in it reads.
        const bool empty = group.is(GroupState::Empty);
        const bool mayExpire = !group.protocolType || empty ||
                               (group.usesConsumerProtocol() && group.subscribedTopics && group.is(GroupState::Stable));
        OffsetsChange change;
        bool all = mayExpire || group.offsets.empty();
        for (const auto& [key, entry] : group.offsets) {
            // From the moment the group became empty, or from the commit when it has no members to be empty of.
            const auto since =
                group.protocolType && empty ? group.stateSinceMs.value_or(entry.commitMs) : entry.commitMs;
            const bool old = entry.expireMs ? s.now.wallMs >= *entry.expireMs : s.now.wallMs - since >= retention;
            if (mayExpire && old && !group.isSubscribedTo(key.topic) && !group.inFlight.contains(key))
                change.changes[key] = std::nullopt;
            else
                all = false;
        }
        if (all && empty && group.inFlight.empty()) {
            KeyValues tombstones;
            PendingAppend pending;
            GroupsDeleted deleted;
            eraseGroup(s, group, tombstones, deleted);
            pending.action = std::move(deleted);
            append(s, tombstones, std::move(pending));
        } else if (!change.changes.empty()) {
            appendOffsets(s, group, std::move(change));
        }
    }
}

}  // namespace odradek::broker
