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

struct DescribeQuorumRequest {
    static constexpr MessageInfo kInfo{"DescribeQuorumRequest", 55, 0, 2, 0};

    struct PartitionData {
        std::int32_t partitionIndex = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
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

    std::vector<TopicData> topics;

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(0));
    }
    bool operator==(const DescribeQuorumRequest&) const = default;
};

struct DescribeQuorumResponse {
    static constexpr MessageInfo kInfo{"DescribeQuorumResponse", 55, 0, 2, 0};

    struct ReplicaState {
        std::int32_t replicaId = 0;
        Uuid replicaDirectoryId;
        std::int64_t logEndOffset = 0;
        std::int64_t lastFetchTimestamp = -1;
        std::int64_t lastCaughtUpTimestamp = -1;

        template <class V>
        void fields(V& v) {
            v("ReplicaId", replicaId, since(0));
            v("ReplicaDirectoryId", replicaDirectoryId, since(2));
            v("LogEndOffset", logEndOffset, since(0));
            v("LastFetchTimestamp", lastFetchTimestamp, since(1).ignorable());
            v("LastCaughtUpTimestamp", lastCaughtUpTimestamp, since(1).ignorable());
        }
        bool operator==(const ReplicaState&) const = default;
    };

    struct PartitionData {
        std::int32_t partitionIndex = 0;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage{std::in_place};
        std::int32_t leaderId = 0;
        std::int32_t leaderEpoch = 0;
        std::int64_t highWatermark = 0;
        std::vector<ReplicaState> currentVoters;
        std::vector<ReplicaState> observers;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(2).nullable(2).ignorable());
            v("LeaderId", leaderId, since(0));
            v("LeaderEpoch", leaderEpoch, since(0));
            v("HighWatermark", highWatermark, since(0));
            v("CurrentVoters", currentVoters, since(0));
            v("Observers", observers, since(0));
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

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(2));
            v("Host", host, since(2));
            v("Port", port, since(2));
        }
        bool operator==(const Listener&) const = default;
    };

    struct Node {
        std::int32_t nodeId = 0;
        std::vector<Listener> listeners;

        template <class V>
        void fields(V& v) {
            v("NodeId", nodeId, since(2));
            v("Listeners", listeners, since(2));
        }
        bool operator==(const Node&) const = default;
    };

    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};
    std::vector<TopicData> topics;
    std::vector<Node> nodes;

    template <class V>
    void fields(V& v) {
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(2).nullable(2).ignorable());
        v("Topics", topics, since(0));
        v("Nodes", nodes, since(2));
    }
    bool operator==(const DescribeQuorumResponse&) const = default;
};

}  // namespace odradek::protocol
