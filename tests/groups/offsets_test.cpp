// SPDX-License-Identifier: GPL-3.0-or-later
// Committing, fetching, deleting and expiring offsets; describing, listing and deleting groups.
#include "tests/groups/harness.h"

namespace odradek::broker::testing {
namespace {

constexpr std::int64_t kDay = 86'400'000;

TEST(Commit, ByGroupState) {
    Harness h;
    // No group: simple consumers make one, members are told that it is gone.
    EXPECT_EQ(h.commitError(h.commit("g", 1, "m", 3), 9), num(KafkaError::GroupIdNotFound));
    EXPECT_EQ(h.commitError(h.commit("g", 1, "m", 3), 8), num(KafkaError::IllegalGeneration));
    EXPECT_EQ(h.commitError(h.commit("simple", 1)), 0);
    EXPECT_EQ(h.view("simple").protocolType, "");
    EXPECT_EQ(h.commitError(h.commit("simple", 1, "m", 3)), num(KafkaError::UnknownMemberId));
    EXPECT_EQ(h.commitError(h.commit("simple", 2, "m", -1)), 0);  // an empty group takes it
    EXPECT_EQ(h.commitError(h.commit("", 2)), 0);                  // the empty group id too, for old clients
    // A stable group: its members only, in its generation.
    const auto ids = h.stable("g");
    EXPECT_EQ(h.commitError(h.commit("g", 5, ids[0], 1)), 0);
    EXPECT_EQ(h.commitError(h.commit("g", 5, ids[0], 0)), num(KafkaError::IllegalGeneration));
    EXPECT_EQ(h.commitError(h.commit("g", 5, ids[0], -1)), num(KafkaError::IllegalGeneration));
    EXPECT_EQ(h.commitError(h.commit("g", 5, "m", 1)), num(KafkaError::UnknownMemberId));
    EXPECT_EQ(h.commitError(h.commit("g", 5)), num(KafkaError::UnknownMemberId));
    // Completing: nobody's.
    const auto token = h.send(Harness::join("g", ids[0]), 5);
    EXPECT_EQ(h.answer<JoinGroupResponse>(token).generationId, 2);
    EXPECT_EQ(h.commitError(h.commit("g", 6, ids[0], 2)), num(KafkaError::RebalanceInProgress));
    EXPECT_EQ(h.committed("g"), 5);
}

TEST(Commit, KeepsTheSessionAlive) {
    Harness h;
    const auto ids = h.stable("g");
    for (int i = 0; i < 5; ++i) {
        h.pass(9'000);
        EXPECT_EQ(h.commitError(h.commit("g", i, ids[0], 1)), 0);
    }
}

TEST(Commit, UnknownTopicsAndPartitionsAreAnsweredFirst) {
    Harness h;
    auto request = h.commit("g", 1);
    request.topics.push_back(request.topics[0]);
    request.topics[1].name = "nothing";
    request.topics[0].partitions.push_back({3, 9, -1, std::nullopt});
    const auto response = h.ask<OffsetCommitResponse>(request, 8);
    ASSERT_EQ(response.topics.size(), 2u);
    EXPECT_EQ(response.topics[0].name, "orders");
    EXPECT_EQ(response.topics[0].partitions[0].partitionIndex, 3);
    EXPECT_EQ(response.topics[0].partitions[0].errorCode, num(KafkaError::UnknownTopicOrPartition));
    EXPECT_EQ(response.topics[0].partitions[1].errorCode, 0);
    EXPECT_EQ(response.topics[1].partitions[0].errorCode, num(KafkaError::UnknownTopicOrPartition));
    EXPECT_EQ(h.committed("g"), 1);
    // With nothing that exists, the group is not even looked at.
    request.topics.erase(request.topics.begin());
    request.generationIdOrMemberEpoch = 7;
    EXPECT_EQ(h.commitError(request), num(KafkaError::UnknownTopicOrPartition));
}

TEST(Commit, ATopicNamedTwiceIsAnsweredTwiceUnlessSomethingWasRefusedBefore) {
    Harness h;
    for (const std::int16_t version : {9, 10}) {
        auto request = h.commit("g", 8);
        request.topics.push_back(request.topics[0]);
        request.topics[1].partitions[0].committedOffset = 9;
        if (version >= 10)
            for (auto& topic : request.topics)
                topic.topicId = Topics::idFor("orders");
        const auto twice = h.ask<OffsetCommitResponse>(request, version);
        ASSERT_EQ(twice.topics.size(), 2u);
        for (const auto& topic : twice.topics) {
            ASSERT_EQ(topic.partitions.size(), 1u);
            EXPECT_EQ(topic.partitions[0].errorCode, 0);
        }
        EXPECT_EQ(h.committed("g"), 9) << "the last word counts";
        request.topics[1].partitions.push_back({3, 9, -1, std::nullopt});
        const auto merged = h.ask<OffsetCommitResponse>(request, version);
        ASSERT_EQ(merged.topics.size(), 1u);
        ASSERT_EQ(merged.topics[0].partitions.size(), 3u);
        EXPECT_EQ(merged.topics[0].partitions[0].partitionIndex, 3);
        EXPECT_EQ(merged.topics[0].partitions[0].errorCode, num(KafkaError::UnknownTopicOrPartition));
    }
}

TEST(Commit, ByTopicId) {
    Harness h;
    auto request = h.commit("g", 12);
    request.topics[0].name.clear();
    EXPECT_EQ(h.commitError(request, 10), 0);
    EXPECT_EQ(h.committed("g"), 12);
    request.topics[0].topicId = Topics::idFor("nothing");
    const auto unknown = h.ask<OffsetCommitResponse>(request, 10);
    EXPECT_EQ(unknown.topics[0].partitions[0].errorCode, num(KafkaError::UnknownTopicId));
    EXPECT_EQ(unknown.topics[0].topicId, Topics::idFor("nothing"));
    // A topic made anew under the old name does not inherit its offsets.
    OffsetFetchRequest fetch;
    auto& group = fetch.groups.emplace_back();
    group.groupId = "g";
    group.topics->push_back({"", Topics::idFor("orders"), {0, 1}});
    group.topics->push_back({"", Topics::idFor("nothing"), {0}});
    const auto found = h.ask<OffsetFetchResponse>(fetch, 10).groups.at(0);
    EXPECT_EQ(found.topics[0].partitions[0].committedOffset, 12);
    EXPECT_EQ(found.topics[0].partitions[1].committedOffset, -1);
    EXPECT_EQ(found.topics[1].partitions[0].errorCode, num(KafkaError::UnknownTopicId));
    EXPECT_EQ(found.topics[1].partitions[0].committedOffset, -1);
}

TEST(Commit, LimitsMetadataInCharacters) {
    Harness h;
    auto request = h.commit("g", 1);
    request.topics[0].partitions[0].committedMetadata = std::string(4'096, 'x');
    EXPECT_EQ(h.commitError(request), 0);
    std::string umlauts;
    for (int i = 0; i < 4'096; ++i)
        umlauts += "\xC3\xA4";
    request.topics[0].partitions[0].committedMetadata = umlauts;
    EXPECT_EQ(h.commitError(request), 0);
    request.topics[0].partitions[0].committedMetadata = umlauts + "x";
    EXPECT_EQ(h.commitError(request), num(KafkaError::OffsetMetadataTooLarge));
    request.topics[0].partitions[0].committedMetadata.reset();
    EXPECT_EQ(h.commitError(request), 0);
    EXPECT_EQ(h.view("g").offsets.at(0).metadata, "");
}

TEST(Fetch, WhatThereIsAndWhatThereIsNot) {
    Harness h;
    EXPECT_EQ(h.committed("nobody"), -1);
    h.commitError(h.commit("g", 17, "", -1, 2));
    OffsetFetchRequest request;
    request.groupId = "g";
    request.topics->push_back({"orders", {2, 0}});
    request.topics->push_back({"nothing", {0}});
    for (std::int16_t version = 1; version <= 7; ++version) {
        const auto response = h.ask<OffsetFetchResponse>(request, version);
        EXPECT_EQ(response.errorCode, 0);
        const auto& found = response.topics.at(0).partitions;
        EXPECT_EQ(found.at(0).committedOffset, 17);
        EXPECT_EQ(found.at(0).committedLeaderEpoch, 5);
        EXPECT_EQ(found.at(0).metadata, "note");
        EXPECT_EQ(found.at(1).committedOffset, -1);
        EXPECT_EQ(found.at(1).metadata, "");
        EXPECT_EQ(response.topics.at(1).partitions.at(0).errorCode, 0);
    }
    request.topics.reset();
    const auto all = h.ask<OffsetFetchResponse>(request, 5);
    ASSERT_EQ(all.topics.size(), 1u);
    EXPECT_EQ(all.topics[0].partitions.at(0).partitionIndex, 2);
}

TEST(Fetch, SeveralGroupsAtOnce) {
    Harness h;
    h.commitError(h.commit("a", 1));
    h.commitError(h.commit("b", 2));
    OffsetFetchRequest request;
    for (const auto* name : {"a", "b", "c"}) {
        auto& group = request.groups.emplace_back();
        group.groupId = name;
        group.topics.reset();
    }
    const auto response = h.ask<OffsetFetchResponse>(request, 8);
    ASSERT_EQ(response.groups.size(), 3u);
    EXPECT_EQ(response.groups[0].topics.at(0).partitions.at(0).committedOffset, 1);
    EXPECT_EQ(response.groups[1].groupId, "b");
    EXPECT_EQ(response.groups[1].topics.at(0).partitions.at(0).committedOffset, 2);
    EXPECT_TRUE(response.groups[2].topics.empty());
    const auto byId = h.ask<OffsetFetchResponse>(request, 10);
    EXPECT_EQ(byId.groups[0].topics.at(0).topicId, Topics::idFor("orders"));
}

TEST(Fetch, ACoordinatorOutOfTouchWithTheControllerDoesNotSayWhatMayBeStale) {
    Harness h;
    h.commitError(h.commit("g", 1));
    OffsetFetchRequest request;
    request.groupId = "g";
    request.topics->push_back({"orders", {0}});
    h.outOfTouch = true;
    EXPECT_EQ(h.ask<OffsetFetchResponse>(request, 7).errorCode, num(KafkaError::NotCoordinator));
    EXPECT_EQ(h.commitError(h.commit("g", 2)), num(KafkaError::None)) << "a write finds out by itself";
    h.outOfTouch = false;
    EXPECT_EQ(h.ask<OffsetFetchResponse>(request, 7).topics[0].partitions[0].committedOffset, 2);
}

TEST(Fetch, AStableAnswerWaitsForWhatIsOnItsWay) {
    Harness h;
    h.commitError(h.commit("g", 1));
    h.holdAppends = true;
    const auto commit = h.send(h.commit("g", 2), 8);
    OffsetFetchRequest request;
    request.groupId = "g";
    request.topics->push_back({"orders", {0}});
    EXPECT_EQ(h.ask<OffsetFetchResponse>(request, 7).topics[0].partitions[0].committedOffset, 1);
    request.requireStable = true;
    const auto stable = h.send(request, 7);
    EXPECT_FALSE(h.answered(stable));
    h.finishAppend();
    EXPECT_TRUE(h.answered(commit));
    EXPECT_EQ(h.answer<OffsetFetchResponse>(stable).topics[0].partitions[0].committedOffset, 2);
    const auto again = h.send(h.commit("g", 3), 8);
    const auto failing = h.send(request, 7);
    h.finishAppend(KafkaError::NotEnoughReplicas);
    EXPECT_EQ(h.answer<OffsetCommitResponse>(again).topics[0].partitions[0].errorCode,
              num(KafkaError::CoordinatorNotAvailable));
    EXPECT_EQ(h.answer<OffsetFetchResponse>(failing).errorCode, num(KafkaError::NotCoordinator));
    EXPECT_EQ(h.committed("g"), 2);
}

TEST(Commit, ASlowOneIsToldSoAndStillCounts) {
    Harness h;
    h.holdAppends = true;
    const auto token = h.send(h.commit("g", 2), 8);
    h.pass(5'000);
    EXPECT_EQ(h.answer<OffsetCommitResponse>(token).topics[0].partitions[0].errorCode,
              num(KafkaError::CoordinatorNotAvailable));
    EXPECT_EQ(h.committed("g"), -1);
    h.finishAppend();
    EXPECT_EQ(h.committed("g"), 2);
}

TEST(Elsewhere, LoadingAndNotOurs) {
    for (const bool loading : {false, true}) {
        Harness h(Harness::quick(), false);
        if (loading)
            for (std::int32_t p = 0; p < 4; ++p)
                h.coordinator.onLoad(h.now, p, LeaderEpoch(1), h.out);
        const auto error = num(loading ? KafkaError::CoordinatorLoadInProgress : KafkaError::NotCoordinator);
        EXPECT_EQ(h.ask<JoinGroupResponse>(Harness::join("g", "m"), 5).errorCode, error);
        EXPECT_EQ(h.ask<SyncGroupResponse>(h.sync("g", "m", 1), 5).errorCode, error);
        EXPECT_EQ(h.heartbeat("g", "m", 1).errorCode, loading ? 0 : error);
        LeaveGroupRequest leave;
        leave.groupId = "g";
        leave.members.push_back({"m", std::nullopt, std::nullopt});
        EXPECT_EQ(h.ask<LeaveGroupResponse>(leave, 3).errorCode, error);
        EXPECT_EQ(h.commitError(h.commit("g", 1)), error);
        OffsetFetchRequest fetch;
        fetch.groupId = "g";
        fetch.topics->push_back({"orders", {0}});
        EXPECT_EQ(h.ask<OffsetFetchResponse>(fetch, 2).errorCode, error);
        EXPECT_EQ(h.ask<OffsetFetchResponse>(fetch, 1).topics.at(0).partitions.at(0).errorCode, error);
        EXPECT_EQ(h.ask<DescribeGroupsResponse>(DescribeGroupsRequest{{"g"}, false}, 5).groups.at(0).errorCode, error);
        EXPECT_EQ(h.ask<ListGroupsResponse>(ListGroupsRequest{}, 4).errorCode, loading ? error : 0);
        EXPECT_EQ(h.ask<DeleteGroupsResponse>(DeleteGroupsRequest{{"g"}}, 2).results.at(0).errorCode, error);
        EXPECT_EQ(h.ask<OffsetDeleteResponse>(OffsetDeleteRequest{"g", {}}, 0).errorCode, error);
    }
}

TEST(Describe, ByState) {
    Harness h;
    const auto ask = [&](const std::string& group, std::int16_t version) {
        return h.ask<DescribeGroupsResponse>(DescribeGroupsRequest{{group}, true}, version).groups.at(0);
    };
    EXPECT_EQ(ask("g", 5).errorCode, 0);
    EXPECT_EQ(ask("g", 5).groupState, "Dead");
    EXPECT_EQ(ask("g", 6).errorCode, num(KafkaError::GroupIdNotFound));
    EXPECT_EQ(ask("g", 6).groupState, "Dead");
    EXPECT_EQ(ask("g", 6).authorizedOperations, INT32_MIN);
    const auto ids = h.stable("g", 2);
    const auto stable = ask("g", 6);
    EXPECT_EQ(stable.groupState, "Stable");
    EXPECT_EQ(stable.protocolType, "consumer");
    EXPECT_EQ(stable.protocolData, "range");
    ASSERT_EQ(stable.members.size(), 2u);
    EXPECT_EQ(stable.members[0].memberMetadata, Harness::subscription({"orders"}));
    EXPECT_FALSE(stable.members[0].memberAssignment.empty());
    EXPECT_EQ(stable.members[0].clientId, "client");
    EXPECT_EQ(stable.members[0].clientHost, "/127.0.0.1");
    EXPECT_EQ(stable.authorizedOperations, 3400);
    EXPECT_EQ(ask("g", 2).authorizedOperations, INT32_MIN);
    h.send(Harness::join("g", ids[0]), 5);
    const auto preparing = ask("g", 6);
    EXPECT_EQ(preparing.groupState, "PreparingRebalance");
    EXPECT_EQ(preparing.protocolData, "");
    EXPECT_TRUE(preparing.members.at(0).memberMetadata.empty());
    EXPECT_FALSE(preparing.members.at(0).memberAssignment.empty());
}

TEST(List, FiltersByStateAndType) {
    Harness h;
    h.stable("b");
    h.commitError(h.commit("a", 1));
    const auto names = [&](std::vector<std::string> states, std::vector<std::string> types) {
        std::string all;
        const ListGroupsRequest request{std::move(states), std::move(types)};
        for (const auto& group : h.ask<ListGroupsResponse>(request, 5).groups)
            all += group.groupId + ":" + group.protocolType + ":" + group.groupState + ":" + group.groupType + " ";
        return all;
    };
    EXPECT_EQ(names({}, {}), "a::Empty:classic b:consumer:Stable:classic ");
    EXPECT_EQ(names({" stable "}, {}), "b:consumer:Stable:classic ");
    EXPECT_EQ(names({"EMPTY", "Stable"}, {"Classic"}), "a::Empty:classic b:consumer:Stable:classic ");
    EXPECT_EQ(names({"nonsense"}, {}), "");
    EXPECT_EQ(names({}, {"consumer"}), "");
}

TEST(Delete, GroupsThatAreEmpty) {
    Harness h;
    h.stable("busy");
    h.commitError(h.commit("idle", 1));
    h.commitError(h.commit("idle", 1, "", -1, 1));
    const auto response =
        h.ask<DeleteGroupsResponse>(DeleteGroupsRequest{{"busy", "idle", "nobody", "idle"}}, 2);
    std::map<std::string, std::int16_t> errors;
    for (const auto& result : response.results)
        errors[result.groupId] = result.errorCode;
    EXPECT_EQ(response.results.size(), 3u);
    EXPECT_EQ(errors["busy"], num(KafkaError::NonEmptyGroup));
    EXPECT_EQ(errors["idle"], 0);
    EXPECT_EQ(errors["nobody"], num(KafkaError::GroupIdNotFound));
    EXPECT_EQ(h.committed("idle"), -1);
    h.restart();
    EXPECT_FALSE(h.coordinator.inspect(h.now, "idle").has_value());
    EXPECT_TRUE(h.coordinator.inspect(h.now, "busy").has_value());
}

TEST(Delete, ARefusedDeletionBringsTheGroupBack) {
    Harness h;
    h.commitError(h.commit("g", 1));
    h.holdAppends = true;
    const auto inFlight = h.send(h.commit("g", 2), 8);
    const auto token = h.send(DeleteGroupsRequest{{"g"}}, 2);
    EXPECT_EQ(h.committed("g"), -1);
    h.finishAppend();
    EXPECT_EQ(h.answer<OffsetCommitResponse>(inFlight).topics[0].partitions[0].errorCode, 0);
    h.finishAppend(KafkaError::NotEnoughReplicas);
    EXPECT_EQ(h.answer<DeleteGroupsResponse>(token).results.at(0).errorCode, num(KafkaError::CoordinatorNotAvailable));
    EXPECT_EQ(h.committed("g"), 2);
}

TEST(Delete, ACommitOnItsWayDoesNotOutliveTheGroup) {
    Harness h;
    h.holdAppends = true;
    h.send(h.commit("g", 2), 8);
    h.send(DeleteGroupsRequest{{"g"}}, 2);
    const auto next = h.send(h.commit("g", 9, "", -1, 1), 8);
    h.finishAppend();
    h.finishAppend();
    h.finishAppend();
    EXPECT_TRUE(h.answered(next));
    EXPECT_EQ(h.committed("g", 0), -1);
    EXPECT_EQ(h.committed("g", 1), 9);
    h.holdAppends = false;
    h.restart();
    EXPECT_EQ(h.committed("g", 0), -1);
    EXPECT_EQ(h.committed("g", 1), 9);
}

TEST(Delete, TwiceWithTheFirstRefused) {
    // The random test's seed 6786583: the second deletion, which got into the log, decides of both.
    Harness h;
    h.holdAppends = true;
    h.send(h.commit("g", 26, "", -1, 1), 8);
    const auto first = h.send(DeleteGroupsRequest{{"g"}}, 2);
    h.send(h.commit("g", 5), 8);
    const auto second = h.send(DeleteGroupsRequest{{"g"}}, 2);
    h.send(h.commit("g", 7, "", -1, 2), 8);
    h.finishAppend();
    h.finishAppend(KafkaError::NotEnoughReplicas);
    for (int i = 0; i < 3; ++i)
        h.finishAppend();
    EXPECT_EQ(h.answer<DeleteGroupsResponse>(first).results.at(0).errorCode, num(KafkaError::CoordinatorNotAvailable));
    EXPECT_EQ(h.answer<DeleteGroupsResponse>(second).results.at(0).errorCode, 0);
    for (int restarted = 0; restarted < 2; ++restarted) {
        EXPECT_EQ(h.committed("g", 0), -1);
        EXPECT_EQ(h.committed("g", 1), -1);
        EXPECT_EQ(h.committed("g", 2), 7);
        h.restart();
    }
}

TEST(OffsetDelete, OnlyWhatNobodyReads) {
    Harness h;
    const auto request = [](const std::string& group, const std::string& topic) {
        return OffsetDeleteRequest{group, {{topic, {{0}, {1}}}}};
    };
    EXPECT_EQ(h.ask<OffsetDeleteResponse>(request("", "orders"), 0).errorCode, num(KafkaError::InvalidGroupId));
    EXPECT_EQ(h.ask<OffsetDeleteResponse>(request("g", "orders"), 0).errorCode, num(KafkaError::GroupIdNotFound));
    const auto ids = h.stable("g");
    h.commitError(h.commit("g", 5, ids[0], 1));
    const auto busy = h.ask<OffsetDeleteResponse>(request("g", "orders"), 0);
    EXPECT_EQ(busy.topics.at(0).partitions.at(0).errorCode, num(KafkaError::GroupSubscribedToTopic));
    EXPECT_EQ(h.committed("g"), 5);
    EXPECT_EQ(h.ask<OffsetDeleteResponse>(request("g", "payments"), 0).topics.at(0).partitions.at(0).errorCode, 0);
    EXPECT_EQ(h.ask<OffsetDeleteResponse>(request("g", "none"), 0).topics.at(0).partitions.at(0).errorCode,
              num(KafkaError::UnknownTopicOrPartition));
    h.commitError(h.commit("simple", 5));
    EXPECT_EQ(h.ask<OffsetDeleteResponse>(request("simple", "orders"), 0).topics.at(0).partitions.at(0).errorCode, 0);
    EXPECT_EQ(h.committed("simple"), -1);
    auto connect = Harness::join("workers");
    connect.protocolType = "connect";
    h.send(connect, 3);
    EXPECT_EQ(h.ask<OffsetDeleteResponse>(request("workers", "orders"), 0).errorCode, num(KafkaError::NonEmptyGroup));
}

TEST(Topics, OffsetsOfDeletedTopicsGo) {
    Harness h;
    h.commitError(h.commit("g", 5));
    h.coordinator.onTopicsDeleted(h.now, {{"orders", Topics::idFor("another")}}, h.out);
    h.drain();
    EXPECT_EQ(h.committed("g"), 5);
    h.coordinator.onTopicsDeleted(h.now, {{"orders", Topics::idFor("orders")}}, h.out);
    h.drain();
    EXPECT_EQ(h.committed("g"), -1);
}

TEST(Expiry, SevenDaysAfterTheGroupBecameEmpty) {
    Harness h;
    const auto ids = h.stable("g");
    h.commitError(h.commit("g", 5, ids[0], 1));
    for (int day = 0; day < 8; ++day)  // subscribed offsets stay, however old
        for (int i = 0; i < 8'640 * 2; ++i) {
            h.pass(5'000);
            ASSERT_EQ(h.heartbeat("g", ids[0], 1).errorCode, 0);
        }
    EXPECT_EQ(h.committed("g"), 5);
    LeaveGroupRequest leave;
    leave.groupId = "g";
    leave.members.push_back({ids[0], std::nullopt, std::nullopt});
    h.send(leave, 3);
    h.pass(7 * kDay - 1);
    EXPECT_EQ(h.committed("g"), 5);
    h.pass(600'001);
    EXPECT_EQ(h.committed("g"), -1);
    EXPECT_FALSE(h.coordinator.inspect(h.now, "g").has_value());
    h.restart();
    EXPECT_FALSE(h.coordinator.inspect(h.now, "g").has_value());
}

TEST(Expiry, SimpleGroupsFromTheLastCommitAndRetentionAsAsked) {
    Harness h;
    h.commitError(h.commit("g", 5));
    auto brief = h.commit("brief", 5);
    brief.retentionTimeMs = 3'600'000;
    h.commitError(brief, 4);
    h.pass(3'600'000 + 600'000);
    EXPECT_EQ(h.committed("brief"), -1);
    h.pass(3 * kDay);
    h.commitError(h.commit("g", 6, "", -1, 1));
    h.pass(4 * kDay + 600'000);
    EXPECT_EQ(h.committed("g", 0), -1);
    EXPECT_EQ(h.committed("g", 1), 6);
    h.pass(3 * kDay);
    EXPECT_FALSE(h.coordinator.inspect(h.now, "g").has_value());
}

}  // namespace
}  // namespace odradek::broker::testing
