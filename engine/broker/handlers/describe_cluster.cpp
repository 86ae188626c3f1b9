// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_cluster.h"

#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/leader_hints.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/handlers/topic_facts.h"

namespace odradek::broker {

using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;
using protocol::KafkaError;

void handleDescribeCluster(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<DescribeClusterRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    DescribeClusterResponse response;
    constexpr std::int8_t kBrokers = 1;
    constexpr std::int8_t kControllers = 2;
    if (ticket.version >= 1 && request->endpointType != kBrokers) {
        // Brokers are asked for brokers; controllers answer for themselves on their own listener
        // (KIP-919).
        const bool known = request->endpointType == kControllers;
        response.errorCode =
            code(known ? KafkaError::MismatchedEndpointType : KafkaError::UnsupportedEndpointType);
        response.errorMessage =
            known ? "The request was sent to an endpoint of type BROKER, but we wanted an endpoint "
                    "of type CONTROLLER"
                  : "Unsupported endpoint type " + std::to_string(request->endpointType);
        respond(s, ticket, response, true);
        return;
    }
    response.endpointType = kBrokers;
    response.clusterId = s.core.identity.clusterId;
    response.controllerId = someLiveBroker(s);
    for (const auto& [id, broker] : s.core.image.brokers()) {
        const auto* endpoint = broker.endpoint(kClientListener);
        if (endpoint == nullptr ||
            (broker.fenced && !(ticket.version >= 2 && request->includeFencedBrokers)))
            continue;
        response.brokers.push_back(
            {id, endpoint->host, endpoint->port, broker.rack, broker.fenced});
    }
    if (request->includeClusterAuthorizedOperations)
        response.clusterAuthorizedOperations = kClusterOperations;
    respond(s, ticket, response);
}

}  // namespace odradek::broker
