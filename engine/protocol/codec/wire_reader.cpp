// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/wire_reader.h"

namespace odradek::protocol {

void WireReader::fail(ErrorCode code, std::string message) {
    if (m_error)
        return;
    m_error = Error{code, std::move(message)};
    m_position = m_end;
}

void WireReader::truncated(std::size_t wanted) {
    fail(ErrorCode::Truncated, "needs " + std::to_string(wanted) + " bytes, " +
                                   std::to_string(remaining()) + " are left");
}

Uuid WireReader::uuid() {
    Uuid id;
    if (remaining() < id.bytes.size()) {
        truncated(id.bytes.size());
        return id;
    }
    std::memcpy(id.bytes.data(), m_data.data() + m_position, id.bytes.size());
    m_position += id.bytes.size();
    return id;
}

std::uint32_t WireReader::uvarintSlow() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        const auto byte = fixed<std::uint8_t>();
        if (failed())
            return 0;
        if (shift == 28 && byte > 0x0f) {
            fail(ErrorCode::Invalid, "a varint does not fit in 32 bits");
            return 0;
        }
        value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    return value;
}

std::uint64_t WireReader::uvarlongSlow() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        const auto byte = fixed<std::uint8_t>();
        if (failed())
            return 0;
        if (shift == 63 && byte > 0x01) {
            fail(ErrorCode::Invalid, "a varint does not fit in 64 bits");
            return 0;
        }
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    return value;
}

std::int32_t WireReader::length(LengthForm form, bool nullable, std::size_t bytesEach) {
    std::int64_t declared = 0;
    switch (form) {
        case LengthForm::Int16:
            declared = fixed<std::int16_t>();
            break;
        case LengthForm::Int32:
            declared = fixed<std::int32_t>();
            break;
        case LengthForm::Compact:
            declared = static_cast<std::int64_t>(uvarint()) - 1;
            break;
    }
    if (failed())
        return nullable ? -1 : 0;
    if (declared == -1 && nullable)
        return -1;
    if (declared < 0) {
        fail(ErrorCode::Invalid, declared == -1 ? "null where null is not allowed"
                                                : "negative length " + std::to_string(declared));
        return 0;
    }
    if (static_cast<std::uint64_t>(declared) > remaining() / bytesEach) {
        fail(ErrorCode::Truncated, "declares length " + std::to_string(declared) + ", but only " +
                                       std::to_string(remaining()) + " bytes are left");
        return 0;
    }
    return static_cast<std::int32_t>(declared);
}

bool WireReader::skipNull(LengthForm form) {
    const auto* at = m_data.data() + m_position;
    std::size_t size = 1;
    std::uint8_t digit = 0;
    switch (form) {
        case LengthForm::Int16:
            size = 2, digit = 0xff;
            break;
        case LengthForm::Int32:
            size = 4, digit = 0xff;
            break;
        case LengthForm::Compact:
            break;
    }
    if (remaining() < size)
        return false;
    for (std::size_t i = 0; i < size; ++i)
        if (at[i] != digit)
            return false;
    m_position += size;
    return true;
}

Bytes WireReader::take(std::size_t count) {
    if (remaining() < count) {
        truncated(count);
        return {};
    }
    Bytes part = m_data.slice(m_position, count);
    m_position += count;
    return part;
}

std::string_view WireReader::takeView(std::size_t count) {
    if (remaining() < count) {
        truncated(count);
        return {};
    }
    const std::string_view part(reinterpret_cast<const char*>(m_data.data()) + m_position, count);
    m_position += count;
    return part;
}

std::size_t WireReader::enter(std::size_t count) {
    const std::size_t oldEnd = m_end;
    if (remaining() < count)
        truncated(count);
    else
        m_end = m_position + count;
    return oldEnd;
}

}  // namespace odradek::protocol
