// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/delete_groups.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DeleteGroupsRequest)
ODRADEK_INSTANTIATE(DeleteGroupsResponse)

}  // namespace odradek::protocol
