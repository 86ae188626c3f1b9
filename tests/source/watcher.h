// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/api/source.h"

namespace odradek::source {

using namespace std::chrono_literals;

/// Drains a source whenever it wakes, and waits for what a test wants to see.
class Watcher {
public:
    explicit Watcher(api::Source& source) : m_source(source) {
        m_source.setWake([this] {
            const std::lock_guard guard(m_lock);
            m_woken = true;
            m_news.notify_all();
        });
    }
    template <class Done>
    bool until(Done done, std::chrono::milliseconds most = 30s) {
        const auto deadline = std::chrono::steady_clock::now() + most;
        while (true) {
            auto update = m_source.drain();
            if (update.snapshot)
                snapshot = update.snapshot;
            for (auto& event : update.events)
                events.push_back(std::move(event));
            for (auto& result : update.results)
                results[result.id] = std::move(result);
            for (auto& chunk : update.chunks) {
                begun.insert(chunk.browse);
                for (auto& record : chunk.records)
                    records.push_back(std::move(record));
                if (chunk.done)
                    finished[chunk.browse] = std::move(chunk);
            }
            if (done())
                return true;
            std::unique_lock guard(m_lock);
            if (!m_news.wait_until(guard, deadline, [&] { return m_woken; }))
                return false;
            m_woken = false;
        }
    }
    const api::Topic* topic(const std::string& name) const {
        if (snapshot)
            for (const auto& t : snapshot->topics)
                if (t.name == name)
                    return &t;
        return nullptr;
    }
    /// Submits and waits for the result.
    api::CommandResult ask(api::Command command) {
        const auto id = m_source.submit(std::move(command));
        EXPECT_TRUE(until([&] { return results.contains(id); }));
        return results[id];
    }
    /// Reads to the end; the last chunk.
    api::BrowseChunk read(api::StartBrowse request) {
        records.clear();
        const auto id = m_source.submit(std::move(request));
        EXPECT_TRUE(until([&] { return finished.contains(id); }));
        return finished[id];
    }

    api::SnapshotPtr snapshot;
    std::vector<api::Event> events;
    std::map<api::CommandId, api::CommandResult> results;
    std::map<api::CommandId, api::BrowseChunk> finished;
    std::set<api::CommandId> begun;  ///< browses that said anything
    std::vector<api::ReadRecord> records;

private:
    api::Source& m_source;
    std::mutex m_lock;
    std::condition_variable m_news;
    bool m_woken = true;
};

}  // namespace odradek::source
