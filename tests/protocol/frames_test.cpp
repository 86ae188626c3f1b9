// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/all.h"
#include "tests/support/protocol/hex.h"

namespace odradek::protocol {
namespace {

using odradek::testing::bytesOf;
using odradek::testing::hexOf;

TEST(Frames, RequestHeadersFollowTheVersion) {
    const auto body = Chain(Bytes::copy(std::string_view("B")));
    EXPECT_EQ(hexOf(requestFrame(12, 3, 7, "me", body)),
              hexOf(bytesOf("000c 0003 00000007 0002 'me' 'B'")));
    EXPECT_EQ(hexOf(requestFrame(12, 4, 7, "me", body)),
              hexOf(bytesOf("000c 0004 00000007 0002 'me' 00 'B'")));
    EXPECT_EQ(hexOf(requestFrame(12, 4, 7, std::nullopt, body)),
              hexOf(bytesOf("000c 0004 00000007 ffff 00 'B'")));
    EXPECT_EQ(hexOf(requestFrame(18, 3, 7, "me", body)),
              hexOf(bytesOf("0012 0003 00000007 0002 'me' 00 'B'")));
    // An API we have no messages for is framed all the same: Vote is flexible from 0.
    EXPECT_EQ(hexOf(requestFrame(52, 0, 7, "me", body)),
              hexOf(bytesOf("0034 0000 00000007 0002 'me' 00 'B'")));
}

TEST(Frames, ResponseHeadersFollowTheVersionExceptApiVersions) {
    const auto body = Chain(Bytes::copy(std::string_view("B")));
    EXPECT_EQ(hexOf(responseFrame(12, 3, 7, body)), hexOf(bytesOf("00000007 'B'")));
    EXPECT_EQ(hexOf(responseFrame(12, 4, 7, body)), hexOf(bytesOf("00000007 00 'B'")));
    EXPECT_EQ(hexOf(responseFrame(18, 4, 7, body)), hexOf(bytesOf("00000007 'B'")));
    for (const std::int16_t key : {12, 18})
        for (const std::int16_t version : {0, 3, 4}) {
            const auto back =
                parseResponseFrame(key, version, responseFrame(key, version, 7, body).flatten());
            ASSERT_TRUE(back);
            EXPECT_EQ(back->correlationId, 7);
            EXPECT_EQ(back->body.view(), "B");
        }
    EXPECT_FALSE(parseResponseFrame(12, 4, bytesOf("00000007")));
    EXPECT_FALSE(parseResponseFrame(12, 3, bytesOf("000007")));
}

TEST(Frames, RequestsAreSplit) {
    const auto frame =
        parseRequestFrame(bytesOf("000c 0004 00000007 0002 'me' 01 05 02 ffff 'BODY'"));
    ASSERT_TRUE(frame) << frame.error().message;
    EXPECT_EQ(frame->apiKey, 12);
    EXPECT_EQ(frame->apiVersion, 4);
    EXPECT_EQ(frame->correlationId, 7);
    EXPECT_EQ(frame->clientId, "me");
    EXPECT_EQ(frame->body.view(), "BODY");
    EXPECT_EQ(parseRequestFrame(bytesOf("000c 0003 00000007 ffff 'BODY'"))->clientId, std::nullopt);
}

TEST(Frames, BrokenRequestsAreErrors) {
    for (const char* bytes :
         {"", "000c", "000c 0003 000000", "000c 0003 00000007", "000c 0003 00000007 0005 'me'",
          "000c 0003 00000007 fffe", "000c 0004 00000007 ffff",
          "000c 0004 00000007 ffff 01 05 02 ff", "'GET / HTTP/1.1'"})
        EXPECT_TRUE(!parseRequestFrame(bytesOf(bytes)) ||
                    parseRequestFrame(bytesOf(bytes))->body.empty())
            << bytes;
    EXPECT_FALSE(parseRequestFrame(bytesOf("000c 0003 00000007 0005 'me'")));
}

TEST(Frames, UnknownApisAndVersionsStillGiveWhatAnAnswerNeeds) {
    // ApiVersions of the far future, with a header nobody here can read.
    const auto future = parseRequestFrame(bytesOf("0012 0063 00000009 7fff 'x'"));
    ASSERT_TRUE(future);
    EXPECT_EQ(future->apiKey, 18);
    EXPECT_EQ(future->apiVersion, 99);
    EXPECT_EQ(future->correlationId, 9);
    EXPECT_TRUE(future->body.empty());
    const auto readable = parseRequestFrame(bytesOf("0012 0063 00000009 0002 'me' 00 'whatever'"));
    ASSERT_TRUE(readable);
    EXPECT_EQ(readable->clientId, "me");
    EXPECT_TRUE(readable->body.empty());
    for (const char* bytes :
         {"03e7 0000 00000009 ffff 00", "000c 7fff 00000009 ffff 00", "000c ffff 00000009 ffff",
          "0004 0000 00000009 ffff", "ffff 0000 00000009"}) {
        const auto frame = parseRequestFrame(bytesOf(bytes));
        ASSERT_TRUE(frame) << bytes;
        EXPECT_EQ(frame->correlationId, 9);
        EXPECT_TRUE(frame->body.empty());
    }
}

TEST(Frames, WholeMessagesGoThrough) {
    HeartbeatRequest request;
    request.groupId = "g";
    const auto sent = encodeRequest(request, 4, 11, "me");
    EXPECT_EQ(sent.parts().size(), 1u) << "header and body in one buffer";
    const auto frame = parseRequestFrame(sent.flatten());
    ASSERT_TRUE(frame);
    EXPECT_EQ(decode<HeartbeatRequest>(frame->body, frame->apiVersion).value(), request);
    HeartbeatResponse response;
    response.errorCode = 27;
    const auto answer = encodeResponse(response, 4, 11).flatten();
    EXPECT_EQ(decodeResponse<HeartbeatResponse>(answer, 4, 11).value(), response);
    const auto other = decodeResponse<HeartbeatResponse>(answer, 4, 12);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::Invalid);
}

}  // namespace
}  // namespace odradek::protocol
