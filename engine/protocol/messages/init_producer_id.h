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

struct InitProducerIdRequest {
    static constexpr MessageInfo kInfo{"InitProducerIdRequest", 22, 0, 5, 2};

    std::optional<std::string> transactionalId{std::in_place};
    std::int32_t transactionTimeoutMs = 0;
    std::int64_t producerId = -1;
    std::int16_t producerEpoch = -1;
    bool enable2Pc = false;
    bool keepPreparedTxn = false;

    template <class V>
    void fields(V& v) {
        v("TransactionalId", transactionalId, since(0).nullable(0));
        v("TransactionTimeoutMs", transactionTimeoutMs, since(0));
        v("ProducerId", producerId, since(3));
        v("ProducerEpoch", producerEpoch, since(3));
        v("Enable2Pc", enable2Pc, since(6));
        v("KeepPreparedTxn", keepPreparedTxn, since(6));
    }
    bool operator==(const InitProducerIdRequest&) const = default;
};

struct InitProducerIdResponse {
    static constexpr MessageInfo kInfo{"InitProducerIdResponse", 22, 0, 5, 2};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::int64_t producerId = -1;
    std::int16_t producerEpoch = 0;
    std::int64_t ongoingTxnProducerId = -1;
    std::int16_t ongoingTxnProducerEpoch = -1;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0).ignorable());
        v("ErrorCode", errorCode, since(0));
        v("ProducerId", producerId, since(0));
        v("ProducerEpoch", producerEpoch, since(0));
        v("OngoingTxnProducerId", ongoingTxnProducerId, since(6));
        v("OngoingTxnProducerEpoch", ongoingTxnProducerEpoch, since(6));
    }
    bool operator==(const InitProducerIdResponse&) const = default;
};

}  // namespace odradek::protocol
