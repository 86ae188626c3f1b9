// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/types.h"

namespace odradek::storage {

/// Whole batches for a fetch answer. The first batch may begin before the offset asked for, as in
/// Kafka.
struct FetchData {
    Chain records;
    Offset next;  ///< offset after the last batch; the offset asked for when empty
};

/// A read below the in-memory tail: the caller performs io::DiskRead{path, position, size} and
/// hands the bytes to `finishColdRead`. Plain data; may wait as long as it likes. A file that
/// retention took meanwhile reads as NotFound, one that was truncated as Truncated: ask the log
/// again.
struct ColdRead {
    std::string path;
    std::uint64_t position = 0;
    std::uint64_t size = 0;
    Offset from;
    Offset upTo;
    std::uint64_t maxBytes = 0;
    bool atLeastOne = false;
    std::uint64_t segmentEnd = 0;  ///< logical end of the segment when planned
};

using ReadPlan = std::variant<FetchData, ColdRead>;

/// Cuts what a cold read returned at whole batches, after checking their CRCs; a bad batch is never
/// given out, the good ones before it are. Another ColdRead
/// when the first batch did not fit and one is due, or the batch lies further on. Corrupt when the
/// first bytes are no good batch, Truncated when there are fewer than planned.
Result<ReadPlan> finishColdRead(const ColdRead& plan, const Bytes& data);

/// The record a ListOffsets query by time finds.
struct OffsetFound {
    Offset offset;
    std::int64_t timestampMs = -1;
    LeaderEpoch epoch{-1};
    bool operator==(const OffsetFound&) const = default;
};

/// A lookup that needs bytes from disk: perform the read, then PartitionLog::continueLookup.
struct ColdLookup {
    std::string path;
    std::uint64_t position = 0;
    std::uint64_t size = 0;
    std::uint64_t segmentEnd = 0;
    Offset segment;
    std::int64_t timestampMs =
        0;  ///< first record at or after it, or (exact) the first record that has it
    bool exact = false;
};

/// nullopt = no such record.
using LookupStep = std::variant<std::optional<OffsetFound>, ColdLookup>;

}  // namespace odradek::storage
