// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/broker/partition.h"
#include "engine/metadata/image.h"
#include "engine/storage/log/log_config.h"

namespace odradek::broker {

struct Step;

/// Brings our replica of one partition in line with the image: creates its log, leads, follows, or
/// lets it go.
void takeAssignment(Step& s, const metadata::Topic& topic, std::int32_t index);
/// Deletes a replica with its folder. Everybody who waits on it is answered first.
void dropReplica(Step& s, PartitionRef ref, std::string_view why);
/// Gives a log its topic's settings.
void applyLogConfig(Step& s, Partition& partition, const storage::LogConfig& config);
/// Its log no longer takes writes: it serves nobody any more, and the controller is asked to move
/// our leaderships.
void replicaFailed(Step& s, Partition& partition);

}  // namespace odradek::broker
