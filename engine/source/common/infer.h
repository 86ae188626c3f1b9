// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "engine/api/events.h"
#include "engine/api/snapshot.h"

namespace odradek::source {

/// What must have happened between two snapshots of one cluster: brokers come and gone, leaders, ISR, topics, groups.
/// `inferred` marks them as concluded rather than seen. Pure.
std::vector<api::Event> inferEvents(const api::ClusterSnapshot& before, const api::ClusterSnapshot& after,
                                    bool inferred);

}  // namespace odradek::source
