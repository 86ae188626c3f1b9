// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

/// Makes stale record batches unrecognisable before their bytes are reused.
///
/// Why: a batch's CRC covers neither base offset nor epoch, and both are small numbers that come
/// again, so an old batch in a recycled file can look exactly like the next one of its new log.
/// How: every byte of the range is looked at, not only the chain of batches: wherever a byte could
/// be the magic (2) of a batch header with plausible attributes, the 61 bytes of that header are
/// zeroed. Batches nested in record values, and headers whose chain was cut by an earlier,
/// interrupted scrub, are found too, so a scrub may be cut by a crash at any point and simply be
/// done again. The caller must not use the range before `flush` returned.
namespace odradek::storage {

/// The file a scrub works on; both runtimes implement it. Positions and sizes in bytes.
class ScrubFile {
public:
    virtual ~ScrubFile() = default;
    /// Reads up to `into.size()` bytes; returns how many there were (fewer only at the end of the
    /// file).
    virtual Result<std::size_t> read(std::uint64_t position, std::span<std::uint8_t> into) = 0;
    virtual Result<void> write(std::uint64_t position, ByteSpan data) = 0;
    virtual Result<void> flush() = 0;
};

struct ScrubStats {
    std::uint64_t headersZeroed = 0;
    std::uint64_t bytesWritten = 0;
};

/// Scrubs [from, to) and flushes once. Uses 256 KiB of memory; may be called again after any
/// failure. Headers that begin up to 60 bytes before `to` are zeroed only within the range. Nothing
/// outside the range is written.
Result<ScrubStats> scrubRange(ScrubFile& file, std::uint64_t from, std::uint64_t to);

}  // namespace odradek::storage
