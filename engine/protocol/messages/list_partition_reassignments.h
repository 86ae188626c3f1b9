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

struct ListPartitionReassignmentsRequest {
    static constexpr MessageInfo kInfo{"ListPartitionReassignmentsRequest", 46, 0, 0, 0};

    struct ListPartitionReassignmentsTopics {
        std::string name;
        std::vector<std::int32_t> partitionIndexes;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("PartitionIndexes", partitionIndexes, since(0));
        }
        bool operator==(const ListPartitionReassignmentsTopics&) const = default;
    };

    std::int32_t timeoutMs = 60000;
    std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;

    template <class V>
    void fields(V& v) {
        v("TimeoutMs", timeoutMs, since(0));
        v("Topics", topics, since(0).nullable(0));
    }
    bool operator==(const ListPartitionReassignmentsRequest&) const = default;
};

struct ListPartitionReassignmentsResponse {
    static constexpr MessageInfo kInfo{"ListPartitionReassignmentsResponse", 46, 0, 0, 0};

    struct OngoingPartitionReassignment {
        std::int32_t partitionIndex = 0;
        std::vector<std::int32_t> replicas;
        std::vector<std::int32_t> addingReplicas;
        std::vector<std::int32_t> removingReplicas;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("Replicas", replicas, since(0));
            v("AddingReplicas", addingReplicas, since(0));
            v("RemovingReplicas", removingReplicas, since(0));
        }
        bool operator==(const OngoingPartitionReassignment&) const = default;
    };

    struct OngoingTopicReassignment {
        std::string name;
        std::vector<OngoingPartitionReassignment> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const OngoingTopicReassignment&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};
    std::vector<OngoingTopicReassignment> topics;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(0).nullable(0));
        v("Topics", topics, since(0));
    }
    bool operator==(const ListPartitionReassignmentsResponse&) const = default;
};

}  // namespace odradek::protocol
