// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/find_coordinator.h"

#include "engine/broker/auto_create.h"
#include "engine/broker/core.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/leader_hints.h"
#include "engine/broker/handlers/respond.h"

namespace odradek::broker {
namespace {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::KafkaError;

constexpr std::int8_t kGroup = 0;
constexpr std::int8_t kTransaction = 1;
constexpr std::int8_t kShare = 2;

struct Found {
    KafkaError error = KafkaError::None;
    std::int32_t id = -1;
    std::string host;
    std::int32_t port = -1;
};

/// The leader of the group's partition of __consumer_offsets; the topic is created when it is
/// wanted first.
Found coordinatorOf(Step& s, const std::string& group) {
    const auto* topic = s.core.image.topic(kOffsetsTopic);
    if (topic == nullptr) {
        createTopics(s, {std::string(kOffsetsTopic)});
        return {KafkaError::CoordinatorNotAvailable, -1, "", -1};
    }
    const auto* partition = topic->partition(s.core.groups.partitionOf(group));
    const auto* broker = partition == nullptr ? nullptr : s.core.image.broker(partition->leader);
    const auto* endpoint =
        broker == nullptr || broker->fenced ? nullptr : broker->endpoint(kClientListener);
    if (endpoint == nullptr)
        return {KafkaError::CoordinatorNotAvailable, -1, "", -1};
    return {KafkaError::None, partition->leader, endpoint->host, endpoint->port};
}

Found find(Step& s, std::int8_t type, const std::string& key) {
    switch (type) {
        case kGroup:
            return coordinatorOf(s, key);
        case kTransaction:
        case kShare:
            return {KafkaError::UnsupportedVersion, -1, "", -1};
        default:
            return {KafkaError::InvalidRequest, -1, "", -1};
    }
}

}  // namespace

void handleFindCoordinator(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<FindCoordinatorRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    FindCoordinatorResponse response;
    bool error = false;
    if (ticket.version < 4) {
        const auto found = find(s, request->keyType, request->key);
        response.errorCode = code(found.error);
        response.errorMessage = std::string(protocol::errorName(code(found.error)));
        response.nodeId = found.id;
        response.host = found.host;
        response.port = found.port;
        error = found.error != KafkaError::None;
    } else {
        for (const auto& key : request->coordinatorKeys) {
            const auto found = find(s, request->keyType, key);
            auto& out = response.coordinators.emplace_back();
            out.key = key;
            out.nodeId = found.id;
            out.host = found.host;
            out.port = found.port;
            out.errorCode = code(found.error);
            error = error || found.error != KafkaError::None;
        }
    }
    respond(s, ticket, response, error);
}

}  // namespace odradek::broker
