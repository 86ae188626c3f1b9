// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/segment_pool.h"

#include <algorithm>

#include "engine/storage/log/text_file.h"

namespace odradek::storage {

namespace {

constexpr std::string_view kPrefix = "recycled-";
constexpr std::string_view kDirty = ".dirty";
constexpr std::string_view kClean = ".clean";

std::optional<std::uint64_t> numberOf(std::string_view name, std::string_view suffix) {
    if (!name.starts_with(kPrefix) || !name.ends_with(suffix))
        return std::nullopt;
    name.remove_prefix(kPrefix.size());
    name.remove_suffix(suffix.size());
    return parseNumber<std::uint64_t>(name);
}

}  // namespace

std::string SegmentPool::dirtyName(std::uint64_t number) {
    return std::string(kPrefix) + std::to_string(number) + std::string(kDirty);
}

std::string SegmentPool::cleanName(std::uint64_t number) {
    return std::string(kPrefix) + std::to_string(number) + std::string(kClean);
}

std::uint64_t SegmentPool::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& file : m_clean)
        sum += file.size;
    for (const auto& file : m_dirty)
        sum += file.size;
    return sum;
}

void SegmentPool::adopt(const std::vector<io::BootDisk::Entry>& rootEntries, DiskOut& out) {
    for (const auto& entry : rootEntries) {
        const auto clean = numberOf(entry.name, kClean);
        const auto dirty = numberOf(entry.name, kDirty);
        if (entry.isFolder || (!clean && !dirty))
            continue;
        m_nextNumber = std::max(m_nextNumber, (clean ? *clean : *dirty) + 1);
        if (entry.size == 0 || bytes() + entry.size > m_maxBytes)
            out.effects.push_back(io::DiskRemove{0, entry.name});
        else if (clean)
            m_clean.push_back({*clean, entry.size, 0});
        else
            scrub({*dirty, entry.size, 0}, out);
    }
}

void SegmentPool::recycle(const std::string& path, std::uint64_t size, io::OpId op, DiskOut& out) {
    if (!accepts(size)) {
        // A removal may be undone by a power cut; a segment that came back would pass as part of the log.
        const auto doomed = path + ".deleted";
        out.effects.push_back(io::DiskRename{op, path, doomed});
        out.effects.push_back(io::DiskRemove{0, doomed});
        return;
    }
    const File file{m_nextNumber++, size, 0};
    out.effects.push_back(io::DiskRename{op, path, dirtyName(file.number)});
    scrub(file, out);
}

void SegmentPool::scrub(File file, DiskOut& out) {
    file.scrub = out.ids.next(m_tag);
    out.effects.push_back(io::DiskScrub{file.scrub, dirtyName(file.number), 0, file.size});
    m_dirty.push_back(file);
}

std::optional<std::uint64_t> SegmentPool::take(const std::string& path, std::uint64_t wantedMax, DiskOut& out) {
    auto best = m_clean.end();
    for (auto it = m_clean.begin(); it != m_clean.end(); ++it)
        if (it->size <= wantedMax && (best == m_clean.end() || it->size > best->size))
            best = it;
    if (best == m_clean.end())
        return std::nullopt;
    const auto size = best->size;
    out.effects.push_back(io::DiskRename{0, cleanName(best->number), path});
    m_clean.erase(best);
    return size;
}

void SegmentPool::onDiskDone(io::OpId op, const Result<Bytes>& result, DiskOut& out) {
    const auto it = std::find_if(m_dirty.begin(), m_dirty.end(), [&](const File& file) { return file.scrub == op; });
    if (it == m_dirty.end())
        return;
    const File file{it->number, it->size, 0};
    m_dirty.erase(it);
    if (!result) {
        out.effects.push_back(io::DiskRemove{0, dirtyName(file.number)});
        return;
    }
    // The name is what tells a scrubbed file from one that still has stale batches, after any crash.
    out.effects.push_back(io::DiskRename{0, dirtyName(file.number), cleanName(file.number)});
    m_clean.push_back(file);
}

}  // namespace odradek::storage
