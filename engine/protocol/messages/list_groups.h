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

struct ListGroupsRequest {
    static constexpr MessageInfo kInfo{"ListGroupsRequest", 16, 0, 5, 3};

    std::vector<std::string> statesFilter;
    std::vector<std::string> typesFilter;

    template <class V>
    void fields(V& v) {
        v("StatesFilter", statesFilter, since(4));
        v("TypesFilter", typesFilter, since(5));
    }
    bool operator==(const ListGroupsRequest&) const = default;
};

struct ListGroupsResponse {
    static constexpr MessageInfo kInfo{"ListGroupsResponse", 16, 0, 5, 3};

    struct ListedGroup {
        std::string groupId;
        std::string protocolType;
        std::string groupState;
        std::string groupType;

        template <class V>
        void fields(V& v) {
            v("GroupId", groupId, since(0));
            v("ProtocolType", protocolType, since(0));
            v("GroupState", groupState, since(4).ignorable());
            v("GroupType", groupType, since(5).ignorable());
        }
        bool operator==(const ListedGroup&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::vector<ListedGroup> groups;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("ErrorCode", errorCode, since(0));
        v("Groups", groups, since(0));
    }
    bool operator==(const ListGroupsResponse&) const = default;
};

}  // namespace odradek::protocol
