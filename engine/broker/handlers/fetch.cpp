// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/fetch.h"

#include <algorithm>
#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/handlers/fetch_context.h"
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
using Kind = PendingFetch::Kind;

constexpr std::int16_t kFirstWithHints = 16;

/// Takes note of how far a follower is in one partition.
void noteProgress(Step& s, const PendingFetch& fetch, std::int64_t replicaEpoch,
                  PartitionRef ref, const FetchAsk& ask) {
    Partition* partition = s.core.partitions.at(ref);
    if (partition == nullptr || !partition->isLeader() ||
        (ask.currentLeaderEpoch >= 0 && ask.currentLeaderEpoch != partition->leaderEpoch.value))
        return;
    // A fetch that diverges or is out of range proves nothing about what the follower shares with
    // us.
    if (ask.offset > partition->log.logEnd() || ask.offset < partition->log.logStart())
        return;
    if (ask.lastFetchedEpoch >= 0) {
        const auto end = partition->log.endOffsetForEpoch(LeaderEpoch(ask.lastFetchedEpoch));
        if (!end.defined() || end.epoch.value < ask.lastFetchedEpoch || end.end < ask.offset)
            return;
    }
    followerFetched(s, *partition, fetch.replica, replicaEpoch, ask.offset, ask.logStart);
}

/// Partitions a session's follower does not name are where they were; but it may now be let into
/// their ISR, if it is not in yet.
void noteOutsider(Step& s, const FetchSession& session, const PendingFetch& fetch,
                  std::int64_t replicaEpoch) {
    const auto found = s.core.outsiders.find(fetch.replica);
    if (found == s.core.outsiders.end())
        return;
    for (auto at = found->second.begin(); at != found->second.end();) {
        const PartitionRef ref = *at;
        const Partition* partition = s.core.partitions.at(ref);
        if (partition == nullptr || !partition->isLeader() ||
            partition->lead.follower(fetch.replica) == nullptr ||
            partition->lead.inIsr(fetch.replica)) {
            at = found->second.erase(at);
            continue;
        }
        ++at;
        if (const auto* known = session.find({partition->topicId, {}, partition->index}))
            noteProgress(s, fetch, replicaEpoch, ref, known->ask);
    }
}

void noteFollower(Step& s, const FetchRequest& request, const PendingFetch& fetch) {
    s.core.followerFetches[fetch.replica] = s.now.at;
    const auto epoch = request.replicaState.replicaEpoch;
    if (fetch.kind != Kind::Continues) {
        for (const auto& part : fetch.parts)
            noteProgress(s, fetch, epoch, part.partition, part.ask);
        return;
    }
    const FetchSession& session = *s.core.fetchSessions.find(fetch.session);
    for (const auto& part : fetch.parts)
        noteProgress(s, fetch, epoch, part.partition, part.ask);
    noteOutsider(s, session, fetch, epoch);
}

/// Puts a part into the response, in the order of the parts; neighbours of one topic share an entry.
void addTo(FetchResponse& response, FetchPart& part) {
    auto& topics = response.responses;
    if (topics.empty() || topics.back().topicId != part.key.topicId ||
        topics.back().topic != part.key.topic) {
        auto& topic = topics.emplace_back();
        topic.topicId = part.key.topicId;
        topic.topic = part.key.topic;
    }
    topics.back().partitions.push_back(std::move(part.data));
}

bool tellsLeader(const PendingFetch& fetch, const FetchPart& part) {
    const auto error = part.data.errorCode;
    return fetch.ticket.version >= kFirstWithHints && part.partition != kNoPartition &&
           (error == code(KafkaError::NotLeaderOrFollower) ||
            error == code(KafkaError::FencedLeaderEpoch));
}

/// Says who leads the partitions that do not do so here.
void addHints(Step& s, PendingFetch& fetch, FetchResponse& response) {
    for (auto& part : fetch.parts)
        if (tellsLeader(fetch, part))
            if (const auto* partition = s.core.partitions.at(part.partition))
                hintLeader(s.core, partition->topicId, partition->index, part.data.currentLeader,
                           response.nodeEndpoints);
    if (fetch.ticket.version < kFirstWithHints)
        return;
    for (auto& part : fetch.parts)
        if (part.elsewhere)
            hintLeader(s.core, part.key.topicId, part.key.index, part.data.currentLeader,
                       response.nodeEndpoints);
}

/// Whether the session has gone on to another fetch meanwhile. Followers may send two at once (they
/// end their own long polls so).
bool overtaken(const PendingFetch& fetch, const FetchSession* session) {
    return session != nullptr && !fetch.follower && session->epoch != fetch.sessionEpoch;
}

void refuse(Step& s, const Ticket& ticket, KafkaError error, std::int32_t session) {
    FetchResponse response;
    response.errorCode = code(error);
    response.sessionId = session;
    respond(s, ticket, response, true);
}

/// A client of its own counts what it is given; what followers copy is counted apart.
void countBytes(Step& s, const PendingFetch& fetch) {
    if (fetch.follower) {
        s.core.metrics.replicationBytesOut += fetch.bytes;
        return;
    }
    for (const auto& part : fetch.parts)
        if (part.size > 0)
            if (Partition* partition = s.core.partitions.at(part.partition))
                partition->bytesOut += part.size;
}

void send(Step& s, PendingFetch& fetch) {
    FetchSession* session =
        fetch.kind == Kind::Continues ? s.core.fetchSessions.find(fetch.session) : nullptr;
    if (overtaken(fetch, session)) {
        releaseParts(s, *session, fetch);
        refuse(s, fetch.ticket, KafkaError::InvalidFetchSessionEpoch, fetch.session);
        return;
    }
    FetchResponse response;
    response.sessionId =
        fetch.kind == Kind::Opens ? openSession(s, fetch) : fetch.session;
    addHints(s, fetch, response);
    countBytes(s, fetch);
    bool error = false;
    std::vector<std::uint32_t> unread;
    for (auto& part : fetch.parts) {
        if (part.stale) {
            unread.push_back(part.slot);
            continue;
        }
        error = error || part.data.errorCode != 0;
        if (session == nullptr || tellPart(*session, part))
            addTo(response, part);
    }
    if (session != nullptr)
        session->putBack(unread);
    respond(s, fetch.ticket, response, error);
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
void complete(Step& s, PendingId id, PendingFetch fetch) {
    std::size_t cold = 0;
    for (const auto& part : fetch.parts)
        cold += part.cold ? 1 : 0;
    if (cold == 0) {
        send(s, fetch);
        return;
    }
    fetch.coldReads = cold;
    fetch.parked = false;
    auto& kept = s.core.fetches.add(id, std::move(fetch));
    for (std::size_t i = 0; i < kept.parts.size(); ++i)
        if (kept.parts[i].cold)
            issueRead(s, id, kept, i);
}

bool isEnough(const PendingFetch& fetch, const FetchOutcome& outcome) {
    return outcome.atOnce || outcome.cold > 0 ||
           fetch.bytes >= static_cast<std::uint64_t>(std::max(fetch.minBytes, 0));
}

void park(Step& s, PendingId id, PendingFetch fetch) {
    fetch.parked = true;
    if (fetch.kind == Kind::Continues) {
        FetchSession& session = *s.core.fetchSessions.find(fetch.session);
        releaseParts(s, session, fetch);
        session.parked = id;
    } else {
        for (std::uint32_t i = 0; i < fetch.parts.size(); ++i)
            if (Partition* partition = s.core.partitions.at(fetch.parts[i].partition))
                partition->fetchWaiters.push_back({id, i});
    }
    s.core.deadlines.add(fetch.deadline, id);
    if (fetch.follower)
        if (auto* connection = s.core.connections.find(fetch.ticket.connection))
            connection->parkedFetch = id;
    s.core.fetches.add(id, std::move(fetch));
}

PendingFetch unpark(Step& s, PendingId id) {
    PendingFetch fetch = s.core.fetches.take(id);
    s.core.deadlines.remove(fetch.deadline, id);
    if (fetch.kind == Kind::Continues) {
        if (auto* session = s.core.fetchSessions.find(fetch.session);
            session != nullptr && session->parked == id)
            session->parked = 0;
        return fetch;
    }
    for (const auto& part : fetch.parts)
        if (Partition* partition = s.core.partitions.at(part.partition))
            std::erase_if(partition->fetchWaiters,
                          [id](const FetchWaiter& one) { return one.pending == id; });
    return fetch;
}

/// Reads again what changed while it waited.
FetchOutcome readNow(Step& s, PendingFetch& fetch) {
    if (fetch.kind == Kind::Continues)
        if (auto* session = s.core.fetchSessions.find(fetch.session);
            session != nullptr && !overtaken(fetch, session))
            gatherChanged(s, *session, fetch);
    return readParts(s, fetch);
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

/// Something was touched that a waiting fetch wants: is that enough?
bool suffices(const PendingFetch& fetch, const FetchAsk& ask, const Partition& partition,
              const Touched& touched, bool& more) {
    if (touched.leadership || (touched.logStart && fetch.follower) ||
        partition.role == ReplicaRole::Offline)
        return true;
    const Offset end = fetch.follower ? partition.log.logEnd() : partition.highWatermark;
    more = ask.offset < end;
    return more && fetch.minBytes <= 1;
}

/// True while it goes on waiting.
bool reconsider(Step& s, const FetchWaiter& waiter, const Partition& partition,
                const Touched& touched) {
    PendingFetch* fetch = s.core.fetches.find(waiter.pending);
    if (fetch == nullptr || !fetch->parked)
        return false;
    FetchPart& part = fetch->parts[waiter.part];
    part.stale = true;
    bool more = false;
    if (!suffices(*fetch, part.ask, partition, touched, more)) {
        if (!more || !isEnough(*fetch, readParts(s, *fetch)))
            return true;
    }
    fetchExpired(s, waiter.pending);
    return false;
}

void reconsiderSession(Step& s, FetchSession& session, const SessionPart& known,
                       const Partition& partition, const Touched& touched) {
    PendingFetch* fetch = s.core.fetches.find(session.parked);
    if (fetch == nullptr || !fetch->parked)
        return;
    bool more = false;
    if (!suffices(*fetch, known.ask, partition, touched, more)) {
        if (!more)
            return;
        const auto outcome = readNow(s, *fetch);
        const bool enough = isEnough(*fetch, outcome);
        releaseParts(s, session, *fetch);
        if (!enough)
            return;
    }
    fetchExpired(s, session.parked);
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
    fetch.maxBytes = std::min(request->maxBytes, s.core.config.fetchMaxBytes);
    fetch.minBytes = std::min(request->minBytes, fetch.maxBytes);
    fetch.committedOnly = request->isolationLevel == 1;
    if (fetch.follower)
        endParkedBefore(s, ticket);
    if (const auto error = beginFetch(s, *request, fetch)) {
        refuse(s, ticket, *error, 0);
        return;
    }
    bool nothing = fetch.parts.empty();
    if (fetch.kind == Kind::Continues) {
        auto& session = *s.core.fetchSessions.find(fetch.session);
        if (const PendingId before = std::exchange(session.parked, 0); before != 0)
            fetchExpired(s, before);  // two at once: the older one learns that it is
        gatherChanged(s, session, fetch);
        nothing = false;
    }
    if (fetch.follower)
        noteFollower(s, *request, fetch);
    const auto outcome = readParts(s, fetch);
    const bool missing =
        std::any_of(fetch.parts.begin(), fetch.parts.end(),
                    [&](const FetchPart& part) { return mustAnswerMissing(fetch, part); });
    const bool allMissing =
        std::all_of(fetch.parts.begin(), fetch.parts.end(),
                    [](const FetchPart& part) { return part.partition == kNoPartition; }) &&
        (fetch.kind != Kind::Continues ||
         fetch.parts.size() == s.core.fetchSessions.find(fetch.session)->size());
    const PendingId id = s.core.nextPending();
    if (request->maxWaitMs <= 0 || missing || nothing || allMissing || isEnough(fetch, outcome)) {
        complete(s, id, std::move(fetch));
        return;
    }
    fetch.deadline = s.now.at + Milliseconds(request->maxWaitMs);
    park(s, id, std::move(fetch));
}

void wakeFetches(Step& s, Partition& partition, const Touched& touched) {
    if (!partition.fetchWaiters.empty()) {
        auto waiting = std::exchange(partition.fetchWaiters, {});
        std::erase_if(waiting, [&](const FetchWaiter& one) {
            return !reconsider(s, one, partition, touched);
        });
        partition.fetchWaiters.insert(partition.fetchWaiters.end(), waiting.begin(), waiting.end());
    }
    // Answering a fetch opens or closes sessions at most of others' partitions or at the end of
    // this list.
    for (std::size_t i = 0; i < partition.sessionWatches.size(); ++i) {
        const SessionWatch watch = partition.sessionWatches[i];
        FetchSession* session = s.core.fetchSessions.find(watch.session);
        SessionPart* known =
            session == nullptr ? nullptr : session->partOf(watch.slot, partition.ref);
        if (known == nullptr || (known->held && !touched.leadership))
            continue;
        known->held = false;
        session->markChanged(watch.slot);
        if (session->parked != 0)
            reconsiderSession(s, *session, *known, partition, touched);
    }
}

void fetchExpired(Step& s, PendingId id) {
    PendingFetch fetch = unpark(s, id);
    readNow(s, fetch);
    complete(s, id, std::move(fetch));
}

void fetchReadDone(Step& s, const DiskWait& wait, const Result<Bytes>& data) {
    PendingFetch* fetch = s.core.fetches.find(wait.pending);
    if (fetch == nullptr)
        return;
    FetchPart& part = fetch->parts[wait.part];
    part.cold.reset();
    const Partition* partition = s.core.partitions.at(part.partition);
    if (partition == nullptr || !data) {
        // The file is gone: its segment was deleted or cut meanwhile. The reader asks again and
        // learns the new start.
        failPart(*fetch, part,
                 code(partition == nullptr ? KafkaError::UnknownTopicOrPartition
                      : data.error().code == ErrorCode::NotFound ? KafkaError::OffsetOutOfRange
                                                                 : KafkaError::KafkaStorageError));
    } else if (auto plan = storage::finishColdRead(wait.cold, *data); !plan) {
        failPart(*fetch, part, code(KafkaError::CorruptMessage));
    } else if (auto* found = std::get_if<storage::FetchData>(&*plan)) {
        part.data.records = std::move(found->records);
        fetch->bytes += part.data.records->size();
        fetch->bytes -= std::min(fetch->bytes, std::exchange(part.size, part.data.records->size()));
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
