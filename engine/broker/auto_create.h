// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace odradek::broker {

struct Step;

/// Asks the controller to create topics somebody wished for without asking: those in a Metadata
/// request, and
/// `__consumer_offsets`. Names must be valid; those under way already are left out. The wisher asks
/// again later.
void createTopics(Step& s, const std::vector<std::string>& names);

}  // namespace odradek::broker
