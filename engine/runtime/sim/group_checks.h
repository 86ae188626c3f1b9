// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/types.h"
#include "engine/runtime/sim/group_app.h"

namespace odradek::sim {

/// What must hold of a consumer group over its whole life: no partition belongs to two members of one generation; an
/// offset once committed is never read back lower, and only what was offered is read; nothing is complained about.
std::optional<std::string> judgeGroup(const std::vector<TopicPartition>& partitions,
                                      const std::vector<const GroupHistory*>& members);

/// The first offset of a partition that no member has processed.
std::int64_t firstUnprocessed(const std::vector<const GroupHistory*>& members,
                              std::uint32_t partition);

}  // namespace odradek::sim
