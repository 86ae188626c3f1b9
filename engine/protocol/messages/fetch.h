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

struct FetchRequest {
    static constexpr MessageInfo kInfo{"FetchRequest", 1, 4, 18, 12};

    struct ReplicaState {
        std::int32_t replicaId = -1;
        std::int64_t replicaEpoch = -1;

        template <class V>
        void fields(V& v) {
            v("ReplicaId", replicaId, since(15));
            v("ReplicaEpoch", replicaEpoch, since(15));
        }
        bool operator==(const ReplicaState&) const = default;
    };

    struct FetchPartition {
        std::int32_t partition = 0;
        std::int32_t currentLeaderEpoch = -1;
        std::int64_t fetchOffset = 0;
        std::int32_t lastFetchedEpoch = -1;
        std::int64_t logStartOffset = -1;
        std::int32_t partitionMaxBytes = 0;
        Uuid replicaDirectoryId;
        std::int64_t highWatermark = 9223372036854775807;

        template <class V>
        void fields(V& v) {
            v("Partition", partition, since(0));
            v("CurrentLeaderEpoch", currentLeaderEpoch, since(9).ignorable());
            v("FetchOffset", fetchOffset, since(0));
            v("LastFetchedEpoch", lastFetchedEpoch, since(12));
            v("LogStartOffset", logStartOffset, since(5).ignorable());
            v("PartitionMaxBytes", partitionMaxBytes, since(0));
            v("ReplicaDirectoryId", replicaDirectoryId, since(17).tag(0, 17).ignorable());
            v("HighWatermark", highWatermark, since(18).tag(1, 18).ignorable());
        }
        bool operator==(const FetchPartition&) const = default;
    };

    struct FetchTopic {
        std::string topic;
        Uuid topicId;
        std::vector<FetchPartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, between(0, 12).ignorable());
            v("TopicId", topicId, since(13).ignorable());
            v("Partitions", partitions, since(0));
        }
        bool operator==(const FetchTopic&) const = default;
    };

    struct ForgottenTopic {
        std::string topic;
        Uuid topicId;
        std::vector<std::int32_t> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, between(7, 12).ignorable());
            v("TopicId", topicId, since(13).ignorable());
            v("Partitions", partitions, since(7));
        }
        bool operator==(const ForgottenTopic&) const = default;
    };

    std::optional<std::string> clusterId;
    std::int32_t replicaId = -1;
    ReplicaState replicaState;
    std::int32_t maxWaitMs = 0;
    std::int32_t minBytes = 0;
    std::int32_t maxBytes = 0x7fffffff;
    std::int8_t isolationLevel = 0;
    std::int32_t sessionId = 0;
    std::int32_t sessionEpoch = -1;
    std::vector<FetchTopic> topics;
    std::vector<ForgottenTopic> forgottenTopicsData;
    std::string rackId;

    template <class V>
    void fields(V& v) {
        v("ClusterId", clusterId, since(12).nullable(12).tag(0, 12).ignorable());
        v("ReplicaId", replicaId, between(0, 14));
        v("ReplicaState", replicaState, since(15).tag(1, 15));
        v("MaxWaitMs", maxWaitMs, since(0));
        v("MinBytes", minBytes, since(0));
        v("MaxBytes", maxBytes, since(3).ignorable());
        v("IsolationLevel", isolationLevel, since(4).ignorable());
        v("SessionId", sessionId, since(7).ignorable());
        v("SessionEpoch", sessionEpoch, since(7).ignorable());
        v("Topics", topics, since(0));
        v("ForgottenTopicsData", forgottenTopicsData, since(7));
        v("RackId", rackId, since(11).ignorable());
    }
    bool operator==(const FetchRequest&) const = default;
};

struct FetchResponse {
    static constexpr MessageInfo kInfo{"FetchResponse", 1, 4, 18, 12};

    struct EpochEndOffset {
        std::int32_t epoch = -1;
        std::int64_t endOffset = -1;

        template <class V>
        void fields(V& v) {
            v("Epoch", epoch, since(12));
            v("EndOffset", endOffset, since(12));
        }
        bool operator==(const EpochEndOffset&) const = default;
    };

    struct LeaderIdAndEpoch {
        std::int32_t leaderId = -1;
        std::int32_t leaderEpoch = -1;

        template <class V>
        void fields(V& v) {
            v("LeaderId", leaderId, since(12));
            v("LeaderEpoch", leaderEpoch, since(12));
        }
        bool operator==(const LeaderIdAndEpoch&) const = default;
    };

    struct SnapshotId {
        std::int64_t endOffset = -1;
        std::int32_t epoch = -1;

        template <class V>
        void fields(V& v) {
            v("EndOffset", endOffset, since(0));
            v("Epoch", epoch, since(0));
        }
        bool operator==(const SnapshotId&) const = default;
    };

    struct AbortedTransaction {
        std::int64_t producerId = 0;
        std::int64_t firstOffset = 0;

        template <class V>
        void fields(V& v) {
            v("ProducerId", producerId, since(4));
            v("FirstOffset", firstOffset, since(4));
        }
        bool operator==(const AbortedTransaction&) const = default;
    };

    struct PartitionData {
        std::int32_t partitionIndex = 0;
        std::int16_t errorCode = 0;
        std::int64_t highWatermark = 0;
        std::int64_t lastStableOffset = -1;
        std::int64_t logStartOffset = -1;
        EpochEndOffset divergingEpoch;
        LeaderIdAndEpoch currentLeader;
        SnapshotId snapshotId;
        std::optional<std::vector<AbortedTransaction>> abortedTransactions{std::in_place};
        std::int32_t preferredReadReplica = -1;
        std::optional<Chain> records;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("ErrorCode", errorCode, since(0));
            v("HighWatermark", highWatermark, since(0));
            v("LastStableOffset", lastStableOffset, since(4).ignorable());
            v("LogStartOffset", logStartOffset, since(5).ignorable());
            v("DivergingEpoch", divergingEpoch, since(12).tag(0, 12));
            v("CurrentLeader", currentLeader, since(12).tag(1, 12));
            v("SnapshotId", snapshotId, since(12).tag(2, 12));
            v("AbortedTransactions", abortedTransactions, since(4).nullable(4).ignorable());
            v("PreferredReadReplica", preferredReadReplica, since(11));
            v("Records", records, since(0).nullable(0));
        }
        bool operator==(const PartitionData&) const = default;
    };

    struct FetchableTopicResponse {
        std::string topic;
        Uuid topicId;
        std::vector<PartitionData> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, between(0, 12).ignorable());
            v("TopicId", topicId, since(13).ignorable());
            v("Partitions", partitions, since(0));
        }
        bool operator==(const FetchableTopicResponse&) const = default;
    };

    struct NodeEndpoint {
        std::int32_t nodeId = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;

        template <class V>
        void fields(V& v) {
            v("NodeId", nodeId, since(16));
            v("Host", host, since(16));
            v("Port", port, since(16));
            v("Rack", rack, since(16).nullable(16));
        }
        bool operator==(const NodeEndpoint&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::int32_t sessionId = 0;
    std::vector<FetchableTopicResponse> responses;
    std::vector<NodeEndpoint> nodeEndpoints;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("ErrorCode", errorCode, since(7).ignorable());
        v("SessionId", sessionId, since(7));
        v("Responses", responses, since(0));
        v("NodeEndpoints", nodeEndpoints, since(16).tag(0, 16));
    }
    bool operator==(const FetchResponse&) const = default;
};

}  // namespace odradek::protocol
