// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/broker/view.h"

namespace odradek::broker {

/// Counters of one broker since it booted. A value; touched only inside steps, copied out by
/// inspect().
struct Metrics {
    std::map<std::int16_t, ApiView> apis;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::uint64_t replicationBytesIn = 0;
    std::uint64_t replicationBytesOut = 0;
    std::uint64_t messagesIn = 0;

    void answered(std::int16_t api, std::uint64_t micros, bool withError) {
        auto& view = apis[api];
        view.api = api;
        ++view.requests;
        view.errors += withError ? 1 : 0;
        view.latency.add(micros);
    }
};

/// The last events of a broker, numbered. Bounded: readers that fall behind miss the oldest.
class EventRing {
public:
    static constexpr std::size_t kKept = 1024;

    void add(std::int64_t wallMs, EventKind kind, std::string topic, std::int32_t partition,
             std::string text) {
        m_events.push_back({++m_last, wallMs, kind, std::move(topic), partition, std::move(text)});
        if (m_events.size() > kKept)
            m_events.pop_front();
    }
    std::uint64_t last() const { return m_last; }
    /// Those numbered above `sequence`, oldest first.
    std::vector<BrokerEvent> after(std::uint64_t sequence) const;

private:
    std::deque<BrokerEvent> m_events;
    std::uint64_t m_last = 0;
};

}  // namespace odradek::broker
