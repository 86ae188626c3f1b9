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

struct LeaveGroupRequest {
    static constexpr MessageInfo kInfo{"LeaveGroupRequest", 13, 0, 5, 4};

    struct MemberIdentity {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        std::optional<std::string> reason;

        template <class V>
        void fields(V& v) {
            v("MemberId", memberId, since(3));
            v("GroupInstanceId", groupInstanceId, since(3).nullable(3));
            v("Reason", reason, since(5).nullable(5).ignorable());
        }
        bool operator==(const MemberIdentity&) const = default;
    };

    std::string groupId;
    std::string memberId;
    std::vector<MemberIdentity> members;

    template <class V>
    void fields(V& v) {
        v("GroupId", groupId, since(0));
        v("MemberId", memberId, between(0, 2));
        v("Members", members, since(3));
    }
    bool operator==(const LeaveGroupRequest&) const = default;
};

struct LeaveGroupResponse {
    static constexpr MessageInfo kInfo{"LeaveGroupResponse", 13, 0, 5, 4};

    struct MemberResponse {
        std::string memberId;
        std::optional<std::string> groupInstanceId{std::in_place};
        std::int16_t errorCode = 0;

        template <class V>
        void fields(V& v) {
            v("MemberId", memberId, since(3));
            v("GroupInstanceId", groupInstanceId, since(3).nullable(3));
            v("ErrorCode", errorCode, since(3));
        }
        bool operator==(const MemberResponse&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::vector<MemberResponse> members;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("ErrorCode", errorCode, since(0));
        v("Members", members, since(3));
    }
    bool operator==(const LeaveGroupResponse&) const = default;
};

}  // namespace odradek::protocol
