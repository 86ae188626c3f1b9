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

struct DescribeGroupsRequest {
    static constexpr MessageInfo kInfo{"DescribeGroupsRequest", 15, 0, 6, 5};

    std::vector<std::string> groups;
    bool includeAuthorizedOperations = false;

    template <class V>
    void fields(V& v) {
        v("Groups", groups, since(0));
        v("IncludeAuthorizedOperations", includeAuthorizedOperations, since(3));
    }
    bool operator==(const DescribeGroupsRequest&) const = default;
};

struct DescribeGroupsResponse {
    static constexpr MessageInfo kInfo{"DescribeGroupsResponse", 15, 0, 6, 5};

    struct DescribedGroupMember {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        std::string clientId;
        std::string clientHost;
        Bytes memberMetadata;
        Bytes memberAssignment;

        template <class V>
        void fields(V& v) {
            v("MemberId", memberId, since(0));
            v("GroupInstanceId", groupInstanceId, since(4).nullable(4).ignorable());
            v("ClientId", clientId, since(0));
            v("ClientHost", clientHost, since(0));
            v("MemberMetadata", memberMetadata, since(0));
            v("MemberAssignment", memberAssignment, since(0));
        }
        bool operator==(const DescribedGroupMember&) const = default;
    };

    struct DescribedGroup {
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage;
        std::string groupId;
        std::string groupState;
        std::string protocolType;
        std::string protocolData;
        std::vector<DescribedGroupMember> members;
        std::int32_t authorizedOperations = -2147483648;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(6).nullable(6));
            v("GroupId", groupId, since(0));
            v("GroupState", groupState, since(0));
            v("ProtocolType", protocolType, since(0));
            v("ProtocolData", protocolData, since(0));
            v("Members", members, since(0));
            v("AuthorizedOperations", authorizedOperations, since(3));
        }
        bool operator==(const DescribedGroup&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<DescribedGroup> groups;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("Groups", groups, since(0));
    }
    bool operator==(const DescribeGroupsResponse&) const = default;
};

}  // namespace odradek::protocol
