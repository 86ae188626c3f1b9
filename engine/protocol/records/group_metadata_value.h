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

struct GroupMetadataValue {
    static constexpr MessageInfo kInfo{"GroupMetadataValue", 2, 0, 4, 4};

    struct MemberMetadata {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        std::string clientId;
        std::string clientHost;
        std::int32_t rebalanceTimeout = -1;
        std::int32_t sessionTimeout = 0;
        Bytes subscription;
        Bytes assignment;

        template <class V>
        void fields(V& v) {
            v("memberId", memberId, since(0));
            v("groupInstanceId", groupInstanceId, since(3).nullable(3).ignorable());
            v("clientId", clientId, since(0));
            v("clientHost", clientHost, since(0));
            v("rebalanceTimeout", rebalanceTimeout, since(1).ignorable());
            v("sessionTimeout", sessionTimeout, since(0));
            v("subscription", subscription, since(0));
            v("assignment", assignment, since(0));
        }
        bool operator==(const MemberMetadata&) const = default;
    };

    std::string protocolType;
    std::int32_t generation = 0;
    std::optional<std::string> protocol{std::in_place};
    std::optional<std::string> leader{std::in_place};
    std::int64_t currentStateTimestamp = -1;
    std::vector<MemberMetadata> members;

    template <class V>
    void fields(V& v) {
        v("protocolType", protocolType, since(0));
        v("generation", generation, since(0));
        v("protocol", protocol, since(0).nullable(0));
        v("leader", leader, since(0).nullable(0));
        v("currentStateTimestamp", currentStateTimestamp, since(2).ignorable());
        v("members", members, since(0));
    }
    bool operator==(const GroupMetadataValue&) const = default;
};

}  // namespace odradek::protocol
