// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/broker_heartbeat.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(BrokerHeartbeatRequest)
ODRADEK_INSTANTIATE(BrokerHeartbeatResponse)

}  // namespace odradek::protocol
