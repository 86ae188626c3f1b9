// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/types.h"
#include "engine/protocol/codec/schema.h"

namespace odradek::protocol {

/// Appends a JSON string; bytes that are no UTF-8 become U+FFFD.
void appendJsonString(std::string& out, std::string_view text);
/// Standard base64 with padding.
std::string base64(ByteSpan bytes);

/// The visitor that dumps a message as compact JSON: Kafka's field names, bytes as base64, uuids in
/// Kafka's text form, records as {"bytes": size}. Only codec/visitors.h uses it.
class JsonWriter {
public:
    explicit JsonWriter(std::int16_t version) : m_version(version) {}

    template <class S>
    void object(const S& s) {
        m_out += '{';
        const_cast<S&>(s).fields(*this);
        close('}');
    }

    template <class T>
    void operator()(const char* name, const T& field, const Spec& spec) {
        if (!spec.has(m_version))
            return;
        key(name);
        value(field);
        m_out += ',';
    }

    void value(bool v) { m_out += v ? "true" : "false"; }
    void value(std::int8_t v) { m_out += std::to_string(v); }
    void value(std::int16_t v) { m_out += std::to_string(v); }
    void value(std::uint16_t v) { m_out += std::to_string(v); }
    void value(std::int32_t v) { m_out += std::to_string(v); }
    void value(std::uint32_t v) { m_out += std::to_string(v); }
    void value(std::int64_t v) { m_out += std::to_string(v); }
    void value(double v);
    void value(const Uuid& v) { value(v.toString()); }
    void value(const std::string& v) { appendJsonString(m_out, v); }
    void value(const Bytes& v) { value(base64(v)); }
    void value(const Chain& v) { m_out += "{\"bytes\":" + std::to_string(v.size()) + '}'; }
    template <class T>
    void value(const std::vector<T>& v) {
        m_out += '[';
        for (const auto& element : v) {
            value(element);
            m_out += ',';
        }
        close(']');
    }
    template <class T>
    void value(const std::optional<T>& v) {
        if (v)
            value(*v);
        else
            m_out += "null";
    }
    template <class S>
        requires requires(S& s, JsonWriter& w) { s.fields(w); }
    void value(const S& s) {
        object(s);
    }

    std::string finish() { return std::move(m_out); }

private:
    void key(const char* name);
    void close(char bracket);

    std::string m_out;
    std::int16_t m_version;
};

}  // namespace odradek::protocol
