// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/wire_writer.h"

#include <utility>

namespace odradek::protocol {
namespace {
// Below this a copy is cheaper than one more slice with its reference count and its entry in
// writev.
constexpr std::size_t kShareFrom = 256;
constexpr std::size_t kLongestString = 32767;

std::size_t encodeUvarlong(std::uint64_t value, std::uint8_t* out) {
    std::size_t n = 0;
    while (value >= 0x80) {
        out[n++] = static_cast<std::uint8_t>(value | 0x80);
        value >>= 7;
    }
    out[n++] = static_cast<std::uint8_t>(value);
    return n;
}
}  // namespace

void WireWriter::uvarlong(std::uint64_t value) {
    std::uint8_t digits[10];
    const auto n = encodeUvarlong(value, digits);
    m_buffer.insert(m_buffer.end(), digits, digits + n);
}

void WireWriter::length(LengthForm form, std::size_t count) {
    switch (form) {
        case LengthForm::Int16:
            fixed(static_cast<std::int16_t>(count));
            break;
        case LengthForm::Int32:
            fixed(static_cast<std::int32_t>(count));
            break;
        case LengthForm::Compact:
            uvarint(static_cast<std::uint32_t>(count + 1));
            break;
    }
}

void WireWriter::null(LengthForm form) {
    switch (form) {
        case LengthForm::Int16:
            fixed(std::int16_t{-1});
            break;
        case LengthForm::Int32:
            fixed(std::int32_t{-1});
            break;
        case LengthForm::Compact:
            uvarint(0);
            break;
    }
}

void WireWriter::string(std::string_view text, LengthForm form) {
    if (text.size() > kLongestString) {
        std::size_t end = kLongestString;
        while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xc0) == 0x80)
            --end;
        text = text.substr(0, end);
    }
    length(form, text.size());
    raw(text);
}

void WireWriter::bytes(const Bytes& part) {
    if (part.size() < kShareFrom) {
        raw(part.span());
        return;
    }
    m_spliced += part.size();
    m_splices.push_back({m_buffer.size(), part});
}

void WireWriter::chain(const Chain& parts) {
    for (const auto& part : parts.parts())
        bytes(part);
}

void WireWriter::prependSize(const Mark& mark) {
    std::uint8_t digits[10];
    const auto n = encodeUvarlong(size() - mark.size, digits);
    m_buffer.insert(m_buffer.begin() + static_cast<std::ptrdiff_t>(mark.at), digits, digits + n);
    for (auto i = mark.splices; i < m_splices.size(); ++i)
        m_splices[i].at += n;
}

Chain WireWriter::finish() {
    Chain result;
    const Bytes small = Bytes::take(std::exchange(m_buffer, {}));
    std::size_t from = 0;
    for (auto& splice : m_splices) {
        result.append(small.slice(from, splice.at - from));
        result.append(std::move(splice.bytes));
        from = splice.at;
    }
    result.append(small.slice(from));
    m_splices.clear();
    m_spliced = 0;
    return result;
}

}  // namespace odradek::protocol
