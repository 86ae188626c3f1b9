// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_quorum.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DescribeQuorumRequest)
ODRADEK_INSTANTIATE(DescribeQuorumResponse)

}  // namespace odradek::protocol
