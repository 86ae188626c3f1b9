// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metadata/record_codec.h"

#include <cstdint>
#include <fmt/format.h>

#include "engine/protocol/codec/message.h"

namespace odradek::metadata {
namespace {

constexpr std::uint32_t kFrameVersion = 1;

void putVarint(std::vector<std::uint8_t>& out, std::uint32_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

/// Reads one unsigned varint of at most 32 bits at `at`, which moves behind it.
Result<std::uint32_t> takeVarint(ByteSpan bytes, std::size_t& at) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        if (at >= bytes.size())
            return fail(ErrorCode::Truncated, "metadata record: the frame ends inside a number");
        const auto byte = bytes[at++];
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            if (value > UINT32_MAX)
                break;
            return static_cast<std::uint32_t>(value);
        }
    }
    return fail(ErrorCode::Invalid, "metadata record: a number of more than 32 bits");
}

template <class M>
Result<MetadataRecord> decodeAs(const Bytes& body, std::int16_t version) {
    if (version < M::kInfo.minVersion || version > M::kInfo.maxVersion)
        return fail(ErrorCode::Unsupported,
                    fmt::format("metadata record {} in version {}", M::kInfo.name, version));
    return MetadataRecord(TRY(protocol::decode<M>(body, version)));
}

/// Finds the alternative of MetadataRecord with this type number.
template <std::size_t I = 0>
Result<MetadataRecord> decodeType(std::uint32_t type, const Bytes& body, std::int16_t version) {
    if constexpr (I == std::variant_size_v<MetadataRecord>) {
        return fail(ErrorCode::Unsupported, fmt::format("metadata record of the unknown type {}", type));
    } else {
        using M = std::variant_alternative_t<I, MetadataRecord>;
        if (type == static_cast<std::uint32_t>(M::kInfo.key))
            return decodeAs<M>(body, version);
        return decodeType<I + 1>(type, body, version);
    }
}

}  // namespace

Bytes encodeRecord(const MetadataRecord& record) {
    return std::visit(
        []<class M>(const M& message) {
            constexpr auto version = M::kInfo.maxVersion;
            std::vector<std::uint8_t> out;
            putVarint(out, kFrameVersion);
            putVarint(out, static_cast<std::uint32_t>(M::kInfo.key));
            putVarint(out, static_cast<std::uint32_t>(version));
            const auto body = protocol::encode(message, version);
            for (const auto& part : body.parts())
                out.insert(out.end(), part.data(), part.data() + part.size());
            return Bytes::take(std::move(out));
        },
        record);
}

Result<MetadataRecord> decodeRecord(const Bytes& value) {
    std::size_t at = 0;
    const auto frame = TRY(takeVarint(value, at));
    if (frame != kFrameVersion)
        return fail(ErrorCode::Unsupported, fmt::format("metadata record with frame version {}", frame));
    const auto type = TRY(takeVarint(value, at));
    const auto version = TRY(takeVarint(value, at));
    if (version > INT16_MAX)
        return fail(ErrorCode::Invalid, "metadata record: impossible version");
    return decodeType(type, value.slice(at), static_cast<std::int16_t>(version));
}

std::string toJson(const MetadataRecord& record) {
    return std::visit(
        []<class M>(const M& message) {
            return fmt::format(R"({{"type":"{}","version":{},"data":{}}})", M::kInfo.name, M::kInfo.maxVersion,
                               protocol::toJson(message, M::kInfo.maxVersion));
        },
        record);
}

}  // namespace odradek::metadata
