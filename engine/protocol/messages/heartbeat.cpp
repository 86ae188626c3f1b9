// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/heartbeat.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(HeartbeatRequest)
ODRADEK_INSTANTIATE(HeartbeatResponse)

}  // namespace odradek::protocol
