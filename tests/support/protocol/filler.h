// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/prng.h"
#include "engine/base/types.h"
#include "engine/protocol/codec/schema.h"

namespace odradek::testing {

/// The visitor that fills a fresh message with random content that the given version can carry;
/// what the version lacks stays as it was.
class Filler {
public:
    Filler(Prng& random, std::int16_t version) : m_random(random), m_version(version) {}

    template <class S>
    void object(S& s) {
        ++m_depth;
        s.fields(*this);
        --m_depth;
    }

    template <class T>
    void operator()(const char*, T& field, const protocol::Spec& spec) {
        if (!spec.has(m_version))
            return;
        // Half of the tagged fields stay at their default, and so off the wire.
        if (spec.taggedIn(m_version) && m_random.chance(1, 2))
            return;
        m_nullable = spec.nullableIn(m_version);
        value(field);
    }

private:
    void value(bool& v) { v = m_random.chance(1, 2); }
    void value(std::int8_t& v) { v = static_cast<std::int8_t>(number()); }
    void value(std::int16_t& v) { v = static_cast<std::int16_t>(number()); }
    void value(std::uint16_t& v) { v = static_cast<std::uint16_t>(number()); }
    void value(std::int32_t& v) { v = static_cast<std::int32_t>(number()); }
    void value(std::uint32_t& v) { v = static_cast<std::uint32_t>(number()); }
    void value(std::int64_t& v) { v = static_cast<std::int64_t>(number()); }
    void value(double& v) { v = static_cast<double>(m_random.between(-1000000, 1000000)) / 64; }
    void value(Uuid& v) {
        for (auto& byte : v.bytes)
            byte = static_cast<std::uint8_t>(m_random.next());
    }
    void value(std::string& v) {
        v.assign(length(), 'a');
        for (auto& c : v)
            c = static_cast<char>(m_random.next());
    }
    void value(Bytes& v) { v = bytes(length()); }
    void value(Chain& v) {
        v.clear();
        for (auto parts = m_random.below(3); parts > 0; --parts)
            v.append(bytes(length()));
    }
    template <class T>
    void value(std::vector<T>& v) {
        v.clear();
        v.resize(m_random.below(m_depth > 2 ? 2 : 4));
        for (std::size_t i = 0; i < v.size(); ++i) {
            m_nullable = false;
            T element{};
            value(element);
            v[i] = std::move(element);
        }
    }
    template <class T>
    void value(std::optional<T>& v) {
        if (m_nullable && m_random.chance(1, 4)) {
            v.reset();
            return;
        }
        v.emplace();
        value(*v);
    }
    template <class S>
        requires requires(S& s, Filler& f) { s.fields(f); }
    void value(S& s) {
        object(s);
    }

    /// Mostly small, sometimes any 64 bits: varints and sign extension are tried at every length.
    std::uint64_t number() {
        const auto bits = m_random.below(65);
        const auto raw = m_random.next();
        return bits == 0 ? ~std::uint64_t{0} : raw >> (64 - bits);
    }
    std::size_t length() {
        return static_cast<std::size_t>(m_random.chance(1, 12) ? m_random.below(600)
                                                               : m_random.below(12));
    }
    Bytes bytes(std::size_t count) {
        std::vector<std::uint8_t> raw(count);
        for (auto& byte : raw)
            byte = static_cast<std::uint8_t>(m_random.next());
        return Bytes::take(std::move(raw));
    }

    Prng& m_random;
    std::int16_t m_version;
    bool m_nullable = false;
    int m_depth = 0;
};

}  // namespace odradek::testing
