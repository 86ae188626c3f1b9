// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/alter_partition_reassignments.h"
#include "engine/protocol/messages/list_partition_reassignments.h"
#include "engine/quorum/control.h"

/// Moving replicas between brokers (KIP-455): the partition has old and new replicas until all new ones are in sync;
/// AlterPartition then ends the move (PartitionChangeBuilder).
namespace odradek::quorum {

/// Begins, changes or (replicas null) cancels moves.
Outcome<protocol::AlterPartitionReassignmentsResponse> alterReassignments(
    const ControlContext& context, const protocol::AlterPartitionReassignmentsRequest& request);

/// The moves under way, of the topics asked for or of all.
Outcome<protocol::ListPartitionReassignmentsResponse> listReassignments(
    const ControlContext& context, const protocol::ListPartitionReassignmentsRequest& request);

}  // namespace odradek::quorum
