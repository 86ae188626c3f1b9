// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/json_writer.h"

#include <fmt/format.h>

#include <cmath>

namespace odradek::protocol {
namespace {

/// Length of the well-formed UTF-8 character at the front of `text` (RFC 3629), 0 when there is
/// none.
std::size_t utf8Length(std::string_view text) {
    const auto at = [&](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0u;
    };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
    const std::uint32_t first = at(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const bool overlong = first == 0xe0 && at(1) < 0xa0;
        const bool surrogate = first == 0xed && at(1) > 0x9f;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool overlong = first == 0xf0 && at(1) < 0x90;
        const bool tooLarge = first == 0xf4 && at(1) > 0x8f;
        return tail(1) && tail(2) && tail(3) && !overlong && !tooLarge ? 4 : 0;
    }
    return 0;
}

}  // namespace

void appendJsonString(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto n = utf8Length(text);
        const char c = text[0];
        if (n == 0)
            out += "\xef\xbf\xbd";
        else if (n > 1)
            out += text.substr(0, n);
        else if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (c == '\n')
            out += "\\n";
        else if (static_cast<std::uint8_t>(c) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
        text.remove_prefix(n == 0 ? 1 : n);
    }
    out += '"';
}

std::string base64(ByteSpan bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = (group << 8) | (k < n ? bytes[i + k] : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            out += k <= n ? kDigits[(group >> (18 - 6 * k)) & 63] : '=';
    }
    return out;
}

void JsonWriter::value(double v) {
    m_out += std::isfinite(v) ? fmt::format("{}", v) : "null";
}

void JsonWriter::key(const char* name) {
    m_out += '"';
    m_out += name;
    m_out += "\":";
}

void JsonWriter::close(char bracket) {
    if (m_out.back() == ',')
        m_out.back() = bracket;
    else
        m_out += bracket;
}

}  // namespace odradek::protocol
