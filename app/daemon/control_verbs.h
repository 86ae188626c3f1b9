// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/daemon/control_server.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::app {

/// Performs one verb of `odradekd ctl` on a running cluster: status, kill N, restart N. Verbs of later versions and
/// wrong arguments answer with exit code 2 and one line.
ControlAnswer answerVerb(real::EmbeddedCluster& cluster, const std::vector<std::string>& words);

}  // namespace odradek::app
