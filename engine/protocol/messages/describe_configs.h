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

struct DescribeConfigsRequest {
    static constexpr MessageInfo kInfo{"DescribeConfigsRequest", 32, 1, 4, 4};

    struct DescribeConfigsResource {
        std::int8_t resourceType = 0;
        std::string resourceName;
        std::optional<std::vector<std::string>> configurationKeys{std::in_place};

        template <class V>
        void fields(V& v) {
            v("ResourceType", resourceType, since(0));
            v("ResourceName", resourceName, since(0));
            v("ConfigurationKeys", configurationKeys, since(0).nullable(0));
        }
        bool operator==(const DescribeConfigsResource&) const = default;
    };

    std::vector<DescribeConfigsResource> resources;
    bool includeSynonyms = false;
    bool includeDocumentation = false;

    template <class V>
    void fields(V& v) {
        v("Resources", resources, since(0));
        v("IncludeSynonyms", includeSynonyms, since(1));
        v("IncludeDocumentation", includeDocumentation, since(3));
    }
    bool operator==(const DescribeConfigsRequest&) const = default;
};

struct DescribeConfigsResponse {
    static constexpr MessageInfo kInfo{"DescribeConfigsResponse", 32, 1, 4, 4};

    struct DescribeConfigsSynonym {
        std::string name;
        std::optional<std::string> value{std::in_place};
        std::int8_t source = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(1));
            v("Value", value, since(1).nullable(0));
            v("Source", source, since(1));
        }
        bool operator==(const DescribeConfigsSynonym&) const = default;
    };

    struct DescribeConfigsResourceResult {
        std::string name;
        std::optional<std::string> value{std::in_place};
        bool readOnly = false;
        std::int8_t configSource = -1;
        bool isSensitive = false;
        std::vector<DescribeConfigsSynonym> synonyms;
        std::int8_t configType = 0;
        std::optional<std::string> documentation{std::in_place};

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Value", value, since(0).nullable(0));
            v("ReadOnly", readOnly, since(0));
            v("ConfigSource", configSource, since(1).ignorable());
            v("IsSensitive", isSensitive, since(0));
            v("Synonyms", synonyms, since(1).ignorable());
            v("ConfigType", configType, since(3).ignorable());
            v("Documentation", documentation, since(3).nullable(0).ignorable());
        }
        bool operator==(const DescribeConfigsResourceResult&) const = default;
    };

    struct DescribeConfigsResult {
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage{std::in_place};
        std::int8_t resourceType = 0;
        std::string resourceName;
        std::vector<DescribeConfigsResourceResult> configs;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(0).nullable(0));
            v("ResourceType", resourceType, since(0));
            v("ResourceName", resourceName, since(0));
            v("Configs", configs, since(0));
        }
        bool operator==(const DescribeConfigsResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<DescribeConfigsResult> results;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("Results", results, since(0));
    }
    bool operator==(const DescribeConfigsResponse&) const = default;
};

}  // namespace odradek::protocol
