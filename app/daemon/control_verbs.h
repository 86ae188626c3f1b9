// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/daemon/control_server.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::app {

/// Performs one verb of `odradekd ctl` on a running cluster: status, what can be done to nodes (kill, power-cut, stop,
/// pause, resume, restart, wipe), and the faults of control_faults.h. Wrong command lines answer with exit code 2 and
/// one line, what the cluster refuses with 1. Thread: any, also several at a time.
ControlAnswer answerVerb(real::EmbeddedCluster& cluster, const std::vector<std::string>& words);

}  // namespace odradek::app
