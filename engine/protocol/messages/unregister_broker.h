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

struct UnregisterBrokerRequest {
    static constexpr MessageInfo kInfo{"UnregisterBrokerRequest", 64, 0, 0, 0};

    std::int32_t brokerId = 0;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
    }
    bool operator==(const UnregisterBrokerRequest&) const = default;
};

struct UnregisterBrokerResponse {
    static constexpr MessageInfo kInfo{"UnregisterBrokerResponse", 64, 0, 0, 0};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(0).nullable(0));
    }
    bool operator==(const UnregisterBrokerResponse&) const = default;
};

}  // namespace odradek::protocol
