// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"

namespace odradek::sim {

/// A 64-bit hash over everything that happened in a world, in order. Two runs of a seed must end
/// with the same value, on every compiler and preset. A value; part of the world.
class TraceHash {
public:
    void add(std::uint64_t word) {
        m_state ^= word + 0x9e3779b97f4a7c15ull;
        m_state *= 0xff51afd7ed558ccdull;
        m_state ^= m_state >> 32;
    }
    void add(ByteSpan data) {
        add((std::uint64_t{crc32c(data)} << 32) | (data.size() & 0xffffffffu));
    }
    void add(const Chain& chain) {
        std::uint32_t crc = 0;
        for (const auto& part : chain.parts())
            crc = crc32c(part, crc);
        add((std::uint64_t{crc} << 32) | (chain.size() & 0xffffffffu));
    }
    std::uint64_t value() const { return m_state; }

private:
    std::uint64_t m_state = 0x6f64726164656b21ull;
};

}  // namespace odradek::sim
