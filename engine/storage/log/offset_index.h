// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace odradek::storage {

/// The sparse indexes of one segment, in memory; offsets are relative to the segment's base offset.
/// On disk (big-endian, Kafka's): `.index` = {int32 relative offset, int32 position}, `.timeindex`
/// = {int64 timestamp, int32 relative offset}. An entry is made once more than index.interval.bytes
/// were appended since the last: the batch's last offset and the position where it starts; the
/// largest timestamp so far and the last offset of its batch.
struct IndexEntry {
    std::uint32_t relativeOffset = 0;
    std::uint32_t position = 0;
    bool operator==(const IndexEntry&) const = default;
};
struct TimeIndexEntry {
    std::int64_t timestampMs = -1;
    std::uint32_t relativeOffset = 0;
    bool operator==(const TimeIndexEntry&) const = default;
};

class SegmentIndex {
public:
    void add(std::uint32_t relativeOffset, std::uint32_t position, std::int64_t maxTimestampMs,
             std::uint32_t offsetOfMax);
    /// The final time entry of a closed segment: its largest timestamp.
    void addLastTime(std::int64_t maxTimestampMs, std::uint32_t offsetOfMax);

    /// Position of the last indexed batch whose last offset is <= relativeOffset; 0 when there is
    /// none.
    std::uint32_t positionFor(std::uint32_t relativeOffset) const;
    /// The last relative offset with a largest-so-far timestamp < timestampMs (search starts
    /// there); 0 when none.
    std::uint32_t offsetBefore(std::int64_t timestampMs) const;

    void truncate(std::uint32_t relativeOffset);
    /// Keeps at most `entries` of each, evenly, for closed segments (the files keep all).
    void thin(std::size_t entries);
    void clear();

    const std::vector<IndexEntry>& offsets() const { return m_offsets; }
    const std::vector<TimeIndexEntry>& times() const { return m_times; }

    /// File bytes of the entries from the given number on.
    Bytes offsetBytes(std::size_t from = 0) const;
    Bytes timeBytes(std::size_t from = 0) const;
    /// Reads both files; Corrupt when sizes are no multiple of an entry, or anything fails to rise,
    /// or a position is not below `segmentSize`. Trailing zero entries (preallocation) are ignored.
    static Result<SegmentIndex> fromFiles(const Bytes& index, const Bytes& timeIndex,
                                          std::uint64_t segmentSize);

    bool operator==(const SegmentIndex&) const = default;

private:
    std::vector<IndexEntry> m_offsets;
    std::vector<TimeIndexEntry> m_times;
};

}  // namespace odradek::storage
