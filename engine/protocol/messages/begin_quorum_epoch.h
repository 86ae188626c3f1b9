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

struct BeginQuorumEpochRequest {
    static constexpr MessageInfo kInfo{"BeginQuorumEpochRequest", 53, 0, 1, 1};

    struct PartitionData {
        std::int32_t partitionIndex = 0;
        Uuid voterDirectoryId;
        std::int32_t leaderId = 0;
        std::int32_t leaderEpoch = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("VoterDirectoryId", voterDirectoryId, since(1).ignorable());
            v("LeaderId", leaderId, since(0));
            v("LeaderEpoch", leaderEpoch, since(0));
        }
        bool operator==(const PartitionData&) const = default;
    };

    struct TopicData {
        std::string topicName;
        std::vector<PartitionData> partitions;

        template <class V>
        void fields(V& v) {
            v("TopicName", topicName, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const TopicData&) const = default;
    };

    struct LeaderEndpoint {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(1));
            v("Host", host, since(1));
            v("Port", port, since(1));
        }
        bool operator==(const LeaderEndpoint&) const = default;
    };

    std::optional<std::string> clusterId;
    std::int32_t voterId = -1;
    std::vector<TopicData> topics;
    std::vector<LeaderEndpoint> leaderEndpoints;

    template <class V>
    void fields(V& v) {
        v("ClusterId", clusterId, since(0).nullable(0));
        v("VoterId", voterId, since(1).ignorable());
        v("Topics", topics, since(0));
        v("LeaderEndpoints", leaderEndpoints, since(1).ignorable());
    }
    bool operator==(const BeginQuorumEpochRequest&) const = default;
};

struct BeginQuorumEpochResponse {
    static constexpr MessageInfo kInfo{"BeginQuorumEpochResponse", 53, 0, 1, 1};

    struct PartitionData {
        std::int32_t partitionIndex = 0;
        std::int16_t errorCode = 0;
        std::int32_t leaderId = 0;
        std::int32_t leaderEpoch = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("ErrorCode", errorCode, since(0));
            v("LeaderId", leaderId, since(0));
            v("LeaderEpoch", leaderEpoch, since(0));
        }
        bool operator==(const PartitionData&) const = default;
    };

    struct TopicData {
        std::string topicName;
        std::vector<PartitionData> partitions;

        template <class V>
        void fields(V& v) {
            v("TopicName", topicName, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const TopicData&) const = default;
    };

    struct NodeEndpoint {
        std::int32_t nodeId = 0;
        std::string host;
        std::uint16_t port = 0;

        template <class V>
        void fields(V& v) {
            v("NodeId", nodeId, since(1));
            v("Host", host, since(1));
            v("Port", port, since(1));
        }
        bool operator==(const NodeEndpoint&) const = default;
    };

    std::int16_t errorCode = 0;
    std::vector<TopicData> topics;
    std::vector<NodeEndpoint> nodeEndpoints;

    template <class V>
    void fields(V& v) {
        v("ErrorCode", errorCode, since(0));
        v("Topics", topics, since(0));
        v("NodeEndpoints", nodeEndpoints, since(1).tag(0, 1));
    }
    bool operator==(const BeginQuorumEpochResponse&) const = default;
};

}  // namespace odradek::protocol
