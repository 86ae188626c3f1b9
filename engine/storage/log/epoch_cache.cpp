// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/epoch_cache.h"

#include <algorithm>

#include "engine/storage/log/text_file.h"

namespace odradek::storage {

bool EpochCache::assign(LeaderEpoch epoch, Offset start) {
    if (epoch.value < 0 || start.value < 0)
        return false;
    if (!m_entries.empty() && epoch <= m_entries.back().epoch)
        return false;
    while (!m_entries.empty() && m_entries.back().start >= start)
        m_entries.pop_back();
    m_entries.push_back({epoch, start});
    return true;
}

EpochEnd EpochCache::endOf(LeaderEpoch requested, Offset logEnd) const {
    if (requested.value == -1 || m_entries.empty())
        return {};
    if (requested == m_entries.back().epoch)
        return {requested, logEnd};
    if (requested > m_entries.back().epoch)
        return {};
    const auto next = std::upper_bound(m_entries.begin(), m_entries.end(), requested,
                                       [](LeaderEpoch e, const EpochStart& entry) { return e < entry.epoch; });
    // Older than all we know: Kafka answers with the requested epoch and the first known start.
    if (next == m_entries.begin())
        return {requested, next->start};
    return {std::prev(next)->epoch, next->start};
}

std::optional<LeaderEpoch> EpochCache::epochAt(Offset offset) const {
    const auto next = std::upper_bound(m_entries.begin(), m_entries.end(), offset,
                                       [](Offset o, const EpochStart& entry) { return o < entry.start; });
    if (next == m_entries.begin())
        return std::nullopt;
    return std::prev(next)->epoch;
}

std::optional<LeaderEpoch> EpochCache::latest() const {
    if (m_entries.empty())
        return std::nullopt;
    return m_entries.back().epoch;
}

bool EpochCache::truncateFromEnd(Offset end) {
    const auto before = m_entries.size();
    while (!m_entries.empty() && m_entries.back().start >= end)
        m_entries.pop_back();
    return m_entries.size() != before;
}

bool EpochCache::truncateFromStart(Offset start) {
    const auto next = std::upper_bound(m_entries.begin(), m_entries.end(), start,
                                       [](Offset o, const EpochStart& entry) { return o < entry.start; });
    if (next == m_entries.begin())
        return false;
    const auto inForce = std::prev(next);
    if (inForce == m_entries.begin() && inForce->start == start)
        return false;
    inForce->start = start;
    m_entries.erase(m_entries.begin(), inForce);
    return true;
}

Bytes EpochCache::toFile() const {
    std::string text = "0\n" + std::to_string(m_entries.size()) + "\n";
    for (const auto& entry : m_entries)
        text += std::to_string(entry.epoch.value) + " " + std::to_string(entry.start.value) + "\n";
    return Bytes::copy(text);
}

Result<EpochCache> EpochCache::fromFile(const Bytes& file) {
    const auto lines = TRY(readCountedLines(file, kEpochFileLabel));
    EpochCache cache;
    for (const auto line : lines) {
        const auto fields = splitFields(line, ' ');
        if (fields.size() != 2)
            return fail(ErrorCode::Corrupt, "leader-epoch-checkpoint: a line is not 'epoch offset'");
        const auto epoch = parseNumber<std::int32_t>(fields[0]);
        const auto start = parseNumber<std::int64_t>(fields[1]);
        if (!epoch || !start || *epoch < 0 || *start < 0)
            return fail(ErrorCode::Corrupt, "leader-epoch-checkpoint: a number is unreadable");
        const EpochStart entry{LeaderEpoch(*epoch), Offset(*start)};
        if (!cache.m_entries.empty() &&
            (entry.epoch <= cache.m_entries.back().epoch || entry.start < cache.m_entries.back().start))
            return fail(ErrorCode::Corrupt, "leader-epoch-checkpoint: epochs do not rise");
        cache.m_entries.push_back(entry);
    }
    return cache;
}

}  // namespace odradek::storage
