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

struct CreateTopicsRequest {
    static constexpr MessageInfo kInfo{"CreateTopicsRequest", 19, 2, 7, 5};

    struct CreatableReplicaAssignment {
        std::int32_t partitionIndex = 0;
        std::vector<std::int32_t> brokerIds;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("BrokerIds", brokerIds, since(0));
        }
        bool operator==(const CreatableReplicaAssignment&) const = default;
    };

    struct CreatableTopicConfig {
        std::string name;
        std::optional<std::string> value{std::in_place};

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Value", value, since(0).nullable(0));
        }
        bool operator==(const CreatableTopicConfig&) const = default;
    };

    struct CreatableTopic {
        std::string name;
        std::int32_t numPartitions = 0;
        std::int16_t replicationFactor = 0;
        std::vector<CreatableReplicaAssignment> assignments;
        std::vector<CreatableTopicConfig> configs;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("NumPartitions", numPartitions, since(0));
            v("ReplicationFactor", replicationFactor, since(0));
            v("Assignments", assignments, since(0));
            v("Configs", configs, since(0));
        }
        bool operator==(const CreatableTopic&) const = default;
    };

    std::vector<CreatableTopic> topics;
    std::int32_t timeoutMs = 60000;
    bool validateOnly = false;

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(0));
        v("timeoutMs", timeoutMs, since(0));
        v("validateOnly", validateOnly, since(1));
    }
    bool operator==(const CreateTopicsRequest&) const = default;
};

struct CreateTopicsResponse {
    static constexpr MessageInfo kInfo{"CreateTopicsResponse", 19, 2, 7, 5};

    struct CreatableTopicConfigs {
        std::string name;
        std::optional<std::string> value{std::in_place};
        bool readOnly = false;
        std::int8_t configSource = -1;
        bool isSensitive = false;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(5));
            v("Value", value, since(5).nullable(5));
            v("ReadOnly", readOnly, since(5));
            v("ConfigSource", configSource, since(5).ignorable());
            v("IsSensitive", isSensitive, since(5));
        }
        bool operator==(const CreatableTopicConfigs&) const = default;
    };

    struct CreatableTopicResult {
        std::string name;
        Uuid topicId;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage{std::in_place};
        std::int16_t topicConfigErrorCode = 0;
        std::int32_t numPartitions = -1;
        std::int16_t replicationFactor = -1;
        std::optional<std::vector<CreatableTopicConfigs>> configs{std::in_place};

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("TopicId", topicId, since(7).ignorable());
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(1).nullable(0).ignorable());
            v("TopicConfigErrorCode", topicConfigErrorCode, since(5).tag(0, 5).ignorable());
            v("NumPartitions", numPartitions, since(5).ignorable());
            v("ReplicationFactor", replicationFactor, since(5).ignorable());
            v("Configs", configs, since(5).nullable(5).ignorable());
        }
        bool operator==(const CreatableTopicResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<CreatableTopicResult> topics;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(2).ignorable());
        v("Topics", topics, since(0));
    }
    bool operator==(const CreateTopicsResponse&) const = default;
};

}  // namespace odradek::protocol
