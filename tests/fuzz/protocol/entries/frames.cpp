// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "engine/base/check.h"
#include "engine/protocol/codec/message.h"
#include "tests/fuzz/protocol/entries/entries.h"
#include "tests/fuzz/protocol/entries/seeds.h"

namespace odradek::fuzz {

using namespace protocol;

void fuzzFrames(ByteSpan input) {
    const auto whole = Bytes::copy(input);
    if (const auto request = parseRequestFrame(whole); request && !request->body.empty()) {
        const auto again =
            parseRequestFrame(requestFrame(request->apiKey, request->apiVersion,
                                           request->correlationId, request->clientId, request->body)
                                  .flatten());
        ODRADEK_CHECK(again.has_value(), "a frame we made can be split");
        ODRADEK_CHECK(again->correlationId == request->correlationId &&
                          again->clientId == request->clientId && again->body == request->body &&
                          again->apiKey == request->apiKey,
                      "and says the same");
    }
    if (input.size() < 2)
        return;
    const auto key = static_cast<std::int16_t>(input[0] % 100);
    const auto version = static_cast<std::int16_t>(input[1] % 20);
    if (const auto response = parseResponseFrame(key, version, Bytes::copy(input.subspan(2)));
        response) {
        const auto again = parseResponseFrame(
            key, version,
            responseFrame(key, version, response->correlationId, response->body).flatten());
        ODRADEK_CHECK(again && again->correlationId == response->correlationId &&
                          again->body == response->body,
                      "a response frame says the same again");
    }
}

std::vector<Bytes> frameSeeds() {
    std::vector<Bytes> seeds;
    const Chain body(Bytes::copy(std::string_view("body")));
    for (const std::int16_t key : {0, 1, 3, 18, 52, 94})
        for (const std::int16_t version : {0, 3, 9, 12}) {
            seeds.push_back(requestFrame(key, version, 5, "client", body).flatten());
            Chain response(
                Bytes::take({static_cast<std::uint8_t>(key), static_cast<std::uint8_t>(version)}));
            response.append(responseFrame(key, version, 5, body));
            seeds.push_back(response.flatten());
        }
    return seeds;
}

std::span<const Family> families() {
    static constexpr std::array kFamilies{
        Family{"requests", fuzzRequests, requestSeeds},
        Family{"responses", fuzzResponses, responseSeeds},
        Family{"records", fuzzRecords, recordSeeds},
        Family{"batches", fuzzBatches, batchSeeds},
        Family{"frames", fuzzFrames, frameSeeds},
    };
    return kFamilies;
}

}  // namespace odradek::fuzz
