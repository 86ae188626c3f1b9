// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "engine/api/source.h"

namespace odradek::test {

/// A cluster made by hand: tests publish snapshots and events and look at the commands that a page
/// submitted. Single-threaded; the feed is woken at once.
class FakeSource : public api::Source {
public:
    explicit FakeSource(api::SourceInfo info = {api::SourceKind::Embedded, "retail-dev",
                                                "127.0.0.1:9092"})
        : m_info(std::move(info)) {}

    api::SourceInfo info() const override { return m_info; }
    void setWake(std::function<void()> wake) override { m_wake = std::move(wake); }
    api::Update drain() override { return std::exchange(m_update, {}); }
    bool readOnly() const override { return m_readOnly; }
    void setReadOnly(bool readOnly) override { m_readOnly = readOnly; }
    void setInterest(Interest) override {}

    api::CommandId submit(api::Command command) override {
        const auto id = ++m_ids;
        commands.push_back(command);
        api::CommandResult result;
        if (answer)
            result = answer(command);
        result.id = id;
        m_update.results.push_back(std::move(result));
        wake();
        return id;
    }

    void publish(api::ClusterSnapshot snapshot) {
        snapshot.version = ++m_version;
        m_update.snapshot = std::make_shared<const api::ClusterSnapshot>(std::move(snapshot));
        wake();
    }
    void tell(api::Event event) {
        event.sequence = ++m_sequence;
        m_update.events.push_back(std::move(event));
        wake();
    }
    /// Records for a browse; its id is the number of commands submitted up to it.
    void chunk(api::BrowseChunk chunk) {
        m_update.chunks.push_back(std::move(chunk));
        wake();
    }

    std::vector<api::Command> commands;  ///< as submitted
    std::function<api::CommandResult(const api::Command&)>
        answer;  ///< default: done, without items

private:
    void wake() {
        if (m_wake)
            m_wake();
    }
    api::SourceInfo m_info;
    std::function<void()> m_wake;
    api::Update m_update;
    bool m_readOnly = false;
    api::CommandId m_ids = 0;
    std::uint64_t m_version = 0;
    std::uint64_t m_sequence = 0;
};

}  // namespace odradek::test
