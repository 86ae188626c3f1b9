// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/api_key.h"
#include "engine/protocol/codec/schema.h"

/// Whole messages to bytes and back. The templates are instantiated once per message in messages/*.cpp and
/// records/*.cpp (they all live in codec/visitors.h, which only those files include), so users pay no compile time.
namespace odradek::protocol {

/// Reads the body of a request, response or record in the given version. The result's Bytes and Chain fields
/// share `body`. Fails with Truncated or Invalid; a declared length or count is never trusted before the bytes are
/// there (memory is bounded by what was received). Trailing bytes are an error.
template <class M>
Result<M> decode(const Bytes& body, std::int16_t version);

/// The bytes of a message in the given version. Records fields are shared, not copied. The message must be expressible
/// in the version: fields it lacks are left out.
template <class M>
Chain encode(const M& message, std::int16_t version);

/// Compact JSON of a message as it would be in that version: for traces, the protocol inspector and tests.
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

/// Splits a request frame (without its length prefix). The header version follows from the API and version; for
/// an unknown API or version, the body is empty and the caller answers or closes. ApiVersions is always readable.
Result<RequestFrame> parseRequestFrame(const Bytes& frame);

/// A request frame without length prefix.
Chain requestFrame(std::int16_t apiKey, std::int16_t apiVersion, std::int32_t correlationId,
                   const std::optional<std::string>& clientId, const Chain& body);
/// A response frame without length prefix; picks the response header version (ApiVersions: always 0, KIP-511).
Chain responseFrame(std::int16_t apiKey, std::int16_t apiVersion, std::int32_t correlationId, const Chain& body);

/// Shorthands for a message type M with kInfo.key.
template <class M>
Chain encodeRequest(const M& m, std::int16_t version, std::int32_t correlationId,
                    const std::optional<std::string>& clientId) {
    return requestFrame(M::kInfo.key, version, correlationId, clientId, encode(m, version));
}
template <class M>
Chain encodeResponse(const M& m, std::int16_t version, std::int32_t correlationId) {
    return responseFrame(M::kInfo.key, version, correlationId, encode(m, version));
}

/// A response frame split by the request it answers.
struct ResponseFrame {
    std::int32_t correlationId = 0;
    Bytes body;
};
Result<ResponseFrame> parseResponseFrame(std::int16_t apiKey, std::int16_t apiVersion, const Bytes& frame);

}  // namespace odradek::protocol
