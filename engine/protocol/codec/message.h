// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/api_key.h"
#include "engine/protocol/codec/schema.h"

/// Whole messages to bytes and back. The templates are instantiated once per message in
/// messages/*.cpp and records/*.cpp (they all live in codec/visitors.h, which only those files
/// include), so users pay no compile time.
namespace odradek::protocol {

/// What decode does with bytes after the message. `Ignore` is for structures that newer writers
/// extend at the end and older readers read all the same (consumer protocol subscriptions and
/// assignments).
enum class Trailing : std::uint8_t { Error, Ignore };

/// Reads the body of a request, response or record in the given version. The result's Bytes and
/// Chain fields share `body`. Fails with Truncated or Invalid; a declared length or count is never
/// trusted before the bytes are there (memory is bounded by what was received). Trailing bytes are
/// an error, unless told otherwise. Unsupported for a version outside M::kInfo's range.
template <class M>
Result<M> decode(const Bytes& body, std::int16_t version, Trailing trailing = Trailing::Error);

/// The bytes of a message in the given version. Records fields are shared, not copied. The message
/// must be expressible in the version: fields it lacks are left out, a null it lacks becomes empty,
/// and text over Kafka's 32767 bytes is cut. The version must be one the message has. `prefix` is
/// put in front (a header), in the same buffer.
template <class M>
Chain encode(const M& message, std::int16_t version, ByteSpan prefix = {});

/// Compact JSON of a message as it would be in that version: for traces, the protocol inspector and
/// tests.
template <class M>
std::string toJson(const M& message, std::int16_t version);

/// The header of a request frame, and what follows it.
struct RequestFrame {
    std::int16_t apiKey = 0;
    std::int16_t apiVersion = 0;
    std::int32_t correlationId = 0;
    std::optional<std::string> clientId;
    Bytes body;
};

/// Splits a request frame (without its length prefix). The header version follows from the API and
/// version; for an unknown API or version, the body is empty and the caller answers or closes.
/// ApiVersions is always readable.
Result<RequestFrame> parseRequestFrame(const Bytes& frame);

/// A request frame without length prefix.
Chain requestFrame(std::int16_t apiKey, std::int16_t apiVersion, std::int32_t correlationId,
                   const std::optional<std::string>& clientId, const Chain& body);
/// A response frame without length prefix; picks the response header version (ApiVersions: always
/// 0, KIP-511).
Chain responseFrame(std::int16_t apiKey, std::int16_t apiVersion, std::int32_t correlationId,
                    const Chain& body);

/// The header alone, for `encode`'s prefix.
std::vector<std::uint8_t> requestHeader(std::int16_t apiKey, std::int16_t apiVersion,
                                        std::int32_t correlationId,
                                        const std::optional<std::string>& clientId);
std::vector<std::uint8_t> responseHeader(std::int16_t apiKey, std::int16_t apiVersion,
                                         std::int32_t correlationId);

/// Shorthands for a message type M with kInfo.key; frames without length prefix.
template <class M>
Chain encodeRequest(const M& m, std::int16_t version, std::int32_t correlationId,
                    const std::optional<std::string>& clientId) {
    return encode(m, version, requestHeader(M::kInfo.key, version, correlationId, clientId));
}
template <class M>
Chain encodeResponse(const M& m, std::int16_t version, std::int32_t correlationId) {
    return encode(m, version, responseHeader(M::kInfo.key, version, correlationId));
}

/// A response frame split by the request it answers.
struct ResponseFrame {
    std::int32_t correlationId = 0;
    Bytes body;
};
Result<ResponseFrame> parseResponseFrame(std::int16_t apiKey, std::int16_t apiVersion,
                                         const Bytes& frame);

/// The answer of type M in a response frame to a request of that version; Invalid when it answers
/// another request.
template <class M>
Result<M> decodeResponse(const Bytes& frame, std::int16_t version, std::int32_t correlationId) {
    auto split = parseResponseFrame(M::kInfo.key, version, frame);
    if (!split)
        return std::unexpected(std::move(split).error());
    if (split->correlationId != correlationId)
        return fail(ErrorCode::Invalid, "answer to request " +
                                            std::to_string(split->correlationId) + ", expected " +
                                            std::to_string(correlationId));
    return decode<M>(split->body, version);
}

/// What Kafka 4.x knows of an API, ours or not: enough to read its frames' headers.
struct ApiInfo {
    std::int16_t key = 0;
    std::string_view name;
    std::int16_t maxVersion = 0;  ///< newest in Kafka 4.5; -1 for APIs that were removed
    std::int16_t flexibleFrom = kMaxVersion;  ///< kMaxVersion = none is flexible
};
/// nullptr for a key Kafka does not have.
const ApiInfo* apiInfo(std::int16_t key);
/// "Fetch" for 1; "api 1234" for a key Kafka does not have.
std::string apiName(std::int16_t key);

}  // namespace odradek::protocol
