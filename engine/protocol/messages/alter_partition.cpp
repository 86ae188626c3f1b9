// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/alter_partition.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(AlterPartitionRequest)
ODRADEK_INSTANTIATE(AlterPartitionResponse)

}  // namespace odradek::protocol
