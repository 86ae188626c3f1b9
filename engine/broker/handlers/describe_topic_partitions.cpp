// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_topic_partitions.h"

#include <algorithm>
#include <set>

#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/produce.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/handlers/topic_facts.h"
#include "engine/metadata/config_changes.h"

namespace odradek::broker {
namespace {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using protocol::KafkaError;
using TopicResponse = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;
using PartitionResponse = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition;

PartitionResponse describe(const metadata::Image& image, const metadata::Partition& partition,
                           std::int32_t index) {
    PartitionResponse out;
    out.partitionIndex = index;
    out.leaderEpoch = partition.leaderEpoch;
    out.replicaNodes = partition.replicas;
    out.isrNodes = partition.isr;
    out.offlineReplicas = offlineReplicas(image, partition);
    out.eligibleLeaderReplicas = partition.elr;
    out.lastKnownElr = partition.lastKnownElr;
    const auto* leader = image.broker(partition.leader);
    const bool there = leader != nullptr && leader->endpoint("PLAINTEXT") != nullptr;
    out.leaderId = there ? partition.leader : metadata::kNoLeader;
    if (!there)
        out.errorCode =
            code(leader != nullptr ? KafkaError::ListenerNotFound : KafkaError::LeaderNotAvailable);
    return out;
}

/// The names to describe, in order, from the cursor on.
std::set<std::string> namesOf(const BrokerCore& core,
                              const DescribeTopicPartitionsRequest& request) {
    std::set<std::string> names;
    const std::string from = request.cursor ? request.cursor->topicName : "";
    if (request.topics.empty()) {
        for (const auto& [name, id] : core.image.topicNames())
            if (name >= from)
                names.insert(name);
    }
    for (const auto& topic : request.topics)
        if (topic.name >= from)
            names.insert(topic.name);
    // A cursor on a topic that is gone meanwhile still gets its answer.
    if (request.cursor && request.topics.empty())
        names.insert(request.cursor->topicName);
    return names;
}

}  // namespace

void handleDescribeTopicPartitions(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<DescribeTopicPartitionsRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    const bool strayCursor =
        request->cursor && !request->topics.empty() &&
        std::none_of(request->topics.begin(), request->topics.end(),
                     [&](const auto& topic) { return topic.name == request->cursor->topicName; });
    if (request->cursor && (request->cursor->partitionIndex < 0 || strayCursor)) {
        // Kafka refuses such a request as a whole; the response knows errors per topic only.
        DescribeTopicPartitionsResponse response;
        for (const auto& asked : request->topics) {
            auto& out = response.topics.emplace_back();
            out.errorCode = code(KafkaError::InvalidRequest);
            out.name = asked.name;
        }
        respond(s, ticket, response, true);
        return;
    }
    DescribeTopicPartitionsResponse response;
    auto left = std::max(
        1, std::min(request->responsePartitionLimit, s.core.config.maxRequestPartitionSizeLimit));
    for (const auto& name : namesOf(s.core, *request)) {
        const auto* topic = s.core.image.topic(name);
        TopicResponse out;
        out.name = name;
        out.isInternal = isInternalTopic(name);
        out.topicAuthorizedOperations = kTopicOperations;
        if (topic == nullptr) {
            out.errorCode =
                code(metadata::checkTopicName(name).ok() ? KafkaError::UnknownTopicOrPartition
                                                         : KafkaError::InvalidTopicException);
            response.topics.push_back(std::move(out));
            continue;
        }
        if (left == 0) {
            response.nextCursor = DescribeTopicPartitionsResponse::Cursor{name, 0};
            break;
        }
        out.topicId = topic->id;
        const auto count = static_cast<std::int32_t>(topic->partitions.size());
        std::int32_t index = request->cursor && request->cursor->topicName == name
                                 ? request->cursor->partitionIndex
                                 : 0;
        for (; index < count && left > 0; ++index, --left)
            out.partitions.push_back(describe(s.core.image, *topic->partition(index), index));
        response.topics.push_back(std::move(out));
        if (index < count) {
            response.nextCursor = DescribeTopicPartitionsResponse::Cursor{name, index};
            break;
        }
    }
    respond(s, ticket, response);
}

}  // namespace odradek::broker
