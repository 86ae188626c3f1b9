// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/list_groups.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ListGroupsRequest)
ODRADEK_INSTANTIATE(ListGroupsResponse)

}  // namespace odradek::protocol
