// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <mutex>
#include <utility>

#include "engine/api/source.h"

namespace odradek::source {

/// Where a source's threads put what the window will drain: values only. Wakes the owner at most once per drain.
/// Thread: any.
class Mailbox {
public:
    void setWake(std::function<void()> wake) {
        const std::lock_guard guard(m_lock);
        m_wake = std::move(wake);
    }

    api::Update drain() {
        const std::lock_guard guard(m_lock);
        m_woken = false;
        auto update = std::exchange(m_update, {});
        update.snapshot = m_snapshot;
        return update;
    }

    void put(api::SnapshotPtr snapshot) {
        change([&] { m_snapshot = std::move(snapshot); });
    }
    void put(api::CommandResult result) {
        change([&] { m_update.results.push_back(std::move(result)); });
    }
    void put(api::BrowseChunk chunk) {
        change([&] { m_update.chunks.push_back(std::move(chunk)); });
    }
    /// Numbers the event and keeps it.
    void put(api::Event event) {
        change([&] {
            event.sequence = ++m_sequence;
            m_update.events.push_back(std::move(event));
        });
    }
    /// Records not drained yet, over all browses: readers hold back when the window is slow.
    std::size_t waitingRecords() const {
        const std::lock_guard guard(m_lock);
        std::size_t count = 0;
        for (const auto& chunk : m_update.chunks)
            count += chunk.records.size();
        return count;
    }
    /// No wake after this: the owner is going.
    void close() {
        const std::lock_guard guard(m_lock);
        m_wake = nullptr;
    }

private:
    template <class Change>
    void change(Change apply) {
        const std::lock_guard guard(m_lock);
        apply();
        if (!m_woken && m_wake) {
            m_woken = true;
            m_wake();  // under the lock, so that close() is final; owners only post from it
        }
    }

    mutable std::mutex m_lock;
    std::function<void()> m_wake;
    api::SnapshotPtr m_snapshot;
    api::Update m_update;
    std::uint64_t m_sequence = 0;
    bool m_woken = false;
};

}  // namespace odradek::source
