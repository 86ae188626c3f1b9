// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/elect_leaders.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ElectLeadersRequest)
ODRADEK_INSTANTIATE(ElectLeadersResponse)

}  // namespace odradek::protocol
