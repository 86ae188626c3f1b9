// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/types.h"
#include "engine/protocol/codec/schema.h"

namespace odradek::protocol {

struct ApiVersionsRequest {
    static constexpr MessageInfo kInfo{"ApiVersionsRequest", 18, 0, 4, 3};

    std::string clientSoftwareName;
    std::string clientSoftwareVersion;
    std::optional<std::string> clusterId;
    std::int32_t nodeId = -1;

    template <class V>
    void fields(V& v) {
        v("ClientSoftwareName", clientSoftwareName, since(3).ignorable());
        v("ClientSoftwareVersion", clientSoftwareVersion, since(3).ignorable());
        v("ClusterId", clusterId, since(5).nullable(5).ignorable());
        v("NodeId", nodeId, since(5).ignorable());
    }
    bool operator==(const ApiVersionsRequest&) const = default;
};

struct ApiVersionsResponse {
    static constexpr MessageInfo kInfo{"ApiVersionsResponse", 18, 0, 4, 3};

    struct ApiVersion {
        std::int16_t apiKey = 0;
        std::int16_t minVersion = 0;
        std::int16_t maxVersion = 0;

        template <class V>
        void fields(V& v) {
            v("ApiKey", apiKey, since(0));
            v("MinVersion", minVersion, since(0));
            v("MaxVersion", maxVersion, since(0));
        }
        bool operator==(const ApiVersion&) const = default;
    };

    struct SupportedFeatureKey {
        std::string name;
        std::int16_t minVersion = 0;
        std::int16_t maxVersion = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(3));
            v("MinVersion", minVersion, since(3));
            v("MaxVersion", maxVersion, since(3));
        }
        bool operator==(const SupportedFeatureKey&) const = default;
    };

    struct FinalizedFeatureKey {
        std::string name;
        std::int16_t maxVersionLevel = 0;
        std::int16_t minVersionLevel = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(3));
            v("MaxVersionLevel", maxVersionLevel, since(3));
            v("MinVersionLevel", minVersionLevel, since(3));
        }
        bool operator==(const FinalizedFeatureKey&) const = default;
    };

    std::int16_t errorCode = 0;
    std::vector<ApiVersion> apiKeys;
    std::int32_t throttleTimeMs = 0;
    std::vector<SupportedFeatureKey> supportedFeatures;
    std::int64_t finalizedFeaturesEpoch = -1;
    std::vector<FinalizedFeatureKey> finalizedFeatures;
    bool zkMigrationReady = false;

    template <class V>
    void fields(V& v) {
        v("ErrorCode", errorCode, since(0));
        v("ApiKeys", apiKeys, since(0));
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("SupportedFeatures", supportedFeatures, since(3).tag(0, 3).ignorable());
        v("FinalizedFeaturesEpoch", finalizedFeaturesEpoch, since(3).tag(1, 3).ignorable());
        v("FinalizedFeatures", finalizedFeatures, since(3).tag(2, 3).ignorable());
        v("ZkMigrationReady", zkMigrationReady, since(3).tag(3, 3).ignorable());
    }
    bool operator==(const ApiVersionsResponse&) const = default;
};

}  // namespace odradek::protocol
