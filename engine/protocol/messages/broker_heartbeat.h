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

struct BrokerHeartbeatRequest {
    static constexpr MessageInfo kInfo{"BrokerHeartbeatRequest", 63, 0, 2, 0};

    std::int32_t brokerId = 0;
    std::int64_t brokerEpoch = -1;
    std::int64_t currentMetadataOffset = 0;
    bool wantFence = false;
    bool wantShutDown = false;
    std::vector<Uuid> offlineLogDirs;
    std::optional<std::vector<Uuid>> cordonedLogDirs;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
        v("BrokerEpoch", brokerEpoch, since(0));
        v("CurrentMetadataOffset", currentMetadataOffset, since(0));
        v("WantFence", wantFence, since(0));
        v("WantShutDown", wantShutDown, since(0));
        v("OfflineLogDirs", offlineLogDirs, since(1).tag(0, 1));
        v("CordonedLogDirs", cordonedLogDirs, since(2).nullable(2).tag(1, 2));
    }
    bool operator==(const BrokerHeartbeatRequest&) const = default;
};

struct BrokerHeartbeatResponse {
    static constexpr MessageInfo kInfo{"BrokerHeartbeatResponse", 63, 0, 2, 0};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    bool isCaughtUp = false;
    bool isFenced = true;
    bool shouldShutDown = false;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("IsCaughtUp", isCaughtUp, since(0));
        v("IsFenced", isFenced, since(0));
        v("ShouldShutDown", shouldShutDown, since(0));
    }
    bool operator==(const BrokerHeartbeatResponse&) const = default;
};

}  // namespace odradek::protocol
