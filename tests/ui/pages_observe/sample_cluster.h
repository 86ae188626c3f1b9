// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/api/events.h"
#include "engine/api/snapshot.h"

/// A hand-made retail cluster of three brokers and ten topics with the troubles of the mock-up: one
/// partition offline, one lagging replica, a group that falls behind.
namespace odradek::test {

/// The cluster `second` seconds after it began (at `start`, wall ms). Counters rise with the time.
api::ClusterSnapshot retailCluster(api::WallMs start, int second, bool troubled = true);
/// As seen from outside: no counters, connections or disks.
api::ClusterSnapshot fromOutside(api::ClusterSnapshot snapshot);
/// `topics` topics of three partitions.
api::ClusterSnapshot wideCluster(api::WallMs at, int topics);

}  // namespace odradek::test
