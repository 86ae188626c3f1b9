// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/forward.h"

#include <array>
#include <charconv>

#include "engine/broker/controller_answers.h"
#include "engine/broker/core.h"
#include "engine/broker/handlers/alter_configs.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"
#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/alter_partition_reassignments.h"
#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/describe_quorum.h"
#include "engine/protocol/messages/elect_leaders.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/messages/list_partition_reassignments.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "engine/protocol/messages/unregister_broker.h"
#include "engine/protocol/messages/update_features.h"
#include "engine/protocol/records/default_principal_data.h"

namespace odradek::broker {
namespace {

using protocol::EnvelopeRequest;
using protocol::EnvelopeResponse;
using protocol::KafkaError;

constexpr std::int64_t kForwardTimeoutMs = 60000;

/// The bytes of an address as Java's InetAddress gives them: 4 for IPv4, 16 (here: the loopback)
/// otherwise.
Bytes addressBytes(const std::string& host) {
    std::array<std::uint8_t, 4> four{};
    const char* at = host.data();
    const char* end = host.data() + host.size();
    for (std::size_t i = 0; i < four.size(); ++i) {
        const auto [next, error] = std::from_chars(at, end, four[i]);
        const bool last = i + 1 == four.size();
        if (error != std::errc() || (last ? next != end : next == end || *next != '.')) {
            std::vector<std::uint8_t> loopback(16, 0);
            loopback.back() = 1;
            return Bytes::take(std::move(loopback));
        }
        at = last ? next : next + 1;
    }
    return Bytes::copy(ByteSpan(four));
}

/// "User:ANONYMOUS", as everybody is without authentication; prefixed with its version.
Bytes anonymous() {
    protocol::DefaultPrincipalData principal;
    principal.type = "User";
    principal.name = "ANONYMOUS";
    Chain all(Bytes::copy(ByteSpan(std::array<std::uint8_t, 2>{0, 0})));
    all.append(protocol::encode(principal, 0));
    return all.flatten();
}

protocol::CreateTopicsResponse refusal(const protocol::CreateTopicsRequest& request,
                                       KafkaError error) {
    protocol::CreateTopicsResponse response;
    for (const auto& topic : request.topics) {
        auto& out = response.topics.emplace_back();
        out.name = topic.name;
        out.errorCode = code(error);
        out.errorMessage.reset();
    }
    return response;
}
protocol::DeleteTopicsResponse refusal(const protocol::DeleteTopicsRequest& request,
                                       KafkaError error) {
    protocol::DeleteTopicsResponse response;
    for (const auto& name : request.topicNames) {
        auto& out = response.responses.emplace_back();
        out.name = name;
        out.errorCode = code(error);
    }
    for (const auto& topic : request.topics) {
        auto& out = response.responses.emplace_back();
        out.name = topic.name;
        out.topicId = topic.topicId;
        out.errorCode = code(error);
    }
    return response;
}
protocol::CreatePartitionsResponse refusal(const protocol::CreatePartitionsRequest& request,
                                           KafkaError error) {
    protocol::CreatePartitionsResponse response;
    for (const auto& topic : request.topics)
        response.results.push_back({topic.name, code(error), std::nullopt});
    return response;
}
protocol::IncrementalAlterConfigsResponse refusal(
    const protocol::IncrementalAlterConfigsRequest& request, KafkaError error) {
    protocol::IncrementalAlterConfigsResponse response;
    for (const auto& resource : request.resources)
        response.responses.push_back(
            {code(error), std::nullopt, resource.resourceType, resource.resourceName});
    return response;
}

/// Those whose answer has one error for all that was asked.
template <class Response>
Response refusalOf(KafkaError error) {
    Response response;
    response.errorCode = code(error);
    return response;
}
#define ODRADEK_REFUSAL(Name)                                                              \
    protocol::Name##Response refusal(const protocol::Name##Request&, KafkaError error) {   \
        return refusalOf<protocol::Name##Response>(error);                                 \
    }
ODRADEK_REFUSAL(ElectLeaders)
ODRADEK_REFUSAL(AlterPartitionReassignments)
ODRADEK_REFUSAL(ListPartitionReassignments)
ODRADEK_REFUSAL(DescribeQuorum)
ODRADEK_REFUSAL(UpdateFeatures)
ODRADEK_REFUSAL(UnregisterBroker)
ODRADEK_REFUSAL(AddRaftVoter)
ODRADEK_REFUSAL(RemoveRaftVoter)
#undef ODRADEK_REFUSAL

template <class Request>
void refuseAs(Step& s, const Ticket& ticket, const Bytes& body, KafkaError error) {
    if (const auto request = readRequest<Request>(ticket, body))
        respond(s, ticket, refusal(*request, error), true);
    else
        dropConnection(s, ticket, request.error().message);
}

/// Calls `call` with the request type of an API that is forwarded.
template <class Call>
auto asForwarded(std::int16_t api, Call call) {
#define ODRADEK_FORWARD(Name)                  \
    case protocol::Name##Request::kInfo.key:   \
        return call.template operator()<protocol::Name##Request>();
    switch (api) {
        ODRADEK_FORWARD(CreateTopics)
        ODRADEK_FORWARD(DeleteTopics)
        ODRADEK_FORWARD(CreatePartitions)
        ODRADEK_FORWARD(ElectLeaders)
        ODRADEK_FORWARD(AlterPartitionReassignments)
        ODRADEK_FORWARD(ListPartitionReassignments)
        ODRADEK_FORWARD(DescribeQuorum)
        ODRADEK_FORWARD(UpdateFeatures)
        ODRADEK_FORWARD(UnregisterBroker)
        ODRADEK_FORWARD(AddRaftVoter)
        ODRADEK_FORWARD(RemoveRaftVoter)
        default:
            return call.template operator()<protocol::IncrementalAlterConfigsRequest>();
    }
#undef ODRADEK_FORWARD
}

void refuseForwarded(Step& s, const Ticket& ticket, const Bytes& body, KafkaError error) {
    asForwarded(ticket.api,
                [&]<class Request>() { refuseAs<Request>(s, ticket, body, error); });
}

/// The body as this broker understands it, without what may trail behind; an error closes the
/// connection here and troubles no controller.
template <class Request>
Result<Chain> rewritten(const Ticket& ticket, const Bytes& body) {
    const auto request = TRY(readRequest<Request>(ticket, body));
    return protocol::encode(request, ticket.version);
}
Result<Chain> rewrittenBody(const Ticket& ticket, const Bytes& body) {
    return asForwarded(ticket.api, [&]<class Request>() { return rewritten<Request>(ticket, body); });
}

}  // namespace

ControllerRequest envelopeOf(Step& s, const Ticket& ticket, const Chain& body) {
    const auto* connection = s.core.connections.find(ticket.connection);
    EnvelopeRequest envelope;
    const auto clientId = connection == nullptr ? std::string() : connection->clientId;
    envelope.requestData =
        protocol::requestFrame(ticket.api, ticket.version, ticket.correlationId, clientId, body)
            .flatten();
    envelope.requestPrincipal = anonymous();
    envelope.clientHostAddress =
        addressBytes(connection == nullptr ? std::string() : connection->host);
    ControllerRequest call;
    call.call = ControllerCall::Forward;
    call.api = EnvelopeRequest::kInfo.key;
    call.version = EnvelopeRequest::kInfo.maxVersion;
    call.body = protocol::encode(envelope, call.version);
    call.deadline = s.now.at + Milliseconds(kForwardTimeoutMs);
    call.client = ticket;
    call.clientBody = body.flatten();
    return call;
}

void handleForward(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto readable = rewrittenBody(ticket, body);
    if (!readable)
        dropConnection(s, ticket, readable.error().message);
    else
        callController(s, envelopeOf(s, ticket, *readable));
}

void onForwardAnswer(Step& s, const ControllerRequest& request, const Bytes* body) {
    const Ticket& ticket = *request.client;
    Result<EnvelopeResponse> answer = fail(ErrorCode::Timeout, "no answer");
    if (body != nullptr)
        answer = protocol::decode<EnvelopeResponse>(*body, request.version);
    const bool alters = !request.judged.empty();
    if (!answer || answer->errorCode != 0 || !answer->responseData) {
        if (answer && answer->errorCode == code(KafkaError::NotController) &&
            request.deadline > s.now.at) {
            ControllerRequest again = request;  // it is still coming up, or just lost its role
            again.sent = false;
            callController(s, std::move(again));
            return;
        }
        const auto error = answer ? KafkaError::UnknownServerError : KafkaError::RequestTimedOut;
        if (alters)
            finishAlterConfigs(s, request, nullptr, error);
        else
            refuseForwarded(s, ticket, request.clientBody, error);
        return;
    }
    if (alters)
        finishAlterConfigs(s, request, &*answer->responseData, KafkaError::None);
    else
        s.answer(ticket, Chain(*answer->responseData));
}

}  // namespace odradek::broker
