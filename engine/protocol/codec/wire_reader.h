// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/types.h"

namespace odradek::protocol {

/// Zigzag (Protocol Buffers): small magnitudes of either sign become small unsigned numbers.
constexpr std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

/// How the length of a string, of bytes or of an array stands on the wire.
enum class LengthForm : std::uint8_t { Int16, Int32, Compact };

/// Reads Kafka's primitive types from untrusted bytes. Errors are sticky: the first one is kept,
/// everything after it reads as zero and `remaining` is 0, so that callers check once at the end
/// and loops end by themselves. A value of one thread; what it hands out shares the given buffer.
class WireReader {
public:
    explicit WireReader(Bytes data) : m_data(std::move(data)), m_end(m_data.size()) {}

    bool failed() const { return m_error.has_value(); }
    const Error& error() const { return *m_error; }
    std::size_t position() const { return m_position; }
    std::size_t remaining() const { return m_end - m_position; }
    /// Records the first error and stops all reading.
    void fail(ErrorCode code, std::string message);

    /// A big-endian integer of T's size.
    template <class T>
    T fixed() {
        if (remaining() < sizeof(T)) [[unlikely]] {
            truncated(sizeof(T));
            return T{};
        }
        std::make_unsigned_t<T> raw;
        std::memcpy(&raw, m_data.data() + m_position, sizeof(T));
        m_position += sizeof(T);
        if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1)
            raw = std::byteswap(raw);
        return static_cast<T>(raw);
    }
    double float64() { return std::bit_cast<double>(fixed<std::uint64_t>()); }
    Uuid uuid();
    /// Unsigned LEB128 of at most 32 bits; Invalid when it is longer or overflows.
    std::uint32_t uvarint() { return oneDigit() ? m_data.data()[m_position++] : uvarintSlow(); }
    /// Unsigned LEB128 of at most 64 bits; Invalid when it is longer or overflows.
    std::uint64_t uvarlong() { return oneDigit() ? m_data.data()[m_position++] : uvarlongSlow(); }
    /// Zigzag numbers, as in records.
    std::int32_t varint() { return static_cast<std::int32_t>(unzigzag(uvarint())); }
    std::int64_t varlong() { return unzigzag(uvarlong()); }

    /// A declared length; -1 for null. Fails when it is null though not `nullable`, negative
    /// otherwise, or when fewer than `length * bytesEach` bytes are there.
    std::int32_t length(LengthForm form, bool nullable, std::size_t bytesEach = 1);
    /// Consumes a declared length if, and only if, it says null.
    bool skipNull(LengthForm form);
    /// The next `count` bytes, sharing the buffer.
    Bytes take(std::size_t count);
    std::string_view takeView(std::size_t count);

    /// Restricts reading to the next `count` bytes; returns the old end for `leave`.
    std::size_t enter(std::size_t count);
    void leave(std::size_t oldEnd) {
        if (!failed())
            m_end = oldEnd;
    }

private:
    bool oneDigit() const { return m_position < m_end && m_data.data()[m_position] < 0x80; }
    std::uint32_t uvarintSlow();
    std::uint64_t uvarlongSlow();
    void truncated(std::size_t wanted);

    Bytes m_data;
    std::size_t m_position = 0;
    std::size_t m_end = 0;
    std::optional<Error> m_error;
};

}  // namespace odradek::protocol
