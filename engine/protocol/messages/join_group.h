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

struct JoinGroupRequest {
    static constexpr MessageInfo kInfo{"JoinGroupRequest", 11, 0, 9, 6};

    struct JoinGroupRequestProtocol {
        std::string name;
        Bytes metadata;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Metadata", metadata, since(0));
        }
        bool operator==(const JoinGroupRequestProtocol&) const = default;
    };

    std::string groupId;
    std::int32_t sessionTimeoutMs = 0;
    std::int32_t rebalanceTimeoutMs = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::string protocolType;
    std::vector<JoinGroupRequestProtocol> protocols;
    std::optional<std::string> reason;

    template <class V>
    void fields(V& v) {
        v("GroupId", groupId, since(0));
        v("SessionTimeoutMs", sessionTimeoutMs, since(0));
        v("RebalanceTimeoutMs", rebalanceTimeoutMs, since(1).ignorable());
        v("MemberId", memberId, since(0));
        v("GroupInstanceId", groupInstanceId, since(5).nullable(5));
        v("ProtocolType", protocolType, since(0));
        v("Protocols", protocols, since(0));
        v("Reason", reason, since(8).nullable(8).ignorable());
    }
    bool operator==(const JoinGroupRequest&) const = default;
};

struct JoinGroupResponse {
    static constexpr MessageInfo kInfo{"JoinGroupResponse", 11, 0, 9, 6};

    struct JoinGroupResponseMember {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        Bytes metadata;

        template <class V>
        void fields(V& v) {
            v("MemberId", memberId, since(0));
            v("GroupInstanceId", groupInstanceId, since(5).nullable(5).ignorable());
            v("Metadata", metadata, since(0));
        }
        bool operator==(const JoinGroupResponseMember&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::int32_t generationId = -1;
    std::optional<std::string> protocolType;
    std::optional<std::string> protocolName{std::in_place};
    std::string leader;
    bool skipAssignment = false;
    std::string memberId;
    std::vector<JoinGroupResponseMember> members;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(2).ignorable());
        v("ErrorCode", errorCode, since(0));
        v("GenerationId", generationId, since(0));
        v("ProtocolType", protocolType, since(7).nullable(7).ignorable());
        v("ProtocolName", protocolName, since(0).nullable(7));
        v("Leader", leader, since(0));
        v("SkipAssignment", skipAssignment, since(9));
        v("MemberId", memberId, since(0));
        v("Members", members, since(0));
    }
    bool operator==(const JoinGroupResponse&) const = default;
};

}  // namespace odradek::protocol
