// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/broker/pending.h"

namespace odradek::broker {

struct Step;

/// What reading the parts of a fetch came to.
struct FetchOutcome {
    bool atOnce = false;   ///< an error or a divergence: no waiting (item 25)
    std::size_t cold = 0;  ///< parts whose bytes must come from the disk; their `cold` is set
};

/// Reads the stale parts of a fetch, in the order asked, within the limits: whole batches, at least
/// one over all (KIP-74). `fetch.bytes` then counts all parts. A fetch of a session stops at the
/// limits: what it did not come to stays stale. Follows ReplicaManager.readFromLog and
/// Partition.readRecords.
FetchOutcome readParts(Step& s, PendingFetch& fetch);

/// Sets a partition's answer to an error met while reading.
void failPart(PendingFetch& fetch, FetchPart& part, std::int16_t error);

}  // namespace odradek::broker
