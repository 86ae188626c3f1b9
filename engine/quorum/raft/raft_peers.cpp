// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/metadata/image.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/quorum/raft/raft.h"
#include "engine/quorum/raft/snapshot_file.h"

namespace odradek::raft {
namespace {

using protocol::KafkaError;

constexpr std::int32_t kFetchMaxBytes = 8 << 20;
constexpr std::int32_t kMetadataPartition = 0;
constexpr std::int32_t kLastCorrelation = (1 << 30) - 1;  // higher ones are the controller's own

template <class Request, class Partition>
Request requestOf(const std::string& clusterId, Partition partition) {
    Request request;
    request.clusterId = clusterId;
    auto& topic = request.topics.emplace_back();
    topic.topicName = metadata::kClusterMetadataTopic;
    topic.partitions.push_back(std::move(partition));
    return request;
}

/// The one partition of an answer; null when it says something else.
template <class Response>
const auto* answeredPartition(const Response& response) {
    using Partition = std::remove_reference_t<decltype(response.topics.front().partitions.front())>;
    const bool isWhole = response.errorCode == 0 && response.topics.size() == 1 &&
                         response.topics.front().partitions.size() == 1;
    return isWhole ? &response.topics.front().partitions.front() : static_cast<const Partition*>(nullptr);
}

}  // namespace

void Raft::pump(Now now, std::vector<Outgoing>& out, io::Effects& effects) {
    if (!m_started || failure())
        return;
    if (std::exchange(m_stateDirty, false))
        m_store.writeState(m_state, m_stateSequence, effects);
    const bool forgets = (m_config.mutants & static_cast<std::uint32_t>(Mutant::ForgetVote)) != 0;
    if (durableState() < m_stateSequence && !forgets)
        return;
    switch (m_role) {
    case Role::Prospective:
    case Role::Candidate: pumpVotes(now, out); break;
    case Role::Leader: pumpBegin(now, out); break;
    case Role::Resigned: pumpEnd(now, out); break;
    case Role::Unattached:
    case Role::Follower: pumpFetch(now, out); break;
    }
}

bool Raft::hasSent(std::int32_t peer, Kind kind) const {
    const auto found = m_peers.find(peer);
    return found != m_peers.end() &&
           std::any_of(found->second.sent.begin(), found->second.sent.end(), [&](const auto& entry) {
               const auto& sent = entry.second;
               const bool isVote = kind == Kind::Vote || kind == Kind::PreVote;
               return sent.kind == kind && sent.epoch == epoch() && (!isVote || sent.election == m_election);
           });
}

Instant Raft::retryAt(std::int32_t peer) const {
    const auto found = m_peers.find(peer);
    return found == m_peers.end() ? Instant{} : found->second.retryAt;
}

template <class Request>
void Raft::send(Now now, std::int32_t peer, Kind kind, const Request& request, Nanoseconds extra,
                std::vector<Outgoing>& out) {
    const auto correlation = m_nextCorrelation;
    m_nextCorrelation = m_nextCorrelation == kLastCorrelation ? 1 : m_nextCorrelation + 1;
    m_peers[peer].sent[correlation] = {kind, epoch(), m_election, now.at + m_config.requestTimeout + extra};
    out.push_back({peer, protocol::encodeRequest(request, Request::kInfo.maxVersion, correlation,
                                                 fmt::format("raft-{}", m_config.node))});
}

void Raft::pumpVotes(Now now, std::vector<Outgoing>& out) {
    if (m_isLost && m_role == Role::Candidate)
        return;
    const bool isPreVote = m_role == Role::Prospective;
    const auto kind = isPreVote ? Kind::PreVote : Kind::Vote;
    for (const auto& [id, voter] : voters().all()) {
        if (id == m_config.node || m_ballots.contains(id) || hasSent(id, kind) || retryAt(id) > now.at)
            continue;
        protocol::VoteRequest::PartitionData vote{.replicaEpoch = epoch(),
                                                  .replicaId = m_config.node,
                                                  .replicaDirectoryId = m_config.directory,
                                                  .voterDirectoryId = voter.key.directory,
                                                  .lastOffsetEpoch = m_store.lastEpoch(),
                                                  .lastOffset = m_store.endOffset(),
                                                  .preVote = isPreVote};
        auto request = requestOf<protocol::VoteRequest>(m_config.clusterId, vote);
        request.voterId = id;
        send(now, id, kind, request, {}, out);
    }
}

/// When a voter is to be told (again) who leads: until it acknowledges, and whenever its fetches stay away.
Instant Raft::beginAt(const Progress& progress) const {
    const auto retry = retryAt(progress.key.id);
    if (!progress.hasBegun && !progress.hasFetched)
        return retry;
    return std::max({retry, progress.lastFetch + m_config.fetchTimeout / 2,
                     progress.lastBegin + m_config.fetchTimeout / 2});
}

void Raft::pumpBegin(Now now, std::vector<Outgoing>& out) {
    for (auto& [id, progress] : m_progress) {
        if (id == m_config.node || voters().find(id) == nullptr || hasSent(id, Kind::Begin) ||
            beginAt(progress) > now.at)
            continue;
        progress.lastBegin = now.at;
        protocol::BeginQuorumEpochRequest::PartitionData begin{.voterDirectoryId = progress.key.directory,
                                                               .leaderId = m_config.node,
                                                               .leaderEpoch = epoch()};
        auto request = requestOf<protocol::BeginQuorumEpochRequest>(m_config.clusterId, begin);
        request.voterId = id;
        for (const auto& endpoint : m_config.listeners)
            request.leaderEndpoints.push_back({endpoint.name, endpoint.host, endpoint.port});
        send(now, id, Kind::Begin, request, {}, out);
    }
}

void Raft::pumpEnd(Now now, std::vector<Outgoing>& out) {
    if (m_endUnacked.empty())
        return;
    std::vector<const Progress*> byEnd;
    for (const auto& [id, progress] : m_progress)
        if (voters().find(id) != nullptr)
            byEnd.push_back(&progress);
    std::stable_sort(byEnd.begin(), byEnd.end(), [](const auto* a, const auto* b) { return a->end > b->end; });
    protocol::EndQuorumEpochRequest::PartitionData end{.leaderId = m_config.node, .leaderEpoch = epoch()};
    for (const auto* progress : byEnd)
        end.preferredCandidates.push_back({progress->key.id, progress->key.directory});
    auto request = requestOf<protocol::EndQuorumEpochRequest>(m_config.clusterId, end);
    for (const auto& endpoint : m_config.listeners)
        request.leaderEndpoints.push_back({endpoint.name, endpoint.host, endpoint.port});
    for (const auto id : m_endUnacked)
        if (!hasSent(id, Kind::End) && retryAt(id) <= now.at)
            send(now, id, Kind::End, request, {}, out);
}

std::optional<std::int32_t> Raft::fetchTarget(Instant now) {
    if (m_role == Role::Follower)
        return retryAt(leader()) <= now ? std::optional(leader()) : std::nullopt;
    if (isVoter())
        return std::nullopt;
    std::vector<std::int32_t> others;
    for (const auto& [id, voter] : voters().all())
        if (id != m_config.node && retryAt(id) <= now)
            others.push_back(id);
    if (others.empty())
        return std::nullopt;
    return others[m_random.below(others.size())];
}

void Raft::pumpFetch(Now now, std::vector<Outgoing>& out) {
    const bool hurries = (m_config.mutants & static_cast<std::uint32_t>(Mutant::CommitWritten)) != 0;
    // The offset asked for says what this node has for good.
    if (m_fetchAt > now.at || (!m_store.isFlushed() && !hurries))
        return;
    for (const auto& [id, peer] : m_peers)
        if (hasSent(id, Kind::Fetch) || hasSent(id, Kind::FetchSnapshot))
            return;
    const auto target = fetchTarget(now.at);
    if (!target)
        return;
    if (m_download && m_role == Role::Follower) {
        protocol::FetchSnapshotRequest request;
        request.clusterId = m_config.clusterId;
        request.replicaId = m_config.node;
        request.maxBytes = kFetchMaxBytes;
        auto& topic = request.topics.emplace_back();
        topic.name = metadata::kClusterMetadataTopic;
        topic.partitions.push_back({.partition = kMetadataPartition,
                                    .currentLeaderEpoch = epoch(),
                                    .snapshotId = {m_download->id.offset, m_download->id.epoch},
                                    .position = static_cast<std::int64_t>(m_download->data.size()),
                                    .replicaDirectoryId = m_config.directory});
        return send(now, *target, Kind::FetchSnapshot, request, {}, out);
    }
    protocol::FetchRequest request;
    request.clusterId = m_config.clusterId;
    request.replicaState.replicaId = m_config.node;
    const auto wait = std::min<Milliseconds>(Milliseconds(500), m_config.fetchTimeout / 4);
    request.maxWaitMs = static_cast<std::int32_t>(wait.count());
    request.maxBytes = kFetchMaxBytes;
    auto& topic = request.topics.emplace_back();
    topic.topic = metadata::kClusterMetadataTopic;
    topic.topicId = metadata::kClusterMetadataTopicId;
    protocol::FetchRequest::FetchPartition partition;
    partition.currentLeaderEpoch = epoch();
    partition.fetchOffset = m_store.endOffset();
    partition.lastFetchedEpoch = m_store.lastEpoch();
    partition.logStartOffset = m_store.startOffset();
    partition.partitionMaxBytes = kFetchMaxBytes;
    partition.replicaDirectoryId = m_config.directory;
    partition.highWatermark = m_highWatermark;
    topic.partitions.push_back(partition);
    send(now, *target, Kind::Fetch, request, wait, out);
}

/// When `pump` has something to send at the latest.
Instant Raft::nextSend() const {
    auto next = Instant::never();
    switch (m_role) {
    case Role::Prospective:
    case Role::Candidate:
        if (m_role == Role::Prospective || !m_isLost)
            for (const auto& [id, voter] : voters().all())
                if (id != m_config.node && !m_ballots.contains(id) &&
                    !hasSent(id, m_role == Role::Prospective ? Kind::PreVote : Kind::Vote))
                    next = std::min(next, retryAt(id));
        break;
    case Role::Leader:
        for (const auto& [id, progress] : m_progress)
            if (voters().find(id) != nullptr && !hasSent(id, Kind::Begin))
                next = std::min(next, beginAt(progress));
        break;
    case Role::Resigned:
        for (const auto id : m_endUnacked)
            if (!hasSent(id, Kind::End))
                next = std::min(next, retryAt(id));
        break;
    case Role::Unattached:
    case Role::Follower: {
        const bool isFetching = std::any_of(m_peers.begin(), m_peers.end(), [&](const auto& entry) {
            return hasSent(entry.first, Kind::Fetch) || hasSent(entry.first, Kind::FetchSnapshot);
        });
        if (isFetching || !m_store.isFlushed() || (m_role == Role::Unattached && isVoter()))
            break;
        if (m_role == Role::Follower) {
            next = std::max(m_fetchAt, retryAt(leader()));
            break;
        }
        for (const auto& [id, voter] : voters().all())
            if (id != m_config.node)
                next = std::min(next, std::max(m_fetchAt, retryAt(id)));
        break;
    }
    }
    return next;
}

// ---- Answers -------------------------------------------------------------------------------------------------

void Raft::onPeerFrame(Now now, std::int32_t peer, const Bytes& frame, io::Effects& effects) {
    if (frame.size() < 4 || failure())
        return;
    std::uint32_t correlation = 0;
    for (std::size_t i = 0; i < 4; ++i)
        correlation = (correlation << 8) | frame[i];
    auto& requests = m_peers[peer].sent;
    const auto found = requests.find(static_cast<std::int32_t>(correlation));
    if (found == requests.end())
        return;
    const auto id = found->first;
    const auto sent = found->second;
    requests.erase(found);
    const auto take = [&]<class Response>(auto handler) {
        if (const auto answer = protocol::decodeResponse<Response>(frame, Response::kInfo.maxVersion, id))
            handler(*answer);
        else
            m_drops.push_back(peer);
    };
    switch (sent.kind) {
    case Kind::Vote:
    case Kind::PreVote:
        return take.operator()<protocol::VoteResponse>(
            [&](const auto& a) { onVoteAnswer(now, peer, sent, a, effects); });
    case Kind::Begin:
        return take.operator()<protocol::BeginQuorumEpochResponse>(
            [&](const auto& a) { onBeginAnswer(now, peer, sent, a); });
    case Kind::End:
        return take.operator()<protocol::EndQuorumEpochResponse>(
            [&](const auto& a) { onEndAnswer(now, peer, sent, a); });
    case Kind::Fetch:
        return take.operator()<protocol::FetchResponse>(
            [&](const auto& a) { onFetchAnswer(now, peer, sent, a, effects); });
    case Kind::FetchSnapshot:
        return take.operator()<protocol::FetchSnapshotResponse>(
            [&](const auto& a) { onSnapshotAnswer(now, peer, sent, a, effects); });
    }
}

void Raft::onPeerClosed(Now now, std::int32_t id, bool wasUp, io::Effects&) {
    auto& peer = m_peers[id];
    peer.sent.clear();
    peer.retryAt = wasUp ? now.at : now.at + m_config.retryBackoff;
    if (m_role != Role::Follower || id != leader())
        return;
    m_fetchAt = peer.retryAt;
    // A connection that broke and cannot be made again: a pre-vote will show whether the leader is really gone.
    if (!wasUp && !m_isSuspect) {
        m_isSuspect = true;
        m_fetchDeadline = std::min(m_fetchDeadline, now.at + jitter(m_config.electionTimeout / 4));
    }
}

void Raft::onVoteAnswer(Now now, std::int32_t peer, const Sent& sent, const protocol::VoteResponse& answer,
                        io::Effects& effects) {
    const auto* part = answeredPartition(answer);
    if (part != nullptr && part->leaderEpoch > epoch())
        return learn(now, part->leaderEpoch, part->leaderId);
    const bool isOpen = (m_role == Role::Prospective && sent.kind == Kind::PreVote) ||
                        (m_role == Role::Candidate && sent.kind == Kind::Vote && !m_isLost);
    if (!isOpen || sent.election != m_election || sent.epoch != epoch())
        return;
    const bool isGranted = part != nullptr && part->errorCode == 0 && part->voteGranted;
    m_ballots[peer] = isGranted ? Ballot::Granted : Ballot::Rejected;
    if (!isGranted && part != nullptr && part->leaderEpoch == epoch()) {
        if (part->leaderId == peer)  // the leader itself is there
            return becomeFollower(now, epoch(), peer, Reason::LeaderFound);
        learn(now, part->leaderEpoch, part->leaderId);
        if (m_role != Role::Prospective && m_role != Role::Candidate)
            return;
    }
    std::size_t granted = 0, rejected = 0;
    for (const auto& [id, ballot] : m_ballots)
        if (voters().find(id) != nullptr)
            ++(ballot == Ballot::Granted ? granted : rejected);
    if (m_role == Role::Candidate && granted >= voters().majority()) {
        maybeWin(now, effects);
    } else if (granted >= voters().majority()) {
        becomeCandidate(now);
    } else if (rejected > voters().size() - voters().majority()) {
        if (m_role == Role::Prospective && leader() >= 0)
            return becomeFollower(now, epoch(), leader(), Reason::VoteLost);
        m_isLost = true;
        m_electionAt = now.at + m_config.retryBackoff + jitter(m_config.electionBackoffMax);
        if (m_role == Role::Prospective)
            changed(Role::Unattached, Reason::VoteLost);
    }
}

void Raft::onBeginAnswer(Now now, std::int32_t peer, const Sent& sent,
                         const protocol::BeginQuorumEpochResponse& answer) {
    const auto* part = answeredPartition(answer);
    if (part != nullptr)
        learn(now, part->leaderEpoch, part->leaderId);
    if (!isLeader() || sent.epoch != epoch())
        return;
    auto& progress = m_progress[peer];
    if (part != nullptr && part->errorCode == 0)
        progress.hasBegun = true;
    else
        m_peers[peer].retryAt = now.at + m_config.retryBackoff;
}

void Raft::onEndAnswer(Now now, std::int32_t peer, const Sent& sent, const protocol::EndQuorumEpochResponse& answer) {
    if (sent.epoch == epoch())
        m_endUnacked.erase(peer);
    if (const auto* part = answeredPartition(answer))
        learn(now, part->leaderEpoch, part->leaderId);
}

void Raft::heardFromLeader(Now now) {
    m_fetchDeadline = now.at + m_config.fetchTimeout;
    m_hasFetched = true;
    m_isSuspect = false;
    m_fetchAt = now.at;
}

void Raft::onFetchAnswer(Now now, std::int32_t peer, const Sent& sent, const protocol::FetchResponse& answer,
                         io::Effects& effects) {
    if (sent.epoch == epoch() && (m_role != Role::Follower || peer == leader()))
        m_fetchAt = now.at + m_config.retryBackoff;
    if (answer.errorCode != 0 || answer.responses.size() != 1 || answer.responses.front().partitions.size() != 1)
        return;
    const auto& part = answer.responses.front().partitions.front();
    learn(now, part.currentLeader.leaderEpoch, part.currentLeader.leaderId);
    if (m_role != Role::Follower || peer != leader() || sent.epoch != epoch() || part.errorCode != 0 ||
        part.currentLeader.leaderEpoch != epoch())
        return;
    heardFromLeader(now);
    if (part.divergingEpoch.epoch >= 0) {
        truncateTo({part.divergingEpoch.endOffset, part.divergingEpoch.epoch}, effects);
    } else if (part.snapshotId.epoch >= 0) {
        m_download = Download{{part.snapshotId.endOffset, part.snapshotId.epoch}, {}};
    } else {
        if (part.records)
            takeRecords(*part.records, effects);
        m_highWatermark = std::max(m_highWatermark, std::min(part.highWatermark, endOffset()));
        votersChanged(now);
    }
}

void Raft::takeRecords(const Chain& records, io::Effects& effects) {
    const auto batches = protocol::splitBatches(records.flatten());
    if (!batches)
        return;
    for (const auto& batch : *batches) {
        const auto header = protocol::readBatchHeader(batch);
        if (!header || !protocol::checkBatchCrc(batch) || header->baseOffset != endOffset() ||
            header->partitionLeaderEpoch < m_store.lastEpoch() || header->partitionLeaderEpoch > epoch())
            return;
        if (header->isControl() && !readControlBatch(batch))
            return;
        m_store.append(batch, effects);
        if (header->isControl())
            noteControl(m_store.batches().back());
    }
}

/// The leader says where the largest epoch that both may have in common ends.
void Raft::truncateTo(OffsetAndEpoch leaders, io::Effects& effects) {
    auto cut = std::min(leaders.offset, endOffset());
    if (leaders.epoch != 0) {
        const auto own = m_store.endOffsetForEpoch(leaders.epoch);
        cut = own.epoch == leaders.epoch ? std::min(own.offset, leaders.offset) : own.offset;
    }
    ODRADEK_CHECK(cut >= m_highWatermark, "committed records are never cut");
    m_store.truncate(cut, effects);
    m_history.truncate(endOffset());
}

void Raft::onSnapshotAnswer(Now now, std::int32_t peer, const Sent& sent,
                            const protocol::FetchSnapshotResponse& answer, io::Effects& effects) {
    m_fetchAt = now.at + m_config.retryBackoff;
    const bool isWhole = answer.errorCode == 0 && answer.topics.size() == 1 &&
                         answer.topics.front().partitions.size() == 1;
    if (!isWhole) {
        m_download.reset();
        return;
    }
    const auto& part = answer.topics.front().partitions.front();
    learn(now, part.currentLeader.leaderEpoch, part.currentLeader.leaderId);
    if (m_role != Role::Follower || peer != leader() || sent.epoch != epoch() || !m_download)
        return;
    const bool fits = part.errorCode == 0 && part.snapshotId.endOffset == m_download->id.offset &&
                      part.snapshotId.epoch == m_download->id.epoch &&
                      part.position == static_cast<std::int64_t>(m_download->data.size());
    if (!fits) {
        m_download.reset();  // it may be gone: fetching again names another
        return;
    }
    heardFromLeader(now);
    const auto bytes = part.unalignedRecords.flatten();
    m_download->data.insert(m_download->data.end(), bytes.data(), bytes.data() + bytes.size());
    if (static_cast<std::int64_t>(m_download->data.size()) < part.size && !bytes.empty())
        return;
    StoredSnapshot snapshot{m_download->id, Bytes::take(std::move(m_download->data))};
    m_download.reset();
    const auto contents = readSnapshot(snapshot.data);
    if (!contents || snapshot.id.offset < m_highWatermark)
        return;
    m_history.reset(snapshot.id.offset - 1, contents->voters.value_or(m_config.staticVoters),
                    contents->kraftVersion);
    m_store.restore(std::move(snapshot), effects);
    m_highWatermark = std::max(m_highWatermark, m_store.startOffset());
    votersChanged(now);
}

}  // namespace odradek::raft
