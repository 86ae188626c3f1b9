// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/types.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

struct Step;
struct Partition;
struct FollowerProgress;

/// What a leader does about its followers: note their progress, move the high watermark, ask for
/// ISR changes.

/// A follower fetched at `offset`: its progress, perhaps its way into the ISR, perhaps a higher
/// watermark.
void followerFetched(Step& s, Partition& partition, std::int32_t broker, std::int64_t brokerEpoch,
                     Offset offset, Offset followerLogStart);
/// We appended: those who held all up to `oldEnd` were caught up when they last fetched. Fetch
/// sessions need this, since a fetch that brings nothing new does not name its partitions.
void leaderAppended(const Step& s, Partition& partition, Offset oldEnd);
/// Remembers which replicas are not in the ISR: their next fetches look whether they may join.
void noteOutsiders(Step& s, const Partition& partition);
/// Moves the high watermark as far as it may go now.
void advanceHighWatermark(Step& s, Partition& partition);
/// Whether that replica may be in an ISR: registered, unfenced, not shutting down, and the very
/// incarnation that fetches (KIP-841, KIP-903).
bool eligibleForIsr(const Step& s, const FollowerProgress& follower);
/// Shrinks ISRs by those who fell behind; twice per replica.lag.time.max.ms.
void checkIsrs(Step& s);
/// Puts the wishes the controller did not take back into line.
void retryIsrChanges(Step& s);
/// Sends the ISR changes wished for in this step, batched into one request.
void sendIsrChanges(Step& s);

}  // namespace odradek::broker
