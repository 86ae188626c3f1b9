// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/metadata.h"

#include <algorithm>
#include <set>

#include "engine/broker/auto_create.h"
#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/leader_hints.h"
#include "engine/broker/handlers/produce.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/handlers/topic_facts.h"
#include "engine/metadata/config_changes.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using TopicResponse = MetadataResponse::MetadataResponseTopic;

void describePartition(const BrokerCore& core, const metadata::Partition& partition,
                       std::int32_t index, std::int16_t version,
                       MetadataResponse::MetadataResponsePartition& out) {
    const auto& image = core.image;
    out.partitionIndex = index;
    out.replicaNodes = partition.replicas;
    out.isrNodes = partition.isr;
    out.leaderEpoch = partition.leaderEpoch;
    out.offlineReplicas = offlineReplicas(image, partition);
    const auto* leader = image.broker(partition.leader);
    if (version == 0) {
        // Version 0 cannot say "offline": it lists only who is there, and complains when somebody
        // is missing.
        const auto gone = [&](std::int32_t id) { return image.broker(id) == nullptr; };
        std::erase_if(out.replicaNodes, gone);
        std::erase_if(out.isrNodes, gone);
    }
    if (leader == nullptr || leader->endpoint(kClientListener) == nullptr) {
        out.errorCode = code(leader != nullptr && version >= 6 ? KafkaError::ListenerNotFound
                                                               : KafkaError::LeaderNotAvailable);
        out.leaderId = metadata::kNoLeader;
        return;
    }
    out.leaderId = partition.leader;
    if (version == 0 && (out.replicaNodes.size() < partition.replicas.size() ||
                         out.isrNodes.size() < partition.isr.size()))
        out.errorCode = code(KafkaError::ReplicaNotAvailable);
}

TopicResponse describe(const BrokerCore& core, const metadata::Topic& topic,
                       const MetadataRequest& request, std::int16_t version) {
    TopicResponse out;
    out.name = topic.name;
    out.topicId = topic.id;
    out.isInternal = isInternalTopic(topic.name);
    out.partitions.resize(topic.partitions.size());
    for (std::size_t i = 0; i < topic.partitions.size(); ++i)
        describePartition(core, *topic.partitions[i], static_cast<std::int32_t>(i), version,
                          out.partitions[i]);
    if (request.includeTopicAuthorizedOperations)
        out.topicAuthorizedOperations = kTopicOperations;
    return out;
}

TopicResponse absent(KafkaError error, std::optional<std::string> name, Uuid id) {
    TopicResponse out;
    out.errorCode = code(error);
    out.isInternal = name && isInternalTopic(*name);
    out.name = std::move(name);
    out.topicId = id;
    return out;
}

/// Topics by name: those that exist, then those that do not, created if that is allowed.
void byNames(Step& s, const MetadataRequest& request, std::int16_t version,
             MetadataResponse& response) {
    std::set<std::string> seen;
    std::vector<std::string> missing;
    for (const auto& asked : *request.topics) {
        if (!seen.insert(*asked.name).second)
            continue;
        if (const auto* topic = s.core.image.topic(*asked.name))
            response.topics.push_back(describe(s.core, *topic, request, version));
        else
            missing.push_back(*asked.name);
    }
    const bool create = s.core.config.autoCreateTopics && request.allowAutoTopicCreation;
    std::vector<std::string> wanted;
    for (const auto& name : missing) {
        const bool good = metadata::checkTopicName(name).ok();
        if (good && create)
            wanted.push_back(name);
        response.topics.push_back(
            absent(good ? KafkaError::UnknownTopicOrPartition : KafkaError::InvalidTopicException,
                   name, {}));
    }
    if (!wanted.empty())
        createTopics(s, wanted);
}

void byIds(Step& s, const MetadataRequest& request, std::int16_t version,
           MetadataResponse& response) {
    std::set<Uuid> seen;
    for (const auto& asked : *request.topics) {
        if (asked.topicId.isZero() || !seen.insert(asked.topicId).second)
            continue;
        if (const auto* topic = s.core.image.topic(asked.topicId))
            response.topics.push_back(describe(s.core, *topic, request, version));
        else
            response.topics.push_back(
                absent(KafkaError::UnknownTopicId, std::nullopt, asked.topicId));
    }
}

/// Names must be there before version 12, and topic ids must not: a request that breaks this is
/// refused as a whole.
bool sane(const MetadataRequest& request, std::int16_t version) {
    if (!request.topics || version >= 12)
        return true;
    return std::none_of(request.topics->begin(), request.topics->end(),
                        [](const auto& topic) { return !topic.name || !topic.topicId.isZero(); });
}

void refuseAll(Step& s, const Ticket& ticket, const MetadataRequest& request, KafkaError error) {
    MetadataResponse response;
    response.errorCode = code(error);
    for (const auto& topic : *request.topics) {
        auto out =
            absent(error, topic.name ? topic.name : std::optional<std::string>(""), topic.topicId);
        out.isInternal = false;
        response.topics.push_back(std::move(out));
    }
    respond(s, ticket, response, true);
}

}  // namespace

void handleMetadata(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<MetadataRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    if (!sane(*request, ticket.version)) {
        refuseAll(s, ticket, *request, KafkaError::InvalidRequest);
        return;
    }
    MetadataResponse response;
    const bool all = !request->topics || (ticket.version == 0 && request->topics->empty());
    const bool ids = !all && std::any_of(request->topics->begin(), request->topics->end(),
                                         [](const auto& topic) { return !topic.topicId.isZero(); });
    if (!all && !ids &&
        std::any_of(request->topics->begin(), request->topics->end(),
                    [](const auto& topic) { return !topic.name; })) {
        // Neither name nor id: Kafka trips over it, and answers so.
        refuseAll(s, ticket, *request, KafkaError::UnknownServerError);
        return;
    }
    if (all) {
        for (const auto& [name, id] : s.core.image.topicNames())
            response.topics.push_back(
                describe(s.core, *s.core.image.topic(id), *request, ticket.version));
    } else if (ids) {
        byIds(s, *request, ticket.version, response);
    } else {
        byNames(s, *request, ticket.version, response);
    }
    for (const auto& [id, broker] : s.core.image.brokers())
        if (const auto* endpoint = broker.endpoint(kClientListener);
            endpoint != nullptr && !broker.fenced)
            response.brokers.push_back({id, endpoint->host, endpoint->port, broker.rack});
    response.clusterId = s.core.identity.clusterId;
    response.controllerId = someLiveBroker(s);
    if (request->includeClusterAuthorizedOperations)
        response.clusterAuthorizedOperations = kClusterOperations;
    respond(s, ticket, response);
}

}  // namespace odradek::broker
