// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/offset_index.h"

#include <algorithm>

#include "engine/storage/log/big_endian.h"

namespace odradek::storage {

namespace {

constexpr std::size_t kIndexEntryBytes = 8;
constexpr std::size_t kTimeEntryBytes = 12;

/// Keeps every n-th entry so that at most `limit` stay, the last one always.
template <class T>
void thinOut(std::vector<T>& entries, std::size_t limit) {
    if (entries.size() <= limit || limit == 0)
        return;
    const std::size_t step = (entries.size() + limit - 1) / limit;
    std::size_t kept = 0;
    for (std::size_t i = step - 1; i < entries.size(); i += step)
        entries[kept++] = entries[i];
    entries[kept - 1] = entries.back();
    entries.resize(kept);
    entries.shrink_to_fit();
}

}  // namespace

void SegmentIndex::add(std::uint32_t relativeOffset, std::uint32_t position, std::int64_t maxTimestampMs,
                       std::uint32_t offsetOfMax) {
    m_offsets.push_back({relativeOffset, position});
    addLastTime(maxTimestampMs, offsetOfMax);
}

void SegmentIndex::addLastTime(std::int64_t maxTimestampMs, std::uint32_t offsetOfMax) {
    const std::int64_t last = m_times.empty() ? -1 : m_times.back().timestampMs;
    if (maxTimestampMs > last)
        m_times.push_back({maxTimestampMs, offsetOfMax});
}

std::uint32_t SegmentIndex::positionFor(std::uint32_t relativeOffset) const {
    const auto next =
        std::upper_bound(m_offsets.begin(), m_offsets.end(), relativeOffset,
                         [](std::uint32_t o, const IndexEntry& entry) { return o < entry.relativeOffset; });
    return next == m_offsets.begin() ? 0 : std::prev(next)->position;
}

std::uint32_t SegmentIndex::offsetBefore(std::int64_t timestampMs) const {
    const auto next =
        std::lower_bound(m_times.begin(), m_times.end(), timestampMs,
                         [](const TimeIndexEntry& entry, std::int64_t t) { return entry.timestampMs < t; });
    return next == m_times.begin() ? 0 : std::prev(next)->relativeOffset;
}

void SegmentIndex::truncate(std::uint32_t relativeOffset) {
    while (!m_offsets.empty() && m_offsets.back().relativeOffset >= relativeOffset)
        m_offsets.pop_back();
    while (!m_times.empty() && m_times.back().relativeOffset >= relativeOffset)
        m_times.pop_back();
}

void SegmentIndex::thin(std::size_t entries) {
    thinOut(m_offsets, entries);
    thinOut(m_times, entries);
}

void SegmentIndex::clear() {
    m_offsets.clear();
    m_times.clear();
}

Bytes SegmentIndex::offsetBytes(std::size_t from) const {
    std::vector<std::uint8_t> out;
    out.reserve((m_offsets.size() - std::min(from, m_offsets.size())) * kIndexEntryBytes);
    for (std::size_t i = from; i < m_offsets.size(); ++i) {
        appendBigEndian(out, m_offsets[i].relativeOffset);
        appendBigEndian(out, m_offsets[i].position);
    }
    return Bytes::take(std::move(out));
}

Bytes SegmentIndex::timeBytes(std::size_t from) const {
    std::vector<std::uint8_t> out;
    out.reserve((m_times.size() - std::min(from, m_times.size())) * kTimeEntryBytes);
    for (std::size_t i = from; i < m_times.size(); ++i) {
        appendBigEndian(out, m_times[i].timestampMs);
        appendBigEndian(out, m_times[i].relativeOffset);
    }
    return Bytes::take(std::move(out));
}

Result<SegmentIndex> SegmentIndex::fromFiles(const Bytes& index, const Bytes& timeIndex,
                                             std::uint64_t segmentSize) {
    if (index.size() % kIndexEntryBytes != 0 || timeIndex.size() % kTimeEntryBytes != 0)
        return fail(ErrorCode::Corrupt, "an index file does not end on an entry");
    SegmentIndex read;
    read.m_offsets.reserve(index.size() / kIndexEntryBytes);
    for (std::size_t at = 0; at < index.size(); at += kIndexEntryBytes) {
        const IndexEntry entry{loadBigEndian<std::uint32_t>(index.data() + at),
                               loadBigEndian<std::uint32_t>(index.data() + at + 4)};
        if (entry == IndexEntry{})
            break;  // preallocated, never written: no entry has position 0
        const bool rises = read.m_offsets.empty() || (entry.relativeOffset > read.m_offsets.back().relativeOffset &&
                                                      entry.position > read.m_offsets.back().position);
        if (!rises || entry.position == 0 || entry.position >= segmentSize || entry.relativeOffset > INT32_MAX)
            return fail(ErrorCode::Corrupt, "an index entry does not fit its segment");
        read.m_offsets.push_back(entry);
    }
    read.m_times.reserve(timeIndex.size() / kTimeEntryBytes);
    for (std::size_t at = 0; at < timeIndex.size(); at += kTimeEntryBytes) {
        const TimeIndexEntry entry{loadBigEndian<std::int64_t>(timeIndex.data() + at),
                                   loadBigEndian<std::uint32_t>(timeIndex.data() + at + 8)};
        if (entry.timestampMs == 0 && entry.relativeOffset == 0 && at > 0)
            break;
        const bool rises = read.m_times.empty() || (entry.timestampMs > read.m_times.back().timestampMs &&
                                                    entry.relativeOffset >= read.m_times.back().relativeOffset);
        if (!rises || entry.timestampMs < 0 || entry.relativeOffset > INT32_MAX)
            return fail(ErrorCode::Corrupt, "a time index entry does not rise");
        read.m_times.push_back(entry);
    }
    return read;
}

}  // namespace odradek::storage
