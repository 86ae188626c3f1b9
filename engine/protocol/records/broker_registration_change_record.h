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

struct BrokerRegistrationChangeRecord {
    static constexpr MessageInfo kInfo{"BrokerRegistrationChangeRecord", 17, 0, 3, 0};

    std::int32_t brokerId = 0;
    std::int64_t brokerEpoch = 0;
    std::int8_t fenced = 0;
    std::int8_t inControlledShutdown = 0;
    std::vector<Uuid> logDirs;
    std::optional<std::vector<Uuid>> cordonedLogDirs;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
        v("BrokerEpoch", brokerEpoch, since(0));
        v("Fenced", fenced, since(0).tag(0, 0));
        v("InControlledShutdown", inControlledShutdown, since(1).tag(1, 1));
        v("LogDirs", logDirs, since(2).tag(2, 2));
        v("CordonedLogDirs", cordonedLogDirs, since(3).nullable(3).tag(3, 3));
    }
    bool operator==(const BrokerRegistrationChangeRecord&) const = default;
};

}  // namespace odradek::protocol
