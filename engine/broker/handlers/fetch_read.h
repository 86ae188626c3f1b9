// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/broker/pending.h"

namespace odradek::broker {

struct Step;

/// What reading all partitions of a fetch came to.
struct FetchOutcome {
    std::uint64_t bytes = 0;
    bool atOnce = false;   ///< an error or a divergence: no waiting (item 25)
    std::size_t cold = 0;  ///< parts whose bytes must come from the disk; their `cold` is set
};

/// Reads every partition of a fetch into its response, in the order asked, within the limits: whole
/// batches, at least one over all (KIP-74). Follows ReplicaManager.readFromLog and
/// Partition.readRecords.
FetchOutcome readAll(Step& s, PendingFetch& fetch);

/// Sets a partition's answer to an error met while reading.
void failPart(Step& s, PendingFetch& fetch, const FetchPart& part, std::int16_t error);

}  // namespace odradek::broker
