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

struct FindCoordinatorRequest {
    static constexpr MessageInfo kInfo{"FindCoordinatorRequest", 10, 0, 6, 3};

    std::string key;
    std::int8_t keyType = 0;
    std::vector<std::string> coordinatorKeys;

    template <class V>
    void fields(V& v) {
        v("Key", key, between(0, 3));
        v("KeyType", keyType, since(1));
        v("CoordinatorKeys", coordinatorKeys, since(4));
    }
    bool operator==(const FindCoordinatorRequest&) const = default;
};

struct FindCoordinatorResponse {
    static constexpr MessageInfo kInfo{"FindCoordinatorResponse", 10, 0, 6, 3};

    struct Coordinator {
        std::string key;
        std::int32_t nodeId = 0;
        std::string host;
        std::int32_t port = 0;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage{std::in_place};

        template <class V>
        void fields(V& v) {
            v("Key", key, since(4));
            v("NodeId", nodeId, since(4));
            v("Host", host, since(4));
            v("Port", port, since(4));
            v("ErrorCode", errorCode, since(4));
            v("ErrorMessage", errorMessage, since(4).nullable(4).ignorable());
        }
        bool operator==(const Coordinator&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};
    std::int32_t nodeId = 0;
    std::string host;
    std::int32_t port = 0;
    std::vector<Coordinator> coordinators;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("ErrorCode", errorCode, between(0, 3));
        v("ErrorMessage", errorMessage, between(1, 3).nullable(1, 3).ignorable());
        v("NodeId", nodeId, between(0, 3));
        v("Host", host, between(0, 3));
        v("Port", port, between(0, 3));
        v("Coordinators", coordinators, since(4));
    }
    bool operator==(const FindCoordinatorResponse&) const = default;
};

}  // namespace odradek::protocol
