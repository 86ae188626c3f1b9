// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_log_dirs.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DescribeLogDirsRequest)
ODRADEK_INSTANTIATE(DescribeLogDirsResponse)

}  // namespace odradek::protocol
