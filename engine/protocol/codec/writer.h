// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <optional>
#include <string>
#include <vector>

#include "engine/protocol/codec/schema.h"
#include "engine/protocol/codec/wire_writer.h"

namespace odradek::protocol {

/// A fresh S: a tagged field equal to the one in here stays off the wire.
template <class S>
const S& freshMessage() {
    static const S fresh{};
    return fresh;
}

/// The visitor that writes a message. Only codec/visitors.h uses it. A null that the version cannot
/// express is written as the empty value.
class Writer {
public:
    Writer(std::int16_t version, bool flexible) : m_version(version), m_flexible(flexible) {}

    WireWriter& wire() { return m_wire; }

    template <class S>
    void object(const S& s) {
        // `fields` names members of a mutable S, but this visitor takes them as const.
        auto& self = const_cast<S&>(s);
        if (!m_flexible) {
            self.fields(*this);
            return;
        }
        const Frame outer = m_frame;
        m_frame = Frame{reinterpret_cast<const char*>(&s),
                        reinterpret_cast<const char*>(&freshMessage<S>())};
        self.fields(*this);
        m_wire.uvarint(static_cast<std::uint32_t>(std::popcount(m_frame.tags)));
        m_frame.inTags = true;
        for (auto left = m_frame.tags; left != 0; left &= left - 1) {
            m_frame.tag = std::countr_zero(left);
            self.fields(*this);
        }
        m_frame = outer;
    }

    template <class T>
    void operator()(const char*, const T& field, const Spec& spec) {
        if (!spec.has(m_version))
            return;
        const bool tagged = spec.taggedIn(m_version);
        if (tagged && !m_frame.inTags) {
            if (!isDefault(field))
                m_frame.tags |= std::uint64_t{1} << spec.tagNumber;
            return;
        }
        if (tagged != m_frame.inTags || (tagged && spec.tagNumber != m_frame.tag))
            return;
        m_compact = m_flexible && !spec.neverFlexible;
        m_nullable = spec.nullableIn(m_version);
        if (!tagged) {
            value(field);
            return;
        }
        m_wire.uvarint(static_cast<std::uint32_t>(spec.tagNumber));
        const auto mark = m_wire.mark();
        value(field);
        m_wire.prependSize(mark);
    }

private:
    /// What must be remembered of one struct while its members are written.
    struct Frame {
        const char* self = nullptr;
        const char* fresh = nullptr;
        std::uint64_t tags = 0;  ///< bit n: tag n has something to say
        int tag = -1;
        bool inTags = false;
    };

    /// Compares with the member at the same place in a fresh struct.
    template <class T>
    bool isDefault(const T& field) const {
        const auto offset = reinterpret_cast<const char*>(&field) - m_frame.self;
        return field == *reinterpret_cast<const T*>(m_frame.fresh + offset);
    }

    void value(bool v) { m_wire.fixed(static_cast<std::uint8_t>(v ? 1 : 0)); }
    void value(std::int8_t v) { m_wire.fixed(v); }
    void value(std::int16_t v) { m_wire.fixed(v); }
    void value(std::uint16_t v) { m_wire.fixed(v); }
    void value(std::int32_t v) { m_wire.fixed(v); }
    void value(std::uint32_t v) { m_wire.fixed(v); }
    void value(std::int64_t v) { m_wire.fixed(v); }
    void value(double v) { m_wire.float64(v); }
    void value(const Uuid& v) { m_wire.uuid(v); }
    void value(const std::string& v) { m_wire.string(v, form(LengthForm::Int16)); }
    void value(const Bytes& v) {
        m_wire.length(form(LengthForm::Int32), v.size());
        m_wire.bytes(v);
    }
    void value(const Chain& v) {
        m_wire.length(form(LengthForm::Int32), v.size());
        m_wire.chain(v);
    }
    template <class T>
    void value(const std::vector<T>& v) {
        const bool compact = m_compact;
        m_wire.length(form(LengthForm::Int32), v.size());
        for (const auto& element : v) {
            m_compact = compact;
            m_nullable = false;
            value(element);
        }
    }
    template <class T>
    void value(const std::optional<T>& v) {
        if constexpr (requires(const T& s, Writer& w) { const_cast<T&>(s).fields(w); }) {
            if (m_nullable)
                nullMark(v.has_value());
            if (v || !m_nullable)
                object(v ? *v : freshMessage<T>());
        } else if (v) {
            value(*v);
        } else if (m_nullable) {
            m_wire.null(
                form(std::is_same_v<T, std::string> ? LengthForm::Int16 : LengthForm::Int32));
        } else {
            value(freshMessage<T>());
        }
    }
    template <class S>
        requires requires(S& s, Writer& w) { s.fields(w); }
    void value(const S& s) {
        object(s);
    }
    void nullMark(bool present) {
        if (m_frame.inTags)
            m_wire.uvarint(present ? 1 : 0);
        else
            m_wire.fixed(static_cast<std::int8_t>(present ? 1 : -1));
    }
    LengthForm form(LengthForm plain) const { return m_compact ? LengthForm::Compact : plain; }

    WireWriter m_wire;
    Frame m_frame;
    std::int16_t m_version;
    bool m_flexible;
    bool m_compact = false;   ///< of the field being written
    bool m_nullable = false;  ///< of the field being written
};

}  // namespace odradek::protocol
