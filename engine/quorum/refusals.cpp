// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/refusals.h"

#include <concepts>
#include <fmt/format.h>

#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/alter_partition.h"
#include "engine/protocol/messages/alter_partition_reassignments.h"
#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/controller_registration.h"
#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/elect_leaders.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/messages/list_partition_reassignments.h"
#include "engine/protocol/messages/unregister_broker.h"
#include "engine/protocol/messages/update_features.h"

namespace odradek::quorum {
namespace {

using protocol::KafkaError;

template <class Response>
concept HasErrorCode = requires(Response r) { r.errorCode; };

template <class Response, class Request>
    requires HasErrorCode<Response>
Response refusedWith(const Request&, KafkaError error) {
    Response response;
    response.errorCode = protocol::code(error);
    return response;
}

template <class Response>
Response refusedWith(const protocol::CreateTopicsRequest& request, KafkaError error) {
    Response response;
    for (const auto& topic : request.topics) {
        auto& out = response.topics.emplace_back();
        out.name = topic.name;
        out.errorCode = protocol::code(error);
        out.errorMessage.reset();
    }
    return response;
}

template <class Response>
Response refusedWith(const protocol::DeleteTopicsRequest& request, KafkaError error) {
    Response response;
    for (const auto& name : request.topicNames) {
        auto& out = response.responses.emplace_back();
        out.name = name;
        out.errorCode = protocol::code(error);
    }
    for (const auto& topic : request.topics) {
        auto& out = response.responses.emplace_back();
        out.name = topic.name;
        out.topicId = topic.topicId;
        out.errorCode = protocol::code(error);
    }
    return response;
}

template <class Response>
Response refusedWith(const protocol::CreatePartitionsRequest& request, KafkaError error) {
    Response response;
    for (const auto& topic : request.topics)
        response.results.push_back({topic.name, protocol::code(error), std::nullopt});
    return response;
}

template <class Response>
Response refusedWith(const protocol::IncrementalAlterConfigsRequest& request, KafkaError error) {
    Response response;
    for (const auto& resource : request.resources)
        response.responses.push_back(
            {protocol::code(error), std::nullopt, resource.resourceType, resource.resourceName});
    return response;
}

template <class Request, class Response>
Result<Chain> refuse(const protocol::RequestFrame& frame, KafkaError error) {
    const auto request = TRY(protocol::decode<Request>(frame.body, frame.apiVersion));
    return protocol::encodeResponse(refusedWith<Response>(request, error), frame.apiVersion, frame.correlationId);
}

}  // namespace

Result<Chain> refusal(const protocol::RequestFrame& frame, KafkaError error) {
#define ODRADEK_REFUSE(Name)                                                                       \
    case protocol::ApiKey::Name:                                                                   \
        return refuse<protocol::Name##Request, protocol::Name##Response>(frame, error);
    switch (static_cast<protocol::ApiKey>(frame.apiKey)) {
        ODRADEK_REFUSE(BrokerRegistration)
        ODRADEK_REFUSE(BrokerHeartbeat)
        ODRADEK_REFUSE(AlterPartition)
        ODRADEK_REFUSE(AllocateProducerIds)
        ODRADEK_REFUSE(ControllerRegistration)
        ODRADEK_REFUSE(Envelope)
        ODRADEK_REFUSE(CreateTopics)
        ODRADEK_REFUSE(DeleteTopics)
        ODRADEK_REFUSE(CreatePartitions)
        ODRADEK_REFUSE(IncrementalAlterConfigs)
        ODRADEK_REFUSE(ElectLeaders)
        ODRADEK_REFUSE(AlterPartitionReassignments)
        ODRADEK_REFUSE(ListPartitionReassignments)
        ODRADEK_REFUSE(UnregisterBroker)
        ODRADEK_REFUSE(UpdateFeatures)
    default: return fail(ErrorCode::Unsupported, fmt::format("API key {} is not served here", frame.apiKey));
    }
#undef ODRADEK_REFUSE
}

}  // namespace odradek::quorum
