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

struct ProduceRequest {
    static constexpr MessageInfo kInfo{"ProduceRequest", 0, 3, 13, 9};

    struct PartitionProduceData {
        std::int32_t index = 0;
        std::optional<Chain> records;

        template <class V>
        void fields(V& v) {
            v("Index", index, since(0));
            v("Records", records, since(0).nullable(0));
        }
        bool operator==(const PartitionProduceData&) const = default;
    };

    struct TopicProduceData {
        std::string name;
        Uuid topicId;
        std::vector<PartitionProduceData> partitionData;

        template <class V>
        void fields(V& v) {
            v("Name", name, between(0, 12).ignorable());
            v("TopicId", topicId, since(13).ignorable());
            v("PartitionData", partitionData, since(0));
        }
        bool operator==(const TopicProduceData&) const = default;
    };

    std::optional<std::string> transactionalId;
    std::int16_t acks = 0;
    std::int32_t timeoutMs = 0;
    std::vector<TopicProduceData> topicData;

    template <class V>
    void fields(V& v) {
        v("TransactionalId", transactionalId, since(3).nullable(3));
        v("Acks", acks, since(0));
        v("TimeoutMs", timeoutMs, since(0));
        v("TopicData", topicData, since(0));
    }
    bool operator==(const ProduceRequest&) const = default;
};

struct ProduceResponse {
    static constexpr MessageInfo kInfo{"ProduceResponse", 0, 3, 13, 9};

    struct BatchIndexAndErrorMessage {
        std::int32_t batchIndex = 0;
        std::optional<std::string> batchIndexErrorMessage;

        template <class V>
        void fields(V& v) {
            v("BatchIndex", batchIndex, since(8));
            v("BatchIndexErrorMessage", batchIndexErrorMessage, since(8).nullable(8));
        }
        bool operator==(const BatchIndexAndErrorMessage&) const = default;
    };

    struct LeaderIdAndEpoch {
        std::int32_t leaderId = -1;
        std::int32_t leaderEpoch = -1;

        template <class V>
        void fields(V& v) {
            v("LeaderId", leaderId, since(10));
            v("LeaderEpoch", leaderEpoch, since(10));
        }
        bool operator==(const LeaderIdAndEpoch&) const = default;
    };

    struct PartitionProduceResponse {
        std::int32_t index = 0;
        std::int16_t errorCode = 0;
        std::int64_t baseOffset = 0;
        std::int64_t logAppendTimeMs = -1;
        std::int64_t logStartOffset = -1;
        std::vector<BatchIndexAndErrorMessage> recordErrors;
        std::optional<std::string> errorMessage;
        LeaderIdAndEpoch currentLeader;

        template <class V>
        void fields(V& v) {
            v("Index", index, since(0));
            v("ErrorCode", errorCode, since(0));
            v("BaseOffset", baseOffset, since(0));
            v("LogAppendTimeMs", logAppendTimeMs, since(2).ignorable());
            v("LogStartOffset", logStartOffset, since(5).ignorable());
            v("RecordErrors", recordErrors, since(8).ignorable());
            v("ErrorMessage", errorMessage, since(8).nullable(8).ignorable());
            v("CurrentLeader", currentLeader, since(10).tag(0, 10));
        }
        bool operator==(const PartitionProduceResponse&) const = default;
    };

    struct TopicProduceResponse {
        std::string name;
        Uuid topicId;
        std::vector<PartitionProduceResponse> partitionResponses;

        template <class V>
        void fields(V& v) {
            v("Name", name, between(0, 12).ignorable());
            v("TopicId", topicId, since(13).ignorable());
            v("PartitionResponses", partitionResponses, since(0));
        }
        bool operator==(const TopicProduceResponse&) const = default;
    };

    struct NodeEndpoint {
        std::int32_t nodeId = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;

        template <class V>
        void fields(V& v) {
            v("NodeId", nodeId, since(10));
            v("Host", host, since(10));
            v("Port", port, since(10));
            v("Rack", rack, since(10).nullable(10));
        }
        bool operator==(const NodeEndpoint&) const = default;
    };

    std::vector<TopicProduceResponse> responses;
    std::int32_t throttleTimeMs = 0;
    std::vector<NodeEndpoint> nodeEndpoints;

    template <class V>
    void fields(V& v) {
        v("Responses", responses, since(0));
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("NodeEndpoints", nodeEndpoints, since(10).tag(0, 10));
    }
    bool operator==(const ProduceResponse&) const = default;
};

}  // namespace odradek::protocol
