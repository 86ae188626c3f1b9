// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/metrics.h"

#include <algorithm>
#include <bit>

namespace odradek::broker {
namespace {

/// Four buckets per doubling: below 4 µs one bucket per microsecond.
int bucketOf(std::uint64_t micros) {
    if (micros < 4)
        return static_cast<int>(micros);
    const int power = std::bit_width(micros) - 1;  // at least 2
    const int quarter = static_cast<int>((micros >> (power - 2)) & 3);
    return std::min(LatencyHistogram::kBuckets - 1, (power - 1) * 4 + quarter);
}

}  // namespace

void LatencyHistogram::add(std::uint64_t micros) {
    ++counts[static_cast<std::size_t>(bucketOf(micros))];
    ++total;
    sumMicros += micros;
    maxMicros = std::max(maxMicros, micros);
}

std::uint64_t LatencyHistogram::upperBound(int bucket) {
    if (bucket < 4)
        return static_cast<std::uint64_t>(bucket) + 1;
    const int power = bucket / 4 + 1;
    const auto quarter = static_cast<std::uint64_t>(bucket % 4);
    return (5 + quarter) << (power - 2);
}

std::uint64_t LatencyHistogram::quantileMicros(int permille) const {
    if (total == 0)
        return 0;
    const std::uint64_t wanted = (total * static_cast<std::uint64_t>(permille) + 999) / 1000;
    std::uint64_t seen = 0;
    for (int i = 0; i < kBuckets; ++i) {
        seen += counts[static_cast<std::size_t>(i)];
        if (seen >= wanted && seen > 0)
            return std::min(upperBound(i), std::max<std::uint64_t>(maxMicros, 1));
    }
    return maxMicros;
}

std::vector<BrokerEvent> EventRing::after(std::uint64_t sequence) const {
    std::vector<BrokerEvent> out;
    for (const auto& event : m_events)
        if (event.sequence > sequence)
            out.push_back(event);
    return out;
}

}  // namespace odradek::broker
