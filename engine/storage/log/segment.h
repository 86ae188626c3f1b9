// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/types.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/storage/log/offset_index.h"

namespace odradek::storage {

/// `%020d` of the offset plus the suffix, e.g. "00000000000000000042.log".
std::string segmentFileName(Offset base, std::string_view suffix);
/// The offset in such a name, if it is one with that suffix.
std::optional<Offset> parseSegmentFileName(std::string_view name, std::string_view suffix);

/// What a log knows of one of its segments: sizes, times and the sparse index. Plain data, part of PartitionLog.
struct Segment {
    Offset base;
    Offset next;                   ///< offset after its last record; == base when empty
    std::uint64_t size = 0;        ///< logical bytes
    std::uint64_t allocated = 0;   ///< bytes of the file on disk, preallocation included
    std::int64_t firstTimestampMs = -1;    ///< largest timestamp of its first batch: rolling by time counts from it
    std::int64_t maxTimestampMs = -1;      ///< -1 = none
    std::int64_t offsetOfMaxTimestamp = -1;  ///< last offset of the batch that has it
    std::int64_t createdMs = 0;            ///< wall time
    std::int64_t lastAppendMs = 0;         ///< wall time; stands in for maxTimestamp when there is none
    std::uint32_t bytesSinceIndexEntry = 0;
    std::uint32_t indexEntriesWritten = 0;  ///< entries already in the files (active segment)
    std::uint32_t timeEntriesWritten = 0;
    /// Both index files are there and hold all entries, the last time included. Kafka's tools want both files beside
    /// every segment, also where there is nothing to index.
    bool indexFilesComplete = false;
    SegmentIndex index;

    std::int64_t largestTimestampMs() const { return maxTimestampMs >= 0 ? maxTimestampMs : lastAppendMs; }
    bool empty() const { return size == 0; }
    /// Takes one appended batch (its header with final offsets, at position `size`) into account.
    void note(const protocol::BatchHeader& batch, std::int32_t indexIntervalBytes, std::int64_t nowMs);
    bool operator==(const Segment&) const = default;
};

}  // namespace odradek::storage
