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

struct AllocateProducerIdsRequest {
    static constexpr MessageInfo kInfo{"AllocateProducerIdsRequest", 67, 0, 0, 0};

    std::int32_t brokerId = 0;
    std::int64_t brokerEpoch = -1;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
        v("BrokerEpoch", brokerEpoch, since(0));
    }
    bool operator==(const AllocateProducerIdsRequest&) const = default;
};

struct AllocateProducerIdsResponse {
    static constexpr MessageInfo kInfo{"AllocateProducerIdsResponse", 67, 0, 0, 0};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::int64_t producerIdStart = 0;
    std::int32_t producerIdLen = 0;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("ProducerIdStart", producerIdStart, since(0));
        v("ProducerIdLen", producerIdLen, since(0));
    }
    bool operator==(const AllocateProducerIdsResponse&) const = default;
};

}  // namespace odradek::protocol
