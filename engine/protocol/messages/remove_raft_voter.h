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

struct RemoveRaftVoterRequest {
    static constexpr MessageInfo kInfo{"RemoveRaftVoterRequest", 81, 0, 0, 0};

    std::optional<std::string> clusterId{std::in_place};
    std::int32_t voterId = 0;
    Uuid voterDirectoryId;

    template <class V>
    void fields(V& v) {
        v("ClusterId", clusterId, since(0).nullable(0));
        v("VoterId", voterId, since(0));
        v("VoterDirectoryId", voterDirectoryId, since(0));
    }
    bool operator==(const RemoveRaftVoterRequest&) const = default;
};

struct RemoveRaftVoterResponse {
    static constexpr MessageInfo kInfo{"RemoveRaftVoterResponse", 81, 0, 0, 0};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(0).nullable(0).ignorable());
    }
    bool operator==(const RemoveRaftVoterResponse&) const = default;
};

}  // namespace odradek::protocol
