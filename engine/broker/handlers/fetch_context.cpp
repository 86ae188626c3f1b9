// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/fetch_context.h"

#include <utility>

#include "engine/broker/core.h"

namespace odradek::broker {
namespace {

using protocol::FetchRequest;
using protocol::KafkaError;
using Kind = PendingFetch::Kind;

constexpr std::int16_t kFirstWithIds = 13;

FetchKey keyOf(bool byId, const Uuid& topicId, const std::string& topic, std::int32_t index) {
    return byId ? FetchKey{topicId, {}, index} : FetchKey{{}, topic, index};
}

FetchAsk askOf(const FetchRequest::FetchPartition& asked) {
    return {Offset(asked.fetchOffset), Offset(asked.logStartOffset), asked.partitionMaxBytes,
            asked.currentLeaderEpoch, asked.lastFetchedEpoch};
}

/// Finds our replica; for one we do not have, the final error.
void resolve(Step& s, bool byId, FetchPart& part) {
    const auto* topic =
        byId ? s.core.image.topic(part.key.topicId) : s.core.image.topic(part.key.topic);
    part.partition =
        topic == nullptr ? kNoPartition : s.core.partitions.refOf(topic->id, part.key.index);
    part.data.partitionIndex = part.key.index;
    if (part.partition != kNoPartition)
        return;
    auto& data = part.data;
    data.highWatermark = -1;
    data.records.emplace();
    if (topic == nullptr) {
        data.errorCode =
            code(byId ? KafkaError::UnknownTopicId : KafkaError::UnknownTopicOrPartition);
    } else if (topic->partition(part.key.index) == nullptr) {
        data.errorCode = code(KafkaError::UnknownTopicOrPartition);
    } else {
        data.errorCode = code(KafkaError::NotLeaderOrFollower);
        data.abortedTransactions.reset();
        part.elsewhere = true;
    }
}

void unwatch(Step& s, std::int32_t session, std::uint32_t slot, PartitionRef ref) {
    if (Partition* partition = s.core.partitions.at(ref))
        std::erase_if(partition->sessionWatches, [&](const SessionWatch& one) {
            return one.session == session && one.slot == slot;
        });
}

/// Makes a session's part stand for the replica found for it, and be told of its changes.
void watch(Step& s, FetchSession& session, std::uint32_t slot, PartitionRef ref) {
    SessionPart& part = session.part(slot);
    if (part.partition == ref)
        return;
    part.partition = ref;
    if (Partition* partition = s.core.partitions.at(ref))
        partition->sessionWatches.push_back({session.id, slot});
}

void layOutAll(Step& s, const FetchRequest& request, PendingFetch& fetch) {
    const bool byId = fetch.ticket.version >= kFirstWithIds;
    for (const auto& topic : request.topics) {
        for (const auto& asked : topic.partitions) {
            auto& part = fetch.parts.emplace_back();
            part.key = keyOf(byId, topic.topicId, topic.topic, asked.partition);
            part.ask = askOf(asked);
            resolve(s, byId, part);
        }
    }
}

/// Takes what an incremental fetch says over into its session.
void update(Step& s, const FetchRequest& request, FetchSession& session) {
    for (const auto& topic : request.topics)
        for (const auto& asked : topic.partitions)
            session.put(keyOf(session.byId, topic.topicId, topic.topic, asked.partition),
                        askOf(asked));
    for (const auto& topic : request.forgottenTopicsData)
        for (const auto index : topic.partitions)
            if (const auto gone =
                    session.forget(keyOf(session.byId, topic.topicId, topic.topic, index)))
                unwatch(s, session.id, gone->first, gone->second.partition);
}

/// What tellPart would find, without noting it.
bool hasNews(const SessionPart& told, const FetchPart& part) {
    const auto& data = part.data;
    return part.size > 0 || data.errorCode != 0 || data.divergingEpoch.epoch >= 0 ||
           told.toldMark.value != data.highWatermark || told.toldStart.value != data.logStartOffset;
}

}  // namespace

bool mustAnswerMissing(const PendingFetch& fetch, const FetchPart& part) {
    return part.partition == kNoPartition && (fetch.follower || part.elsewhere);
}

std::optional<KafkaError> beginFetch(Step& s, const FetchRequest& request, PendingFetch& fetch) {
    const bool full = request.sessionEpoch == FetchSession::kInitialEpoch ||
                      request.sessionEpoch == FetchSession::kFinalEpoch;
    if (full) {
        if (request.sessionId != 0)
            closeSession(s, request.sessionId);
        fetch.kind =
            request.sessionEpoch == FetchSession::kInitialEpoch ? Kind::Opens : Kind::Plain;
        layOutAll(s, request, fetch);
        return std::nullopt;
    }
    FetchSession* session = s.core.fetchSessions.find(request.sessionId);
    if (session == nullptr)
        return KafkaError::FetchSessionIdNotFound;
    if (session->epoch != request.sessionEpoch)
        return KafkaError::InvalidFetchSessionEpoch;
    if (session->byId != (fetch.ticket.version >= kFirstWithIds))
        return KafkaError::FetchSessionTopicIdError;
    update(s, request, *session);
    if (session->size() == 0) {
        closeSession(s, session->id);
        layOutAll(s, request, fetch);
        return std::nullopt;
    }
    if (session->size() > FetchSessionCache::kPartsMax) {
        closeSession(s, session->id);
        return KafkaError::FetchSessionIdNotFound;
    }
    session->lastUsed = s.now.at;
    session->epoch = FetchSession::nextEpoch(session->epoch);
    fetch.kind = Kind::Continues;
    fetch.session = session->id;
    fetch.sessionEpoch = session->epoch;
    return std::nullopt;
}

void gatherChanged(Step& s, FetchSession& session, PendingFetch& fetch) {
    const auto slots = session.takeChanged();
    fetch.parts.clear();
    fetch.parts.reserve(slots.size());
    fetch.bytes = 0;
    for (const auto slot : slots) {
        SessionPart& known = session.part(slot);
        if (known.held)
            continue;
        auto& part = fetch.parts.emplace_back();
        part.key = known.key;
        part.ask = known.ask;
        part.slot = slot;
        if (s.core.partitions.at(known.partition) != nullptr) {
            part.partition = known.partition;
            part.data.partitionIndex = part.key.index;
        } else {
            resolve(s, session.byId, part);
            watch(s, session, slot, part.partition);
        }
    }
}

void releaseParts(Step&, FetchSession& session, PendingFetch& fetch) {
    std::vector<std::uint32_t> news;
    for (const auto& part : fetch.parts)
        if (const auto* known = session.partOf(part.slot, part.partition);
            known != nullptr && (part.stale || hasNews(*known, part)))
            news.push_back(part.slot);
    session.putBack(news);
    fetch.parts.clear();
    fetch.bytes = 0;
}

bool tellPart(FetchSession& session, const FetchPart& part) {
    SessionPart* known = session.partOf(part.slot, part.partition);
    // Asked anew while the disk was being read: what is told now is an older question's answer.
    if (known == nullptr || known->ask != part.ask)
        return true;
    const bool news = hasNews(*known, part);
    const auto& data = part.data;
    // After an error the partition is told again whatever happens, as in Kafka.
    known->toldMark = Offset(data.errorCode != 0 ? -1 : data.highWatermark);
    known->toldStart = Offset(data.logStartOffset);
    if (session.privileged && part.size > 0 && data.errorCode == 0)
        known->held = true;  // followers name what they took, and the same need not leave twice
    else if (part.size > 0 || part.cutOff || data.errorCode != 0 || data.divergingEpoch.epoch >= 0)
        session.markChanged(part.slot);
    return news;
}

std::int32_t openSession(Step& s, const PendingFetch& fetch) {
    auto& sessions = s.core.fetchSessions;
    const auto victim = sessions.victimFor(fetch.follower, fetch.parts.size(), s.now.at);
    if (!victim)
        return 0;
    closeSession(s, *victim);
    auto& session = sessions.create(fetch.follower, fetch.ticket.version >= kFirstWithIds, s.now.at,
                                    s.core.random);
    for (const auto& part : fetch.parts) {
        FetchPart own = part;
        own.slot = session.put(part.key, part.ask);
        watch(s, session, own.slot, part.partition);
        // What is told now is no news later, unless tellPart says so.
        session.part(own.slot).changed = false;
        tellPart(session, own);
    }
    if (fetch.follower)
        if (auto* connection = s.core.connections.find(fetch.ticket.connection))
            connection->followerSession = session.id;
    return session.id;
}

void closeSession(Step& s, std::int32_t id) {
    const FetchSession* session = s.core.fetchSessions.find(id);
    if (session == nullptr)
        return;
    session->each([&](std::uint32_t slot, const SessionPart& part) {
        unwatch(s, id, slot, part.partition);
    });
    s.core.fetchSessions.remove(id);
}

}  // namespace odradek::broker
