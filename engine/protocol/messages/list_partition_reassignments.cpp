// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/list_partition_reassignments.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ListPartitionReassignmentsRequest)
ODRADEK_INSTANTIATE(ListPartitionReassignmentsResponse)

}  // namespace odradek::protocol
