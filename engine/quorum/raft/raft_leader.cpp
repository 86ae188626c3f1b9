// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/metadata/image.h"
#include "engine/quorum/raft/raft.h"

namespace odradek::raft {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::KafkaError;

constexpr std::int16_t kTopicIdsSince = 13;
constexpr std::int16_t kReplicaStateSince = 15;
/// Observers that did not fetch for so long are forgotten (Kafka's OBSERVER_SESSION_TIMEOUT_MS).
constexpr Milliseconds kObserverSession{300'000};

/// The one partition a fetch of the metadata log asks for; null when it asks for anything else.
const FetchRequest::FetchPartition* metadataPartition(const FetchRequest& request, std::int16_t version) {
    if (request.topics.size() != 1 || request.topics.front().partitions.size() != 1)
        return nullptr;
    const auto& topic = request.topics.front();
    const bool isOurs = version >= kTopicIdsSince ? topic.topicId == metadata::kClusterMetadataTopicId
                                                  : topic.topic == metadata::kClusterMetadataTopic;
    return isOurs && topic.partitions.front().partition == 0 ? &topic.partitions.front() : nullptr;
}

FetchResponse answerWith(const std::string& topic, FetchResponse::PartitionData partition) {
    FetchResponse response;
    auto& answer = response.responses.emplace_back();
    answer.topic = topic;
    answer.topicId = metadata::kClusterMetadataTopicId;
    answer.partitions.push_back(std::move(partition));
    return response;
}

}  // namespace

/// What a majority of voters has for good is committed, once that includes a record of the leader's own epoch.
void Raft::advanceHighWatermark() {
    std::vector<std::int64_t> ends;
    for (const auto& [id, voter] : voters().all()) {
        if (id == m_config.node) {
            ends.push_back(m_store.flushedEnd());
            continue;
        }
        const auto found = m_progress.find(id);
        ends.push_back(found == m_progress.end() ? -1 : found->second.end);
    }
    if (ends.empty())
        return;
    std::sort(ends.rbegin(), ends.rend());
    const auto common = ends[voters().majority() - 1];
    const bool isBold = (m_config.mutants & static_cast<std::uint32_t>(Mutant::CommitOldEpoch)) != 0;
    if (common > m_highWatermark && (common > m_epochStart || isBold))
        m_highWatermark = common;
}

void Raft::noteFetch(Now now, const ReplicaKey& replica, std::int64_t offset) {
    if (replica.id < 0 || replica.id == m_config.node)
        return;
    const bool votes = !replica.directory.isZero() && voters().has(replica);
    if (!votes && replica.directory.isZero() && voters().find(replica.id) != nullptr)
        return;  // the broker beside a voter
    auto& progress = votes ? m_progress[replica.id] : m_observers[replica];
    progress.key = replica;
    if (offset >= endOffset())
        progress.lastCaughtUpWallMs = now.wallMs;
    else if (progress.leaderEndAtFetch >= 0 && offset >= progress.leaderEndAtFetch)
        progress.lastCaughtUpWallMs = std::max(progress.lastCaughtUpWallMs, progress.lastFetchWallMs);
    progress.leaderEndAtFetch = endOffset();
    progress.lastFetch = now.at;
    progress.lastFetchWallMs = now.wallMs;
    progress.end = std::max(progress.end, offset);
    progress.hasFetched = true;
    if (votes)
        advanceHighWatermark();
    std::erase_if(m_observers, [&](const auto& entry) {
        return entry.second.lastFetch + kObserverSession < now.at || voters().has(entry.first);
    });
}

FetchResponse::PartitionData Raft::partitionData(KafkaError error) const {
    FetchResponse::PartitionData data{.errorCode = code(error),
                                      .highWatermark = m_highWatermark,
                                      .lastStableOffset = m_highWatermark,
                                      .logStartOffset = m_store.startOffset(),
                                      .currentLeader = {leader(), epoch()},
                                      .abortedTransactions = std::nullopt};
    data.records = Chain{};
    return data;
}

Result<Raft::FetchOutcome> Raft::onFetch(Now now, const protocol::RequestFrame& frame) {
    const auto version = frame.apiVersion;
    const auto request = TRY(protocol::decode<FetchRequest>(frame.body, version));
    const auto reply = [&](const FetchResponse& response) {
        return FetchOutcome{.frame = protocol::encodeResponse(response, version, frame.correlationId)};
    };
    const auto refuseAll = [&](KafkaError error) {
        FetchResponse response;
        response.errorCode = code(error);
        return reply(response);
    };
    if (request.clusterId && *request.clusterId != m_config.clusterId)
        return refuseAll(KafkaError::InconsistentClusterId);
    const auto* wanted = metadataPartition(request, version);
    if (wanted == nullptr)
        return refuseAll(KafkaError::InvalidRequest);
    const auto topic = request.topics.front().topic;
    const ReplicaKey replica{version >= kReplicaStateSince ? request.replicaState.replicaId : request.replicaId,
                             wanted->replicaDirectoryId};
    const bool isVoter = !replica.directory.isZero() && voters().has(replica);
    const auto fetchEpoch = wanted->currentLeaderEpoch;
    auto error = KafkaError::None;
    if (request.maxWaitMs < 0 || wanted->fetchOffset < 0)
        error = KafkaError::InvalidRequest;
    else if (fetchEpoch >= 0 && fetchEpoch < epoch())
        error = KafkaError::FencedLeaderEpoch;
    else if (fetchEpoch > epoch())
        error = KafkaError::UnknownLeaderEpoch;
    else if (!isLeader())
        error = KafkaError::NotLeaderOrFollower;
    else if (isVoter && (fetchEpoch < 0 || wanted->lastFetchedEpoch < 0))
        error = KafkaError::InvalidRequest;  // a voter's fetch acknowledges records of this epoch
    if (error != KafkaError::None)
        return reply(answerWith(topic, partitionData(error)));

    // Brokers that only read need not name the epoch of what they read last.
    const OffsetAndEpoch at{wanted->fetchOffset, wanted->lastFetchedEpoch};
    const bool isFresh = m_store.startOffset() == 0 && at.offset == 0;
    const bool isAtStart = at.offset == m_store.startOffset() && at.epoch >= 0;
    const bool isTooOld =
        at.offset < m_store.startOffset() || (isAtStart && at.epoch != m_store.epochBeforeStart());
    if (!isFresh && isTooOld) {
        auto data = partitionData(KafkaError::None);
        const auto& id = m_store.latestSnapshot()->id;
        data.snapshotId = {id.offset, id.epoch};
        noteFetch(now, replica, -1);
        return reply(answerWith(topic, std::move(data)));
    }
    if (at.epoch >= 0 && !isFresh) {
        const auto end = m_store.endOffsetForEpoch(at.epoch);
        if (end.epoch != at.epoch || end.offset < at.offset) {
            auto data = partitionData(KafkaError::None);
            data.divergingEpoch = {end.epoch, end.offset};
            noteFetch(now, replica, -1);
            return reply(answerWith(topic, std::move(data)));
        }
    } else if (at.offset > endOffset()) {
        auto data = partitionData(KafkaError::None);
        data.divergingEpoch = {m_store.lastEpoch(), endOffset()};
        return reply(answerWith(topic, std::move(data)));
    }
    noteFetch(now, replica, at.offset);
    return FetchOutcome{.frame = std::nullopt,
                        .parked = {.version = version,
                                   .correlationId = frame.correlationId,
                                   .topic = topic,
                                   .offset = at.offset,
                                   .maxBytes = std::min(wanted->partitionMaxBytes, request.maxBytes),
                                   .highWatermark = wanted->highWatermark,
                                   .epoch = epoch(),
                                   .isVoter = !replica.directory.isZero(),
                                   .deadline = now.at + Milliseconds(request.maxWaitMs)},
                        .replica = replica};
}

bool Raft::isDue(const ParkedFetch& fetch, Instant now) const {
    if (fetch.deadline <= now || !isLeader() || fetch.epoch != epoch())
        return true;
    if (fetch.isVoter)
        return fetch.offset < endOffset() || fetch.highWatermark < m_highWatermark;
    return fetch.offset < m_highWatermark;
}

Chain Raft::finishFetch(const ParkedFetch& fetch) const {
    const bool isStill = isLeader() && fetch.epoch == epoch();
    auto data = partitionData(isStill ? KafkaError::None : KafkaError::NotLeaderOrFollower);
    if (isStill && fetch.offset >= m_store.startOffset())
        data.records = m_store.read(fetch.offset, fetch.isVoter ? endOffset() : m_highWatermark, fetch.maxBytes);
    return protocol::encodeResponse(answerWith(fetch.topic, std::move(data)), fetch.version, fetch.correlationId);
}

protocol::FetchSnapshotResponse Raft::onFetchSnapshot(Now now, const protocol::FetchSnapshotRequest& request) {
    using Response = protocol::FetchSnapshotResponse;
    Response response;
    if (request.clusterId && *request.clusterId != m_config.clusterId) {
        response.errorCode = code(KafkaError::InconsistentClusterId);
        return response;
    }
    if (request.topics.size() != 1 || request.topics.front().partitions.size() != 1) {
        response.errorCode = code(KafkaError::InvalidRequest);
        return response;
    }
    const auto& topic = request.topics.front();
    const auto& wanted = topic.partitions.front();
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    Response::PartitionSnapshot part{.index = wanted.partition,
                                     .snapshotId = {wanted.snapshotId.endOffset, wanted.snapshotId.epoch},
                                     .currentLeader = {leader(), epoch()}};
    const auto* snapshot = m_store.snapshot({wanted.snapshotId.endOffset, wanted.snapshotId.epoch});
    if (topic.name != metadata::kClusterMetadataTopic || wanted.partition != 0)
        part.errorCode = code(KafkaError::UnknownTopicOrPartition);
    else if (wanted.currentLeaderEpoch >= 0 && wanted.currentLeaderEpoch < epoch())
        part.errorCode = code(KafkaError::FencedLeaderEpoch);
    else if (wanted.currentLeaderEpoch > epoch())
        part.errorCode = code(KafkaError::UnknownLeaderEpoch);
    else if (!isLeader())
        part.errorCode = code(KafkaError::NotLeaderOrFollower);
    else if (snapshot == nullptr)
        part.errorCode = code(KafkaError::SnapshotNotFound);
    else if (wanted.position < 0 || wanted.position >= static_cast<std::int64_t>(snapshot->data.size()))
        part.errorCode = code(KafkaError::PositionOutOfRange);
    if (part.errorCode == 0) {
        const auto most = static_cast<std::size_t>(std::max(request.maxBytes, 1));
        part.size = static_cast<std::int64_t>(snapshot->data.size());
        part.position = wanted.position;
        part.unalignedRecords = snapshot->data.slice(static_cast<std::size_t>(wanted.position), most);
        noteFetch(now, {request.replicaId, wanted.replicaDirectoryId}, -1);
    }
    answer.partitions.push_back(std::move(part));
    return response;
}

protocol::DescribeQuorumResponse Raft::describe(const protocol::DescribeQuorumRequest& request) const {
    using Response = protocol::DescribeQuorumResponse;
    Response response;
    response.errorMessage.reset();
    if (!isLeader()) {
        response.errorCode = code(KafkaError::NotLeaderOrFollower);
        return response;
    }
    const auto stateOf = [](const Progress& progress) {
        return Response::ReplicaState{progress.key.id, progress.key.directory, progress.end,
                                      progress.lastFetchWallMs, progress.lastCaughtUpWallMs};
    };
    for (const auto& topic : request.topics) {
        auto& answer = response.topics.emplace_back();
        answer.topicName = topic.topicName;
        for (const auto& wanted : topic.partitions) {
            Response::PartitionData part{.partitionIndex = wanted.partitionIndex};
            part.errorMessage.reset();
            if (topic.topicName != metadata::kClusterMetadataTopic || wanted.partitionIndex != 0) {
                part.errorCode = code(KafkaError::UnknownTopicOrPartition);
                answer.partitions.push_back(std::move(part));
                continue;
            }
            part.leaderId = leader();
            part.leaderEpoch = epoch();
            part.highWatermark = m_highWatermark;
            for (const auto& [id, voter] : voters().all()) {
                if (id == m_config.node)
                    part.currentVoters.push_back({id, m_config.directory, endOffset(), m_lastNowWallMs,
                                                  m_lastNowWallMs});
                else if (const auto found = m_progress.find(id); found != m_progress.end())
                    part.currentVoters.push_back(stateOf(found->second));
            }
            for (const auto& [key, progress] : m_observers)
                part.observers.push_back(stateOf(progress));
            answer.partitions.push_back(std::move(part));
        }
    }
    for (const auto& [id, voter] : voters().all()) {
        auto& node = response.nodes.emplace_back();
        node.nodeId = id;
        for (const auto& endpoint : voter.endpoints)
            node.listeners.push_back({endpoint.name, endpoint.host, endpoint.port});
    }
    return response;
}

}  // namespace odradek::raft
