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

struct ConsumerProtocolAssignment {
    static constexpr MessageInfo kInfo{"ConsumerProtocolAssignment", -1, 0, 3, kMaxVersion};

    struct TopicPartition {
        std::string topic;
        std::vector<std::int32_t> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const TopicPartition&) const = default;
    };

    std::vector<TopicPartition> assignedPartitions;
    std::optional<Bytes> userData;

    template <class V>
    void fields(V& v) {
        v("AssignedPartitions", assignedPartitions, since(0));
        v("UserData", userData, since(0).nullable(0));
    }
    bool operator==(const ConsumerProtocolAssignment&) const = default;
};

}  // namespace odradek::protocol
