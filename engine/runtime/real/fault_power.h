// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace odradek::real {

/// Remembers what a node's disk was told to write and has not synced yet, so that a power cut can be played on real
/// files: `cut` puts every unsynced range back to what it held before, every file to the size it had when last synced,
/// and removes files that were never synced. All that was not synced is lost then, the worst a real cut can do, with
/// two outcomes a real cut can also have: a truncation, a rename or a removal is never undone, and when more than
/// `bytesMax` of old content would have to be kept, the oldest is forgotten, as if the kernel had written it back.
/// Old content is read before it is overwritten; appends beyond the end and writes into zeros cost next to nothing.
/// Lifecycle: one per running disk. Thread: any.
class UnsyncedJournal {
public:
    explicit UnsyncedJournal(std::filesystem::path root, std::size_t bytesMax = 64u << 20)
        : m_root(std::move(root)), m_bytesMax(bytesMax) {}

    /// Before [offset, offset + size) of a file is written; `fd` can be read. `isNew`: its name is not durable yet.
    void willWrite(const std::string& path, int fd, bool isNew, std::uint64_t offset, std::uint64_t size);
    /// Before a sync of the file begins; what it returns says to `synced` what the sync covered.
    std::uint64_t syncBegins();
    void synced(const std::string& path, std::uint64_t stamp);
    void truncated(const std::string& path, std::uint64_t size);
    /// A file or a folder, whose new name is durable.
    void renamed(const std::string& from, const std::string& to);
    /// A file or a folder; also when it was replaced as a whole.
    void removed(const std::string& pathOrFolder);

    /// What a cut has done.
    struct Loss {
        std::size_t files = 0;
        std::uint64_t bytes = 0;  ///< written and not synced
    };
    /// Plays the power cut. Only when nothing writes any more.
    Result<Loss> cut();

    /// Bytes written and not known to be synced.
    std::uint64_t unsyncedBytes() const;

private:
    struct Range {
        std::uint64_t stamp = 0;
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        std::uint64_t fileSize = 0;         ///< of the file before
        std::vector<std::uint8_t> content;  ///< before, within fileSize; empty = zeros
    };
    struct File {
        bool isNew = false;
        std::uint64_t newSince = 0;  ///< stamp
        std::uint64_t order = 0;
        std::vector<Range> ranges;   ///< oldest first
    };

    void forgetOldest();
    static std::uint64_t contentBytes(const File& file);
    Result<void> restore(const std::string& path, const File& file) const;

    const std::filesystem::path m_root;
    const std::size_t m_bytesMax;
    mutable std::mutex m_mutex;
    std::map<std::string, File> m_files;
    std::uint64_t m_stamp = 1;
    std::uint64_t m_nextOrder = 1;
    std::uint64_t m_content = 0;  ///< bytes of old content kept
};

}  // namespace odradek::real
