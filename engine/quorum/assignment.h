// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "engine/quorum/control.h"

/// From replica lists to new partitions, shared by CreateTopics and CreatePartitions.
namespace odradek::quorum {

using ReplicaLists = std::vector<std::vector<std::int32_t>>;

/// Kafka's rules for a replica list somebody wrote by hand: not empty, none twice, all registered, as many as
/// `expectedSize` if given. The error is InvalidReplicaAssignment.
ApiError checkManualAssignment(const metadata::Image& image, const std::vector<std::int32_t>& replicas,
                               std::optional<std::size_t> expectedSize);

/// The record of a new partition whose ISR are those replicas that are active, led by the first of them; nullopt when
/// there is none.
std::optional<protocol::PartitionRecord> newPartition(const metadata::Image& image, Uuid topic, std::int32_t index,
                                                      const std::vector<std::int32_t>& replicas);

/// A new random topic id: never a reserved one, never one that starts with '-' as text (tools take those for options).
Uuid newTopicId(const metadata::Image& image, Prng& prng);

}  // namespace odradek::quorum
