// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/workload/json_text.h"

#include <charconv>

namespace odradek::workload {
namespace {

constexpr int kMaxDepth = 32;

void appendNumber(std::string& out, std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

void appendPadded(std::string& out, std::int64_t value, int width) {
    char digits[20];
    for (int i = width; i-- > 0; value /= 10)
        digits[i] = static_cast<char>('0' + value % 10);
    out.append(digits, static_cast<std::size_t>(width));
}

void appendText(std::string& out, std::string_view value) {
    out += '"';
    for (const char c : value) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (u < 0x20) {
            constexpr char kHex[] = "0123456789abcdef";
            out += "\\u00";
            out += kHex[u >> 4];
            out += kHex[u & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

void JsonText::begin(std::string_view name) {
    if (!m_first)
        m_out += ',';
    m_first = false;
    m_out += '"';
    m_out += name;
    m_out += "\":";
}

JsonText& JsonText::text(std::string_view name, std::string_view value) {
    begin(name);
    appendText(m_out, value);
    return *this;
}

JsonText& JsonText::number(std::string_view name, std::int64_t value) {
    begin(name);
    appendNumber(m_out, value);
    return *this;
}

JsonText& JsonText::cents(std::string_view name, std::int64_t value) {
    begin(name);
    if (value < 0) {
        m_out += '-';
        value = -value;
    }
    appendNumber(m_out, value / 100);
    m_out += '.';
    appendPadded(m_out, value % 100, 2);
    return *this;
}

JsonText& JsonText::raw(std::string_view name, std::string_view json) {
    begin(name);
    m_out += json;
    return *this;
}

JsonText& JsonText::time(std::string_view name, std::int64_t wallMs) {
    begin(name);
    auto seconds = wallMs / 1000;
    auto days = seconds / 86'400;
    seconds -= days * 86'400;
    // Civil date from days since 1970 (proleptic Gregorian; eras of 400 years that begin in March).
    days += 719'468;
    const auto era = days / 146'097;
    const auto dayOfEra = days - era * 146'097;
    const auto yearOfEra = (dayOfEra - dayOfEra / 1'460 + dayOfEra / 36'524 - dayOfEra / 146'096) / 365;
    const auto dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const auto shifted = (5 * dayOfYear + 2) / 153;
    const auto day = dayOfYear - (153 * shifted + 2) / 5 + 1;
    const auto month = shifted < 10 ? shifted + 3 : shifted - 9;
    m_out += '"';
    appendPadded(m_out, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
    m_out += '-';
    appendPadded(m_out, month, 2);
    m_out += '-';
    appendPadded(m_out, day, 2);
    m_out += 'T';
    appendPadded(m_out, seconds / 3'600, 2);
    m_out += ':';
    appendPadded(m_out, seconds / 60 % 60, 2);
    m_out += ':';
    appendPadded(m_out, seconds % 60, 2);
    m_out += "Z\"";
    return *this;
}

void JsonScan::blanks() {
    while (m_at < m_text.size() &&
           (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\r' || m_text[m_at] == '\t'))
        ++m_at;
}

bool JsonScan::take(char c) {
    blanks();
    if (m_failed || m_at >= m_text.size() || m_text[m_at] != c)
        return false;
    ++m_at;
    return true;
}

bool JsonScan::string(std::string& value) {
    value.clear();
    if (!take('"'))
        return fail();
    while (m_at < m_text.size()) {
        const char c = m_text[m_at++];
        if (c == '"')
            return true;
        if (c != '\\') {
            value += c;
            continue;
        }
        if (m_at >= m_text.size())
            break;
        const char escaped = m_text[m_at++];
        switch (escaped) {
            case 'n': value += '\n'; break;
            case 't': value += '\t'; break;
            case 'r': value += '\r'; break;
            case 'b': value += '\b'; break;
            case 'f': value += '\f'; break;
            case 'u':  // ids have none; what stands for another character is kept as a mark
                if (m_text.size() - m_at < 4)
                    return fail();
                m_at += 4;
                value += '?';
                break;
            default: value += escaped;
        }
    }
    return fail();
}

bool JsonScan::integer(std::int64_t& value) {
    blanks();
    const auto* begin = m_text.data() + m_at;
    const auto* end = m_text.data() + m_text.size();
    const auto read = std::from_chars(begin, end, value);
    if (m_failed || read.ec != std::errc())
        return fail();
    m_at += static_cast<std::size_t>(read.ptr - begin);
    while (m_at < m_text.size() && (m_text[m_at] == '.' || m_text[m_at] == '+' || m_text[m_at] == '-' ||
                                    m_text[m_at] == 'e' || m_text[m_at] == 'E' ||
                                    (m_text[m_at] >= '0' && m_text[m_at] <= '9')))
        ++m_at;
    return true;
}

bool JsonScan::skip(int depth) {
    blanks();
    if (m_failed || depth > kMaxDepth || m_at >= m_text.size())
        return fail();
    const char c = m_text[m_at];
    if (c == '{')
        return object([&](const std::string&) { return skip(depth + 1); });
    if (c == '[')
        return array([&] { return skip(depth + 1); });
    if (c == '"') {
        std::string ignored;
        return string(ignored);
    }
    for (const std::string_view word : {"true", "false", "null"})
        if (m_text.substr(m_at, word.size()) == word) {
            m_at += word.size();
            return true;
        }
    std::int64_t ignored = 0;
    return integer(ignored);
}

}  // namespace odradek::workload
