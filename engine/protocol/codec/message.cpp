// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/message.h"

#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/codec/wire_reader.h"
#include "engine/protocol/codec/wire_writer.h"

namespace odradek::protocol {
namespace {

constexpr auto kApiVersionsKey = static_cast<std::int16_t>(ApiKey::ApiVersions);

bool isFlexible(std::int16_t apiKey, std::int16_t apiVersion) {
    const auto* info = apiInfo(apiKey);
    return info && apiVersion >= info->flexibleFrom;
}

void skipTags(WireReader& in) {
    const auto count = in.uvarint();
    for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
        in.uvarint();
        in.take(in.uvarint());
    }
}

Chain withPrefix(std::vector<std::uint8_t> prefix, const Chain& body) {
    Chain frame(Bytes::take(std::move(prefix)));
    frame.append(body);
    return frame;
}

}  // namespace

Error unsupportedVersion(const MessageInfo& info, std::int16_t version) {
    return Error{ErrorCode::Unsupported,
                 std::string(info.name) + " has no version " + std::to_string(version)};
}

Error trailingBytes(const MessageInfo& info, std::int16_t version, std::size_t count) {
    return Error{ErrorCode::Invalid, std::string(info.name) + " v" + std::to_string(version) +
                                         ": " + std::to_string(count) + " bytes too many"};
}

Result<RequestFrame> parseRequestFrame(const Bytes& frame) {
    WireReader in(frame);
    RequestFrame out;
    out.apiKey = in.fixed<std::int16_t>();
    out.apiVersion = in.fixed<std::int16_t>();
    out.correlationId = in.fixed<std::int32_t>();
    if (in.failed())
        return fail(ErrorCode::Truncated,
                    "a frame of " + std::to_string(frame.size()) + " bytes is no request");
    const auto* info = apiInfo(out.apiKey);
    const bool known = info && out.apiVersion >= 0 && out.apiVersion <= info->maxVersion;
    const auto length = in.length(LengthForm::Int16, true);
    if (length >= 0)
        out.clientId = std::string(in.takeView(static_cast<std::size_t>(length)));
    if (isFlexible(out.apiKey, out.apiVersion))
        skipTags(in);
    if (!known) {
        // The header of a version we do not know is a guess: what the answer needs stands before
        // it.
        if (in.failed())
            out.clientId.reset();
        return out;
    }
    if (in.failed())
        return fail(in.error().code,
                    "header of " + apiName(out.apiKey) + ": " + in.error().message);
    out.body = in.take(in.remaining());
    return out;
}

std::vector<std::uint8_t> requestHeader(std::int16_t apiKey, std::int16_t apiVersion,
                                        std::int32_t correlationId,
                                        const std::optional<std::string>& clientId) {
    WireWriter out(32);
    out.fixed(apiKey);
    out.fixed(apiVersion);
    out.fixed(correlationId);
    if (clientId)
        out.string(*clientId, LengthForm::Int16);  // never compact, even in header v2
    else
        out.null(LengthForm::Int16);
    if (isFlexible(apiKey, apiVersion))
        out.uvarint(0);
    return out.finishSmall();
}

std::vector<std::uint8_t> responseHeader(std::int16_t apiKey, std::int16_t apiVersion,
                                         std::int32_t correlationId) {
    WireWriter out(8);
    out.fixed(correlationId);
    if (apiKey != kApiVersionsKey && isFlexible(apiKey, apiVersion))
        out.uvarint(0);
    return out.finishSmall();
}

Chain requestFrame(std::int16_t apiKey, std::int16_t apiVersion, std::int32_t correlationId,
                   const std::optional<std::string>& clientId, const Chain& body) {
    return withPrefix(requestHeader(apiKey, apiVersion, correlationId, clientId), body);
}

Chain responseFrame(std::int16_t apiKey, std::int16_t apiVersion, std::int32_t correlationId,
                    const Chain& body) {
    return withPrefix(responseHeader(apiKey, apiVersion, correlationId), body);
}

Result<ResponseFrame> parseResponseFrame(std::int16_t apiKey, std::int16_t apiVersion,
                                         const Bytes& frame) {
    WireReader in(frame);
    ResponseFrame out;
    out.correlationId = in.fixed<std::int32_t>();
    if (apiKey != kApiVersionsKey && isFlexible(apiKey, apiVersion))
        skipTags(in);
    if (in.failed())
        return fail(in.error().code,
                    "header of a response to " + apiName(apiKey) + ": " + in.error().message);
    out.body = in.take(in.remaining());
    return out;
}

}  // namespace odradek::protocol
