// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <vector>

#include "engine/metadata/image.h"
#include "engine/quorum/events.h"

namespace odradek::quorum {

/// The latest control plane events, oldest dropped first. A copyable value.
class EventRing {
public:
    static constexpr std::size_t kCapacity = 2048;

    void add(Now now, Cause cause, decltype(ControllerEvent::what) what);
    /// Adds what a delta shows: broker states, leaders and ISRs of partitions that existed before.
    void addFrom(Now now, Cause cause, const metadata::Delta& delta, const metadata::Image& after);

    /// Events after the cursor, oldest first.
    std::vector<ControllerEvent> since(std::uint64_t cursor) const;
    std::uint64_t last() const { return m_last; }

private:
    void addBroker(Now now, Cause cause, const std::optional<metadata::BrokerRegistration>& before,
                   const metadata::BrokerRegistration& after);

    std::deque<ControllerEvent> m_events;
    std::uint64_t m_last = 0;
};

}  // namespace odradek::quorum
