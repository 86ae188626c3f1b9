// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/types.h"
#include "engine/broker/groups/group_coordinator.h"
#include "engine/broker/partition.h"
#include "engine/broker/pending.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

struct Step;
struct BrokerCore;

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
inline bool isOffsetsTopic(std::string_view topic) {
    return topic == kOffsetsTopic;
}

/// Between the group coordinator and the partitions of __consumer_offsets this broker leads.

/// Does what the coordinator asks for: answers, appends, trims.
void carryOut(Step& s, GroupOutputs& outputs);
/// We lead this offsets partition: read it into the coordinator, up to what is there now.
void loadOffsets(Step& s, Partition& partition);
/// Goes on with a load after the high watermark moved.
void offsetsAdvanced(Step& s, Partition& partition);
void offsetsReadDone(Step& s, const DiskWait& wait, const Result<Bytes>& data);
void resignOffsets(Step& s, std::int32_t partition);
/// The outcome of an append the coordinator asked for.
void groupAppendDone(Step& s, std::uint64_t token, protocol::KafkaError error, Offset base);
void topicsDeleted(Step& s, const std::vector<DeletedTopic>& topics);
/// Tells the coordinator how many partitions __consumer_offsets has.
void offsetsTopicMayHaveChanged(Step& s);
/// Lets the coordinator see how large its partitions have become.
void checkOffsetsSizes(Step& s);
/// The coordinator's settings out of ours.
GroupConfig groupConfigOf(const BrokerCore& core);

}  // namespace odradek::broker
