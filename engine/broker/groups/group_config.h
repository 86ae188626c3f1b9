// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/base/mutant.h"
#include "engine/base/time.h"

namespace odradek::broker {

/// The broker configs the group coordinator obeys. Names in the comments are Kafka's; defaults are Kafka's too.
struct GroupConfig {
    Milliseconds minSessionTimeout{6'000};             ///< group.min.session.timeout.ms
    Milliseconds maxSessionTimeout{1'800'000};         ///< group.max.session.timeout.ms
    Milliseconds initialRebalanceDelay{3'000};         ///< group.initial.rebalance.delay.ms
    std::int32_t maxSize = INT32_MAX;                  ///< group.max.size
    std::int32_t offsetMetadataMaxSize = 4096;         ///< offset.metadata.max.bytes
    Milliseconds offsetsRetention{10'080LL * 60'000};  ///< offsets.retention.minutes
    Milliseconds retentionCheckInterval{600'000};      ///< offsets.retention.check.interval.ms
    Milliseconds commitTimeout{5'000};                 ///< offsets.commit.timeout.ms
    Milliseconds newMemberJoinTimeout{300'000};        ///< not a config in Kafka either: 5 minutes
    std::int32_t offsetsPartitions = 50;               ///< offsets.topic.num.partitions
    std::int64_t rewriteBytes = 16LL << 20;            ///< ours: a partition's log above this may be rewritten
    std::int32_t batchBytes = 512 << 10;               ///< ours: largest batch one append asks for
    Mutants mutants;                                   ///< planted bugs; none outside the simulator
    bool operator==(const GroupConfig&) const = default;
};

}  // namespace odradek::broker
