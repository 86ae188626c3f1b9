// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"

namespace odradek::testing {

/// "00 2a" and 'text' in quotes, to bytes; spaces separate.
inline Bytes bytesOf(std::string_view notation) {
    std::vector<std::uint8_t> out;
    const auto digit = [](char c) {
        return static_cast<std::uint8_t>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    };
    for (std::size_t i = 0; i < notation.size();) {
        if (notation[i] == ' ' || notation[i] == '\n') {
            ++i;
        } else if (notation[i] == '\'') {
            for (++i; i < notation.size() && notation[i] != '\''; ++i)
                out.push_back(static_cast<std::uint8_t>(notation[i]));
            ++i;
        } else {
            out.push_back(
                static_cast<std::uint8_t>(digit(notation[i]) << 4 | digit(notation[i + 1])));
            i += 2;
        }
    }
    return Bytes::take(std::move(out));
}

/// Bytes as hex digits, for messages and comparisons.
inline std::string hexOf(ByteSpan bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (auto b : bytes) {
        out += kDigits[b >> 4];
        out += kDigits[b & 15];
    }
    return out;
}
inline std::string hexOf(const Bytes& bytes) {
    return hexOf(bytes.span());
}
inline std::string hexOf(const Chain& chain) {
    return hexOf(chain.flatten().span());
}

}  // namespace odradek::testing
