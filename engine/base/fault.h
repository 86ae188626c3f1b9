// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace odradek {

/// What can be wrong with a cluster on purpose, as long as it lasts.
enum class FaultKind : std::uint8_t {
    // The node. Healed by starting it again, or by letting it run.
    Killed,     ///< as `kill -9`: what was written stays
    PowerLost,  ///< what was not synced is lost
    Stopped,    ///< after a controlled shutdown
    Paused,     ///< as SIGSTOP: nothing is handled, connections stay open
    // The link from `broker` to `peer`, and back unless `oneWay`.
    LinkCut,        ///< nothing arrives; it is kept and goes on when healed, as TCP sends again
    LinkDelay,      ///< frames take `amount` ms more, give or take `jitterMs`; their order stays
    LinkDrop,       ///< `amount` of the frames vanish
    LinkDuplicate,  ///< `amount` of the frames arrive twice
    LinkReorder,    ///< `amount` of the frames are overtaken by the next one
    // The disk of `broker`.
    DiskSlow,        ///< each operation takes `amount` times as long
    DiskFull,        ///< writes end with "no space left"; reading and deleting works
    DiskReadError,   ///< reads end with an I/O error
    DiskWriteError,  ///< writes do
    DiskFlushError,  ///< syncs do
    // The clocks of `broker`.
    ClockJump,   ///< its wall clock is off by `amount` ms
    ClockDrift,  ///< both its clocks run `amount` ppm fast (slow when negative)
};

enum class FaultPlace : std::uint8_t { Node, Link, Disk, Clock };

/// One fault that is active, or is asked for (then without id and sinceMs). A plain value.
///
/// Frames, not packets: on links between brokers drop, duplicate and reorder are defined per Kafka frame, over TCP
/// and over the in-process link alike, since TCP itself would mend them. A lost request or answer is then noticed by
/// the timeout of whoever asked. Between a broker and its clients links can be cut, delayed and made to drop.
struct Fault {
    static constexpr std::int32_t kNobody = -1;
    static constexpr std::int32_t kClients = -2;  ///< as `broker` or `peer` of a link: all clients of the other side

    std::uint64_t id = 0;  ///< rises; never used twice by one cluster
    FaultKind kind = FaultKind::Killed;
    std::int32_t broker = kNobody;
    std::int32_t peer = kNobody;  ///< links: the other end
    bool oneWay = false;          ///< links: only what `broker` sends to `peer`
    /// Delay and jump: ms. Drop, duplicate and reorder: hundredths of a percent (500 = 5 %). Slow: how many times
    /// slower. Drift: parts per million. Else 0.
    std::int64_t amount = 0;
    std::int64_t jitterMs = 0;  ///< delay: each frame takes up to this much more or less
    std::int64_t sinceMs = 0;   ///< wall clock, ms since 1970 UTC

    auto operator<=>(const Fault&) const = default;
};

/// A fault that began or ended.
struct FaultChange {
    std::uint64_t sequence = 0;  ///< rises by one per cluster, from 1
    std::int64_t atMs = 0;       ///< wall clock
    bool healed = false;
    Fault fault;
    auto operator<=>(const FaultChange&) const = default;
};

FaultPlace placeOf(FaultKind kind);

/// A short name for machines, such as "link-cut"; unique.
std::string_view nameOf(FaultKind kind);

/// One sentence in English, such as "Broker 2 and broker 3 do not hear each other". Windows make their own from the
/// fields.
std::string describe(const Fault& fault);

}  // namespace odradek
