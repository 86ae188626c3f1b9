// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>

#include "engine/api/snapshot.h"

namespace odradek::models {

/// What a cluster looked like during the last hour, so that a recorded moment can be shown again:
/// one snapshot a second for the last minute, one every ten seconds before that. Snapshots are
/// shared, not copied. Memory is bounded by an estimate of their size; of a cluster with ten
/// thousands of partitions only the newest moments fit. Thread: the owner's.
class Recording {
public:
    static constexpr api::WallMs kKeptMs = 3'600'000;
    static constexpr api::WallMs kFineMs = 60'000;
    static constexpr api::WallMs kCoarseStepMs = 9'500;
    static constexpr std::size_t kBudget = 64u << 20;

    explicit Recording(std::size_t budget = kBudget) : m_budget(budget) {}

    /// Keeps the snapshot unless it is not live, or less than a second after the one before.
    void add(const api::SnapshotPtr& snapshot);
    /// The newest at or before the moment; the oldest of all for a moment before it; null when
    /// nothing is recorded.
    api::SnapshotPtr at(api::WallMs moment) const;
    /// Calls `see` with what was recorded from..to, oldest first, beginning with how it stood at
    /// `from`.
    template <class See>
    void each(api::WallMs from, api::WallMs to, See&& see) const {
        const auto first = at(from);
        for (const auto& entry : m_entries)
            if (entry.snapshot == first || (entry.snapshot->at > from && entry.snapshot->at <= to))
                see(*entry.snapshot);
    }
    /// 0 when nothing is recorded.
    api::WallMs oldest() const { return m_entries.empty() ? 0 : m_entries.front().snapshot->at; }
    api::WallMs newest() const { return m_entries.empty() ? 0 : m_entries.back().snapshot->at; }
    std::size_t size() const { return m_entries.size(); }
    /// Bytes held, as estimated.
    std::size_t cost() const { return m_cost; }

private:
    struct Entry {
        api::SnapshotPtr snapshot;
        std::size_t cost = 0;
    };
    void thin();

    std::size_t m_budget;
    std::size_t m_cost = 0;
    std::size_t m_coarse = 0;  ///< entries at the front that are thinned already
    std::deque<Entry> m_entries;
};

/// Rough number of bytes a snapshot holds.
std::size_t snapshotCost(const api::ClusterSnapshot& snapshot);

}  // namespace odradek::models
