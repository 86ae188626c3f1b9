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

struct SyncGroupRequest {
    static constexpr MessageInfo kInfo{"SyncGroupRequest", 14, 0, 5, 4};

    struct SyncGroupRequestAssignment {
        std::string memberId;
        Bytes assignment;

        template <class V>
        void fields(V& v) {
            v("MemberId", memberId, since(0));
            v("Assignment", assignment, since(0));
        }
        bool operator==(const SyncGroupRequestAssignment&) const = default;
    };

    std::string groupId;
    std::int32_t generationId = 0;
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::optional<std::string> protocolType;
    std::optional<std::string> protocolName;
    std::vector<SyncGroupRequestAssignment> assignments;

    template <class V>
    void fields(V& v) {
        v("GroupId", groupId, since(0));
        v("GenerationId", generationId, since(0));
        v("MemberId", memberId, since(0));
        v("GroupInstanceId", groupInstanceId, since(3).nullable(3));
        v("ProtocolType", protocolType, since(5).nullable(5).ignorable());
        v("ProtocolName", protocolName, since(5).nullable(5).ignorable());
        v("Assignments", assignments, since(0));
    }
    bool operator==(const SyncGroupRequest&) const = default;
};

struct SyncGroupResponse {
    static constexpr MessageInfo kInfo{"SyncGroupResponse", 14, 0, 5, 4};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> protocolType;
    std::optional<std::string> protocolName;
    Bytes assignment;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("ErrorCode", errorCode, since(0));
        v("ProtocolType", protocolType, since(5).nullable(5).ignorable());
        v("ProtocolName", protocolName, since(5).nullable(5).ignorable());
        v("Assignment", assignment, since(0));
    }
    bool operator==(const SyncGroupResponse&) const = default;
};

}  // namespace odradek::protocol
