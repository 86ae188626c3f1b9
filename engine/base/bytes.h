// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace odradek {

using ByteSpan = std::span<const std::uint8_t>;

/// A refcounted view of immutable bytes: what logs, sockets and links share instead of copying.
/// A Bytes keeps its buffer alive. Whoever builds the buffer must not write to it once a Bytes of it
/// has been handed on (that is what makes "buffer reused while in flight" impossible). Copying is cheap;
/// the reference count is atomic, so values may cross threads.
class Bytes {
public:
    Bytes() = default;
    Bytes(std::shared_ptr<const void> owner, const std::uint8_t* data, std::size_t size)
        : m_owner(std::move(owner)), m_data(data), m_size(size) {}

    /// Takes over a vector; no copy.
    static Bytes take(std::vector<std::uint8_t>&& buffer) {
        auto owner = std::make_shared<const std::vector<std::uint8_t>>(std::move(buffer));
        const auto* data = owner->data();
        const auto size = owner->size();
        return Bytes(std::move(owner), data, size);
    }
    static Bytes copy(ByteSpan span) { return take(std::vector<std::uint8_t>(span.begin(), span.end())); }
    static Bytes copy(std::string_view text) {
        return take(std::vector<std::uint8_t>(text.begin(), text.end()));
    }

    const std::uint8_t* data() const { return m_data; }
    std::size_t size() const { return m_size; }
    bool empty() const { return m_size == 0; }
    ByteSpan span() const { return {m_data, m_size}; }
    operator ByteSpan() const { return span(); }  // NOLINT: a Bytes is a span with an owner
    std::string_view view() const { return {reinterpret_cast<const char*>(m_data), m_size}; }
    std::string toString() const { return std::string(view()); }
    std::uint8_t operator[](std::size_t i) const { return m_data[i]; }

    /// The part [from, from+count), sharing the buffer; clamps to what is there.
    Bytes slice(std::size_t from, std::size_t count = SIZE_MAX) const {
        if (from > m_size)
            from = m_size;
        if (count > m_size - from)
            count = m_size - from;
        return Bytes(m_owner, m_data + from, count);
    }

    /// Equal content.
    friend bool operator==(const Bytes& a, const Bytes& b) {
        return a.m_size == b.m_size && (a.m_size == 0 || std::memcmp(a.m_data, b.m_data, a.m_size) == 0);
    }

private:
    std::shared_ptr<const void> m_owner;
    const std::uint8_t* m_data = nullptr;
    std::size_t m_size = 0;
};

/// A sequence of slices that reads as one run of bytes: a frame, or the batches of a fetch answer.
class Chain {
public:
    Chain() = default;
    Chain(Bytes one) { append(std::move(one)); }  // NOLINT: a slice is a chain of one

    void append(Bytes part) {
        if (part.empty())
            return;
        m_size += part.size();
        m_parts.push_back(std::move(part));
    }
    void append(const Chain& other) {
        for (const auto& part : other.m_parts)
            append(part);
    }
    std::size_t size() const { return m_size; }
    bool empty() const { return m_size == 0; }
    const std::vector<Bytes>& parts() const { return m_parts; }
    void clear() {
        m_parts.clear();
        m_size = 0;
    }

    /// One contiguous Bytes: shares when there is one part, copies otherwise.
    Bytes flatten() const {
        if (m_parts.empty())
            return {};
        if (m_parts.size() == 1)
            return m_parts.front();
        std::vector<std::uint8_t> all;
        all.reserve(m_size);
        for (const auto& part : m_parts)
            all.insert(all.end(), part.data(), part.data() + part.size());
        return Bytes::take(std::move(all));
    }
    /// Equal content, however it is cut into slices.
    friend bool operator==(const Chain& a, const Chain& b) {
        return a.m_size == b.m_size && a.flatten() == b.flatten();
    }

private:
    std::vector<Bytes> m_parts;
    std::size_t m_size = 0;
};

}  // namespace odradek
