// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/leave_group.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(LeaveGroupRequest)
ODRADEK_INSTANTIATE(LeaveGroupResponse)

}  // namespace odradek::protocol
