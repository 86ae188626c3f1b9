// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/check.h"
#include "engine/protocol/codec/describer.h"
#include "engine/protocol/codec/json_writer.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/codec/reader.h"
#include "engine/protocol/codec/writer.h"

/// The bodies of the templates of codec/message.h and codec/describe.h. Included only by the one
/// .cpp per API or record that instantiates them.
namespace odradek::protocol {

/// The error for a version a message does not have.
Error unsupportedVersion(const MessageInfo& info, std::int16_t version);
/// The error for bytes after the end of a message.
Error trailingBytes(const MessageInfo& info, std::int16_t version, std::size_t count);

template <class M>
Result<M> decode(const Bytes& body, std::int16_t version, Trailing trailing) {
    if (version < M::kInfo.minVersion || version > M::kInfo.maxVersion)
        return std::unexpected(unsupportedVersion(M::kInfo, version));
    Reader reader(body, version, M::kInfo.flexible(version));
    Result<M> message;
    reader.object(*message);
    if (reader.failed())
        message = std::unexpected(reader.error(M::kInfo));
    else if (reader.remaining() > 0 && trailing == Trailing::Error)
        message = std::unexpected(trailingBytes(M::kInfo, version, reader.remaining()));
    return message;
}

template <class M>
Chain encode(const M& message, std::int16_t version, ByteSpan prefix) {
    ODRADEK_CHECK(version >= M::kInfo.minVersion && version <= M::kInfo.maxVersion,
                  "a message is encoded in a version it has");
    Writer writer(version, M::kInfo.flexible(version));
    writer.wire().raw(prefix);
    writer.object(message);
    return writer.wire().finish();
}

template <class M>
std::string toJson(const M& message, std::int16_t version) {
    JsonWriter writer(version);
    writer.object(message);
    return writer.finish();
}

template <class M>
MessageType messageType() {
    return {.info = M::kInfo,
            .json = [](const Bytes& body, std::int16_t version) -> Result<std::string> {
                auto message = decode<M>(body, version, Trailing::Error);
                if (!message)
                    return std::unexpected(std::move(message).error());
                return toJson(*message, version);
            },
            .recode = [](const Bytes& body, std::int16_t version) -> Result<Chain> {
                auto message = decode<M>(body, version, Trailing::Error);
                if (!message)
                    return std::unexpected(std::move(message).error());
                return encode(*message, version, {});
            },
            .describe = [] { return Describer::of<M>(); }};
}

}  // namespace odradek::protocol

#define ODRADEK_INSTANTIATE(M)                                                     \
    template ::odradek::Result<M> decode<M>(const Bytes&, std::int16_t, Trailing); \
    template ::odradek::Chain encode<M>(const M&, std::int16_t, ByteSpan);         \
    template std::string toJson<M>(const M&, std::int16_t);                        \
    template MessageType messageType<M>();
