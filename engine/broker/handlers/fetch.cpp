// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/fetch.h"

#include <algorithm>
#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/handlers/fetch_read.h"
#include "engine/broker/handlers/leader_hints.h"
#include "engine/broker/handlers/merge_topics.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/replication/leader.h"
#include "engine/protocol/messages/fetch.h"

namespace odradek::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::KafkaError;

/// Lays out the response and the parts; partitions that do not exist get their final error right
/// here.
bool layOut(Step& s, const FetchRequest& request, PendingFetch& fetch) {
    bool anyError = false;
    const bool byId = fetch.ticket.version >= 13;
    auto& responses = fetch.response.responses;
    responses.resize(request.topics.size());
    for (std::uint32_t i = 0; i < request.topics.size(); ++i) {
        const auto& asked = request.topics[i];
        responses[i].topic = asked.topic;
        responses[i].topicId = asked.topicId;
        responses[i].partitions.resize(asked.partitions.size());
        const auto* topic =
            byId ? s.core.image.topic(asked.topicId) : s.core.image.topic(asked.topic);
        for (std::uint32_t j = 0; j < asked.partitions.size(); ++j) {
            const auto& one = asked.partitions[j];
            auto& data = responses[i].partitions[j];
            data.partitionIndex = one.partition;
            const auto ref =
                topic == nullptr ? kNoPartition : s.core.partitions.refOf(topic->id, one.partition);
            if (ref != kNoPartition) {
                fetch.parts.push_back({ref,
                                       i,
                                       j,
                                       Offset(one.fetchOffset),
                                       one.partitionMaxBytes,
                                       one.currentLeaderEpoch,
                                       one.lastFetchedEpoch,
                                       {}});
                continue;
            }
            data.highWatermark = -1;
            data.records.emplace();
            // Kafka lets the rest of the fetch wait when a partition is unknown; a follower must
            // know at once.
            const bool known = topic != nullptr && topic->partition(one.partition) != nullptr;
            anyError = anyError || known || fetch.follower;
            if (topic == nullptr) {
                data.errorCode =
                    code(byId ? KafkaError::UnknownTopicId : KafkaError::UnknownTopicOrPartition);
            } else if (!known) {
                data.errorCode = code(KafkaError::UnknownTopicOrPartition);
            } else {
                data.errorCode = code(KafkaError::NotLeaderOrFollower);
                data.abortedTransactions.reset();
                fetch.hintParts.emplace_back(i, j);
            }
        }
    }
    return anyError;
}

/// Hints for partitions we hold no replica of; readAll starts the list of endpoints anew each time.
void hintMissing(Step& s, PendingFetch& fetch) {
    if (fetch.ticket.version < 16)
        return;
    for (const auto& [topicAt, partAt] : fetch.hintParts) {
        auto& topic = fetch.response.responses[topicAt];
        auto& data = topic.partitions[partAt];
        hintLeader(s.core, topic.topicId, data.partitionIndex, data.currentLeader,
                   fetch.response.nodeEndpoints);
    }
}

void noteFollower(Step& s, const FetchRequest& request, PendingFetch& fetch) {
    for (const auto& part : fetch.parts) {
        Partition* partition = s.core.partitions.at(part.partition);
        if (!partition->isLeader() || (part.currentLeaderEpoch >= 0 &&
                                       part.currentLeaderEpoch != partition->leaderEpoch.value))
            continue;
        // A fetch that diverges or is out of range proves nothing about what the follower shares
        // with us.
        if (part.offset > partition->log.logEnd() || part.offset < partition->log.logStart())
            continue;
        if (part.lastFetchedEpoch >= 0) {
            const auto end = partition->log.endOffsetForEpoch(LeaderEpoch(part.lastFetchedEpoch));
            if (!end.defined() || end.epoch.value < part.lastFetchedEpoch || end.end < part.offset)
                continue;
        }
        const auto& asked = request.topics[part.topicAt].partitions[part.partAt];
        followerFetched(s, *partition, fetch.replica, request.replicaState.replicaEpoch,
                        part.offset, Offset(asked.logStartOffset));
    }
}

void send(Step& s, PendingFetch& fetch) {
    hintMissing(s, fetch);
    bool error = fetch.response.errorCode != 0;
    std::uint64_t bytes = 0;
    for (const auto& part : fetch.parts) {
        auto& data = fetch.response.responses[part.topicAt].partitions[part.partAt];
        error = error || data.errorCode != 0;
        const auto size = data.records ? data.records->size() : 0;
        bytes += size;
        if (!fetch.follower && size > 0)
            if (Partition* partition = s.core.partitions.at(part.partition))
                partition->bytesOut += size;
    }
    if (fetch.follower)
        s.core.metrics.replicationBytesOut += bytes;
    respond(s, fetch.ticket, fetch.response, error);
}

void issueRead(Step& s, PendingId id, const PendingFetch& fetch, std::size_t at) {
    const auto& cold = *fetch.parts[at].cold;
    const io::OpId op = s.core.ops.next(0);
    DiskWait wait;
    wait.kind = DiskWait::Kind::FetchRead;
    wait.pending = id;
    wait.part = at;
    wait.partition = fetch.parts[at].partition;
    wait.cold = cold;
    s.out.push_back(io::DiskRead{op, cold.path, cold.position, cold.size});
    s.core.diskWaits.emplace(op, std::move(wait));
}

/// Answers, once the disk has given what the last reading found cold.
void complete(Step& s, PendingId id, PendingFetch fetch, const FetchOutcome& outcome) {
    if (outcome.cold == 0) {
        send(s, fetch);
        return;
    }
    fetch.coldReads = outcome.cold;
    fetch.parked = false;
    auto& kept = s.core.fetches.add(id, std::move(fetch));
    for (std::size_t i = 0; i < kept.parts.size(); ++i)
        if (kept.parts[i].cold)
            issueRead(s, id, kept, i);
}

void park(Step& s, PendingId id, PendingFetch fetch) {
    fetch.parked = true;
    for (const auto& part : fetch.parts)
        s.core.partitions.at(part.partition)->fetchWaiters.push_back(id);
    s.core.deadlines.add(fetch.deadline, id);
    if (fetch.follower)
        if (auto* connection = s.core.connections.find(fetch.ticket.connection))
            connection->parkedFetch = id;
    s.core.fetches.add(id, std::move(fetch));
}

PendingFetch unpark(Step& s, PendingId id) {
    PendingFetch fetch = s.core.fetches.take(id);
    s.core.deadlines.remove(fetch.deadline, id);
    for (const auto& part : fetch.parts)
        if (Partition* partition = s.core.partitions.at(part.partition))
            std::erase(partition->fetchWaiters, id);
    return fetch;
}

/// A follower that asks again on the same connection has something new in mind: its long poll ends
/// (fetcher.h).
void endParkedBefore(Step& s, const Ticket& ticket) {
    auto* connection = s.core.connections.find(ticket.connection);
    if (connection == nullptr || connection->parkedFetch == 0)
        return;
    const PendingId id = std::exchange(connection->parkedFetch, 0);
    const PendingFetch* fetch = s.core.fetches.find(id);
    if (fetch != nullptr && fetch->parked)
        fetchExpired(s, id);
}

}  // namespace

void handleFetch(Step& s, const Ticket& ticket, const Bytes& body) {
    auto request = readRequest<FetchRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    mergeTopics(request->topics, &FetchRequest::FetchTopic::partitions,
                &FetchRequest::FetchPartition::partition,
                [](const auto& topic) { return std::pair(topic.topicId, topic.topic); });
    PendingFetch fetch;
    fetch.ticket = ticket;
    fetch.replica = ticket.version >= 15 ? request->replicaState.replicaId : request->replicaId;
    fetch.follower = fetch.replica >= 0;
    if (request->sessionEpoch > 0) {
        // Sessions are declined with id 0, so nobody can have one (KIP-227).
        fetch.response.errorCode = code(KafkaError::FetchSessionIdNotFound);
        respond(s, ticket, fetch.response, true);
        return;
    }
    fetch.maxBytes = std::min(request->maxBytes, s.core.config.fetchMaxBytes);
    fetch.minBytes = std::min(request->minBytes, fetch.maxBytes);
    fetch.committedOnly = request->isolationLevel == 1;
    const bool missing = layOut(s, *request, fetch);
    if (fetch.follower) {
        endParkedBefore(s, ticket);
        noteFollower(s, *request, fetch);
    }
    const auto outcome = readAll(s, fetch);
    const PendingId id = s.core.nextPending();
    const bool now = request->maxWaitMs <= 0 || missing || outcome.atOnce || fetch.parts.empty() ||
                     outcome.cold > 0 ||
                     outcome.bytes >= static_cast<std::uint64_t>(std::max(fetch.minBytes, 0));
    if (now) {
        complete(s, id, std::move(fetch), outcome);
        return;
    }
    fetch.deadline = s.now.at + Milliseconds(request->maxWaitMs);
    park(s, id, std::move(fetch));
}

void reconsiderFetch(Step& s, PendingId id, const Partition& partition, const Touched& touched) {
    PendingFetch* fetch = s.core.fetches.find(id);
    if (fetch == nullptr || !fetch->parked)
        return;
    bool enough = touched.leadership || (touched.logStart && fetch->follower) ||
                  partition.role == ReplicaRole::Offline;
    if (!enough) {
        const Offset end = fetch->follower ? partition.log.logEnd() : partition.highWatermark;
        const bool more =
            std::any_of(fetch->parts.begin(), fetch->parts.end(), [&](const FetchPart& part) {
                return part.partition == partition.ref && part.offset < end;
            });
        if (!more)
            return;
        enough = fetch->minBytes <= 1;
    }
    if (!enough) {
        const auto outcome = readAll(s, *fetch);
        if (!outcome.atOnce && outcome.cold == 0 &&
            outcome.bytes < static_cast<std::uint64_t>(std::max(fetch->minBytes, 0)))
            return;
    }
    fetchExpired(s, id);
}

void fetchExpired(Step& s, PendingId id) {
    PendingFetch fetch = unpark(s, id);
    const auto outcome = readAll(s, fetch);
    complete(s, id, std::move(fetch), outcome);
}

void fetchReadDone(Step& s, const DiskWait& wait, const Result<Bytes>& data) {
    PendingFetch* fetch = s.core.fetches.find(wait.pending);
    if (fetch == nullptr)
        return;
    FetchPart& part = fetch->parts[wait.part];
    auto& answer = fetch->response.responses[part.topicAt].partitions[part.partAt];
    part.cold.reset();
    const Partition* partition = s.core.partitions.at(part.partition);
    if (partition == nullptr || !data) {
        // The file is gone: its segment was deleted or cut meanwhile. The reader asks again and
        // learns the new start.
        failPart(s, *fetch, part,
                 code(partition == nullptr ? KafkaError::UnknownTopicOrPartition
                      : data.error().code == ErrorCode::NotFound ? KafkaError::OffsetOutOfRange
                                                                 : KafkaError::KafkaStorageError));
    } else if (auto plan = storage::finishColdRead(wait.cold, *data); !plan) {
        failPart(s, *fetch, part, code(KafkaError::CorruptMessage));
    } else if (auto* found = std::get_if<storage::FetchData>(&*plan)) {
        answer.records = std::move(found->records);
    } else {
        part.cold = std::get<storage::ColdRead>(std::move(*plan));
        issueRead(s, wait.pending, *fetch, wait.part);
        return;
    }
    if (--fetch->coldReads > 0)
        return;
    PendingFetch done = s.core.fetches.take(wait.pending);
    send(s, done);
}

}  // namespace odradek::broker
