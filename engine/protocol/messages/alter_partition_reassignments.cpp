// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/alter_partition_reassignments.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(AlterPartitionReassignmentsRequest)
ODRADEK_INSTANTIATE(AlterPartitionReassignmentsResponse)

}  // namespace odradek::protocol
