// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/offset_for_leader_epoch.h"

#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;

void answerOne(const metadata::Topic* topic, const Partition* partition,
               const OffsetForLeaderEpochRequest::OffsetForLeaderPartition& asked,
               OffsetForLeaderEpochResponse::EpochEndOffset& out) {
    out.partition = asked.partition;
    const auto refuse = [&](KafkaError error) { out.errorCode = code(error); };
    if (partition == nullptr)
        return refuse(topic != nullptr && topic->partition(asked.partition) != nullptr
                          ? KafkaError::NotLeaderOrFollower
                          : KafkaError::UnknownTopicOrPartition);
    if (asked.currentLeaderEpoch != -1 && asked.currentLeaderEpoch < partition->leaderEpoch.value)
        return refuse(KafkaError::FencedLeaderEpoch);
    if (asked.currentLeaderEpoch > partition->leaderEpoch.value)
        return refuse(KafkaError::UnknownLeaderEpoch);
    if (partition->failed)
        return refuse(KafkaError::KafkaStorageError);
    if (!partition->isLeader())
        return refuse(KafkaError::NotLeaderOrFollower);
    const auto end = partition->log.endOffsetForEpoch(LeaderEpoch(asked.leaderEpoch));
    out.leaderEpoch = end.epoch.value;
    out.endOffset = end.end.value;
}

}  // namespace

void handleOffsetForLeaderEpoch(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<OffsetForLeaderEpochRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    OffsetForLeaderEpochResponse response;
    for (const auto& asked : request->topics) {
        auto& out = response.topics.emplace_back();
        out.topic = asked.topic;
        const auto* topic = s.core.image.topic(asked.topic);
        for (const auto& one : asked.partitions)
            answerOne(topic,
                      topic == nullptr ? nullptr : s.core.partitions.find(topic->id, one.partition),
                      one, out.partitions.emplace_back());
    }
    respond(s, ticket, response);
}

}  // namespace odradek::broker
