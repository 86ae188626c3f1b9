// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace odradek::app {

/// `odradekd ctl SOCKET VERB...`: asks a running odradekd and prints its JSON. Returns the exit code.
int runControl(const std::vector<std::string>& args);

}  // namespace odradek::app
