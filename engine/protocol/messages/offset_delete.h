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

struct OffsetDeleteRequest {
    static constexpr MessageInfo kInfo{"OffsetDeleteRequest", 47, 0, 0, kMaxVersion};

    struct OffsetDeleteRequestPartition {
        std::int32_t partitionIndex = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
        }
        bool operator==(const OffsetDeleteRequestPartition&) const = default;
    };

    struct OffsetDeleteRequestTopic {
        std::string name;
        std::vector<OffsetDeleteRequestPartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const OffsetDeleteRequestTopic&) const = default;
    };

    std::string groupId;
    std::vector<OffsetDeleteRequestTopic> topics;

    template <class V>
    void fields(V& v) {
        v("GroupId", groupId, since(0));
        v("Topics", topics, since(0));
    }
    bool operator==(const OffsetDeleteRequest&) const = default;
};

struct OffsetDeleteResponse {
    static constexpr MessageInfo kInfo{"OffsetDeleteResponse", 47, 0, 0, kMaxVersion};

    struct OffsetDeleteResponsePartition {
        std::int32_t partitionIndex = 0;
        std::int16_t errorCode = 0;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("ErrorCode", errorCode, since(0));
        }
        bool operator==(const OffsetDeleteResponsePartition&) const = default;
    };

    struct OffsetDeleteResponseTopic {
        std::string name;
        std::vector<OffsetDeleteResponsePartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const OffsetDeleteResponseTopic&) const = default;
    };

    std::int16_t errorCode = 0;
    std::int32_t throttleTimeMs = 0;
    std::vector<OffsetDeleteResponseTopic> topics;

    template <class V>
    void fields(V& v) {
        v("ErrorCode", errorCode, since(0));
        v("ThrottleTimeMs", throttleTimeMs, since(0).ignorable());
        v("Topics", topics, since(0));
    }
    bool operator==(const OffsetDeleteResponse&) const = default;
};

}  // namespace odradek::protocol
