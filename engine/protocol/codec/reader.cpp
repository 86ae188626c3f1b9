// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/reader.h"

namespace odradek::protocol {
namespace {
constexpr std::int32_t kLongestString = 32767;
}

void Reader::value(std::string& v) {
    const auto length = m_wire.length(form(LengthForm::Int16), false);
    if (length > kLongestString) {
        m_wire.fail(ErrorCode::Invalid, "a string of " + std::to_string(length) + " bytes");
        return;
    }
    v = m_wire.takeView(static_cast<std::size_t>(length));
}

void Reader::value(Bytes& v) {
    v = m_wire.take(static_cast<std::size_t>(m_wire.length(form(LengthForm::Int32), false)));
}

void Reader::value(Chain& v) {
    v.clear();
    v.append(m_wire.take(static_cast<std::size_t>(m_wire.length(form(LengthForm::Int32), false))));
}

bool Reader::takesNull(LengthForm plain) {
    return m_wire.skipNull(form(plain));
}

bool Reader::isNullStruct() {
    if (!m_nullable)
        return false;
    return m_inTags ? m_wire.uvarint() == 0 : m_wire.fixed<std::int8_t>() < 0;
}

void Reader::tags(FieldsOf fields, void* self) {
    const auto count = m_wire.uvarint();
    if (count > m_wire.remaining() / 2)  // a tag and a size each
        m_wire.fail(ErrorCode::Truncated, std::to_string(count) + " tagged fields are not there");
    std::int64_t last = -1;
    for (std::uint32_t i = 0; i < count && !m_wire.failed(); ++i) {
        const auto tag = m_wire.uvarint();
        const auto size = m_wire.uvarint();
        if (m_wire.failed())
            break;
        if (tag <= last) {
            m_wire.fail(ErrorCode::Invalid,
                        "tag " + std::to_string(tag) + " after tag " + std::to_string(last));
            break;
        }
        last = tag;
        const auto oldEnd = m_wire.enter(size);
        m_inTags = true;
        m_tag = tag;
        m_tagKnown = false;
        fields(*this, self);
        m_inTags = false;
        if (!m_tagKnown)
            m_wire.take(m_wire.remaining());
        else if (m_wire.remaining() > 0)
            m_wire.fail(ErrorCode::Invalid,
                        "tag " + std::to_string(tag) + " is longer than its field");
        m_wire.leave(oldEnd);
    }
}

void Reader::blame(const char* name) {
    m_path = m_path.empty() ? name : std::string(name) + "." + m_path;
}

Error Reader::error(const MessageInfo& info) const {
    Error e = m_wire.error();
    e.message = std::string(info.name) + " v" + std::to_string(m_version) +
                (m_path.empty() ? std::string() : " " + m_path) + ": " + e.message;
    return e;
}

}  // namespace odradek::protocol
