// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/init_producer_id.h"

#include <utility>

#include "engine/broker/controller_answers.h"
#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"
#include "engine/protocol/messages/allocate_producer_ids.h"

namespace odradek::broker {
namespace {

using protocol::AllocateProducerIdsRequest;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::KafkaError;

constexpr std::int64_t kBlockTimeoutMs = 30000;

void refuse(Step& s, const Ticket& ticket, KafkaError error) {
    InitProducerIdResponse response;
    response.errorCode = code(error);
    response.producerId = -1;
    response.producerEpoch = -1;
    respond(s, ticket, response, true);
}

void give(Step& s, const Ticket& ticket) {
    InitProducerIdResponse response;
    response.producerId = s.core.producerIds.next++;
    response.producerEpoch = 0;
    respond(s, ticket, response);
}

void askForBlock(Step& s) {
    if (std::exchange(s.core.producerIds.asked, true))
        return;
    AllocateProducerIdsRequest request;
    request.brokerId = s.core.id();
    request.brokerEpoch = s.core.epoch.value;
    ControllerRequest call;
    call.call = ControllerCall::AllocateProducerIds;
    call.api = AllocateProducerIdsRequest::kInfo.key;
    call.version = AllocateProducerIdsRequest::kInfo.maxVersion;
    call.body = protocol::encode(request, call.version);
    call.deadline = s.now.at + Milliseconds(kBlockTimeoutMs);
    callController(s, std::move(call));
}

}  // namespace

void handleInitProducerId(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<InitProducerIdRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    if (request->transactionalId) {
        refuse(s, ticket,
               request->transactionalId->empty() ? KafkaError::InvalidRequest
                                                 : KafkaError::UnsupportedVersion);
        return;
    }
    if ((request->producerId == -1) != (request->producerEpoch == -1)) {
        refuse(s, ticket, KafkaError::InvalidRequest);
        return;
    }
    auto& ids = s.core.producerIds;
    if (ids.next < ids.end) {
        give(s, ticket);
        return;
    }
    ids.waiting.push_back(ticket);
    askForBlock(s);
}

void onProducerIdsAnswer(Step& s, const ControllerRequest& request, const Bytes* body) {
    auto& ids = s.core.producerIds;
    ids.asked = false;
    if (body != nullptr) {
        const auto answer =
            protocol::decode<protocol::AllocateProducerIdsResponse>(*body, request.version);
        if (answer && answer->errorCode == 0) {
            ids.next = answer->producerIdStart;
            ids.end = answer->producerIdStart + answer->producerIdLen;
        }
    }
    // Without a block clients are told to come again, as Kafka does while it has none.
    for (const auto& ticket : std::exchange(ids.waiting, {})) {
        if (ids.next < ids.end)
            give(s, ticket);
        else
            refuse(s, ticket, KafkaError::CoordinatorLoadInProgress);
    }
}

}  // namespace odradek::broker
