// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/base/result.h"
#include "engine/io/ports.h"
#include "engine/protocol/codec/record_batch.h"

namespace odradek::storage {

/// A segment file seen through one 1 MiB window, for reading it through at boot with bounded
/// memory.
class SegmentWindow {
public:
    SegmentWindow(io::BootDisk& disk, std::string path, std::uint64_t fileSize)
        : m_disk(disk), m_path(std::move(path)), m_size(fileSize) {}

    std::uint64_t size() const { return m_size; }
    /// `count` bytes at `position`, or fewer at the end of the file.
    Result<Bytes> at(std::uint64_t position, std::uint64_t count);
    /// Whether the batch with this header at `position` holds its CRC. Reads it piece by piece.
    Result<bool> crcHolds(std::uint64_t position, const protocol::BatchHeader& header);
    /// Where the last non-zero byte at or after `from` ends; `from` when there is none.
    Result<std::uint64_t> endOfContent(std::uint64_t from);

private:
    io::BootDisk& m_disk;
    std::string m_path;
    std::uint64_t m_size;
    std::uint64_t m_start = 0;
    Bytes m_window;
};

/// What must come next in a log.
struct ScanExpectation {
    std::int64_t offset = 0;
    std::int32_t epoch = -1;  ///< not below this
    bool trustsBytes = false;  ///< a planted bug (Mutant::TrustTornTail)
};

/// Why a scan ended.
enum class ScanStop : std::uint8_t {
    EndOfFile,
    Nothing,  ///< zeros, or leftovers of a recycled file: the ordinary end
    Damage,   ///< a batch was begun here, or a strange one lies here
};
struct ScanEnd {
    std::uint64_t position = 0;  ///< behind the last good batch
    ScanStop stop = ScanStop::EndOfFile;
    std::string why;  ///< in words, for Damage
};

/// Reads batches from `position` on as long as they are whole, hold their CRC, have exactly the
/// next offset and an epoch that does not fall; calls `visit(header, batchPosition)` for each and
/// moves `expected` on. Fails with Io only.
Result<ScanEnd> scanBatches(
    SegmentWindow& window, std::uint64_t position, ScanExpectation& expected,
    const std::function<Result<void>(const protocol::BatchHeader&, std::uint64_t)>& visit);

}  // namespace odradek::storage
