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

struct AlterPartitionRequest {
    static constexpr MessageInfo kInfo{"AlterPartitionRequest", 56, 2, 3, 0};

    struct BrokerState {
        std::int32_t brokerId = 0;
        std::int64_t brokerEpoch = -1;

        template <class V>
        void fields(V& v) {
            v("BrokerId", brokerId, since(3));
            v("BrokerEpoch", brokerEpoch, since(3));
        }
        bool operator==(const BrokerState&) const = default;
    };

    struct PartitionData {
        std::int32_t partitionIndex = 0;
        std::int32_t leaderEpoch = 0;
        std::vector<std::int32_t> newIsr;
        std::vector<BrokerState> newIsrWithEpochs;
        std::int8_t leaderRecoveryState = 0;
        std::int32_t partitionEpoch = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("LeaderEpoch", leaderEpoch, since(0));
            v("NewIsr", newIsr, between(0, 2));
            v("NewIsrWithEpochs", newIsrWithEpochs, since(3));
            v("LeaderRecoveryState", leaderRecoveryState, since(1));
            v("PartitionEpoch", partitionEpoch, since(0));
        }
        bool operator==(const PartitionData&) const = default;
    };

    struct TopicData {
        Uuid topicId;
        std::vector<PartitionData> partitions;

        template <class V>
        void fields(V& v) {
            v("TopicId", topicId, since(2).ignorable());
            v("Partitions", partitions, since(0));
        }
        bool operator==(const TopicData&) const = default;
    };

    std::int32_t brokerId = 0;
    std::int64_t brokerEpoch = -1;
    std::vector<TopicData> topics;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
        v("BrokerEpoch", brokerEpoch, since(0));
        v("Topics", topics, since(0));
    }
    bool operator==(const AlterPartitionRequest&) const = default;
};

struct AlterPartitionResponse {
    static constexpr MessageInfo kInfo{"AlterPartitionResponse", 56, 2, 3, 0};

    struct PartitionData {
        std::int32_t partitionIndex = 0;
        std::int16_t errorCode = 0;
        std::int32_t leaderId = 0;
        std::int32_t leaderEpoch = 0;
        std::vector<std::int32_t> isr;
        std::int8_t leaderRecoveryState = 0;
        std::int32_t partitionEpoch = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("ErrorCode", errorCode, since(0));
            v("LeaderId", leaderId, since(0));
            v("LeaderEpoch", leaderEpoch, since(0));
            v("Isr", isr, since(0));
            v("LeaderRecoveryState", leaderRecoveryState, since(1).ignorable());
            v("PartitionEpoch", partitionEpoch, since(0));
        }
        bool operator==(const PartitionData&) const = default;
    };

    struct TopicData {
        Uuid topicId;
        std::vector<PartitionData> partitions;

        template <class V>
        void fields(V& v) {
            v("TopicId", topicId, since(2).ignorable());
            v("Partitions", partitions, since(0));
        }
        bool operator==(const TopicData&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::vector<TopicData> topics;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("Topics", topics, since(0));
    }
    bool operator==(const AlterPartitionResponse&) const = default;
};

}  // namespace odradek::protocol
