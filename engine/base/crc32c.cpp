// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/crc32c.h"

#include <array>
#include <cstring>

#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

namespace odradek {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78u;

constexpr std::array<std::uint32_t, 256> makeTable() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t c = i;
        for (int k = 0; k < 8; ++k)
            c = (c & 1) ? (c >> 1) ^ kPolynomial : c >> 1;
        table[i] = c;
    }
    return table;
}
constexpr auto kTable = makeTable();

#ifdef __SSE4_2__
/// Multiplying a CRC by x^(8*bytes) is linear, so it is four table lookups: how three independent streams
/// are joined (the well-known trick of interleaving CRC instructions to hide their latency).
struct ShiftTable {
    std::array<std::array<std::uint32_t, 256>, 4> rows{};

    explicit ShiftTable(std::size_t bytes) {
        std::array<std::uint32_t, 32> basis{};
        for (int bit = 0; bit < 32; ++bit) {
            std::uint32_t c = 1u << bit;
            for (std::size_t i = 0; i < bytes; ++i)
                c = (c >> 8) ^ kTable[c & 0xff];
            basis[static_cast<std::size_t>(bit)] = c;
        }
        for (std::size_t row = 0; row < 4; ++row)
            for (std::uint32_t v = 0; v < 256; ++v)
                for (std::size_t bit = 0; bit < 8; ++bit)
                    if (v & (1u << bit))
                        rows[row][v] ^= basis[row * 8 + bit];
    }
    std::uint32_t apply(std::uint32_t c) const {
        return rows[0][c & 0xff] ^ rows[1][(c >> 8) & 0xff] ^ rows[2][(c >> 16) & 0xff] ^ rows[3][c >> 24];
    }
};

std::uint64_t load(const std::uint8_t* p) {
    std::uint64_t v;
    std::memcpy(&v, p, 8);
    return v;
}

constexpr std::size_t kBlock = 1024;

std::uint32_t crcHardware(const std::uint8_t* p, std::size_t n, std::uint32_t c) {
    static const ShiftTable shift(kBlock);
    std::uint64_t a = c;
    while (n >= 3 * kBlock) {
        std::uint64_t b = 0;
        std::uint64_t d = 0;
        for (std::size_t i = 0; i < kBlock; i += 8) {
            a = _mm_crc32_u64(a, load(p + i));
            b = _mm_crc32_u64(b, load(p + kBlock + i));
            d = _mm_crc32_u64(d, load(p + 2 * kBlock + i));
        }
        a = shift.apply(static_cast<std::uint32_t>(a)) ^ b;
        a = shift.apply(static_cast<std::uint32_t>(a)) ^ d;
        p += 3 * kBlock;
        n -= 3 * kBlock;
    }
    for (; n >= 8; p += 8, n -= 8)
        a = _mm_crc32_u64(a, load(p));
    auto r = static_cast<std::uint32_t>(a);
    for (; n > 0; ++p, --n)
        r = _mm_crc32_u8(r, *p);
    return r;
}
#endif

}  // namespace

std::uint32_t crc32cPortable(ByteSpan data, std::uint32_t seed) {
    std::uint32_t c = ~seed;
    for (auto byte : data)
        c = (c >> 8) ^ kTable[(c ^ byte) & 0xff];
    return ~c;
}

std::uint32_t crc32c(ByteSpan data, std::uint32_t seed) {
#ifdef __SSE4_2__
    return ~crcHardware(data.data(), data.size(), ~seed);
#else
    return crc32cPortable(data, seed);
#endif
}

}  // namespace odradek
