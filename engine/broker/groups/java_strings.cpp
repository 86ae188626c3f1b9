// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/groups/java_strings.h"

namespace odradek::broker {
namespace {

/// Calls `unit(uint16)` for every UTF-16 code unit of the text.
template <class Unit>
void eachUtf16(std::string_view text, Unit&& unit) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto first = static_cast<unsigned char>(text[i]);
        std::size_t more = 0;
        std::uint32_t code = first;
        if (first >= 0xF0 && first < 0xF8) {
            more = 3;
            code = first & 0x07u;
        } else if (first >= 0xE0) {
            more = 2;
            code = first & 0x0Fu;
        } else if (first >= 0xC0) {
            more = 1;
            code = first & 0x1Fu;
        }
        bool good = first < 0x80 || (more > 0 && first < 0xF8 && i + more < text.size());
        for (std::size_t k = 1; good && k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            good = (next & 0xC0u) == 0x80u;
            code = (code << 6) | (next & 0x3Fu);
        }
        if (!good) {
            unit(std::uint16_t{0xFFFD});
            ++i;
            continue;
        }
        if (code >= 0x10000u) {
            unit(static_cast<std::uint16_t>(0xD800u + ((code - 0x10000u) >> 10)));
            unit(static_cast<std::uint16_t>(0xDC00u + ((code - 0x10000u) & 0x3FFu)));
        } else {
            unit(static_cast<std::uint16_t>(code));
        }
        i += more + 1;
    }
}

}  // namespace

std::int32_t javaHash(std::string_view utf8) {
    std::uint32_t hash = 0;
    eachUtf16(utf8, [&](std::uint16_t unit) { hash = hash * 31u + unit; });
    return static_cast<std::int32_t>(hash);
}

std::size_t javaLength(std::string_view utf8) {
    std::size_t length = 0;
    eachUtf16(utf8, [&](std::uint16_t) { ++length; });
    return length;
}

std::uint32_t javaBucket(std::string_view utf8, std::size_t entries) {
    std::uint32_t table = 16;  // doubles when three quarters full
    while (entries > table / 4 * 3)
        table *= 2;
    const auto hash = static_cast<std::uint32_t>(javaHash(utf8));
    return (hash ^ (hash >> 16)) & (table - 1);
}

}  // namespace odradek::broker
