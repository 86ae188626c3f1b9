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

struct HeartbeatRequest {
    static constexpr MessageInfo kInfo{"HeartbeatRequest", 12, 0, 4, 4};

    std::string groupId;
    std::int32_t generationId = 0;
    std::string memberId;
    std::optional<std::string> groupInstanceId;

    template <class V>
    void fields(V& v) {
        v("GroupId", groupId, since(0));
        v("GenerationId", generationId, since(0));
        v("MemberId", memberId, since(0));
        v("GroupInstanceId", groupInstanceId, since(3).nullable(3));
    }
    bool operator==(const HeartbeatRequest&) const = default;
};

struct HeartbeatResponse {
    static constexpr MessageInfo kInfo{"HeartbeatResponse", 12, 0, 4, 4};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("ErrorCode", errorCode, since(0));
    }
    bool operator==(const HeartbeatResponse&) const = default;
};

}  // namespace odradek::protocol
