// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"

namespace odradek::sim {

enum class Happening : std::uint8_t {
    Wake,         ///< an actor's timer; subject = actor
    Frame,        ///< arrives; subject = link, side = the receiving one, payload = the frame
    Broken,       ///< the connection is no more; subject = link, side = the one told
    PeerClosed,   ///< the other side closed or died; subject = link, side = the one told
    OwnClosed,    ///< what CloseConnection ends in; subject = link, side
    DialArrives,  ///< subject = link
    DialUp,       ///< subject = link; told to side 0
    DialFailed,   ///< subject = link; told to side 0
    DiskDone,     ///< subject = disk, side = lane
    Resume,       ///< a paused actor goes on; subject = actor
};

/// Something that is going to happen in a world.
struct Upcoming {
    Instant at;
    std::uint64_t sequence = 0;  ///< breaks ties: what was caused first happens first
    std::uint32_t subject = 0;
    std::uint32_t life = 0;     ///< of the actor or disk; stale ones are dropped
    std::uint32_t payload = 0;  ///< 0 = none
    Happening what = Happening::Wake;
    std::uint8_t side = 0;
};

/// What is going to happen, soonest first. A copyable value; payloads live beside the heap so that
/// it moves little.
class EventQueue {
public:
    void push(Upcoming event) {
        event.sequence = ++m_sequence;
        m_heap.push_back(event);
        std::push_heap(m_heap.begin(), m_heap.end(), Later{});
    }
    void pushFrame(Upcoming event, Bytes frame) {
        if (m_free.empty()) {
            m_payloads.push_back(std::move(frame));
            event.payload = static_cast<std::uint32_t>(m_payloads.size());
        } else {
            event.payload = m_free.back();
            m_free.pop_back();
            m_payloads[event.payload - 1] = std::move(frame);
        }
        push(event);
    }
    bool empty() const { return m_heap.empty(); }
    const Upcoming& front() const { return m_heap.front(); }
    Upcoming pop() {
        std::pop_heap(m_heap.begin(), m_heap.end(), Later{});
        const Upcoming event = m_heap.back();
        m_heap.pop_back();
        return event;
    }
    /// The payload of a popped event; may be asked for once.
    Bytes takePayload(const Upcoming& event) {
        m_free.push_back(event.payload);
        return std::exchange(m_payloads[event.payload - 1], Bytes());
    }

private:
    struct Later {
        bool operator()(const Upcoming& a, const Upcoming& b) const {
            return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
        }
    };
    std::vector<Upcoming> m_heap;
    std::vector<Bytes> m_payloads;
    std::vector<std::uint32_t> m_free;
    std::uint64_t m_sequence = 0;
};

}  // namespace odradek::sim
