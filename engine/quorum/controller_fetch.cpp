// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/fetch.h"
#include "engine/quorum/controller_state.h"

namespace odradek::quorum {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;

constexpr std::int16_t kTopicIdsSince = 13;
constexpr std::int16_t kReplicaStateSince = 15;

FetchResponse answerWith(const std::string& topic, FetchResponse::PartitionData partition) {
    FetchResponse response;
    auto& answer = response.responses.emplace_back();
    answer.topic = topic;
    answer.topicId = metadata::kClusterMetadataTopicId;
    answer.partitions.push_back(std::move(partition));
    return response;
}

FetchResponse::PartitionData partitionData(const MetadataLog& log, KafkaError error = KafkaError::None) {
    FetchResponse::PartitionData data{.errorCode = protocol::code(error),
                                      .highWatermark = log.highWatermark(),
                                      .lastStableOffset = log.highWatermark(),
                                      .logStartOffset = 0,
                                      .currentLeader = {log.leader(), log.epoch()},
                                      .abortedTransactions = std::nullopt};
    data.records = Chain{};
    return data;
}

/// The one partition a raft fetch asks for; null when it asks for anything else.
const FetchRequest::FetchPartition* metadataPartition(const FetchRequest& request, std::int16_t version) {
    if (request.topics.size() != 1 || request.topics.front().partitions.size() != 1)
        return nullptr;
    const auto& topic = request.topics.front();
    const bool isOurs = version >= kTopicIdsSince ? topic.topicId == metadata::kClusterMetadataTopicId
                                                  : topic.topic == metadata::kClusterMetadataTopic;
    return isOurs && topic.partitions.front().partition == 0 ? &topic.partitions.front() : nullptr;
}

/// Kafka's checks of a raft fetch (KafkaRaftClient.handleFetchRequest); unknown epochs (-1) are let pass.
KafkaError judge(const MetadataLog& log, const FetchRequest& request, const FetchRequest::FetchPartition& wanted) {
    if (request.maxWaitMs < 0 || wanted.fetchOffset < 0)
        return KafkaError::InvalidRequest;
    if (wanted.currentLeaderEpoch >= 0 && wanted.currentLeaderEpoch < log.epoch())
        return KafkaError::FencedLeaderEpoch;
    if (wanted.currentLeaderEpoch > log.epoch())
        return KafkaError::UnknownLeaderEpoch;
    return KafkaError::None;
}

}  // namespace

Result<OwedAnswer> Controller::State::onFetch(Now now, const protocol::RequestFrame& frame) {
    const auto version = frame.apiVersion;
    const auto request = TRY(protocol::decode<FetchRequest>(frame.body, version));
    const auto reply = [&](const FetchResponse& response) {
        return OwedAnswer{.frame = protocol::encodeResponse(response, version, frame.correlationId)};
    };
    const auto refuseAll = [&](KafkaError error) {
        FetchResponse response;
        response.errorCode = protocol::code(error);
        return reply(response);
    };
    if (request.clusterId && *request.clusterId != config.clusterId)
        return refuseAll(KafkaError::InconsistentClusterId);
    const auto* wanted = metadataPartition(request, version);
    if (wanted == nullptr)
        return refuseAll(KafkaError::InvalidRequest);
    const auto topic = request.topics.front().topic;
    if (const auto error = judge(log, request, *wanted); error != KafkaError::None)
        return reply(answerWith(topic, partitionData(log, error)));
    if (const auto diverging = log.divergence(wanted->fetchOffset, wanted->lastFetchedEpoch)) {
        auto data = partitionData(log);
        data.divergingEpoch = {diverging->epoch, diverging->endOffset};
        return reply(answerWith(topic, std::move(data)));
    }
    cluster.onFetch(version >= kReplicaStateSince ? request.replicaState.replicaId : request.replicaId,
                    wanted->fetchOffset);
    const ParkedFetch fetch{.version = version,
                            .correlationId = frame.correlationId,
                            .topic = topic,
                            .offset = wanted->fetchOffset,
                            .maxBytes = std::min(wanted->partitionMaxBytes, request.maxBytes),
                            .deadline = now.at + Milliseconds(request.maxWaitMs)};
    return OwedAnswer{.fetch = fetch};
}

Chain Controller::State::finishFetch(const ParkedFetch& fetch) const {
    auto data = partitionData(log);
    data.records = log.read(fetch.offset, fetch.maxBytes);
    return protocol::encodeResponse(answerWith(fetch.topic, std::move(data)), fetch.version, fetch.correlationId);
}

}  // namespace odradek::quorum
