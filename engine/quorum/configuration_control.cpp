// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/configuration_control.h"

#include <map>

namespace odradek::quorum {

using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

Outcome<IncrementalAlterConfigsResponse> alterConfigs(const ControlContext& context,
                                                      const IncrementalAlterConfigsRequest& request) {
    Outcome<IncrementalAlterConfigsResponse> outcome;
    std::map<std::pair<std::int8_t, std::string>, int> times;
    for (const auto& resource : request.resources)
        ++times[{resource.resourceType, resource.resourceName}];
    for (const auto& wanted : request.resources) {
        const metadata::ConfigResource resource{static_cast<metadata::ResourceType>(wanted.resourceType),
                                                wanted.resourceName};
        metadata::AlterOutcome altered;
        if (times[{wanted.resourceType, wanted.resourceName}] > 1) {
            altered.error = {KafkaError::InvalidRequest, "Each resource must appear at most once."};
        } else {
            std::vector<metadata::AlterConfig> changes;
            for (const auto& config : wanted.configs)
                changes.push_back(
                    {config.name, static_cast<metadata::AlterOp>(config.configOperation), config.value});
            altered = metadata::alterConfigs(resource, changes, context.image, context.settings);
        }
        if (altered.error.ok())
            outcome.records.insert(outcome.records.end(), altered.records.begin(), altered.records.end());
        outcome.response.responses.push_back(
            {.errorCode = protocol::code(altered.error.error),
             .errorMessage = altered.error.ok() ? std::nullopt : std::optional(altered.error.message),
             .resourceType = wanted.resourceType,
             .resourceName = wanted.resourceName});
    }
    if (request.validateOnly)
        outcome.records.clear();
    return outcome;
}

}  // namespace odradek::quorum
