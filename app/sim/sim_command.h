// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace odradek::app {

/// odradek-sim: runs seeds of the simulator, replays them, plants bugs. Returns the exit code: 1
/// when a violation was found, with a planted bug too.
int runSim(const std::vector<std::string>& args);

}  // namespace odradek::app
