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

struct OffsetForLeaderEpochRequest {
    static constexpr MessageInfo kInfo{"OffsetForLeaderEpochRequest", 23, 2, 4, 4};

    struct OffsetForLeaderPartition {
        std::int32_t partition = 0;
        std::int32_t currentLeaderEpoch = -1;
        std::int32_t leaderEpoch = 0;

        template <class V>
        void fields(V& v) {
            v("Partition", partition, since(0));
            v("CurrentLeaderEpoch", currentLeaderEpoch, since(2).ignorable());
            v("LeaderEpoch", leaderEpoch, since(0));
        }
        bool operator==(const OffsetForLeaderPartition&) const = default;
    };

    struct OffsetForLeaderTopic {
        std::string topic;
        std::vector<OffsetForLeaderPartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const OffsetForLeaderTopic&) const = default;
    };

    std::int32_t replicaId = -2;
    std::vector<OffsetForLeaderTopic> topics;

    template <class V>
    void fields(V& v) {
        v("ReplicaId", replicaId, since(3).ignorable());
        v("Topics", topics, since(0));
    }
    bool operator==(const OffsetForLeaderEpochRequest&) const = default;
};

struct OffsetForLeaderEpochResponse {
    static constexpr MessageInfo kInfo{"OffsetForLeaderEpochResponse", 23, 2, 4, 4};

    struct EpochEndOffset {
        std::int16_t errorCode = 0;
        std::int32_t partition = 0;
        std::int32_t leaderEpoch = -1;
        std::int64_t endOffset = -1;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("Partition", partition, since(0));
            v("LeaderEpoch", leaderEpoch, since(1).ignorable());
            v("EndOffset", endOffset, since(0));
        }
        bool operator==(const EpochEndOffset&) const = default;
    };

    struct OffsetForLeaderTopicResult {
        std::string topic;
        std::vector<EpochEndOffset> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const OffsetForLeaderTopicResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<OffsetForLeaderTopicResult> topics;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(2).ignorable());
        v("Topics", topics, since(0));
    }
    bool operator==(const OffsetForLeaderEpochResponse&) const = default;
};

}  // namespace odradek::protocol
