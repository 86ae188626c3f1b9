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

struct IncrementalAlterConfigsRequest {
    static constexpr MessageInfo kInfo{"IncrementalAlterConfigsRequest", 44, 0, 1, 1};

    struct AlterableConfig {
        std::string name;
        std::int8_t configOperation = 0;
        std::optional<std::string> value{std::in_place};

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("ConfigOperation", configOperation, since(0));
            v("Value", value, since(0).nullable(0));
        }
        bool operator==(const AlterableConfig&) const = default;
    };

    struct AlterConfigsResource {
        std::int8_t resourceType = 0;
        std::string resourceName;
        std::vector<AlterableConfig> configs;

        template <class V>
        void fields(V& v) {
            v("ResourceType", resourceType, since(0));
            v("ResourceName", resourceName, since(0));
            v("Configs", configs, since(0));
        }
        bool operator==(const AlterConfigsResource&) const = default;
    };

    std::vector<AlterConfigsResource> resources;
    bool validateOnly = false;

    template <class V>
    void fields(V& v) {
        v("Resources", resources, since(0));
        v("ValidateOnly", validateOnly, since(0));
    }
    bool operator==(const IncrementalAlterConfigsRequest&) const = default;
};

struct IncrementalAlterConfigsResponse {
    static constexpr MessageInfo kInfo{"IncrementalAlterConfigsResponse", 44, 0, 1, 1};

    struct AlterConfigsResourceResponse {
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage{std::in_place};
        std::int8_t resourceType = 0;
        std::string resourceName;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(0).nullable(0));
            v("ResourceType", resourceType, since(0));
            v("ResourceName", resourceName, since(0));
        }
        bool operator==(const AlterConfigsResourceResponse&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<AlterConfigsResourceResponse> responses;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("Responses", responses, since(0));
    }
    bool operator==(const IncrementalAlterConfigsResponse&) const = default;
};

}  // namespace odradek::protocol
