// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/elect_leaders.h"
#include "engine/quorum/control.h"

namespace odradek::quorum {

/// ElectLeaders: gives leadership back to preferred replicas, or (unclean) to any live replica of a partition without
/// leader. With no partitions named, all are looked at, and those that need no election are not told of.
Outcome<protocol::ElectLeadersResponse> electLeaders(const ControlContext& context,
                                                     const protocol::ElectLeadersRequest& request);

}  // namespace odradek::quorum
