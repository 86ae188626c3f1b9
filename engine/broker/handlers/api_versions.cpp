// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/api_versions.h"

#include <algorithm>

#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/handlers/table.h"
#include "engine/metadata/features.h"

namespace odradek::broker {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::KafkaError;

constexpr std::int16_t kOwnKey = ApiVersionsRequest::kInfo.key;

/// Kafka's rule for client software names and versions (KIP-511): letters and digits, with '.' and
/// '-' between.
bool saneName(const std::string& text) {
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    if (text.empty() || !plain(text.front()) || !plain(text.back()))
        return false;
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return plain(c) || c == '.' || c == '-'; });
}

void refuse(Step& s, const Ticket& ticket, std::int16_t version, KafkaError error, bool onlyOwn) {
    ApiVersionsResponse response;
    response.errorCode = code(error);
    if (onlyOwn) {
        const auto* own = servedApi(kOwnKey);
        response.apiKeys.push_back({own->api, own->advertisedMin, own->max});
    }
    s.answer(ticket, protocol::encodeResponse(response, version, ticket.correlationId), true);
}

void addFeatures(const BrokerCore& core, const Ticket& ticket, ApiVersionsResponse& response) {
    for (const auto& feature : metadata::kFeatures) {
        if (feature.maxSupported <= 0)
            continue;
        // Older clients choke on a minimum of 0 (KIP-1051): such features stay hidden from them.
        if (ticket.version < 4 && feature.minSupported == 0)
            continue;
        response.supportedFeatures.push_back(
            {std::string(feature.name), feature.minSupported, feature.maxSupported});
    }
    for (const auto& [name, level] : core.image.features())
        response.finalizedFeatures.push_back({name, level, level});
    response.finalizedFeaturesEpoch = core.image.offset();
}

}  // namespace

void handleApiVersions(Step& s, const Ticket& ticket, const Bytes& body) {
    if (ticket.version < ApiVersionsRequest::kInfo.minVersion ||
        ticket.version > ApiVersionsRequest::kInfo.maxVersion) {
        // Whatever version was meant, version 0 can be read by everyone (item 1).
        refuse(s, ticket, 0, KafkaError::UnsupportedVersion, true);
        return;
    }
    const auto request = readRequest<ApiVersionsRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    if (ticket.version >= 3 &&
        (!saneName(request->clientSoftwareName) || !saneName(request->clientSoftwareVersion))) {
        refuse(s, ticket, ticket.version, KafkaError::InvalidRequest, false);
        return;
    }
    if (auto* connection = s.core.connections.find(ticket.connection);
        connection != nullptr && ticket.version >= 3)
        connection->software = request->clientSoftwareName + " " + request->clientSoftwareVersion;
    ApiVersionsResponse response;
    for (const auto& served : servedApis())
        response.apiKeys.push_back({served.api, served.advertisedMin, served.max});
    addFeatures(s.core, ticket, response);
    respond(s, ticket, response);
}

}  // namespace odradek::broker
