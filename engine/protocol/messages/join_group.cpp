// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/join_group.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(JoinGroupRequest)
ODRADEK_INSTANTIATE(JoinGroupResponse)

}  // namespace odradek::protocol
