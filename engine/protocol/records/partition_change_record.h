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

struct PartitionChangeRecord {
    static constexpr MessageInfo kInfo{"PartitionChangeRecord", 5, 0, 2, 0};

    std::int32_t partitionId = -1;
    Uuid topicId;
    std::optional<std::vector<std::int32_t>> isr;
    std::int32_t leader = -2;
    std::optional<std::vector<std::int32_t>> replicas;
    std::optional<std::vector<std::int32_t>> removingReplicas;
    std::optional<std::vector<std::int32_t>> addingReplicas;
    std::int8_t leaderRecoveryState = -1;
    std::optional<std::vector<Uuid>> directories;
    std::optional<std::vector<std::int32_t>> eligibleLeaderReplicas;
    std::optional<std::vector<std::int32_t>> lastKnownElr;

    template <class V>
    void fields(V& v) {
        v("PartitionId", partitionId, since(0));
        v("TopicId", topicId, since(0));
        v("Isr", isr, since(0).nullable(0).tag(0, 0));
        v("Leader", leader, since(0).tag(1, 0));
        v("Replicas", replicas, since(0).nullable(0).tag(2, 0));
        v("RemovingReplicas", removingReplicas, since(0).nullable(0).tag(3, 0));
        v("AddingReplicas", addingReplicas, since(0).nullable(0).tag(4, 0));
        v("LeaderRecoveryState", leaderRecoveryState, since(0).tag(5, 0));
        v("Directories", directories, since(1).nullable(1).tag(8, 1));
        v("EligibleLeaderReplicas", eligibleLeaderReplicas, since(2).nullable(2).tag(6, 2));
        v("LastKnownElr", lastKnownElr, since(2).nullable(2).tag(7, 2));
    }
    bool operator==(const PartitionChangeRecord&) const = default;
};

}  // namespace odradek::protocol
