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

struct ProducerSnapshot {
    static constexpr MessageInfo kInfo{"ProducerSnapshot", -1, 1, 1, kMaxVersion};

    struct ProducerEntry {
        std::int64_t producerId = 0;
        std::int16_t epoch = 0;
        std::int32_t lastSequence = 0;
        std::int64_t lastOffset = 0;
        std::int32_t offsetDelta = 0;
        std::int64_t timestamp = 0;
        std::int32_t coordinatorEpoch = 0;
        std::int64_t currentTxnFirstOffset = 0;

        template <class V>
        void fields(V& v) {
            v("ProducerId", producerId, between(1, 1));
            v("Epoch", epoch, between(1, 1));
            v("LastSequence", lastSequence, between(1, 1));
            v("LastOffset", lastOffset, between(1, 1));
            v("OffsetDelta", offsetDelta, between(1, 1));
            v("Timestamp", timestamp, between(1, 1));
            v("CoordinatorEpoch", coordinatorEpoch, between(1, 1));
            v("CurrentTxnFirstOffset", currentTxnFirstOffset, between(1, 1));
        }
        bool operator==(const ProducerEntry&) const = default;
    };

    std::uint32_t crc = 0;
    std::vector<ProducerEntry> producerEntries;

    template <class V>
    void fields(V& v) {
        v("Crc", crc, between(1, 1));
        v("ProducerEntries", producerEntries, between(1, 1));
    }
    bool operator==(const ProducerSnapshot&) const = default;
};

}  // namespace odradek::protocol
