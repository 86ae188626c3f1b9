// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/types.h"

namespace odradek::storage {

struct EpochStart {
    LeaderEpoch epoch;
    Offset start;
    auto operator<=>(const EpochStart&) const = default;
};

/// The end of an epoch as OffsetForLeaderEpoch answers it: epoch -1 and offset -1 when undefined.
struct EpochEnd {
    LeaderEpoch epoch{-1};
    Offset end{-1};
    bool defined() const { return end.value >= 0; }
    auto operator<=>(const EpochEnd&) const = default;
};

/// Which leader epoch began at which offset (KIP-101, KIP-279); the content of
/// `leader-epoch-checkpoint`. Epochs and offsets both rise. A copyable value owned by its
/// PartitionLog.
class EpochCache {
public:
    /// Notes that `epoch` begins at `start`. Ignored unless the epoch is newer than the latest; an
    /// entry that starts at or behind `start` (an epoch without records) gives way. Returns whether
    /// anything changed.
    bool assign(LeaderEpoch epoch, Offset start);
    /// The largest epoch <= `requested` and where it ends (the next epoch's start, or `logEnd` for
    /// the latest). A request beyond the latest epoch is undefined; one before the first known ends
    /// where that begins (KIP-279).
    EpochEnd endOf(LeaderEpoch requested, Offset logEnd) const;
    /// The epoch of the record at `offset`, if known.
    std::optional<LeaderEpoch> epochAt(Offset offset) const;
    std::optional<LeaderEpoch> latest() const;
    /// Drops entries that start at or after `end`.
    bool truncateFromEnd(Offset end);
    /// Drops entries that end at or before `start`; the one in force at `start` is moved to begin
    /// there.
    bool truncateFromStart(Offset start);
    void clear() { m_entries.clear(); }
    const std::vector<EpochStart>& entries() const { return m_entries; }

    /// Kafka's text file: `0`, count, then `epoch startOffset` lines.
    Bytes toFile() const;
    static Result<EpochCache> fromFile(const Bytes& file);

    bool operator==(const EpochCache&) const = default;

private:
    std::vector<EpochStart> m_entries;
};

}  // namespace odradek::storage
