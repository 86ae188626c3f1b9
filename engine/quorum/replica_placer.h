// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "engine/quorum/control.h"

namespace odradek::quorum {

/// Chooses replicas for `partitions` new partitions, in the manner of Kafka's StripedReplicaPlacer: the first replica
/// goes round over racks (and over the unfenced brokers of a rack), the others follow in the next racks; fenced brokers
/// come last and are never first. After each round over the unfenced brokers everything is shuffled, so that followers
/// differ as well. Fails with InvalidReplicationFactor.
std::expected<std::vector<std::vector<std::int32_t>>, ApiError> placeReplicas(const metadata::Image& image,
                                                                             std::int64_t partitions,
                                                                             std::int32_t replicationFactor,
                                                                             Prng& prng);

}  // namespace odradek::quorum
