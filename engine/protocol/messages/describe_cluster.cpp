// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_cluster.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DescribeClusterRequest)
ODRADEK_INSTANTIATE(DescribeClusterResponse)

}  // namespace odradek::protocol
