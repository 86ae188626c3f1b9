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

struct UpdateFeaturesRequest {
    static constexpr MessageInfo kInfo{"UpdateFeaturesRequest", 57, 0, 2, 0};

    struct FeatureUpdateKey {
        std::string feature;
        std::int16_t maxVersionLevel = 0;
        bool allowDowngrade = false;
        std::int8_t upgradeType = 1;

        template <class V>
        void fields(V& v) {
            v("Feature", feature, since(0));
            v("MaxVersionLevel", maxVersionLevel, since(0));
            v("AllowDowngrade", allowDowngrade, between(0, 0));
            v("UpgradeType", upgradeType, since(1));
        }
        bool operator==(const FeatureUpdateKey&) const = default;
    };

    std::int32_t timeoutMs = 60000;
    std::vector<FeatureUpdateKey> featureUpdates;
    bool validateOnly = false;

    template <class V>
    void fields(V& v) {
        v("timeoutMs", timeoutMs, since(0));
        v("FeatureUpdates", featureUpdates, since(0));
        v("ValidateOnly", validateOnly, since(1));
    }
    bool operator==(const UpdateFeaturesRequest&) const = default;
};

struct UpdateFeaturesResponse {
    static constexpr MessageInfo kInfo{"UpdateFeaturesResponse", 57, 0, 2, 0};

    struct UpdatableFeatureResult {
        std::string feature;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage{std::in_place};

        template <class V>
        void fields(V& v) {
            v("Feature", feature, since(0));
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(0).nullable(0));
        }
        bool operator==(const UpdatableFeatureResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};
    std::vector<UpdatableFeatureResult> results;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(0).nullable(0));
        v("Results", results, between(0, 1).ignorable());
    }
    bool operator==(const UpdateFeaturesResponse&) const = default;
};

}  // namespace odradek::protocol
