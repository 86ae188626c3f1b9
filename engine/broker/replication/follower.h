// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/types.h"
#include "engine/protocol/messages/fetch.h"

namespace odradek::broker {

struct Step;
struct Partition;

/// What became of a leader's answer for one partition.
enum class Taken : std::uint8_t {
    Good,
    OutOfRange,  ///< our end lies outside the leader's log: ask where it begins and ends
    Refused,     ///< an error, or records that do not fit: try again later
};

/// Takes what a leader answered to our fetch: appends records, moves the high watermark and the log
/// start along with the leader's, or truncates where the logs diverge (KIP-101, KIP-279, KIP-595).
Taken takeFetched(Step& s, Partition& partition, protocol::FetchResponse::PartitionData& data);

/// Cuts a followed log at `offset` and takes the high watermark down with it where it must.
void truncateFollower(Step& s, Partition& partition, Offset offset, std::string_view why);
/// Empties a followed log that has fallen behind the leader's log start.
void restartFollower(Step& s, Partition& partition, Offset start);

}  // namespace odradek::broker
