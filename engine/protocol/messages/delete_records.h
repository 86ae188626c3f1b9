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

struct DeleteRecordsRequest {
    static constexpr MessageInfo kInfo{"DeleteRecordsRequest", 21, 0, 2, 2};

    struct DeleteRecordsPartition {
        std::int32_t partitionIndex = 0;
        std::int64_t offset = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("Offset", offset, since(0));
        }
        bool operator==(const DeleteRecordsPartition&) const = default;
    };

    struct DeleteRecordsTopic {
        std::string name;
        std::vector<DeleteRecordsPartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const DeleteRecordsTopic&) const = default;
    };

    std::vector<DeleteRecordsTopic> topics;
    std::int32_t timeoutMs = 0;

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(0));
        v("TimeoutMs", timeoutMs, since(0));
    }
    bool operator==(const DeleteRecordsRequest&) const = default;
};

struct DeleteRecordsResponse {
    static constexpr MessageInfo kInfo{"DeleteRecordsResponse", 21, 0, 2, 2};

    struct DeleteRecordsPartitionResult {
        std::int32_t partitionIndex = 0;
        std::int64_t lowWatermark = 0;
        std::int16_t errorCode = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("LowWatermark", lowWatermark, since(0));
            v("ErrorCode", errorCode, since(0));
        }
        bool operator==(const DeleteRecordsPartitionResult&) const = default;
    };

    struct DeleteRecordsTopicResult {
        std::string name;
        std::vector<DeleteRecordsPartitionResult> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const DeleteRecordsTopicResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<DeleteRecordsTopicResult> topics;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("Topics", topics, since(0));
    }
    bool operator==(const DeleteRecordsResponse&) const = default;
};

}  // namespace odradek::protocol
