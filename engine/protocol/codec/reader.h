// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/protocol/codec/schema.h"
#include "engine/protocol/codec/wire_reader.h"

namespace odradek::protocol {

/// The visitor that fills a message from bytes. Only codec/visitors.h uses it.
class Reader {
public:
    Reader(const Bytes& body, std::int16_t version, bool flexible)
        : m_wire(body), m_version(version), m_flexible(flexible) {}

    template <class S>
    void object(S& s) {
        const bool outerInTags = m_inTags;
        const std::uint32_t outerTag = m_tag;
        const bool outerKnown = m_tagKnown;
        m_inTags = false;
        s.fields(*this);
        if (m_flexible)
            tags([](Reader& r, void* self) { static_cast<S*>(self)->fields(r); }, &s);
        m_inTags = outerInTags;
        m_tag = outerTag;
        m_tagKnown = outerKnown;
    }

    template <class T>
    void operator()(const char* name, T& field, const Spec& spec) {
        if (!begins(spec))
            return;
        m_compact = m_flexible && !spec.neverFlexible;
        m_nullable = spec.nullableIn(m_version);
        value(field);
        if (m_wire.failed())
            blame(name);
    }

    bool failed() const { return m_wire.failed(); }
    /// The first error, with the path of the field it happened in.
    Error error(const MessageInfo& info) const;
    std::size_t remaining() const { return m_wire.remaining(); }

private:
    using FieldsOf = void (*)(Reader&, void*);

    void value(bool& v) { v = m_wire.fixed<std::uint8_t>() != 0; }
    void value(std::int8_t& v) { v = m_wire.fixed<std::int8_t>(); }
    void value(std::int16_t& v) { v = m_wire.fixed<std::int16_t>(); }
    void value(std::uint16_t& v) { v = m_wire.fixed<std::uint16_t>(); }
    void value(std::int32_t& v) { v = m_wire.fixed<std::int32_t>(); }
    void value(std::uint32_t& v) { v = m_wire.fixed<std::uint32_t>(); }
    void value(std::int64_t& v) { v = m_wire.fixed<std::int64_t>(); }
    void value(double& v) { v = m_wire.float64(); }
    void value(Uuid& v) { v = m_wire.uuid(); }
    void value(std::string& v);
    void value(Bytes& v);
    void value(Chain& v);
    template <class T>
    void value(std::vector<T>& v) {
        const bool compact = m_compact;
        const auto count = static_cast<std::size_t>(lengthOf(v));
        v.clear();
        // Not `count`: a struct is larger here than the one byte it may take on the wire.
        v.reserve(std::min<std::size_t>(count, 64));
        for (std::size_t i = 0; i < count && !m_wire.failed(); ++i) {
            m_compact = compact;
            m_nullable = false;
            value(v.emplace_back());
        }
    }
    template <class T>
    void value(std::optional<T>& v) {
        v.emplace();
        if constexpr (requires { sizeForm(*v); }) {
            // Kinds with a length say null by the length itself: look at it once, here, without
            // consuming more.
            if (m_nullable && takesNull(sizeForm(*v))) {
                v.reset();
                return;
            }
        } else if (isNullStruct()) {
            v.reset();
            return;
        }
        value(*v);
    }
    template <class S>
        requires requires(S& s, Reader& r) { s.fields(r); }
    void value(S& s) {
        object(s);
    }

    static LengthForm sizeForm(const std::string&) { return LengthForm::Int16; }
    static LengthForm sizeForm(const Bytes&) { return LengthForm::Int32; }
    static LengthForm sizeForm(const Chain&) { return LengthForm::Int32; }
    template <class T>
    static LengthForm sizeForm(const std::vector<T>&) {
        return LengthForm::Int32;
    }
    template <class T>
    std::int32_t lengthOf(const std::vector<T>&) {
        if constexpr (std::is_arithmetic_v<T>)
            return m_wire.length(form(LengthForm::Int32), false, sizeof(T));
        else if constexpr (std::is_same_v<T, Uuid>)
            return m_wire.length(form(LengthForm::Int32), false, sizeof(Uuid));
        else
            return m_wire.length(form(LengthForm::Int32), false, 1);
    }
    LengthForm form(LengthForm plain) const { return m_compact ? LengthForm::Compact : plain; }
    bool takesNull(LengthForm plain);
    bool isNullStruct();
    /// Whether this pass reads the field.
    bool begins(const Spec& spec) {
        if (m_wire.failed() || !spec.has(m_version))
            return false;
        if (!spec.taggedIn(m_version))
            return !m_inTags;
        if (!m_inTags || static_cast<std::uint32_t>(spec.tagNumber) != m_tag)
            return false;
        m_tagKnown = true;
        return true;
    }
    void tags(FieldsOf fields, void* self);
    void blame(const char* name);

    WireReader m_wire;
    std::int16_t m_version;
    bool m_flexible;
    bool m_compact = false;   ///< of the field being read
    bool m_nullable = false;  ///< of the field being read
    bool m_inTags = false;    ///< reading tagged fields of the struct at hand
    bool m_tagKnown = false;
    std::uint32_t m_tag = 0;
    std::string m_path;  ///< of the broken field, written inside out
};

}  // namespace odradek::protocol
