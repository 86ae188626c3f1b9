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

struct AlterPartitionReassignmentsRequest {
    static constexpr MessageInfo kInfo{"AlterPartitionReassignmentsRequest", 45, 0, 1, 0};

    struct ReassignablePartition {
        std::int32_t partitionIndex = 0;
        std::optional<std::vector<std::int32_t>> replicas;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("Replicas", replicas, since(0).nullable(0));
        }
        bool operator==(const ReassignablePartition&) const = default;
    };

    struct ReassignableTopic {
        std::string name;
        std::vector<ReassignablePartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const ReassignableTopic&) const = default;
    };

    std::int32_t timeoutMs = 60000;
    bool allowReplicationFactorChange = true;
    std::vector<ReassignableTopic> topics;

    template <class V>
    void fields(V& v) {
        v("TimeoutMs", timeoutMs, since(0));
        v("AllowReplicationFactorChange", allowReplicationFactorChange, since(1));
        v("Topics", topics, since(0));
    }
    bool operator==(const AlterPartitionReassignmentsRequest&) const = default;
};

struct AlterPartitionReassignmentsResponse {
    static constexpr MessageInfo kInfo{"AlterPartitionReassignmentsResponse", 45, 0, 1, 0};

    struct ReassignablePartitionResponse {
        std::int32_t partitionIndex = 0;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage{std::in_place};

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(0).nullable(0));
        }
        bool operator==(const ReassignablePartitionResponse&) const = default;
    };

    struct ReassignableTopicResponse {
        std::string name;
        std::vector<ReassignablePartitionResponse> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const ReassignableTopicResponse&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    bool allowReplicationFactorChange = true;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};
    std::vector<ReassignableTopicResponse> responses;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("AllowReplicationFactorChange", allowReplicationFactorChange, since(1).ignorable());
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(0).nullable(0));
        v("Responses", responses, since(0));
    }
    bool operator==(const AlterPartitionReassignmentsResponse&) const = default;
};

}  // namespace odradek::protocol
