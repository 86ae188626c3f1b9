// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_groups.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DescribeGroupsRequest)
ODRADEK_INSTANTIATE(DescribeGroupsResponse)

}  // namespace odradek::protocol
