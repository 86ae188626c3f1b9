// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/time.h"
#include "engine/base/types.h"

namespace odradek::broker {

/// How far one follower has got, as its fetches tell.
struct FollowerProgress {
    std::int32_t broker = -1;
    Offset logEnd{-1};  ///< its fetch offset: everything below is stable there; -1 = not heard of
    Offset logStart{-1};
    std::int64_t brokerEpoch = -1;  ///< as stated in its last fetch; -1 = not stated (KIP-903)
    Instant lastFetch;
    Offset leaderEndAtLastFetch{-1};
    Instant lastCaughtUp;

    /// Takes a fetch at `offset` into account (Kafka's Replica.updateFetchState): caught up now
    /// when it asks for our log end, caught up as of the previous fetch when it reaches what was
    /// our end then.
    void fetched(Offset offset, Offset followerLogStart, std::int64_t epoch, Offset leaderEnd,
                 Instant now);
    bool caughtUp(Offset leaderEnd, Instant now, std::int64_t maxLagMs) const {
        return logEnd == leaderEnd || now - lastCaughtUp <= Milliseconds(maxLagMs);
    }
};

/// A change of the ISR asked of the controller and not answered yet.
struct PendingIsr {
    std::vector<std::int32_t> isr;
    bool expands = false;
    std::int32_t broker = -1;  ///< who joins, when it expands
    std::uint64_t id = 0;      ///< tells its answer from one to an older wish
};

/// What the leader of one partition knows and decides: who is in sync, and how far the high
/// watermark may go (items 18 to 20 of the checklist; KIP-497, KIP-903). Pure: the broker does the
/// asking. A copyable value, part of a Partition.
struct LeaderState {
    Offset epochStart{0};  ///< our log end when this leader epoch began
    std::int32_t partitionEpoch = -1;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> isr;            ///< as the controller has it
    std::vector<FollowerProgress> followers;  ///< all replicas but us, in assignment order
    std::optional<PendingIsr> pending;
    bool pendingSent = false;  ///< the AlterPartition is on its way

    /// Starts a leadership, or takes over a newer state of the same one. `self` leads.
    void begin(std::int32_t self, const std::vector<std::int32_t>& assigned,
               const std::vector<std::int32_t>& inSync, std::int32_t epoch, Offset logEnd,
               Instant now);
    void update(std::int32_t self, const std::vector<std::int32_t>& assigned,
                const std::vector<std::int32_t>& inSync, std::int32_t epoch, Instant now);

    FollowerProgress* follower(std::int32_t broker);
    const FollowerProgress* follower(std::int32_t broker) const;
    bool inIsr(std::int32_t broker) const;
    /// In the committed ISR or about to join: the high watermark waits for these.
    bool inMaximalIsr(std::int32_t broker) const;

    /// The ISR size below which nothing new is committed: min.insync.replicas, but no more than
    /// there are replicas.
    std::int32_t effectiveMinIsr(std::int32_t minInsync) const {
        const auto all = static_cast<std::int32_t>(replicas.size());
        return minInsync < all ? minInsync : all;
    }
    bool underMinIsr(std::int32_t minInsync) const {
        return static_cast<std::int32_t>(isr.size()) < effectiveMinIsr(minInsync);
    }

    /// Where the high watermark may stand: the smallest end over the maximal ISR and over
    /// `eligible` replicas that are caught up; our own counts with `stableEnd`. Never below
    /// `current`; `current` while under min ISR.
    template <class Eligible>
    Offset highWatermark(Offset current, Offset stableEnd, Offset logEnd, std::int32_t minInsync,
                         Instant now, std::int64_t maxLagMs, Eligible eligible) const {
        if (underMinIsr(minInsync))
            return current;
        Offset mark = stableEnd;
        for (const auto& one : followers) {
            if (one.logEnd >= mark)
                continue;
            if (inMaximalIsr(one.broker) || (one.caughtUp(logEnd, now, maxLagMs) && eligible(one)))
                mark = one.logEnd;
        }
        return mark > current ? mark : current;
    }

    /// Whether a follower has earned its place: it holds all that is committed, and all up to this
    /// epoch's start.
    bool mayJoin(const FollowerProgress& one, Offset mark) const {
        return !pending && !inIsr(one.broker) && one.logEnd >= mark && one.logEnd >= epochStart;
    }
    /// Members of the ISR that were not caught up for `maxLagMs`.
    std::vector<std::int32_t> laggards(Offset logEnd, Instant now, std::int64_t maxLagMs) const;

    /// The smallest log start over ourselves and `live` followers, for DeleteRecords.
    template <class Live>
    Offset lowWatermark(Offset ownStart, Live live) const {
        Offset low = ownStart;
        for (const auto& one : followers)
            if (live(one.broker) && one.logStart < low)
                low = one.logStart;
        return low;
    }
};

}  // namespace odradek::broker
