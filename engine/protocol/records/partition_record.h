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

struct PartitionRecord {
    static constexpr MessageInfo kInfo{"PartitionRecord", 3, 0, 2, 0};

    std::int32_t partitionId = -1;
    Uuid topicId;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> isr;
    std::vector<std::int32_t> removingReplicas;
    std::vector<std::int32_t> addingReplicas;
    std::int32_t leader = -1;
    std::int8_t leaderRecoveryState = 0;
    std::int32_t leaderEpoch = -1;
    std::int32_t partitionEpoch = -1;
    std::vector<Uuid> directories;
    std::optional<std::vector<std::int32_t>> eligibleLeaderReplicas;
    std::optional<std::vector<std::int32_t>> lastKnownElr;

    template <class V>
    void fields(V& v) {
        v("PartitionId", partitionId, since(0));
        v("TopicId", topicId, since(0));
        v("Replicas", replicas, since(0));
        v("Isr", isr, since(0));
        v("RemovingReplicas", removingReplicas, since(0));
        v("AddingReplicas", addingReplicas, since(0));
        v("Leader", leader, since(0));
        v("LeaderRecoveryState", leaderRecoveryState, since(0).tag(0, 0));
        v("LeaderEpoch", leaderEpoch, since(0));
        v("PartitionEpoch", partitionEpoch, since(0));
        v("Directories", directories, since(1));
        v("EligibleLeaderReplicas", eligibleLeaderReplicas, since(2).nullable(2).tag(1, 2));
        v("LastKnownElr", lastKnownElr, since(2).nullable(2).tag(2, 2));
    }
    bool operator==(const PartitionRecord&) const = default;
};

}  // namespace odradek::protocol
