// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/types.h"

namespace odradek {
namespace {
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

std::string Uuid::toString() const {
    std::string text;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (auto byte : bytes) {
        buffer = (buffer << 8) | byte;
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            text += kAlphabet[(buffer >> bits) & 63];
        }
    }
    text += kAlphabet[(buffer << (6 - bits)) & 63];
    return text;
}

Result<Uuid> Uuid::parse(std::string_view text) {
    Uuid id;
    if (text.size() != 22)
        return fail(ErrorCode::Invalid, "a uuid has 22 characters: '" + std::string(text) + "'");
    std::uint32_t buffer = 0;
    int bits = 0;
    std::size_t out = 0;
    for (char c : text) {
        const auto digit = kAlphabet.find(c);
        if (digit == std::string_view::npos)
            return fail(ErrorCode::Invalid, "not a uuid: '" + std::string(text) + "'");
        buffer = (buffer << 6) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits >= 8 && out < id.bytes.size()) {
            bits -= 8;
            id.bytes[out++] = static_cast<std::uint8_t>(buffer >> bits);
        }
    }
    return id;
}

}  // namespace odradek
