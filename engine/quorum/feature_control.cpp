// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/feature_control.h"

#include "engine/metadata/features.h"

namespace odradek::quorum {

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
