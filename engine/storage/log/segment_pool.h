// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/ports.h"
#include "engine/storage/log/disk_out.h"

namespace odradek::storage {

/// The node's pool of used segment files: overwriting pages that are already allocated (and cached)
/// is several times cheaper than growing fresh files. Lifecycle of a file in the log directory's
/// root:
///
///     <topic-partition>/N.log --rename--> recycled-K.dirty --DiskScrub--> --rename-->
///     recycled-K.clean
///       --rename--> <other topic-partition>/M.log
///
/// Each rename is durable before the next step (effects of one node are FIFO; the scrub ends with a
/// flush), so after any crash a .clean file holds no stale batch and a .dirty one is scrubbed
/// again. Bounded in bytes: what does not fit is removed. A copyable value with its own op tag; the
/// broker routes DiskDone of that tag to `onDiskDone`.
class SegmentPool {
public:
    SegmentPool() = default;
    /// `tag`: this pool's part of op ids. `maxBytes` = 0 switches recycling off.
    SegmentPool(OpIds::Tag tag, std::uint64_t maxBytes) : m_tag(tag), m_maxBytes(maxBytes) {}

    /// Takes over the files found at boot: clean ones are ready, dirty ones are scrubbed, what is
    /// over the bound removed.
    void adopt(const std::vector<io::BootDisk::Entry>& rootEntries, DiskOut& out);

    bool accepts(std::uint64_t size) const { return size > 0 && bytes() + size <= m_maxBytes; }
    /// Gives a segment file back (`size` = bytes allocated on disk). Never waits; over the bound it
    /// is removed for good. `op` (0 = none) completes once the file has lost its name.
    void recycle(const std::string& path, std::uint64_t size, io::OpId op, DiskOut& out);
    /// Moves a clean file of at most `wantedMax` bytes (the largest there is) to `path`; returns
    /// its size, or nullopt when there is none.
    std::optional<std::uint64_t> take(const std::string& path, std::uint64_t wantedMax,
                                      DiskOut& out);
    void onDiskDone(io::OpId op, const Result<Bytes>& result, DiskOut& out);

    OpIds::Tag tag() const { return m_tag; }
    std::uint64_t bytes() const;
    std::size_t cleanFiles() const { return m_clean.size(); }
    std::size_t dirtyFiles() const { return m_dirty.size(); }

private:
    struct File {
        std::uint64_t number = 0;
        std::uint64_t size = 0;
        io::OpId scrub = 0;
    };
    static std::string dirtyName(std::uint64_t number);
    static std::string cleanName(std::uint64_t number);
    void scrub(File file, DiskOut& out);

    OpIds::Tag m_tag = 1;
    std::uint64_t m_maxBytes = 0;
    std::uint64_t m_nextNumber = 1;
    std::vector<File> m_clean;
    std::vector<File> m_dirty;
};

}  // namespace odradek::storage
