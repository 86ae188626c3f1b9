// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/fault_power.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/runtime/real/disk_files.h"

namespace odradek::real {
namespace {

constexpr std::size_t kZeroPiece = 64u << 10;

std::vector<std::uint8_t> readContent(int fd, std::uint64_t offset, std::uint64_t size) {
    std::vector<std::uint8_t> content(static_cast<std::size_t>(size));
    std::size_t have = 0;
    while (have < content.size()) {
        const auto got = ::pread(fd, content.data() + have, content.size() - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;  // what cannot be read cannot be put back; zeros are as good
        have += static_cast<std::size_t>(got);
    }
    if (std::all_of(content.begin(), content.end(), [](std::uint8_t byte) { return byte == 0; }))
        content.clear();
    return content;
}

bool writeContent(int fd, std::uint64_t offset, const std::uint8_t* data, std::uint64_t size) {
    while (size > 0) {
        const auto wrote = ::pwrite(fd, data, size, static_cast<off_t>(offset));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        data += wrote;
        offset += static_cast<std::uint64_t>(wrote);
        size -= static_cast<std::uint64_t>(wrote);
    }
    return true;
}

bool isAtOrBelow(const std::string& path, const std::string& folder) {
    return path == folder ||
           (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace

// ---- Remembering ---------------------------------------------------------------------------------------------

void UnsyncedJournal::willWrite(const std::string& path, int fd, bool isNew, std::uint64_t offset,
                                std::uint64_t size) {
    struct stat info {};
    if (size == 0 || ::fstat(fd, &info) != 0)
        return;
    const auto fileSize = static_cast<std::uint64_t>(info.st_size);
    const auto within = offset >= fileSize ? 0 : std::min(size, fileSize - offset);
    // Read outside the lock: nobody else writes this file meanwhile.
    auto content = within == 0 ? std::vector<std::uint8_t>() : readContent(fd, offset, within);
    std::lock_guard lock(m_mutex);
    auto [place, first] = m_files.try_emplace(path);
    auto& file = place->second;
    if (first) {
        file.order = m_nextOrder++;
        file.isNew = isNew;
        file.newSince = m_stamp;
    }
    const bool empty = content.empty();
    m_content += content.size();
    if (!file.ranges.empty() && empty) {
        // Appends become one range.
        auto& last = file.ranges.back();
        if (last.stamp == m_stamp && last.content.empty() && last.offset + last.size == offset) {
            last.size += size;
            return;
        }
    }
    file.ranges.push_back({m_stamp, offset, size, fileSize, std::move(content)});
    while (m_content > m_bytesMax)
        forgetOldest();
}

/// With the lock held.
void UnsyncedJournal::forgetOldest() {
    auto oldest = m_files.end();
    for (auto it = m_files.begin(); it != m_files.end(); ++it)
        if (contentBytes(it->second) != 0 && (oldest == m_files.end() || it->second.order < oldest->second.order))
            oldest = it;
    if (oldest == m_files.end())
        return;
    m_content -= contentBytes(oldest->second);
    m_files.erase(oldest);
}

std::uint64_t UnsyncedJournal::contentBytes(const File& file) {
    std::uint64_t sum = 0;
    for (const auto& range : file.ranges)
        sum += range.content.size();
    return sum;
}

std::uint64_t UnsyncedJournal::syncBegins() {
    std::lock_guard lock(m_mutex);
    return m_stamp++;
}

void UnsyncedJournal::synced(const std::string& path, std::uint64_t stamp) {
    std::lock_guard lock(m_mutex);
    const auto place = m_files.find(path);
    if (place == m_files.end())
        return;
    auto& file = place->second;
    if (file.newSince <= stamp)
        file.isNew = false;
    m_content -= contentBytes(file);
    std::erase_if(file.ranges, [&](const Range& range) { return range.stamp <= stamp; });
    m_content += contentBytes(file);
    if (file.ranges.empty() && !file.isNew)
        m_files.erase(place);
}

void UnsyncedJournal::truncated(const std::string& path, std::uint64_t size) {
    std::lock_guard lock(m_mutex);
    const auto place = m_files.find(path);
    if (place == m_files.end())
        return;
    auto& file = place->second;
    m_content -= contentBytes(file);
    for (auto& range : file.ranges) {
        range.fileSize = std::min(range.fileSize, size);
        const auto kept = range.offset >= size ? 0 : std::min(range.size, size - range.offset);
        range.size = kept;
        if (range.content.size() > kept)
            range.content.resize(static_cast<std::size_t>(kept));
    }
    // One that is cut away stays when the file had not even reached the cut before it: that size comes back.
    std::erase_if(file.ranges, [&](const Range& range) { return range.size == 0 && range.fileSize >= size; });
    m_content += contentBytes(file);
    if (file.ranges.empty() && !file.isNew)
        m_files.erase(place);
}

void UnsyncedJournal::renamed(const std::string& from, const std::string& to) {
    std::lock_guard lock(m_mutex);
    std::map<std::string, File> moved;
    for (auto it = m_files.begin(); it != m_files.end();) {
        const auto next = std::next(it);
        if (isAtOrBelow(it->first, from)) {
            auto node = m_files.extract(it);
            if (node.key() == from)
                node.mapped().isNew = false;
            node.key() = to + node.key().substr(from.size());
            moved.insert(std::move(node));
        }
        it = next;
    }
    for (auto& [path, file] : moved)
        m_files.insert_or_assign(path, std::move(file));
}

void UnsyncedJournal::removed(const std::string& pathOrFolder) {
    std::lock_guard lock(m_mutex);
    for (auto it = m_files.begin(); it != m_files.end();) {
        if (isAtOrBelow(it->first, pathOrFolder)) {
            m_content -= contentBytes(it->second);
            it = m_files.erase(it);
        } else {
            ++it;
        }
    }
}

std::uint64_t UnsyncedJournal::unsyncedBytes() const {
    std::lock_guard lock(m_mutex);
    std::uint64_t sum = 0;
    for (const auto& [path, file] : m_files)
        for (const auto& range : file.ranges)
            sum += range.size;
    return sum;
}

// ---- The cut -------------------------------------------------------------------------------------------------

Result<UnsyncedJournal::Loss> UnsyncedJournal::cut() {
    std::lock_guard lock(m_mutex);
    Loss loss;
    for (const auto& [path, file] : m_files) {
        TRY_OK(restore(path, file));
        ++loss.files;
        for (const auto& range : file.ranges)
            loss.bytes += range.size;
    }
    m_files.clear();
    m_content = 0;
    return loss;
}

Result<void> UnsyncedJournal::restore(const std::string& path, const File& file) const {
    const auto full = m_root / path;
    if (file.isNew) {
        if (::unlink(full.c_str()) != 0 && errno != ENOENT)
            return std::unexpected(systemError(errno, "cannot remove", path));
        return {};
    }
    const int fd = ::open(full.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? Result<void>() : std::unexpected(systemError(errno, "cannot open", path));
    static const std::vector<std::uint8_t> zeros(kZeroPiece);
    bool good = true;
    for (auto range = file.ranges.rbegin(); range != file.ranges.rend(); ++range) {
        if (!range->content.empty()) {
            good = good && writeContent(fd, range->offset, range->content.data(), range->content.size());
            continue;
        }
        const auto end = std::min(range->offset + range->size, range->fileSize);
        for (auto at = range->offset; at < end && good; at += kZeroPiece)
            good = writeContent(fd, at, zeros.data(), std::min<std::uint64_t>(kZeroPiece, end - at));
    }
    auto size = file.ranges.empty() ? UINT64_MAX : file.ranges.front().fileSize;
    for (const auto& range : file.ranges)
        size = std::min(size, range.fileSize);
    if (good && size != UINT64_MAX)
        good = ::ftruncate(fd, static_cast<off_t>(size)) == 0;
    const int number = errno;
    ::close(fd);
    if (!good)
        return std::unexpected(systemError(number, "cannot put back", path));
    return {};
}

}  // namespace odradek::real
