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

// Not nested: Clang does not know yet that an inner struct with default values can be made while the outer one is open,
// and std::optional asks then.
struct DescribeTopicPartitionsRequestCursor {
    std::string topicName;
    std::int32_t partitionIndex = 0;

    template <class V>
    void fields(V& v) {
        v("TopicName", topicName, since(0));
        v("PartitionIndex", partitionIndex, since(0));
    }
    bool operator==(const DescribeTopicPartitionsRequestCursor&) const = default;
};

struct DescribeTopicPartitionsRequest {
    static constexpr MessageInfo kInfo{"DescribeTopicPartitionsRequest", 75, 0, 0, 0};

    struct TopicRequest {
        std::string name;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
        }
        bool operator==(const TopicRequest&) const = default;
    };

    using Cursor = DescribeTopicPartitionsRequestCursor;

    std::vector<TopicRequest> topics;
    std::int32_t responsePartitionLimit = 2000;
    std::optional<Cursor> cursor;

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(0));
        v("ResponsePartitionLimit", responsePartitionLimit, since(0));
        v("Cursor", cursor, since(0).nullable(0));
    }
    bool operator==(const DescribeTopicPartitionsRequest&) const = default;
};

struct DescribeTopicPartitionsResponseCursor {
    std::string topicName;
    std::int32_t partitionIndex = 0;

    template <class V>
    void fields(V& v) {
        v("TopicName", topicName, since(0));
        v("PartitionIndex", partitionIndex, since(0));
    }
    bool operator==(const DescribeTopicPartitionsResponseCursor&) const = default;
};

struct DescribeTopicPartitionsResponse {
    static constexpr MessageInfo kInfo{"DescribeTopicPartitionsResponse", 75, 0, 0, 0};

    struct DescribeTopicPartitionsResponsePartition {
        std::int16_t errorCode = 0;
        std::int32_t partitionIndex = 0;
        std::int32_t leaderId = 0;
        std::int32_t leaderEpoch = -1;
        std::vector<std::int32_t> replicaNodes;
        std::vector<std::int32_t> isrNodes;
        std::optional<std::vector<std::int32_t>> eligibleLeaderReplicas;
        std::optional<std::vector<std::int32_t>> lastKnownElr;
        std::vector<std::int32_t> offlineReplicas;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("PartitionIndex", partitionIndex, since(0));
            v("LeaderId", leaderId, since(0));
            v("LeaderEpoch", leaderEpoch, since(0).ignorable());
            v("ReplicaNodes", replicaNodes, since(0));
            v("IsrNodes", isrNodes, since(0));
            v("EligibleLeaderReplicas", eligibleLeaderReplicas, since(0).nullable(0));
            v("LastKnownElr", lastKnownElr, since(0).nullable(0));
            v("OfflineReplicas", offlineReplicas, since(0).ignorable());
        }
        bool operator==(const DescribeTopicPartitionsResponsePartition&) const = default;
    };

    struct DescribeTopicPartitionsResponseTopic {
        std::int16_t errorCode = 0;
        std::optional<std::string> name{std::in_place};
        Uuid topicId;
        bool isInternal = false;
        std::vector<DescribeTopicPartitionsResponsePartition> partitions;
        std::int32_t topicAuthorizedOperations = -2147483648;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("Name", name, since(0).nullable(0));
            v("TopicId", topicId, since(0).ignorable());
            v("IsInternal", isInternal, since(0).ignorable());
            v("Partitions", partitions, since(0));
            v("TopicAuthorizedOperations", topicAuthorizedOperations, since(0));
        }
        bool operator==(const DescribeTopicPartitionsResponseTopic&) const = default;
    };

    using Cursor = DescribeTopicPartitionsResponseCursor;

    std::int32_t throttleTimeMs = 0;
    std::vector<DescribeTopicPartitionsResponseTopic> topics;
    std::optional<Cursor> nextCursor;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0).ignorable());
        v("Topics", topics, since(0));
        v("NextCursor", nextCursor, since(0).nullable(0));
    }
    bool operator==(const DescribeTopicPartitionsResponse&) const = default;
};

}  // namespace odradek::protocol
