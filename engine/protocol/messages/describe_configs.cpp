// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_configs.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DescribeConfigsRequest)
ODRADEK_INSTANTIATE(DescribeConfigsResponse)

}  // namespace odradek::protocol
