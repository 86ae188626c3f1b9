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

struct OffsetFetchRequest {
    static constexpr MessageInfo kInfo{"OffsetFetchRequest", 9, 1, 10, 6};

    struct OffsetFetchRequestTopic {
        std::string name;
        std::vector<std::int32_t> partitionIndexes;

        template <class V>
        void fields(V& v) {
            v("Name", name, between(0, 7));
            v("PartitionIndexes", partitionIndexes, between(0, 7));
        }
        bool operator==(const OffsetFetchRequestTopic&) const = default;
    };

    struct OffsetFetchRequestTopics {
        std::string name;
        Uuid topicId;
        std::vector<std::int32_t> partitionIndexes;

        template <class V>
        void fields(V& v) {
            v("Name", name, between(8, 9).ignorable());
            v("TopicId", topicId, since(10).ignorable());
            v("PartitionIndexes", partitionIndexes, since(8));
        }
        bool operator==(const OffsetFetchRequestTopics&) const = default;
    };

    struct OffsetFetchRequestGroup {
        std::string groupId;
        std::optional<std::string> memberId;
        std::int32_t memberEpoch = -1;
        std::optional<std::vector<OffsetFetchRequestTopics>> topics{std::in_place};

        template <class V>
        void fields(V& v) {
            v("GroupId", groupId, since(8));
            v("MemberId", memberId, since(9).nullable(9).ignorable());
            v("MemberEpoch", memberEpoch, since(9).ignorable());
            v("Topics", topics, since(8).nullable(8));
        }
        bool operator==(const OffsetFetchRequestGroup&) const = default;
    };

    std::string groupId;
    std::optional<std::vector<OffsetFetchRequestTopic>> topics{std::in_place};
    std::vector<OffsetFetchRequestGroup> groups;
    bool requireStable = false;

    template <class V>
    void fields(V& v) {
        v("GroupId", groupId, between(0, 7));
        v("Topics", topics, between(0, 7).nullable(2, 7));
        v("Groups", groups, since(8));
        v("RequireStable", requireStable, since(7));
    }
    bool operator==(const OffsetFetchRequest&) const = default;
};

struct OffsetFetchResponse {
    static constexpr MessageInfo kInfo{"OffsetFetchResponse", 9, 1, 10, 6};

    struct OffsetFetchResponsePartition {
        std::int32_t partitionIndex = 0;
        std::int64_t committedOffset = 0;
        std::int32_t committedLeaderEpoch = -1;
        std::optional<std::string> metadata{std::in_place};
        std::int16_t errorCode = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, between(0, 7));
            v("CommittedOffset", committedOffset, between(0, 7));
            v("CommittedLeaderEpoch", committedLeaderEpoch, between(5, 7).ignorable());
            v("Metadata", metadata, between(0, 7).nullable(0, 7));
            v("ErrorCode", errorCode, between(0, 7));
        }
        bool operator==(const OffsetFetchResponsePartition&) const = default;
    };

    struct OffsetFetchResponseTopic {
        std::string name;
        std::vector<OffsetFetchResponsePartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, between(0, 7));
            v("Partitions", partitions, between(0, 7));
        }
        bool operator==(const OffsetFetchResponseTopic&) const = default;
    };

    struct OffsetFetchResponsePartitions {
        std::int32_t partitionIndex = 0;
        std::int64_t committedOffset = 0;
        std::int32_t committedLeaderEpoch = -1;
        std::optional<std::string> metadata{std::in_place};
        std::int16_t errorCode = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(8));
            v("CommittedOffset", committedOffset, since(8));
            v("CommittedLeaderEpoch", committedLeaderEpoch, since(8).ignorable());
            v("Metadata", metadata, since(8).nullable(8));
            v("ErrorCode", errorCode, since(8));
        }
        bool operator==(const OffsetFetchResponsePartitions&) const = default;
    };

    struct OffsetFetchResponseTopics {
        std::string name;
        Uuid topicId;
        std::vector<OffsetFetchResponsePartitions> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, between(8, 9).ignorable());
            v("TopicId", topicId, since(10).ignorable());
            v("Partitions", partitions, since(8));
        }
        bool operator==(const OffsetFetchResponseTopics&) const = default;
    };

    struct OffsetFetchResponseGroup {
        std::string groupId;
        std::vector<OffsetFetchResponseTopics> topics;
        std::int16_t errorCode = 0;

        template <class V>
        void fields(V& v) {
            v("GroupId", groupId, since(8));
            v("Topics", topics, since(8));
            v("ErrorCode", errorCode, since(8));
        }
        bool operator==(const OffsetFetchResponseGroup&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<OffsetFetchResponseTopic> topics;
    std::int16_t errorCode = 0;
    std::vector<OffsetFetchResponseGroup> groups;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(3).ignorable());
        v("Topics", topics, between(0, 7));
        v("ErrorCode", errorCode, between(2, 7).ignorable());
        v("Groups", groups, since(8));
    }
    bool operator==(const OffsetFetchResponse&) const = default;
};

}  // namespace odradek::protocol
