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

struct ListOffsetsRequest {
    static constexpr MessageInfo kInfo{"ListOffsetsRequest", 2, 1, 11, 6};

    struct ListOffsetsPartition {
        std::int32_t partitionIndex = 0;
        std::int32_t currentLeaderEpoch = -1;
        std::int64_t timestamp = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("CurrentLeaderEpoch", currentLeaderEpoch, since(4).ignorable());
            v("Timestamp", timestamp, since(0));
        }
        bool operator==(const ListOffsetsPartition&) const = default;
    };

    struct ListOffsetsTopic {
        std::string name;
        std::vector<ListOffsetsPartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const ListOffsetsTopic&) const = default;
    };

    std::int32_t replicaId = 0;
    std::int8_t isolationLevel = 0;
    std::vector<ListOffsetsTopic> topics;
    std::int32_t timeoutMs = 0;

    template <class V>
    void fields(V& v) {
        v("ReplicaId", replicaId, since(0));
        v("IsolationLevel", isolationLevel, since(2));
        v("Topics", topics, since(0));
        v("TimeoutMs", timeoutMs, since(10).ignorable());
    }
    bool operator==(const ListOffsetsRequest&) const = default;
};

struct ListOffsetsResponse {
    static constexpr MessageInfo kInfo{"ListOffsetsResponse", 2, 1, 11, 6};

    struct ListOffsetsPartitionResponse {
        std::int32_t partitionIndex = 0;
        std::int16_t errorCode = 0;
        std::int64_t timestamp = -1;
        std::int64_t offset = -1;
        std::int32_t leaderEpoch = -1;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("ErrorCode", errorCode, since(0));
            v("Timestamp", timestamp, since(1));
            v("Offset", offset, since(1));
            v("LeaderEpoch", leaderEpoch, since(4));
        }
        bool operator==(const ListOffsetsPartitionResponse&) const = default;
    };

    struct ListOffsetsTopicResponse {
        std::string name;
        std::vector<ListOffsetsPartitionResponse> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const ListOffsetsTopicResponse&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<ListOffsetsTopicResponse> topics;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(2).ignorable());
        v("Topics", topics, since(0));
    }
    bool operator==(const ListOffsetsResponse&) const = default;
};

}  // namespace odradek::protocol
