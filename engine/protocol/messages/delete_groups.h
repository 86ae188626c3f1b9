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

struct DeleteGroupsRequest {
    static constexpr MessageInfo kInfo{"DeleteGroupsRequest", 42, 0, 2, 2};

    std::vector<std::string> groupsNames;

    template <class V>
    void fields(V& v) {
        v("GroupsNames", groupsNames, since(0));
    }
    bool operator==(const DeleteGroupsRequest&) const = default;
};

struct DeleteGroupsResponse {
    static constexpr MessageInfo kInfo{"DeleteGroupsResponse", 42, 0, 2, 2};

    struct DeletableGroupResult {
        std::string groupId;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage;

        template <class V>
        void fields(V& v) {
            v("GroupId", groupId, since(0));
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(3).nullable(3).ignorable());
        }
        bool operator==(const DeletableGroupResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<DeletableGroupResult> results;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("Results", results, since(0));
    }
    bool operator==(const DeleteGroupsResponse&) const = default;
};

}  // namespace odradek::protocol
