// SPDX-License-Identifier: GPL-3.0-or-later
// Joining, and how a generation begins.
#include "tests/groups/harness.h"

namespace odradek::broker::testing {
namespace {

std::int16_t joinError(Harness& h, const JoinGroupRequest& request, std::int16_t version = 5) {
    return h.ask<JoinGroupResponse>(request, version).errorCode;
}

TEST(Join, RefusesWhatKafkaRefuses) {
    Harness h;
    EXPECT_EQ(joinError(h, Harness::join("")), num(KafkaError::InvalidGroupId));
    auto shortSession = Harness::join("g");
    shortSession.sessionTimeoutMs = 5'999;
    EXPECT_EQ(joinError(h, shortSession), num(KafkaError::InvalidSessionTimeout));
    auto longSession = Harness::join("g");
    longSession.sessionTimeoutMs = 1'800'001;
    EXPECT_EQ(joinError(h, longSession), num(KafkaError::InvalidSessionTimeout));
    EXPECT_EQ(joinError(h, Harness::join("g", "nobody")), num(KafkaError::UnknownMemberId));
    EXPECT_FALSE(h.coordinator.inspect(h.now, "g").has_value());
    auto noProtocols = Harness::join("g");
    noProtocols.protocols.clear();
    EXPECT_EQ(joinError(h, noProtocols), num(KafkaError::InconsistentGroupProtocol));
    auto noType = Harness::join("g");
    noType.protocolType.clear();
    EXPECT_EQ(joinError(h, noType), num(KafkaError::InconsistentGroupProtocol));
    EXPECT_EQ(h.view("g").state, GroupState::Empty);  // the attempt has created it, as in Kafka
}

TEST(Join, AnswersInTheShapeOfItsVersion) {
    Harness h;
    const auto v5 = h.ask<JoinGroupResponse>(Harness::join("g", "nobody"), 5);
    EXPECT_EQ(v5.protocolName, "");
    EXPECT_EQ(v5.memberId, "nobody");
    const auto v7 = h.ask<JoinGroupResponse>(Harness::join("g", "nobody"), 7);
    EXPECT_EQ(v7.protocolName, std::nullopt);
}

TEST(Join, GivesAnIdFirstFromVersion4) {
    Harness h;
    const auto first = h.ask<JoinGroupResponse>(Harness::join("g"), 4);
    EXPECT_EQ(first.errorCode, num(KafkaError::MemberIdRequired));
    EXPECT_EQ(first.memberId.substr(0, 7), "client-");
    EXPECT_EQ(first.memberId.size(), 7u + 36u);
    EXPECT_EQ(h.view("g").state, GroupState::Empty);
    const auto token = h.send(Harness::join("g", first.memberId), 4);
    EXPECT_EQ(h.view("g").state, GroupState::PreparingRebalance);
    EXPECT_FALSE(h.answered(token));
    h.pass(100);
    const auto joined = h.answer<JoinGroupResponse>(token);
    EXPECT_EQ(joined.errorCode, 0);
    EXPECT_EQ(joined.generationId, 1);
    EXPECT_EQ(joined.leader, first.memberId);
    EXPECT_EQ(joined.protocolName, "range");
    ASSERT_EQ(joined.members.size(), 1u);
    EXPECT_EQ(joined.members[0].metadata, Harness::subscription({"orders"}));
}

TEST(Join, TakesOldVersionsAtOnce) {
    Harness h;
    auto request = Harness::join("g");
    const auto token = h.send(request, 0);
    h.pass(100);
    EXPECT_EQ(h.answer<JoinGroupResponse>(token).generationId, 1);
    EXPECT_EQ(h.view("g").members.at(0).rebalanceTimeoutMs, 10'000);  // v0 has none: the session's
}

TEST(Join, ForgetsAnIdNobodyComesBackWith) {
    Harness h;
    const auto first = h.ask<JoinGroupResponse>(Harness::join("g"), 5);
    h.pass(10'000);
    EXPECT_EQ(joinError(h, Harness::join("g", first.memberId)), num(KafkaError::UnknownMemberId));
}

TEST(Join, APendingIdIsForDynamicMembers) {
    Harness h;
    const auto first = h.ask<JoinGroupResponse>(Harness::join("g"), 5);
    EXPECT_EQ(joinError(h, Harness::join("g", first.memberId, "i")), num(KafkaError::UnknownServerError));
}

TEST(Join, TheFirstRebalanceWaitsWhileMembersCome) {
    auto config = Harness::quick();
    config.initialRebalanceDelay = Milliseconds(3'000);
    Harness h(config);
    const auto [one, first] = h.joinTwice("g");
    h.pass(2'000);
    const auto [two, second] = h.joinTwice("g");
    h.pass(1'999);  // 3.999 s: the first 3 s are over, but somebody had come
    EXPECT_FALSE(h.answered(first));
    h.pass(2'001);
    EXPECT_EQ(h.answer<JoinGroupResponse>(first).generationId, 1);
    EXPECT_EQ(h.answer<JoinGroupResponse>(second).leader, h.answer<JoinGroupResponse>(first).leader);
    EXPECT_EQ(h.view("g").members.size(), 2u);
}

TEST(Join, TheFirstRebalanceEndsAtTheRebalanceTimeout) {
    auto config = Harness::quick();
    config.initialRebalanceDelay = Milliseconds(3'000);
    Harness h(config);
    auto request = Harness::join("g");
    request.rebalanceTimeoutMs = 7'000;
    const auto token = h.send(request, 3);
    for (int i = 0; i < 6; ++i) {
        h.pass(1'000);
        h.send(request, 3);
    }
    EXPECT_FALSE(h.answered(token));
    h.pass(1'000);  // 3 + 3 + 1 s
    EXPECT_TRUE(h.answered(token));
}

TEST(Join, WithoutDelayItIsImmediate) {
    auto config = Harness::quick();
    config.initialRebalanceDelay = Milliseconds(0);
    Harness h(config);
    EXPECT_EQ(h.ask<JoinGroupResponse>(Harness::join("g"), 3).generationId, 1);
}

TEST(Join, ChoosesTheProtocolMostMembersPreferAmongCommonOnes) {
    Harness h;
    const auto with = [](const std::vector<std::string>& names) {
        auto request = Harness::join("g");
        request.protocols.clear();
        for (const auto& name : names)
            request.protocols.push_back({name, Harness::subscription({"orders"})});
        return request;
    };
    const auto a = h.send(with({"special", "range", "sticky"}), 3);
    h.send(with({"sticky", "range"}), 3);
    h.send(with({"sticky", "range"}), 3);
    EXPECT_EQ(joinError(h, with({"other"}), 3), num(KafkaError::InconsistentGroupProtocol));
    auto otherType = with({"range"});
    otherType.protocolType = "connect";
    EXPECT_EQ(joinError(h, otherType, 3), num(KafkaError::InconsistentGroupProtocol));
    h.pass(1'000);
    EXPECT_EQ(h.answer<JoinGroupResponse>(a).protocolName, "sticky");
}

TEST(Join, KeepsToTheLargestSize) {
    auto config = Harness::quick();
    config.maxSize = 2;
    Harness h(config);
    const auto ids = h.stable("g", 2);
    const auto refused = h.ask<JoinGroupResponse>(Harness::join("g"), 5);
    EXPECT_EQ(refused.errorCode, num(KafkaError::GroupMaxSizeReached));
    EXPECT_EQ(refused.memberId, "");
    EXPECT_EQ(h.view("g").state, GroupState::Stable);
}

TEST(Rejoin, InEachState) {
    Harness h;
    const auto ids = h.stable("g", 2);
    // Stable: a follower with the same metadata gets the current generation.
    const auto same = h.ask<JoinGroupResponse>(Harness::join("g", ids[1]), 5);
    EXPECT_EQ(same.generationId, 1);
    EXPECT_EQ(same.leader, ids[0]);
    EXPECT_TRUE(same.members.empty());
    // Other metadata: everybody is asked.
    auto changed = Harness::join("g", ids[1]);
    changed.protocols[0].metadata = Harness::subscription({"payments"});
    const auto waiting = h.send(changed, 5);
    EXPECT_FALSE(h.answered(waiting));
    EXPECT_EQ(h.view("g").state, GroupState::PreparingRebalance);
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, num(KafkaError::RebalanceInProgress));
    EXPECT_EQ(h.ask<SyncGroupResponse>(h.sync("g", ids[0], 1), 5).errorCode, num(KafkaError::RebalanceInProgress));
    const auto leader = h.ask<JoinGroupResponse>(Harness::join("g", ids[0]), 5);
    EXPECT_EQ(leader.generationId, 2);
    EXPECT_EQ(h.answer<JoinGroupResponse>(waiting).generationId, 2);
    ASSERT_EQ(leader.members.size(), 2u);
    // Completing: the same again gets the same again, with members for the leader.
    const auto again = h.ask<JoinGroupResponse>(Harness::join("g", ids[0]), 5);
    EXPECT_EQ(again.generationId, 2);
    EXPECT_EQ(again.members.size(), 2u);
    EXPECT_EQ(h.ask<JoinGroupResponse>(changed, 5).members.size(), 0u);
    // The leader in a stable group starts a rebalance even with the same metadata.
    h.settle("g", ids, 2);
    const auto forced = h.send(Harness::join("g", ids[0]), 5);
    EXPECT_FALSE(h.answered(forced));
    EXPECT_EQ(h.view("g").state, GroupState::PreparingRebalance);
}

TEST(Rejoin, WhoDoesNotComeBackInTimeIsOut) {
    Harness h;
    const auto ids = h.stable("g", 2);
    const auto token = h.send(Harness::join("g", ids[0]), 5);
    // The other keeps its session but never rejoins: the rebalance timeout decides.
    for (int i = 0; i < 59; ++i) {
        h.pass(1'000);
        EXPECT_EQ(h.heartbeat("g", ids[1], 1).errorCode, num(KafkaError::RebalanceInProgress));
    }
    EXPECT_FALSE(h.answered(token));
    h.pass(1'000);
    EXPECT_EQ(h.answer<JoinGroupResponse>(token).generationId, 2);
    EXPECT_EQ(h.view("g").members.size(), 1u);
    EXPECT_EQ(h.heartbeat("g", ids[1], 1).errorCode, num(KafkaError::UnknownMemberId));
}

TEST(Rejoin, AMissingLeaderIsReplaced) {
    Harness h;
    const auto ids = h.stable("g", 2);
    auto changed = Harness::join("g", ids[1]);
    changed.protocols[0].metadata = Harness::subscription({"payments"});
    const auto token = h.send(changed, 5);
    h.pass(60'000);
    EXPECT_EQ(h.answer<JoinGroupResponse>(token).leader, ids[1]);
}

TEST(Rejoin, AskingTwiceAnswersTheOlderRequest) {
    Harness h;
    const auto ids = h.stable("g", 2);
    const auto older = h.send(Harness::join("g", ids[0]), 5);
    const auto newer = h.send(Harness::join("g", ids[0]), 5);
    EXPECT_EQ(h.answer<JoinGroupResponse>(older).errorCode, num(KafkaError::RebalanceInProgress));
    EXPECT_FALSE(h.answered(newer));
}

TEST(Rebalance, TellsItsCauseAndItsLength) {
    Harness h;
    const auto ids = h.stable("g", 2);
    ASSERT_FALSE(h.events.empty());
    EXPECT_EQ(h.events.front().durationMs, -1);
    EXPECT_NE(h.events.front().cause.find("joined"), std::string::npos);
    const auto first = h.view("g").rebalances.at(0);
    EXPECT_EQ(first.generation, 1);
    EXPECT_EQ(first.members, 2);
    EXPECT_EQ(first.durationMs, 300 + 1);
    h.pass(5'000);
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, 0);
    h.pass(5'001);
    const auto second = h.view("g").rebalances.at(1);
    EXPECT_EQ(second.cause, "session of " + ids[1] + " expired");
    EXPECT_EQ(second.durationMs, -1);
}

TEST(Rebalance, AThousandMembersJoin) {
    Harness h;
    std::vector<std::uint64_t> tokens;
    std::vector<std::string> ids;
    for (int i = 0; i < 1'000; ++i) {
        auto [memberId, token] = h.joinTwice("g");
        ids.push_back(memberId);
        tokens.push_back(token);
    }
    h.pass(1'000);
    for (const auto token : tokens)
        ASSERT_EQ(h.answer<JoinGroupResponse>(token).generationId, 1);
    const auto leader = h.answer<JoinGroupResponse>(tokens[0]).leader;
    std::swap(*std::find(ids.begin(), ids.end(), leader), ids[0]);
    h.settle("g", ids, 1);
    EXPECT_EQ(h.view("g").state, GroupState::Stable);
}

}  // namespace
}  // namespace odradek::broker::testing
