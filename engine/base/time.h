// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace odradek {

using Nanoseconds = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;

/// A moment on one node's monotonic clock, in nanoseconds since an arbitrary start. Given to cores as an
/// argument, never read by them. In the simulator it is virtual.
struct Instant {
    std::int64_t ns = 0;

    constexpr auto operator<=>(const Instant&) const = default;
    static constexpr Instant never() { return Instant{INT64_MAX}; }
    friend constexpr Instant operator+(Instant a, Nanoseconds d) {
        return a.ns > INT64_MAX - d.count() ? never() : Instant{a.ns + d.count()};
    }
    friend constexpr Instant operator-(Instant a, Nanoseconds d) { return Instant{a.ns - d.count()}; }
    friend constexpr Nanoseconds operator-(Instant a, Instant b) { return Nanoseconds(a.ns - b.ns); }
};

/// Both clocks of a node at one step: `at` drives timeouts, `wallMs` (milliseconds since 1970 UTC, may
/// jump) stamps records and decides retention.
struct Now {
    Instant at;
    std::int64_t wallMs = 0;
};

}  // namespace odradek
