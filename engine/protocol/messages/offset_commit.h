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

struct OffsetCommitRequest {
    static constexpr MessageInfo kInfo{"OffsetCommitRequest", 8, 2, 10, 8};

    struct OffsetCommitRequestPartition {
        std::int32_t partitionIndex = 0;
        std::int64_t committedOffset = 0;
        std::int32_t committedLeaderEpoch = -1;
        std::optional<std::string> committedMetadata{std::in_place};

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("CommittedOffset", committedOffset, since(0));
            v("CommittedLeaderEpoch", committedLeaderEpoch, since(6).ignorable());
            v("CommittedMetadata", committedMetadata, since(0).nullable(0));
        }
        bool operator==(const OffsetCommitRequestPartition&) const = default;
    };

    struct OffsetCommitRequestTopic {
        std::string name;
        Uuid topicId;
        std::vector<OffsetCommitRequestPartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, between(0, 9).ignorable());
            v("TopicId", topicId, since(10).ignorable());
            v("Partitions", partitions, since(0));
        }
        bool operator==(const OffsetCommitRequestTopic&) const = default;
    };

    std::string groupId;
    std::int32_t generationIdOrMemberEpoch = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::int64_t retentionTimeMs = -1;
    std::vector<OffsetCommitRequestTopic> topics;

    template <class V>
    void fields(V& v) {
        v("GroupId", groupId, since(0));
        v("GenerationIdOrMemberEpoch", generationIdOrMemberEpoch, since(1).ignorable());
        v("MemberId", memberId, since(1).ignorable());
        v("GroupInstanceId", groupInstanceId, since(7).nullable(7));
        v("RetentionTimeMs", retentionTimeMs, between(2, 4).ignorable());
        v("Topics", topics, since(0));
    }
    bool operator==(const OffsetCommitRequest&) const = default;
};

struct OffsetCommitResponse {
    static constexpr MessageInfo kInfo{"OffsetCommitResponse", 8, 2, 10, 8};

    struct OffsetCommitResponsePartition {
        std::int32_t partitionIndex = 0;
        std::int16_t errorCode = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("ErrorCode", errorCode, since(0));
        }
        bool operator==(const OffsetCommitResponsePartition&) const = default;
    };

    struct OffsetCommitResponseTopic {
        std::string name;
        Uuid topicId;
        std::vector<OffsetCommitResponsePartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, between(0, 9).ignorable());
            v("TopicId", topicId, since(10).ignorable());
            v("Partitions", partitions, since(0));
        }
        bool operator==(const OffsetCommitResponseTopic&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<OffsetCommitResponseTopic> topics;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(3).ignorable());
        v("Topics", topics, since(0));
    }
    bool operator==(const OffsetCommitResponse&) const = default;
};

}  // namespace odradek::protocol
