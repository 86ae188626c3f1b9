// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/controller_registration.h"

#include <map>

#include "engine/metadata/features.h"

namespace odradek::quorum {
namespace {

constexpr std::int8_t kBrokers = 1;
constexpr std::int8_t kControllers = 2;

}  // namespace

Outcome<protocol::ControllerRegistrationResponse> registerController(
    const ControlContext& context, const protocol::ControllerRegistrationRequest& request) {
    Outcome<protocol::ControllerRegistrationResponse> outcome;
    outcome.response.errorMessage.reset();
    if (request.controllerId < 0) {
        outcome.response.errorCode = protocol::code(KafkaError::InvalidRequest);
        return outcome;
    }
    protocol::RegisterControllerRecord record{.controllerId = request.controllerId,
                                              .incarnationId = request.incarnationId,
                                              .zkMigrationReady = request.zkMigrationReady};
    for (const auto& listener : request.listeners)
        record.endPoints.push_back({listener.name, listener.host, listener.port, listener.securityProtocol});
    for (const auto& feature : request.features)
        record.features.push_back({feature.name, feature.minSupportedVersion, feature.maxSupportedVersion});
    const auto known = context.image.controllers().find(request.controllerId);
    if (known == context.image.controllers().end() || !(known->second == record))
        outcome.records.emplace_back(std::move(record));
    return outcome;
}

protocol::ControllerRegistrationRequest controllerRegistration(std::int32_t node, const Uuid& incarnation,
                                                               const std::vector<raft::Endpoint>& listeners) {
    protocol::ControllerRegistrationRequest request{.controllerId = node, .incarnationId = incarnation};
    for (const auto& listener : listeners)
        request.listeners.push_back({listener.name, listener.host, listener.port, 0});
    for (const auto& feature : metadata::kFeatures)
        if (feature.maxSupported > 0)
            request.features.push_back({std::string(feature.name), feature.minSupported, feature.maxSupported});
    return request;
}

protocol::DescribeClusterResponse describeControllers(const metadata::Image& image, const raft::VoterSet& voters,
                                                      const std::string& clusterId, std::int32_t leader,
                                                      const protocol::DescribeClusterRequest& request,
                                                      std::int16_t version) {
    protocol::DescribeClusterResponse response;
    response.errorMessage.reset();
    if (version < 1 || request.endpointType != kControllers) {
        const bool isKnown = version < 1 || request.endpointType == kBrokers;
        response.errorCode =
            protocol::code(isKnown ? KafkaError::MismatchedEndpointType : KafkaError::UnsupportedEndpointType);
        response.errorMessage = isKnown ? "The request was sent to an endpoint of type CONTROLLER, but we wanted an "
                                          "endpoint of type BROKER"
                                        : "Unsupported endpoint type " + std::to_string(request.endpointType);
        return response;
    }
    response.endpointType = kControllers;
    response.clusterId = clusterId;
    response.controllerId = leader;
    std::map<std::int32_t, std::pair<std::string, std::int32_t>> found;
    for (const auto& [id, controller] : image.controllers())
        if (!controller.endPoints.empty())
            found[id] = {controller.endPoints.front().host, controller.endPoints.front().port};
    for (const auto& [id, voter] : voters.all())
        if (!voter.endpoints.empty())
            found.try_emplace(id, voter.endpoints.front().host, voter.endpoints.front().port);
    for (const auto& [id, place] : found)
        response.brokers.push_back({id, place.first, place.second, std::nullopt, false});
    return response;
}

}  // namespace odradek::quorum
