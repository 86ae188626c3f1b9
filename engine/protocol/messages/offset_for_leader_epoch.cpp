// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/offset_for_leader_epoch.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(OffsetForLeaderEpochRequest)
ODRADEK_INSTANTIATE(OffsetForLeaderEpochResponse)

}  // namespace odradek::protocol
