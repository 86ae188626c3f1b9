// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "engine/protocol/messages/alter_partition.h"
#include "engine/quorum/control.h"
#include "engine/quorum/partition_change_builder.h"

/// Leaders and in-sync replicas (Kafka's ReplicationControlManager, the part about existing partitions).
namespace odradek::quorum {

/// Whether the topic allows unclean elections.
PartitionChangeBuilder::Election electionFor(const ControlContext& context, const metadata::Topic& topic);

/// Takes a broker out of every ISR and leadership it holds (fenced, shutting down, or gone), topic by topic.
Records removeBrokerFromPartitions(const ControlContext& context, std::int32_t broker);
/// Elects leaders for partitions that have none, as if `returning` (if any) were already unfenced.
Records electForLeaderless(const ControlContext& context, std::optional<std::int32_t> returning);
/// Gives leadership back to preferred replicas that are live and in sync, up to `limit` partitions.
Records electPreferred(const ControlContext& context, std::size_t limit);
/// Whether the broker leads any partition.
bool leadsAny(const metadata::Image& image, std::int32_t broker);

/// AlterPartition: a leader reports a new ISR. Verdicts in Kafka's order (kafka-engine.md, item 21).
Outcome<protocol::AlterPartitionResponse> alterPartition(const ControlContext& context,
                                                         const protocol::AlterPartitionRequest& request);

}  // namespace odradek::quorum
