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

struct ProducerIdsRecord {
    static constexpr MessageInfo kInfo{"ProducerIdsRecord", 15, 0, 0, 0};

    std::int32_t brokerId = 0;
    std::int64_t brokerEpoch = -1;
    std::int64_t nextProducerId = 0;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
        v("BrokerEpoch", brokerEpoch, since(0));
        v("NextProducerId", nextProducerId, since(0));
    }
    bool operator==(const ProducerIdsRecord&) const = default;
};

}  // namespace odradek::protocol
