// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <cstdint>
#include <vector>

namespace odradek::storage {

/// Big-endian integers at a place the caller knows to be there.
template <std::integral T>
T loadBigEndian(const std::uint8_t* at) {
    std::make_unsigned_t<T> value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<std::make_unsigned_t<T>>((static_cast<std::uint64_t>(value) << 8) | at[i]);
    return static_cast<T>(value);
}

template <std::integral T>
void storeBigEndian(std::uint8_t* at, T value) {
    auto bits = static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(value));
    for (std::size_t i = sizeof(T); i > 0; --i) {
        at[i - 1] = static_cast<std::uint8_t>(bits);
        bits >>= 8;
    }
}

template <std::integral T>
void appendBigEndian(std::vector<std::uint8_t>& out, T value) {
    out.resize(out.size() + sizeof(T));
    storeBigEndian(out.data() + out.size() - sizeof(T), value);
}

/// Places of fields within a record batch's header (layout: protocol/codec/record_batch.h).
struct BatchField {
    static constexpr std::size_t kBaseOffset = 0;
    static constexpr std::size_t kLength = 8;
    static constexpr std::size_t kEpoch = 12;
    static constexpr std::size_t kMagic = 16;
    static constexpr std::size_t kCrc = 17;
    static constexpr std::size_t kAttributes = 21;
    static constexpr std::size_t kLastOffsetDelta = 23;
    static constexpr std::size_t kMaxTimestamp = 35;
    static constexpr std::size_t kRecordCount = 57;
};

}  // namespace odradek::storage
