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

struct FetchSnapshotRequest {
    static constexpr MessageInfo kInfo{"FetchSnapshotRequest", 59, 0, 1, 0};

    struct SnapshotId {
        std::int64_t endOffset = 0;
        std::int32_t epoch = 0;

        template <class V>
        void fields(V& v) {
            v("EndOffset", endOffset, since(0));
            v("Epoch", epoch, since(0));
        }
        bool operator==(const SnapshotId&) const = default;
    };

    struct PartitionSnapshot {
        std::int32_t partition = 0;
        std::int32_t currentLeaderEpoch = 0;
        SnapshotId snapshotId;
        std::int64_t position = 0;
        Uuid replicaDirectoryId;

        template <class V>
        void fields(V& v) {
            v("Partition", partition, since(0));
            v("CurrentLeaderEpoch", currentLeaderEpoch, since(0));
            v("SnapshotId", snapshotId, since(0));
            v("Position", position, since(0));
            v("ReplicaDirectoryId", replicaDirectoryId, since(1).tag(0, 1).ignorable());
        }
        bool operator==(const PartitionSnapshot&) const = default;
    };

    struct TopicSnapshot {
        std::string name;
        std::vector<PartitionSnapshot> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const TopicSnapshot&) const = default;
    };

    std::optional<std::string> clusterId;
    std::int32_t replicaId = -1;
    std::int32_t maxBytes = 0x7fffffff;
    std::vector<TopicSnapshot> topics;

    template <class V>
    void fields(V& v) {
        v("ClusterId", clusterId, since(0).nullable(0).tag(0, 0));
        v("ReplicaId", replicaId, since(0));
        v("MaxBytes", maxBytes, since(0));
        v("Topics", topics, since(0));
    }
    bool operator==(const FetchSnapshotRequest&) const = default;
};

struct FetchSnapshotResponse {
    static constexpr MessageInfo kInfo{"FetchSnapshotResponse", 59, 0, 1, 0};

    struct SnapshotId {
        std::int64_t endOffset = 0;
        std::int32_t epoch = 0;

        template <class V>
        void fields(V& v) {
            v("EndOffset", endOffset, since(0));
            v("Epoch", epoch, since(0));
        }
        bool operator==(const SnapshotId&) const = default;
    };

    struct LeaderIdAndEpoch {
        std::int32_t leaderId = 0;
        std::int32_t leaderEpoch = 0;

        template <class V>
        void fields(V& v) {
            v("LeaderId", leaderId, since(0));
            v("LeaderEpoch", leaderEpoch, since(0));
        }
        bool operator==(const LeaderIdAndEpoch&) const = default;
    };

    struct PartitionSnapshot {
        std::int32_t index = 0;
        std::int16_t errorCode = 0;
        SnapshotId snapshotId;
        LeaderIdAndEpoch currentLeader;
        std::int64_t size = 0;
        std::int64_t position = 0;
        Chain unalignedRecords;

        template <class V>
        void fields(V& v) {
            v("Index", index, since(0));
            v("ErrorCode", errorCode, since(0));
            v("SnapshotId", snapshotId, since(0));
            v("CurrentLeader", currentLeader, since(0).tag(0, 0));
            v("Size", size, since(0));
            v("Position", position, since(0));
            v("UnalignedRecords", unalignedRecords, since(0));
        }
        bool operator==(const PartitionSnapshot&) const = default;
    };

    struct TopicSnapshot {
        std::string name;
        std::vector<PartitionSnapshot> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const TopicSnapshot&) const = default;
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

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::vector<TopicSnapshot> topics;
    std::vector<NodeEndpoint> nodeEndpoints;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0).ignorable());
        v("ErrorCode", errorCode, since(0));
        v("Topics", topics, since(0));
        v("NodeEndpoints", nodeEndpoints, since(1).tag(0, 1));
    }
    bool operator==(const FetchSnapshotResponse&) const = default;
};

}  // namespace odradek::protocol
