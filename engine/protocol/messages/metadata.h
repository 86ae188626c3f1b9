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

struct MetadataRequest {
    static constexpr MessageInfo kInfo{"MetadataRequest", 3, 0, 13, 9};

    struct MetadataRequestTopic {
        Uuid topicId;
        std::optional<std::string> name{std::in_place};

        template <class V>
        void fields(V& v) {
            v("TopicId", topicId, since(10).ignorable());
            v("Name", name, since(0).nullable(10));
        }
        bool operator==(const MetadataRequestTopic&) const = default;
    };

    std::optional<std::vector<MetadataRequestTopic>> topics{std::in_place};
    bool allowAutoTopicCreation = true;
    bool includeClusterAuthorizedOperations = false;
    bool includeTopicAuthorizedOperations = false;

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(0).nullable(1));
        v("AllowAutoTopicCreation", allowAutoTopicCreation, since(4));
        v("IncludeClusterAuthorizedOperations", includeClusterAuthorizedOperations, between(8, 10));
        v("IncludeTopicAuthorizedOperations", includeTopicAuthorizedOperations, since(8));
    }
    bool operator==(const MetadataRequest&) const = default;
};

struct MetadataResponse {
    static constexpr MessageInfo kInfo{"MetadataResponse", 3, 0, 13, 9};

    struct MetadataResponseBroker {
        std::int32_t nodeId = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;

        template <class V>
        void fields(V& v) {
            v("NodeId", nodeId, since(0));
            v("Host", host, since(0));
            v("Port", port, since(0));
            v("Rack", rack, since(1).nullable(1).ignorable());
        }
        bool operator==(const MetadataResponseBroker&) const = default;
    };

    struct MetadataResponsePartition {
        std::int16_t errorCode = 0;
        std::int32_t partitionIndex = 0;
        std::int32_t leaderId = 0;
        std::int32_t leaderEpoch = -1;
        std::vector<std::int32_t> replicaNodes;
        std::vector<std::int32_t> isrNodes;
        std::vector<std::int32_t> offlineReplicas;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("PartitionIndex", partitionIndex, since(0));
            v("LeaderId", leaderId, since(0));
            v("LeaderEpoch", leaderEpoch, since(7).ignorable());
            v("ReplicaNodes", replicaNodes, since(0));
            v("IsrNodes", isrNodes, since(0));
            v("OfflineReplicas", offlineReplicas, since(5).ignorable());
        }
        bool operator==(const MetadataResponsePartition&) const = default;
    };

    struct MetadataResponseTopic {
        std::int16_t errorCode = 0;
        std::optional<std::string> name{std::in_place};
        Uuid topicId;
        bool isInternal = false;
        std::vector<MetadataResponsePartition> partitions;
        std::int32_t topicAuthorizedOperations = -2147483648;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("Name", name, since(0).nullable(12));
            v("TopicId", topicId, since(10).ignorable());
            v("IsInternal", isInternal, since(1).ignorable());
            v("Partitions", partitions, since(0));
            v("TopicAuthorizedOperations", topicAuthorizedOperations, since(8));
        }
        bool operator==(const MetadataResponseTopic&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<MetadataResponseBroker> brokers;
    std::optional<std::string> clusterId;
    std::int32_t controllerId = -1;
    std::vector<MetadataResponseTopic> topics;
    std::int32_t clusterAuthorizedOperations = -2147483648;
    std::int16_t errorCode = 0;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(3).ignorable());
        v("Brokers", brokers, since(0));
        v("ClusterId", clusterId, since(2).nullable(2).ignorable());
        v("ControllerId", controllerId, since(1).ignorable());
        v("Topics", topics, since(0));
        v("ClusterAuthorizedOperations", clusterAuthorizedOperations, between(8, 10));
        v("ErrorCode", errorCode, since(13).ignorable());
    }
    bool operator==(const MetadataResponse&) const = default;
};

}  // namespace odradek::protocol
