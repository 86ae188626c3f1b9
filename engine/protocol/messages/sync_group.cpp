// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/sync_group.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(SyncGroupRequest)
ODRADEK_INSTANTIATE(SyncGroupResponse)

}  // namespace odradek::protocol
