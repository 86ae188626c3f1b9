// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/daemon/control_server.h"
#include "engine/base/fault.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::app {

/// The verbs of `odradekd ctl` that set faults of links, disks and clocks, and heal: `net`, `disk`, `clock`, `heal`,
/// `faults`, each with its arguments. A wrong command line answers with exit code 2 and one line, what the cluster
/// refuses with 1.
ControlAnswer answerFaultVerb(real::EmbeddedCluster& cluster, const std::vector<std::string>& words);

/// Whether the first word of a verb belongs here.
bool isFaultVerb(const std::string& verb);

/// The active faults as a JSON array, for `faults` and `status`.
std::string faultsAsJson(const std::vector<Fault>& faults);

/// Reads what stands behind net, disk or clock as a fault, without looking at a cluster: "cut 1 2 one-way",
/// "slow 2 100x", "jump 3 -5s". Invalid with one line otherwise.
Result<Fault> parseFault(const std::vector<std::string>& words);

}  // namespace odradek::app
