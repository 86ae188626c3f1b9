// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/find_coordinator.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(FindCoordinatorRequest)
ODRADEK_INSTANTIATE(FindCoordinatorResponse)

}  // namespace odradek::protocol
