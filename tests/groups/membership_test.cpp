// SPDX-License-Identifier: GPL-3.0-or-later
// Assignments, heartbeats, sessions and leaving, by state; static members.
#include "tests/groups/harness.h"

namespace odradek::broker::testing {
namespace {

std::int16_t syncError(Harness& h, const SyncGroupRequest& request) {
    return h.ask<SyncGroupResponse>(request, 5).errorCode;
}

LeaveGroupRequest leaving(const std::string& group, const std::vector<std::string>& ids) {
    LeaveGroupRequest r;
    r.groupId = group;
    for (const auto& id : ids)
        r.members.push_back({id, std::nullopt, std::nullopt});
    return r;
}

TEST(Sync, RefusesWhatKafkaRefuses) {
    Harness h;
    auto nameless = h.sync("g", "m", 1);
    nameless.protocolName.reset();
    EXPECT_EQ(syncError(h, nameless), num(KafkaError::InconsistentGroupProtocol));
    EXPECT_EQ(h.ask<SyncGroupResponse>(nameless, 4).errorCode, num(KafkaError::UnknownMemberId));
    EXPECT_EQ(syncError(h, h.sync("", "m", 1)), num(KafkaError::InvalidGroupId));
    EXPECT_EQ(syncError(h, h.sync("g", "m", 1)), num(KafkaError::UnknownMemberId));
    const auto ids = h.stable("g");
    EXPECT_EQ(syncError(h, h.sync("g", "m", 1)), num(KafkaError::UnknownMemberId));
    EXPECT_EQ(syncError(h, h.sync("g", ids[0], 2)), num(KafkaError::IllegalGeneration));
    auto otherType = h.sync("g", ids[0], 1);
    otherType.protocolType = "connect";
    EXPECT_EQ(syncError(h, otherType), num(KafkaError::InconsistentGroupProtocol));
    auto otherName = h.sync("g", ids[0], 1);
    otherName.protocolName = "sticky";
    EXPECT_EQ(syncError(h, otherName), num(KafkaError::InconsistentGroupProtocol));
    const auto good = h.ask<SyncGroupResponse>(h.sync("g", ids[0], 1), 5);
    EXPECT_EQ(good.errorCode, 0);
    EXPECT_EQ(good.protocolType, "consumer");
    EXPECT_EQ(good.protocolName, "range");
    EXPECT_EQ(good.assignment, Harness::assignment("orders", {0}));
}

TEST(Sync, FollowersWaitForTheLeader) {
    Harness h;
    const auto [a, first] = h.joinTwice("g");
    const auto [b, second] = h.joinTwice("g");
    h.pass(1'000);
    const auto leader = h.answer<JoinGroupResponse>(first).leader;
    const auto follower = leader == a ? b : a;
    const auto waiting = h.send(h.sync("g", follower, 1), 5);
    EXPECT_FALSE(h.answered(waiting));
    EXPECT_EQ(h.heartbeat("g", follower, 1).errorCode, 0);
    auto request = h.sync("g", leader, 1);
    request.assignments.push_back({leader, Bytes::copy("mine")});
    EXPECT_EQ(h.ask<SyncGroupResponse>(request, 5).assignment, Bytes::copy("mine"));
    // Who was given nothing gets an empty assignment.
    EXPECT_EQ(h.answer<SyncGroupResponse>(waiting).errorCode, 0);
    EXPECT_TRUE(h.answer<SyncGroupResponse>(waiting).assignment.empty());
    EXPECT_EQ(h.view("g").state, GroupState::Stable);
}

TEST(Sync, TheAssignmentIsInTheLogBeforeItIsGiven) {
    Harness h;
    const auto token = h.send(Harness::join("g"), 3);
    h.pass(100);
    const auto memberId = h.answer<JoinGroupResponse>(token).memberId;
    h.holdAppends = true;
    const auto synced = h.send(h.sync("g", memberId, 1), 5);
    EXPECT_FALSE(h.answered(synced));
    ASSERT_EQ(h.appends.size(), 1u);
    h.finishAppend();
    EXPECT_TRUE(h.answered(synced));
}

TEST(Sync, AFailedAppendIsToldAsKafkaTellsIt) {
    const std::vector<std::pair<KafkaError, KafkaError>> table = {
        {KafkaError::NotEnoughReplicas, KafkaError::CoordinatorNotAvailable},
        {KafkaError::UnknownTopicOrPartition, KafkaError::CoordinatorNotAvailable},
        {KafkaError::RequestTimedOut, KafkaError::CoordinatorNotAvailable},
        {KafkaError::NotLeaderOrFollower, KafkaError::NotCoordinator},
        {KafkaError::KafkaStorageError, KafkaError::NotCoordinator},
        {KafkaError::MessageTooLarge, KafkaError::UnknownServerError},
        {KafkaError::RecordListTooLarge, KafkaError::UnknownServerError},
        {KafkaError::CorruptMessage, KafkaError::CorruptMessage},
    };
    for (const auto& [given, told] : table) {
        Harness h;
        const auto token = h.send(Harness::join("g"), 3);
        h.pass(100);
        const auto memberId = h.answer<JoinGroupResponse>(token).memberId;
        h.holdAppends = true;
        const auto synced = h.send(h.sync("g", memberId, 1), 5);
        h.finishAppend(given);
        EXPECT_EQ(h.answer<SyncGroupResponse>(synced).errorCode, num(told)) << num(given);
        EXPECT_EQ(h.view("g").state, GroupState::PreparingRebalance);
        // And a commit, which fails the same way.
        Harness c;
        c.holdAppends = true;
        const auto commit = c.send(c.commit("simple", 7), 8);
        c.finishAppend(given);
        EXPECT_EQ(c.answer<OffsetCommitResponse>(commit).topics[0].partitions[0].errorCode, num(told));
        EXPECT_FALSE(c.coordinator.inspect(c.now, "simple").has_value());
    }
}

TEST(Sync, ASlowAppendIsGivenUpAfterTheCommitTimeout) {
    Harness h;
    const auto token = h.send(Harness::join("g"), 3);
    h.pass(100);
    const auto memberId = h.answer<JoinGroupResponse>(token).memberId;
    h.holdAppends = true;
    const auto synced = h.send(h.sync("g", memberId, 1), 5);
    h.pass(4'999);
    EXPECT_FALSE(h.answered(synced));
    h.pass(1);
    EXPECT_EQ(h.answer<SyncGroupResponse>(synced).errorCode, num(KafkaError::CoordinatorNotAvailable));
    h.finishAppend();  // too late to hand it out
    EXPECT_EQ(h.view("g").state, GroupState::PreparingRebalance);
}

TEST(Sync, WhoeverDoesNotSyncIsOut) {
    Harness h;
    const auto [a, first] = h.joinTwice("g");
    const auto [b, second] = h.joinTwice("g");
    h.pass(1'000);
    const auto leader = h.answer<JoinGroupResponse>(first).leader;
    const auto follower = leader == a ? b : a;
    EXPECT_EQ(syncError(h, h.sync("g", leader, 1)), 0);
    for (int i = 0; i < 59; ++i) {
        h.pass(1'000);
        EXPECT_EQ(h.heartbeat("g", follower, 1).errorCode, 0);
        EXPECT_EQ(h.heartbeat("g", leader, 1).errorCode, 0);
    }
    h.pass(1'000);
    EXPECT_EQ(h.heartbeat("g", follower, 1).errorCode, num(KafkaError::UnknownMemberId));
    EXPECT_EQ(h.heartbeat("g", leader, 1).errorCode, num(KafkaError::RebalanceInProgress));
    EXPECT_NE(h.view("g").rebalances.back().cause.find(follower), std::string::npos);
}

TEST(Heartbeat, InEachState) {
    Harness h;
    EXPECT_EQ(h.heartbeat("", "m", 1).errorCode, num(KafkaError::InvalidGroupId));
    EXPECT_EQ(h.heartbeat("g", "m", 1).errorCode, num(KafkaError::UnknownMemberId));
    const auto ids = h.stable("g");
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, 0);
    EXPECT_EQ(h.heartbeat("g", ids[0], 0).errorCode, num(KafkaError::IllegalGeneration));
    EXPECT_EQ(h.heartbeat("g", "m", 1).errorCode, num(KafkaError::UnknownMemberId));
    EXPECT_EQ(h.heartbeat("g", ids[0], 1, "i").errorCode, num(KafkaError::UnknownMemberId));
    h.send(leaving("g", ids), 3);
    EXPECT_EQ(h.heartbeat("g", ids[0], 2).errorCode, num(KafkaError::UnknownMemberId));
}

TEST(Session, EndsWithoutHeartbeats) {
    Harness h;
    const auto ids = h.stable("g");
    for (int i = 0; i < 5; ++i) {
        h.pass(9'999);
        EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, 0);
    }
    h.pass(9'999);
    EXPECT_EQ(h.view("g").state, GroupState::Stable);
    h.pass(1);
    EXPECT_EQ(h.view("g").state, GroupState::Empty);
    EXPECT_EQ(h.view("g").generation, 2);
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, num(KafkaError::UnknownMemberId));
}

TEST(Session, OfANewMemberLastsFiveMinutesWhileItsJoinWaits) {
    Harness h;
    const auto ids = h.stable("g");
    const auto [other, token] = h.joinTwice("g");
    const auto beat = [&] { return h.heartbeat("g", ids[0], 1).errorCode; };
    auto slow = Harness::join("g", ids[0]);
    (void)slow;
    for (int i = 0; i < 59; ++i) {
        h.pass(1'000);
        EXPECT_EQ(beat(), num(KafkaError::RebalanceInProgress));
    }
    EXPECT_FALSE(h.answered(token));  // its own session of 10 s does not count yet
    h.pass(1'000);
    EXPECT_EQ(h.answer<JoinGroupResponse>(token).generationId, 2);
}

TEST(Session, AWaitingMemberNeedsNoHeartbeat) {
    Harness h;
    const auto ids = h.stable("g", 2);
    const auto token = h.send(Harness::join("g", ids[0]), 5);
    for (int i = 0; i < 30; ++i) {  // far more than ids[0]'s session
        h.pass(1'000);
        h.heartbeat("g", ids[1], 1);
    }
    EXPECT_FALSE(h.answered(token));
    EXPECT_EQ(h.view("g").members.size(), 2u);
}

TEST(Leave, OneByOneAndTogether) {
    Harness h;
    EXPECT_EQ(h.ask<LeaveGroupResponse>(leaving("", {"m"}), 3).errorCode, num(KafkaError::InvalidGroupId));
    const auto nowhere = h.ask<LeaveGroupResponse>(leaving("g", {"m"}), 3);
    EXPECT_EQ(nowhere.errorCode, 0);
    EXPECT_EQ(nowhere.members.at(0).errorCode, num(KafkaError::UnknownMemberId));
    LeaveGroupRequest old;
    old.groupId = "g";
    old.memberId = "m";
    EXPECT_EQ(h.ask<LeaveGroupResponse>(old, 2).errorCode, num(KafkaError::UnknownMemberId));
    const auto ids = h.stable("g", 3);
    const auto some = h.ask<LeaveGroupResponse>(leaving("g", {ids[0], "m"}), 3);
    EXPECT_EQ(some.members.at(0).errorCode, 0);
    EXPECT_EQ(some.members.at(1).errorCode, num(KafkaError::UnknownMemberId));
    EXPECT_EQ(h.view("g").state, GroupState::PreparingRebalance);
    EXPECT_EQ(h.view("g").rebalances.back().cause, ids[0] + " left");
    EXPECT_NE(h.view("g").leaderId, ids[0]);
    EXPECT_EQ(h.ask<LeaveGroupResponse>(leaving("g", {ids[1], ids[2]}), 3).errorCode, 0);
    EXPECT_EQ(h.view("g").state, GroupState::Empty);
}

TEST(Leave, TheLastOneWaitsForTheRecord) {
    Harness h;
    const auto ids = h.stable("g");
    h.holdAppends = true;
    const auto token = h.send(leaving("g", ids), 3);
    EXPECT_FALSE(h.answered(token));
    h.finishAppend();
    EXPECT_EQ(h.answer<LeaveGroupResponse>(token).members.at(0).errorCode, 0);
}

TEST(Leave, APendingMemberMayGoToo) {
    Harness h;
    const auto first = h.ask<JoinGroupResponse>(Harness::join("g"), 5);
    EXPECT_EQ(h.ask<LeaveGroupResponse>(leaving("g", {first.memberId}), 3).members.at(0).errorCode, 0);
    EXPECT_EQ(h.ask<JoinGroupResponse>(Harness::join("g", first.memberId), 5).errorCode,
              num(KafkaError::UnknownMemberId));
}

TEST(Leave, WhileJoiningAnswersTheJoin) {
    Harness h;
    const auto ids = h.stable("g", 2);
    const auto token = h.send(Harness::join("g", ids[0]), 5);
    h.send(leaving("g", {ids[0]}), 3);
    EXPECT_EQ(h.answer<JoinGroupResponse>(token).errorCode, num(KafkaError::UnknownMemberId));
}

TEST(Cooperative, TwoMembersRebalanceTwiceAndBytesPassThrough) {
    Harness h;
    const auto ids = h.stable("g", 1);
    // A second member comes; the first keeps its partitions while it rejoins with what it owns.
    const auto owned = Harness::subscription({"orders", "owned-0-1-2"});
    const auto [newId, newToken] = h.joinTwice("g");
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, num(KafkaError::RebalanceInProgress));
    EXPECT_EQ(h.commitError(h.commit("g", 3, ids[0], 1)), 0);  // commits go on while preparing
    auto again = Harness::join("g", ids[0]);
    again.protocols[0].metadata = owned;
    const auto leader = h.ask<JoinGroupResponse>(again, 5);
    EXPECT_EQ(leader.generationId, 2);
    const auto other = std::find_if(leader.members.begin(), leader.members.end(),
                                    [&](const auto& m) { return m.memberId == ids[0]; });
    EXPECT_EQ(other->metadata, owned);
    EXPECT_EQ(h.commitError(h.commit("g", 4, ids[0], 2)), num(KafkaError::RebalanceInProgress));
    // First round: the first gives up partition 2, the new one gets nothing yet.
    const auto waiting = h.send(h.sync("g", newId, 2), 5);
    auto first = h.sync("g", ids[0], 2);
    first.assignments = {{ids[0], Harness::assignment("orders", {0, 1})}, {newId, Bytes()}};
    EXPECT_EQ(h.ask<SyncGroupResponse>(first, 5).assignment, Harness::assignment("orders", {0, 1}));
    EXPECT_TRUE(h.answer<SyncGroupResponse>(waiting).assignment.empty());
    // Second round, asked for by the first; the new one gets what was given up.
    const auto round = h.send(again, 5);
    EXPECT_EQ(h.heartbeat("g", newId, 2).errorCode, num(KafkaError::RebalanceInProgress));
    EXPECT_EQ(h.ask<JoinGroupResponse>(Harness::join("g", newId), 5).generationId, 3);
    EXPECT_EQ(h.answer<JoinGroupResponse>(round).generationId, 3);
    auto second = h.sync("g", ids[0], 3);
    second.assignments = {{ids[0], Harness::assignment("orders", {0, 1})},
                          {newId, Harness::assignment("orders", {2})}};
    EXPECT_EQ(syncError(h, second), 0);
    EXPECT_EQ(h.ask<SyncGroupResponse>(h.sync("g", newId, 3), 5).assignment, Harness::assignment("orders", {2}));
    for (const auto& member : h.view("g").members)
        EXPECT_EQ(member.assignment.size(), member.memberId == ids[0] ? 2u : 1u);
}

// ---- Static members (KIP-345) -------------------------------------------------------------------------------

/// A stable group of static members "i0", "i1", ...; the leader first.
std::vector<std::pair<std::string, std::string>> staticGroup(Harness& h, int count) {
    std::vector<std::pair<std::string, std::string>> members;
    std::vector<std::uint64_t> tokens;
    for (int i = 0; i < count; ++i)
        tokens.push_back(h.send(Harness::join("g", "", "i" + std::to_string(i)), 5));
    h.pass(1'000);
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
        const auto joined = h.answer<JoinGroupResponse>(tokens[static_cast<std::size_t>(i)]);
        EXPECT_EQ(joined.errorCode, 0);
        members.emplace_back("i" + std::to_string(i), joined.memberId);
        if (joined.leader == joined.memberId)
            std::swap(members.front(), members.back());
    }
    for (const auto& [instance, id] : members)
        ids.push_back(id);
    h.settle("g", ids, 1);
    return members;
}

TEST(StaticMember, ComesBackWithoutARebalance) {
    for (const std::int16_t version : {5, 9}) {
        Harness h;
        const auto members = staticGroup(h, 2);
        const auto [leaderInstance, leaderId] = members[0];
        const auto [instance, oldId] = members[1];
        const auto back = h.ask<JoinGroupResponse>(Harness::join("g", "", instance), version);
        EXPECT_EQ(back.errorCode, 0);
        EXPECT_NE(back.memberId, oldId);
        EXPECT_EQ(back.memberId.substr(0, 3), instance + "-");
        EXPECT_EQ(back.generationId, 1);
        EXPECT_EQ(back.leader, leaderId);
        EXPECT_FALSE(back.skipAssignment);
        EXPECT_EQ(h.view("g").state, GroupState::Stable);
        EXPECT_EQ(h.ask<SyncGroupResponse>(h.sync("g", back.memberId, 1), 5).assignment,
                  Harness::assignment("orders", {1}));
        // The old id is fenced with its instance, unknown without.
        EXPECT_EQ(h.heartbeat("g", oldId, 1, instance).errorCode, num(KafkaError::FencedInstanceId));
        EXPECT_EQ(h.heartbeat("g", oldId, 1).errorCode, num(KafkaError::UnknownMemberId));
        EXPECT_EQ(h.ask<JoinGroupResponse>(Harness::join("g", oldId, instance), 5).errorCode,
                  num(KafkaError::FencedInstanceId));
        auto fenced = h.sync("g", oldId, 1);
        fenced.groupInstanceId = instance;
        EXPECT_EQ(syncError(h, fenced), num(KafkaError::FencedInstanceId));
        auto commit = h.commit("g", 5, oldId, 1);
        commit.groupInstanceId = instance;
        EXPECT_EQ(h.commitError(commit), num(KafkaError::FencedInstanceId));
        // The leader's return: from version 9 it is told that it leads, and not to assign.
        const auto lead = h.ask<JoinGroupResponse>(Harness::join("g", "", leaderInstance), version);
        EXPECT_EQ(lead.leader, version >= 9 ? lead.memberId : leaderId);
        EXPECT_EQ(lead.skipAssignment, version >= 9);
        EXPECT_EQ(lead.members.size(), version >= 9 ? 2u : 0u);
    }
}

TEST(StaticMember, WithAnotherProtocolEverybodyRejoins) {
    Harness h;
    const auto members = staticGroup(h, 1);
    auto changed = Harness::join("g", "", members[0].first);
    changed.protocols = {{"sticky", Harness::subscription({"orders"})}};
    const auto refused = h.ask<JoinGroupResponse>(changed, 5);
    EXPECT_EQ(refused.errorCode, num(KafkaError::InconsistentGroupProtocol));
    changed.protocols = {{"sticky", Harness::subscription({"orders"})}, {"range", Harness::subscription({"orders"})}};
    const auto joined = h.ask<JoinGroupResponse>(changed, 5);
    EXPECT_EQ(joined.generationId, 2);
    EXPECT_EQ(joined.protocolName, "sticky");
}

TEST(StaticMember, ReplacedWhileWaitingIsFenced) {
    Harness h;
    const auto older = h.send(Harness::join("g", "", "i"), 5);
    const auto newer = h.send(Harness::join("g", "", "i"), 5);
    EXPECT_EQ(h.answer<JoinGroupResponse>(older).errorCode, num(KafkaError::FencedInstanceId));
    h.pass(1'000);
    EXPECT_EQ(h.answer<JoinGroupResponse>(newer).generationId, 1);
    EXPECT_EQ(h.view("g").members.size(), 1u);
}

TEST(StaticMember, ReplacedWhileAssigningStartsOver) {
    Harness h;
    const auto a = h.send(Harness::join("g", "", "a"), 5);
    const auto b = h.send(Harness::join("g", "", "b"), 5);
    h.pass(1'000);
    const auto joined = h.answer<JoinGroupResponse>(a);
    const bool aLeads = joined.leader == joined.memberId;
    const auto followerId = h.answer<JoinGroupResponse>(aLeads ? b : a).memberId;
    const auto waiting = h.send(h.sync("g", followerId, 1), 5);
    const auto again = h.send(Harness::join("g", "", aLeads ? "b" : "a"), 5);
    EXPECT_EQ(h.answer<SyncGroupResponse>(waiting).errorCode, num(KafkaError::FencedInstanceId));
    EXPECT_FALSE(h.answered(again));
    EXPECT_EQ(h.view("g").state, GroupState::PreparingRebalance);
}

TEST(StaticMember, AnUnstoredReturnGivesTheOldIdItsPlaceBack) {
    Harness h;
    const auto members = staticGroup(h, 1);
    h.holdAppends = true;
    const auto token = h.send(Harness::join("g", "", members[0].first), 5);
    EXPECT_FALSE(h.answered(token));
    h.finishAppend(KafkaError::NotEnoughReplicas);
    const auto failed = h.answer<JoinGroupResponse>(token);
    EXPECT_EQ(failed.errorCode, num(KafkaError::CoordinatorNotAvailable));
    EXPECT_EQ(failed.memberId, "");
    EXPECT_EQ(h.heartbeat("g", members[0].second, 1, members[0].first).errorCode, 0);
}

TEST(StaticMember, IsRemovedByItsInstance) {
    Harness h;
    staticGroup(h, 2);
    LeaveGroupRequest r;
    r.groupId = "g";
    r.members = {{"", "i0", std::nullopt}, {"", "nobody", std::nullopt}, {"m", "i1", std::nullopt}};
    const auto response = h.ask<LeaveGroupResponse>(r, 3);
    EXPECT_EQ(response.members.at(0).errorCode, 0);
    EXPECT_EQ(response.members.at(0).memberId, "");
    EXPECT_EQ(response.members.at(1).errorCode, num(KafkaError::UnknownMemberId));
    EXPECT_EQ(response.members.at(2).errorCode, num(KafkaError::FencedInstanceId));
    EXPECT_EQ(h.view("g").members.size(), 1u);
}

TEST(StaticMember, IsNotThrownOutByARebalanceItMisses) {
    Harness h;
    const auto members = staticGroup(h, 2);
    auto changed = Harness::join("g", members[0].second, members[0].first);
    changed.sessionTimeoutMs = 100'000;
    const auto token = h.send(changed, 5);
    for (int i = 0; i < 60; ++i) {
        h.pass(1'000);
        h.heartbeat("g", members[1].second, 1, members[1].first);
    }
    EXPECT_EQ(h.answer<JoinGroupResponse>(token).generationId, 2);
    EXPECT_EQ(h.view("g").members.size(), 2u);
}

}  // namespace
}  // namespace odradek::broker::testing
