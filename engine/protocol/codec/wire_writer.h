// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/types.h"
#include "engine/protocol/codec/wire_reader.h"

namespace odradek::protocol {

/// Writes Kafka's primitive types. Small things go into one growing buffer; slices of 256 bytes and
/// more are only noted where they belong ("spliced") and shared with the finished chain. Lifecycle:
/// write, then `finish` once.
class WireWriter {
public:
    explicit WireWriter(std::size_t expectedBytes = 128) { m_buffer.reserve(expectedBytes); }

    template <class T>
    void fixed(T value) {
        auto raw = static_cast<std::make_unsigned_t<T>>(value);
        if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1)
            raw = std::byteswap(raw);
        const auto at = m_buffer.size();
        m_buffer.resize(at + sizeof(T));
        std::memcpy(m_buffer.data() + at, &raw, sizeof(T));
    }
    void float64(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
    void uuid(const Uuid& id) { raw(ByteSpan(id.bytes)); }
    void uvarint(std::uint32_t value) { uvarlong(value); }
    void uvarlong(std::uint64_t value);
    void varint(std::int32_t value) { uvarlong(static_cast<std::uint32_t>(zigzag(value))); }
    void varlong(std::int64_t value) { uvarlong(zigzag(value)); }
    void raw(ByteSpan bytes) { m_buffer.insert(m_buffer.end(), bytes.begin(), bytes.end()); }
    void raw(std::string_view text) { m_buffer.insert(m_buffer.end(), text.begin(), text.end()); }

    void length(LengthForm form, std::size_t count);
    void null(LengthForm form);
    /// Text with its length. What Kafka cannot express (over 32767 bytes) is cut before a whole
    /// UTF-8 character.
    void string(std::string_view text, LengthForm form);
    /// Shares large slices and copies small ones.
    void bytes(const Bytes& part);
    void chain(const Chain& parts);

    /// Bytes written so far, spliced ones included.
    std::size_t size() const { return m_buffer.size() + m_spliced; }
    /// Where something begins whose size is only known afterwards.
    struct Mark {
        std::size_t at = 0;
        std::size_t size = 0;
        std::size_t splices = 0;
    };
    Mark mark() const { return {m_buffer.size(), size(), m_splices.size()}; }
    /// Puts the size of all that was written since `mark` before it, as uvarint.
    void prependSize(const Mark& mark);

    /// Everything in order; the writer is empty afterwards.
    Chain finish();
    /// As finish, for who knows that nothing was shared (a header): the plain buffer.
    std::vector<std::uint8_t> finishSmall() { return std::exchange(m_buffer, {}); }

private:
    struct Splice {
        std::size_t at = 0;  ///< position in m_buffer it stands before
        Bytes bytes;
    };
    std::vector<std::uint8_t> m_buffer;
    std::vector<Splice> m_splices;
    std::size_t m_spliced = 0;
};

}  // namespace odradek::protocol
