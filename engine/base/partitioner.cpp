// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/partitioner.h"

#include <zlib.h>

#include "engine/base/check.h"

namespace odradek {
namespace {

struct CodePoint {
    std::uint32_t value = 0xfffd;
    std::size_t length = 1;
};

/// The UTF-8 character at the front of `text`, or U+FFFD for one byte.
CodePoint codePoint(std::string_view text) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (first < 0x80)
        return {first, 1};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
    if (length == 1 || length > text.size() || first > 0xf4)
        return {};
    std::uint32_t value = first & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if ((byte & 0xc0) != 0x80)
            return {};
        value = (value << 6) | (byte & 0x3fu);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    if (overlong || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return {};
    return {value, length};
}

}  // namespace

std::uint32_t murmur2(ByteSpan key) {
    constexpr std::uint32_t m = 0x5bd1e995;
    constexpr int r = 24;
    auto h = 0x9747b28cu ^ static_cast<std::uint32_t>(key.size());
    std::size_t i = 0;
    for (; i + 4 <= key.size(); i += 4) {
        std::uint32_t k = key[i] | (std::uint32_t{key[i + 1]} << 8) | (std::uint32_t{key[i + 2]} << 16) |
                          (std::uint32_t{key[i + 3]} << 24);
        k *= m;
        k ^= k >> r;
        k *= m;
        h = (h * m) ^ k;
    }
    const auto left = key.size() - i;
    if (left >= 3)
        h ^= std::uint32_t{key[i + 2]} << 16;
    if (left >= 2)
        h ^= std::uint32_t{key[i + 1]} << 8;
    if (left >= 1)
        h = (h ^ key[i]) * m;
    h ^= h >> 13;
    h *= m;
    return h ^ (h >> 15);
}

std::int32_t partitionForKey(ByteSpan key, std::int32_t partitions) {
    ODRADEK_CHECK(partitions > 0, "a topic has partitions");
    return static_cast<std::int32_t>((murmur2(key) & 0x7fffffffu) % static_cast<std::uint32_t>(partitions));
}

std::uint32_t crc32(ByteSpan data) {
    return static_cast<std::uint32_t>(::crc32_z(0, data.data(), data.size()));
}

std::int32_t crc32Partition(ByteSpan key, std::int32_t partitions) {
    ODRADEK_CHECK(partitions > 0, "a topic has partitions");
    return static_cast<std::int32_t>(crc32(key) % static_cast<std::uint32_t>(partitions));
}

std::int32_t javaStringHash(std::string_view text) {
    std::uint32_t hash = 0;
    while (!text.empty()) {
        const auto c = codePoint(text);
        if (c.value >= 0x10000) {
            hash = hash * 31 + (0xd800 + ((c.value - 0x10000) >> 10));
            hash = hash * 31 + (0xdc00 + ((c.value - 0x10000) & 0x3ff));
        } else {
            hash = hash * 31 + c.value;
        }
        text.remove_prefix(c.length);
    }
    return static_cast<std::int32_t>(hash);
}

std::int32_t coordinatorPartition(std::string_view name, std::int32_t partitions) {
    ODRADEK_CHECK(partitions > 0, "a topic has partitions");
    const auto hash = javaStringHash(name);
    return hash == INT32_MIN ? 0 : (hash < 0 ? -hash : hash) % partitions;
}

}  // namespace odradek
