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

struct ElectLeadersRequest {
    static constexpr MessageInfo kInfo{"ElectLeadersRequest", 43, 0, 2, 2};

    struct TopicPartitions {
        std::string topic;
        std::vector<std::int32_t> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const TopicPartitions&) const = default;
    };

    std::int8_t electionType = 0;
    std::optional<std::vector<TopicPartitions>> topicPartitions{std::in_place};
    std::int32_t timeoutMs = 60000;

    template <class V>
    void fields(V& v) {
        v("ElectionType", electionType, since(1));
        v("TopicPartitions", topicPartitions, since(0).nullable(0));
        v("TimeoutMs", timeoutMs, since(0));
    }
    bool operator==(const ElectLeadersRequest&) const = default;
};

struct ElectLeadersResponse {
    static constexpr MessageInfo kInfo{"ElectLeadersResponse", 43, 0, 2, 2};

    struct PartitionResult {
        std::int32_t partitionId = 0;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage{std::in_place};

        template <class V>
        void fields(V& v) {
            v("PartitionId", partitionId, since(0));
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(0).nullable(0));
        }
        bool operator==(const PartitionResult&) const = default;
    };

    struct ReplicaElectionResult {
        std::string topic;
        std::vector<PartitionResult> partitionResult;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, since(0));
            v("PartitionResult", partitionResult, since(0));
        }
        bool operator==(const ReplicaElectionResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::vector<ReplicaElectionResult> replicaElectionResults;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(1));
        v("ReplicaElectionResults", replicaElectionResults, since(0));
    }
    bool operator==(const ElectLeadersResponse&) const = default;
};

}  // namespace odradek::protocol
