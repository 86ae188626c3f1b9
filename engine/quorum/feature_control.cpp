// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/feature_control.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "engine/metadata/features.h"

namespace odradek::quorum {
namespace {

constexpr std::int8_t kUpgrade = 1;
constexpr std::int8_t kSafeDowngrade = 2;
constexpr std::int8_t kUnsafeDowngrade = 3;

const metadata::FeatureDef* featureDef(std::string_view name) {
    for (const auto& feature : metadata::kFeatures)
        if (feature.name == name)
            return &feature;
    return nullptr;
}

/// Who of the cluster cannot run with that level; empty when all can.
std::string whoCannot(const metadata::Image& image, const std::string& name, std::int16_t level) {
    if (level == 0)
        return {};
    for (const auto& [id, broker] : image.brokers()) {
        const auto found = broker.features.find(name);
        if (found == broker.features.end() || level < found->second.min || level > found->second.max)
            return fmt::format("Broker {} does not support this feature version", id);
    }
    for (const auto& [id, controller] : image.controllers()) {
        const auto found = std::find_if(controller.features.begin(), controller.features.end(),
                                        [&](const auto& feature) { return feature.name == name; });
        if (found == controller.features.end() || level < found->minSupportedVersion ||
            level > found->maxSupportedVersion)
            return fmt::format("Controller {} does not support this feature version", id);
    }
    return {};
}

ApiError judge(const ControlContext& context, const protocol::UpdateFeaturesRequest::FeatureUpdateKey& wanted,
               std::int16_t version) {
    const auto invalid = [&](const std::string& why) {
        return ApiError{KafkaError::InvalidUpdateVersion, fmt::format("Invalid update version {} for feature {}. {}",
                                                                      wanted.maxVersionLevel, wanted.feature, why)};
    };
    const auto* def = featureDef(wanted.feature);
    if (def == nullptr || (def->maxSupported == 0 && wanted.maxVersionLevel > 0))
        return invalid("Local controller does not support this feature.");
    const auto type = version == 0 ? (wanted.allowDowngrade ? kSafeDowngrade : kUpgrade) : wanted.upgradeType;
    if (type < kUpgrade || type > kUnsafeDowngrade)
        return invalid("The controller does not support the given upgrade type.");
    const auto current = context.image.featureLevel(wanted.feature);
    if (wanted.maxVersionLevel < 0 || (wanted.maxVersionLevel > 0 && (wanted.maxVersionLevel < def->minSupported ||
                                                                      wanted.maxVersionLevel > def->maxSupported)))
        return invalid(fmt::format("Local controller only supports versions {}-{}", def->minSupported,
                                   def->maxSupported));
    if (wanted.feature == metadata::kMetadataVersion && wanted.maxVersionLevel == 0)
        return invalid("Can't downgrade the metadata version to 0.");
    if (wanted.maxVersionLevel < current && type == kUpgrade)
        return invalid(fmt::format("Can't downgrade the version of this feature without setting the upgrade type to "
                                   "either safe or unsafe downgrade."));
    if (wanted.maxVersionLevel > current && type != kUpgrade)
        return invalid("Can't upgrade the version of this feature when the upgrade type is set to downgrade.");
    if (const auto who = whoCannot(context.image, wanted.feature, wanted.maxVersionLevel); !who.empty())
        return invalid(who);
    return {};
}

}  // namespace

Outcome<protocol::UpdateFeaturesResponse> updateFeatures(const ControlContext& context,
                                                         const protocol::UpdateFeaturesRequest& request,
                                                         std::int16_t version) {
    Outcome<protocol::UpdateFeaturesResponse> outcome;
    outcome.response.errorMessage.reset();
    std::set<std::string> seen;
    ApiError first;
    for (const auto& wanted : request.featureUpdates) {
        auto error = seen.insert(wanted.feature).second
                         ? judge(context, wanted, version)
                         : ApiError{KafkaError::InvalidRequest, "A feature is named twice."};
        auto& result = outcome.response.results.emplace_back();
        result.feature = wanted.feature;
        result.errorCode = protocol::code(error.error);
        result.errorMessage.reset();
        if (error.ok()) {
            if (context.image.featureLevel(wanted.feature) != wanted.maxVersionLevel)
                outcome.records.emplace_back(protocol::FeatureLevelRecord{.name = wanted.feature,
                                                                          .featureLevel = wanted.maxVersionLevel});
            continue;
        }
        result.errorMessage = error.message;
        if (first.ok())
            first = std::move(error);
    }
    if (!first.ok() && version > 1) {
        outcome.response.errorCode = protocol::code(first.error);
        outcome.response.errorMessage = "The update failed for all features since the following feature had an "
                                        "error: " + first.message;
        outcome.response.results.clear();
    } else if (version > 1) {
        outcome.response.results.clear();
    }
    if (!first.ok() || request.validateOnly)
        outcome.records.clear();
    return outcome;
}

Records bootstrapRecords(const metadata::Image& image) {
    Records records;
    if (!image.features().empty())
        return records;
    for (const auto& feature : metadata::kFeatures)
        if (feature.initialLevel > 0)
            records.emplace_back(protocol::FeatureLevelRecord{.name = std::string(feature.name),
                                                              .featureLevel = feature.initialLevel});
    return records;
}

void describeFeatures(const metadata::Image& image, std::int16_t version, protocol::ApiVersionsResponse& response) {
    for (const auto& feature : metadata::kFeatures)
        if (version >= 4 || feature.minSupported > 0)
            response.supportedFeatures.push_back(
                {std::string(feature.name), feature.minSupported, feature.maxSupported});
    for (const auto& [name, level] : image.features())
        response.finalizedFeatures.push_back({name, level, level});
    response.finalizedFeaturesEpoch = image.offset();
}

}  // namespace odradek::quorum
