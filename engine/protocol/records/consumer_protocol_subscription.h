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

struct ConsumerProtocolSubscription {
    static constexpr MessageInfo kInfo{"ConsumerProtocolSubscription", -1, 0, 3, kMaxVersion};

    struct TopicPartition {
        std::string topic;
        std::vector<std::int32_t> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, since(1));
            v("Partitions", partitions, since(1));
        }
        bool operator==(const TopicPartition&) const = default;
    };

    std::vector<std::string> topics;
    std::optional<Bytes> userData;
    std::vector<TopicPartition> ownedPartitions;
    std::int32_t generationId = -1;
    std::optional<std::string> rackId;

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(0));
        v("UserData", userData, since(0).nullable(0));
        v("OwnedPartitions", ownedPartitions, since(1).ignorable());
        v("GenerationId", generationId, since(2).ignorable());
        v("RackId", rackId, since(3).nullable(3).ignorable());
    }
    bool operator==(const ConsumerProtocolSubscription&) const = default;
};

}  // namespace odradek::protocol
