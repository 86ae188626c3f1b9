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

struct DescribeClusterRequest {
    static constexpr MessageInfo kInfo{"DescribeClusterRequest", 60, 0, 2, 0};

    bool includeClusterAuthorizedOperations = false;
    std::int8_t endpointType = 1;
    bool includeFencedBrokers = false;

    template <class V>
    void fields(V& v) {
        v("IncludeClusterAuthorizedOperations", includeClusterAuthorizedOperations, since(0));
        v("EndpointType", endpointType, since(1));
        v("IncludeFencedBrokers", includeFencedBrokers, since(2));
    }
    bool operator==(const DescribeClusterRequest&) const = default;
};

struct DescribeClusterResponse {
    static constexpr MessageInfo kInfo{"DescribeClusterResponse", 60, 0, 2, 0};

    struct DescribeClusterBroker {
        std::int32_t brokerId = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;
        bool isFenced = false;

        template <class V>
        void fields(V& v) {
            v("BrokerId", brokerId, since(0));
            v("Host", host, since(0));
            v("Port", port, since(0));
            v("Rack", rack, since(0).nullable(0));
            v("IsFenced", isFenced, since(2));
        }
        bool operator==(const DescribeClusterBroker&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage;
    std::int8_t endpointType = 1;
    std::string clusterId;
    std::int32_t controllerId = -1;
    std::vector<DescribeClusterBroker> brokers;
    std::int32_t clusterAuthorizedOperations = -2147483648;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(0).nullable(0));
        v("EndpointType", endpointType, since(1));
        v("ClusterId", clusterId, since(0));
        v("ControllerId", controllerId, since(0));
        v("Brokers", brokers, since(0));
        v("ClusterAuthorizedOperations", clusterAuthorizedOperations, since(0));
    }
    bool operator==(const DescribeClusterResponse&) const = default;
};

}  // namespace odradek::protocol
