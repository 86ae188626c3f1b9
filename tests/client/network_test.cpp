// SPDX-License-Identifier: GPL-3.0-or-later
// Connections of a client: handshake, versions, pipelining, timeouts, back-off, another node when
// one fails.
#include <gtest/gtest.h>

#include "tests/client/client_rig.h"

namespace odradek::client::test {
namespace {

RequestPtr metadataRequest() {
    return request(protocol::MetadataRequest{}, 1);
}

CallId call(ClientRig& rig, std::int32_t node = Network::kAnyNode,
            std::optional<Milliseconds> timeout = std::nullopt) {
    return rig.with([&](io::Effects& effects) {
        return rig.client.call(rig.now(), node, metadataRequest(), effects, timeout);
    });
}

TEST(ClientNetwork, DialsAndShakesHandsBeforeTheFirstRequest) {
    ClientRig rig(ClientRig::options());
    const auto id = call(rig);
    ASSERT_EQ(rig.dials.size(), 1u);
    EXPECT_EQ(rig.dials[0].host, "boot1");
    EXPECT_EQ(rig.dials[0].connection.value >> 63, 1u);
    EXPECT_TRUE(rig.sent.empty());
    rig.event(io::Connected{rig.dials[0].connection});
    const auto hello = rig.takeSent(kApiVersions);
    EXPECT_EQ(hello.frame.apiVersion, 3);
    EXPECT_EQ(rig.countSent(kMetadata), 0u);
    EXPECT_FALSE(rig.client.connected());
    rig.answer(hello, ClientRig::versions());
    EXPECT_TRUE(rig.client.connected());
    const auto asked = rig.takeSent(kMetadata);
    EXPECT_EQ(asked.frame.apiVersion, 13) << "the newest both know";
    rig.answer(asked, ClientRig::metadata({1}));
    ASSERT_EQ(rig.outcomes.replies.size(), 1u);
    EXPECT_EQ(rig.outcomes.replies[0].call, id);
    EXPECT_TRUE(rig.outcomes.replies[0].body.has_value());
}

TEST(ClientNetwork, TakesTheOlderBrokersVersions) {
    ClientRig rig(ClientRig::options());
    call(rig);
    auto old = ClientRig::versions();
    old.apiKeys = {{3, 0, 5}, {18, 0, 2}};
    rig.event(io::Connected{rig.dials[0].connection});
    const auto hello = rig.takeSent(kApiVersions);
    protocol::ApiVersionsResponse refusal;
    refusal.errorCode = protocol::code(protocol::KafkaError::UnsupportedVersion);
    refusal.apiKeys = old.apiKeys;
    // KIP-511: the refusal comes in version 0, whatever was asked.
    rig.event(
        io::FrameIn{hello.connection,
                    protocol::encodeResponse(refusal, 0, hello.frame.correlationId).flatten()});
    const auto again = rig.takeSent(kApiVersions);
    EXPECT_EQ(again.frame.apiVersion, 0);
    rig.answer(again, old);
    EXPECT_EQ(rig.takeSent(kMetadata).frame.apiVersion, 5);
}

TEST(ClientNetwork, SaysSoWhenABrokerLacksAnApi) {
    ClientRig rig(ClientRig::options());
    const auto id = call(rig);
    protocol::ApiVersionsResponse few;
    few.apiKeys = {{18, 0, 4}, {3, 0, 0}};  // version 1 at least is wanted
    rig.comeUp(few);
    ASSERT_EQ(rig.outcomes.replies.size(), 1u);
    EXPECT_EQ(rig.outcomes.replies[0].call, id);
    EXPECT_EQ(rig.outcomes.replies[0].body.error().code, ErrorCode::Unsupported);
}

TEST(ClientNetwork, PipelinesUpToTheLimitAndAnswersInOrder) {
    ClientRig rig(ClientRig::options());
    std::vector<CallId> ids;
    for (int i = 0; i < 7; ++i)
        ids.push_back(call(rig));
    rig.comeUp();
    EXPECT_EQ(rig.countSent(kMetadata), 5u);
    for (int i = 0; i < 7; ++i)
        rig.answer(rig.takeSent(kMetadata), ClientRig::metadata({1}));
    ASSERT_EQ(rig.outcomes.replies.size(), 7u);
    for (std::size_t i = 0; i < ids.size(); ++i)
        EXPECT_EQ(rig.outcomes.replies[i].call, ids[i]);
}

TEST(ClientNetwork, AnAnswerOutOfOrderEndsTheConnection) {
    ClientRig rig(ClientRig::options());
    call(rig);
    const auto connection = rig.comeUp();
    auto asked = rig.takeSent(kMetadata);
    asked.frame.correlationId += 1;
    rig.answer(asked, ClientRig::metadata({1}));
    ASSERT_EQ(rig.closed.size(), 1u);
    EXPECT_EQ(rig.closed[0], connection);
    ASSERT_EQ(rig.outcomes.replies.size(), 1u);
    EXPECT_EQ(rig.outcomes.replies[0].body.error().code, ErrorCode::Closed);
}

TEST(ClientNetwork, GarbageInTheHandshakeEndsTheConnection) {
    ClientRig rig(ClientRig::options());
    call(rig);
    rig.event(io::Connected{rig.dials[0].connection});
    const auto hello = rig.takeSent(kApiVersions);
    rig.event(io::FrameIn{hello.connection, Bytes::copy("HTTP/1.1 400")});
    EXPECT_EQ(rig.closed.size(), 1u);
    EXPECT_NE(rig.client.lastProblem().find("not a Kafka broker"), std::string::npos);
}

TEST(ClientNetwork, ACallWithoutAnswerTimesOut) {
    ClientRig rig(ClientRig::options());
    const auto id = call(rig);
    rig.comeUp();
    rig.takeSent(kMetadata);
    rig.pass(Milliseconds(999));
    EXPECT_TRUE(rig.outcomes.replies.empty());
    rig.pass(Milliseconds(2));
    ASSERT_EQ(rig.outcomes.replies.size(), 1u) << "exactly one reply per call";
    EXPECT_EQ(rig.outcomes.replies[0].call, id);
    EXPECT_FALSE(rig.outcomes.replies[0].body.has_value());
    EXPECT_EQ(rig.closed.size(), 1u) << "what comes later on it would be out of order";
    rig.pass(Milliseconds(5'000));
    EXPECT_EQ(rig.outcomes.replies.size(), 1u);
}

TEST(ClientNetwork, BacksOffLongerEachTimeAndStartsAnewAfterSuccess) {
    auto options = ClientRig::options();
    options.network.backoffFirst = Milliseconds(20);
    options.network.backoffMost = Milliseconds(100);
    options.network.requestTimeout = Milliseconds(60'000);
    ClientRig rig(options);
    call(rig);
    std::vector<std::int64_t> gaps;
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(rig.dials.size(), 1u);
        const auto id = rig.dials.back().connection;
        rig.dials.clear();
        rig.connectionLost(id);
        const auto from = rig.at;
        while (rig.dials.empty() && rig.at - from < std::chrono::seconds(1))
            rig.pass(Milliseconds(1));
        gaps.push_back((rig.at - from).count() / 1'000'000);
    }
    EXPECT_EQ(gaps, (std::vector<std::int64_t>{20, 40, 80, 100, 100}));
    const auto connection = rig.comeUp();
    rig.answer(rig.takeSent(kMetadata), ClientRig::metadata({1}));
    rig.connectionLost(connection);
    rig.dials.clear();
    call(rig);
    rig.pass(Milliseconds(25));
    EXPECT_EQ(rig.dials.size(), 1u);
}

TEST(ClientNetwork, ADialThatHangsIsGivenUp) {
    ClientRig rig(ClientRig::options());
    call(rig);
    rig.pass(Milliseconds(499));
    EXPECT_TRUE(rig.closed.empty());
    rig.pass(Milliseconds(2));
    EXPECT_EQ(rig.closed.size(), 1u);
}

TEST(ClientNetwork, CallsForAnyNodeMoveOnWhenANodeFails) {
    ClientRig rig(ClientRig::options(2));
    const auto id = call(rig);
    ASSERT_EQ(rig.dials.size(), 1u);
    const auto first = rig.dials[0];
    rig.dials.clear();
    rig.connectionLost(first.connection);
    ASSERT_EQ(rig.dials.size(), 1u);
    EXPECT_NE(rig.dials[0].host, first.host);
    rig.comeUp();
    rig.answer(rig.takeSent(kMetadata), ClientRig::metadata({1}));
    ASSERT_EQ(rig.outcomes.replies.size(), 1u);
    EXPECT_EQ(rig.outcomes.replies[0].call, id);
    EXPECT_TRUE(rig.outcomes.replies[0].body.has_value());
}

TEST(ClientNetwork, CallsInFlightEndWithTheirConnection) {
    ClientRig rig(ClientRig::options(2));
    const auto id = call(rig);
    const auto connection = rig.comeUp();
    rig.takeSent(kMetadata);
    rig.connectionLost(connection);
    ASSERT_EQ(rig.outcomes.replies.size(), 1u)
        << "whether it was carried out is not known: no silent repetition";
    EXPECT_EQ(rig.outcomes.replies[0].call, id);
    EXPECT_EQ(rig.outcomes.replies[0].body.error().code, ErrorCode::Closed);
}

TEST(ClientNetwork, ACopyGoesOnByItself) {
    ClientRig rig(ClientRig::options());
    call(rig);
    rig.comeUp();
    const auto asked = rig.takeSent(kMetadata);
    ClientRig copy = rig;
    rig.answer(asked, ClientRig::metadata({1}));
    EXPECT_EQ(rig.outcomes.replies.size(), 1u);
    EXPECT_TRUE(copy.outcomes.replies.empty());
    copy.answer(asked, ClientRig::metadata({1}));
    EXPECT_EQ(copy.outcomes.replies.size(), 1u);
}

TEST(ClientNetwork, ShutdownClosesEverything) {
    ClientRig rig(ClientRig::options());
    call(rig);
    const auto connection = rig.comeUp();
    rig.with([&](io::Effects& effects) {
        rig.client.shutdown(effects);
        return 0;
    });
    ASSERT_EQ(rig.closed.size(), 1u);
    EXPECT_EQ(rig.closed[0], connection);
    EXPECT_FALSE(rig.client.connected());
}

}  // namespace
}  // namespace odradek::client::test
