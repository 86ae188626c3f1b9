// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/alter_configs.h"

#include <algorithm>

#include "engine/broker/core.h"
#include "engine/broker/handlers/forward.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"
#include "engine/metadata/config_changes.h"
#include "engine/protocol/messages/incremental_alter_configs.h"

namespace odradek::broker {
namespace {

using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::KafkaError;

/// What the broker that takes the request checks before the controller sees it
/// (ConfigAdminManager.preprocess).
metadata::ApiError judge(const BrokerCore& core, const IncrementalAlterConfigsRequest& request,
                         const IncrementalAlterConfigsRequest::AlterConfigsResource& resource) {
    const auto same =
        std::count_if(request.resources.begin(), request.resources.end(), [&](const auto& other) {
            return other.resourceType == resource.resourceType &&
                   other.resourceName == resource.resourceName;
        });
    if (same > 1)
        return {KafkaError::InvalidRequest, "Each resource must appear at most once."};
    std::vector<metadata::AlterConfig> changes;
    for (const auto& config : resource.configs)
        changes.push_back(
            {config.name, static_cast<metadata::AlterOp>(config.configOperation), config.value});
    return metadata::precheckAlterConfigs(
        {static_cast<metadata::ResourceType>(resource.resourceType), resource.resourceName},
        changes, core.id(), core.image, core.config.settings);
}

}  // namespace

void handleIncrementalAlterConfigs(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<IncrementalAlterConfigsRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    IncrementalAlterConfigsRequest rest;
    rest.validateOnly = request->validateOnly;
    std::vector<JudgedResource> judged;
    for (const auto& resource : request->resources) {
        const auto verdict = judge(s.core, *request, resource);
        judged.push_back({resource.resourceType, resource.resourceName, !verdict.ok(),
                          code(verdict.error), verdict.message});
        if (verdict.ok())
            rest.resources.push_back(resource);
    }
    ControllerRequest call = envelopeOf(s, ticket, protocol::encode(rest, ticket.version));
    call.judged = std::move(judged);
    if (rest.resources.empty())
        finishAlterConfigs(s, call, nullptr, KafkaError::None);
    else
        callController(s, std::move(call));
}

void finishAlterConfigs(Step& s, const ControllerRequest& request, const Bytes* frame,
                        KafkaError error) {
    const Ticket& ticket = *request.client;
    Result<IncrementalAlterConfigsResponse> theirs = IncrementalAlterConfigsResponse{};
    if (frame != nullptr) {
        const auto split = protocol::parseResponseFrame(ticket.api, ticket.version, *frame);
        theirs =
            split ? protocol::decode<IncrementalAlterConfigsResponse>(split->body, ticket.version)
                  : Result<IncrementalAlterConfigsResponse>(std::unexpected(split.error()));
        if (!theirs)
            error = KafkaError::UnknownServerError;
    }
    IncrementalAlterConfigsResponse response;
    bool anyError = false;
    for (const auto& one : request.judged) {
        auto& out = response.responses.emplace_back();
        out.resourceType = one.type;
        out.resourceName = one.name;
        out.errorCode = one.final ? one.error : code(error);
        out.errorMessage = one.final ? std::optional(one.message) : std::nullopt;
        if (!one.final && theirs)
            for (const auto& answer : theirs->responses)
                if (answer.resourceType == one.type && answer.resourceName == one.name) {
                    out.errorCode = answer.errorCode;
                    out.errorMessage = answer.errorMessage;
                }
        anyError = anyError || out.errorCode != 0;
    }
    respond(s, ticket, response, anyError);
}

}  // namespace odradek::broker
