// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "engine/api/commands.h"
#include "engine/api/snapshot.h"

namespace odradek::source {

/// The topics of the retail platform as commands that create them, replicated up to three times. Their retention keeps
/// the platform within 2 GiB over all topics, partitions and copies.
std::vector<api::CreateTopic> retailTopicCommands(int brokers);

/// All topics of the platform exist and every partition has a leader.
bool retailTopicsReady(const api::ClusterSnapshot& snapshot);

}  // namespace odradek::source
