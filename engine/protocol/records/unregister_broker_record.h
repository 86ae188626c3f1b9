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

struct UnregisterBrokerRecord {
    static constexpr MessageInfo kInfo{"UnregisterBrokerRecord", 1, 0, 0, 0};

    std::int32_t brokerId = 0;
    std::int64_t brokerEpoch = 0;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
        v("BrokerEpoch", brokerEpoch, since(0));
    }
    bool operator==(const UnregisterBrokerRecord&) const = default;
};

}  // namespace odradek::protocol
