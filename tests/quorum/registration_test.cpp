// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/quorum/controller_harness.h"

namespace odradek::quorum {
namespace {

using Response = protocol::BrokerRegistrationResponse;

TEST(Registration, ABrokerStartsFencedWithTheOffsetOfItsRecordAsEpoch) {
    ControllerHarness h;
    const auto before = h.image().offset();
    const auto answer = h.call<Response>(h.connect(), ControllerHarness::registration(2, 1));
    EXPECT_EQ(answer.errorCode, 0);
    EXPECT_EQ(answer.brokerEpoch, before + 1);
    ASSERT_NE(h.image().broker(2), nullptr);
    EXPECT_TRUE(h.image().broker(2)->fenced);
    EXPECT_EQ(h.image().broker(2)->endpoint("PLAINTEXT")->port, 9002);
}

TEST(Registration, AHeartbeatThatIsBehindStaysFencedAndOneThatCaughtUpUnfences) {
    ControllerHarness h;
    ControllerHarness::Broker broker{.id = 2, .connection = h.connect()};
    broker.epoch = h.call<Response>(broker.connection, ControllerHarness::registration(2, 1)).brokerEpoch;
    const auto behind = h.beat(broker, false, false, broker.epoch - 1);
    EXPECT_TRUE(behind.isFenced);
    EXPECT_FALSE(behind.isCaughtUp);
    const auto wantsFence = h.beat(broker, true, false, broker.epoch);
    EXPECT_TRUE(wantsFence.isFenced);
    EXPECT_TRUE(wantsFence.isCaughtUp);
    const auto caughtUp = h.beat(broker, false, false, broker.epoch);
    EXPECT_FALSE(caughtUp.isFenced);
    EXPECT_TRUE(h.image().isUnfenced(2));
}

TEST(Registration, TheSameIncarnationMayAskAgain) {
    ControllerHarness h;
    const auto broker = h.join(2);
    const auto again = h.call<Response>(broker.connection, ControllerHarness::registration(2, 1));
    EXPECT_EQ(again.errorCode, 0);
    EXPECT_EQ(again.brokerEpoch, broker.epoch);
    EXPECT_TRUE(h.image().isUnfenced(2)) << "a retry does not fence";
}

TEST(Registration, AnotherIncarnationIsADuplicateWhileTheSessionLives) {
    ControllerHarness h;
    const auto broker = h.join(2);
    const auto other = h.connect();
    EXPECT_EQ(h.call<Response>(other, ControllerHarness::registration(2, 2)).errorCode,
              codeOf(KafkaError::DuplicateBrokerRegistration));
    h.pass(Milliseconds(9000));
    EXPECT_FALSE(h.image().isUnfenced(2));
    EXPECT_EQ(h.call<Response>(other, ControllerHarness::registration(2, 2)).errorCode, 0);
    EXPECT_EQ(h.beat(broker).errorCode, codeOf(KafkaError::StaleBrokerEpoch));
}

TEST(Registration, ARestartedBrokerIsBackAtOnceWhenItsOldConnectionIsGone) {
    ControllerHarness h;
    h.join(1);
    const auto two = h.join(2);
    h.createTopicOn("t", {{2, 1}});
    h.close(two.connection);
    const auto again = h.connect();
    EXPECT_EQ(h.call<Response>(again, ControllerHarness::registration(2, 2)).errorCode, 0);
    EXPECT_EQ(h.partition("t", 0).leader, 1) << "the new incarnation has lost what the old one held";
    EXPECT_EQ(h.partition("t", 0).isr, std::vector{1});
    EXPECT_FALSE(h.image().isUnfenced(2));
}

TEST(Registration, WrongClusterFeaturesAndDirectoriesAreRefused) {
    ControllerHarness h;
    h.join(1);
    const auto connection = h.connect();
    auto request = ControllerHarness::registration(2, 1);
    request.clusterId = "other";
    EXPECT_EQ(h.call<Response>(connection, request).errorCode, codeOf(KafkaError::InconsistentClusterId));
    request = ControllerHarness::registration(2, 1);
    request.features.clear();
    EXPECT_EQ(h.call<Response>(connection, request).errorCode, codeOf(KafkaError::UnsupportedVersion));
    request = ControllerHarness::registration(2, 1);
    request.features[0].maxSupportedVersion = 29;
    EXPECT_EQ(h.call<Response>(connection, request).errorCode, codeOf(KafkaError::UnsupportedVersion));
    request = ControllerHarness::registration(2, 1);
    request.logDirs = ControllerHarness::registration(1, 1).logDirs;
    EXPECT_EQ(h.call<Response>(connection, request).errorCode, codeOf(KafkaError::InvalidRegistration));
    request.logDirs = {Uuid{}};
    EXPECT_EQ(h.call<Response>(connection, request).errorCode, codeOf(KafkaError::InvalidRegistration));
    EXPECT_EQ(h.image().broker(2), nullptr);
}

TEST(Registration, EveryVersionIsServed) {
    for (std::int16_t version = 0; version <= 4; ++version) {
        ControllerHarness h;
        EXPECT_EQ(h.call<Response>(h.connect(), ControllerHarness::registration(2, 1), version).errorCode, 0);
    }
}

TEST(Heartbeat, UnknownBrokersAndOldEpochsAreStale) {
    ControllerHarness h;
    auto broker = h.join(2);
    broker.epoch -= 1;
    EXPECT_EQ(h.beat(broker).errorCode, codeOf(KafkaError::StaleBrokerEpoch));
    broker.id = 9;
    EXPECT_EQ(h.beat(broker).errorCode, codeOf(KafkaError::StaleBrokerEpoch));
}

TEST(Heartbeat, SilenceFencesAndMovesLeaders) {
    ControllerHarness h(with("broker.session.timeout.ms", "300"));
    const auto one = h.join(1);
    const auto two = h.join(2);
    h.createTopicOn("t", {{1, 2}, {2, 1}});
    h.createTopicOn("alone", {{2}});
    h.pass(Milliseconds(200));
    h.beat(two);
    EXPECT_EQ(h.controller().nextWake(), Instant{} + Milliseconds(1000 + 300));
    h.pass(Milliseconds(100));
    EXPECT_FALSE(h.image().isUnfenced(1));
    EXPECT_TRUE(h.image().isUnfenced(2));
    EXPECT_EQ(h.partition("t", 0).leader, 2);
    EXPECT_EQ(h.partition("t", 0).isr, std::vector{2});
    EXPECT_EQ(h.partition("t", 0).leaderEpoch, 1);
    EXPECT_EQ(h.partition("t", 1).leader, 2);
    EXPECT_EQ(h.partition("t", 1).leaderEpoch, 0) << "leaving the ISR bumps no leader epoch";
    // The last one leaves: its partitions have no leader, but keep their last in-sync replica.
    h.pass(Milliseconds(300));
    EXPECT_EQ(h.partition("t", 0).leader, metadata::kNoLeader);
    EXPECT_EQ(h.partition("t", 0).isr, std::vector{2});
    // Only a member of the ISR can bring a partition back.
    EXPECT_FALSE(h.beat(one).isFenced);
    EXPECT_EQ(h.partition("t", 0).leader, metadata::kNoLeader);
    EXPECT_FALSE(h.beat(two).isFenced);
    EXPECT_EQ(h.partition("t", 0).leader, 2);
    EXPECT_EQ(h.partition("alone", 0).leader, 2);
    EXPECT_EQ(h.partition("t", 0).leaderEpoch, 3);
}

TEST(Heartbeat, UncleanElectionOnlyWhereAllowed) {
    ControllerHarness h(with("broker.session.timeout.ms", "300"));
    const auto one = h.join(1);
    h.join(2);
    h.createTopicOn("t", {{2, 1}});
    protocol::AlterPartitionRequest shrink{.brokerId = 2, .brokerEpoch = h.image().broker(2)->epoch};
    auto& data = shrink.topics.emplace_back();
    data.topicId = *h.image().topicId("t");
    data.partitions.push_back({.partitionIndex = 0, .newIsrWithEpochs = {{2, -1}}});
    EXPECT_EQ(h.call<protocol::AlterPartitionResponse>(h.connect(), shrink).topics[0].partitions[0].errorCode, 0);
    h.pass(Milliseconds(200));
    h.beat(one);
    h.pass(Milliseconds(150));
    EXPECT_EQ(h.partition("t", 0).leader, metadata::kNoLeader);
    protocol::IncrementalAlterConfigsRequest allow;
    allow.resources.push_back({2, "t", {{"unclean.leader.election.enable", 0, "true"}}});
    EXPECT_EQ(h.call<protocol::IncrementalAlterConfigsResponse>(h.admin(), allow).responses[0].errorCode, 0);
    EXPECT_EQ(h.partition("t", 0).leader, 1);
    EXPECT_EQ(h.partition("t", 0).isr, std::vector{1});
    EXPECT_EQ(h.partition("t", 0).leaderRecoveryState, 1);
    bool seen = false;
    for (const auto& event : h.controller().inspect().events)
        if (const auto* elected = std::get_if<LeaderElected>(&event.what))
            seen = seen || elected->unclean;
    EXPECT_TRUE(seen) << "lost data must be loud";
}

TEST(Heartbeat, ControlledShutdownMovesLeadersFirst) {
    ControllerHarness h;
    const auto one = h.join(1);
    const auto two = h.join(2);
    h.createTopicOn("t", {{1, 2}});
    const auto first = h.beat(one, false, true);
    EXPECT_FALSE(first.shouldShutDown);
    EXPECT_TRUE(h.image().broker(1)->inControlledShutdown);
    EXPECT_EQ(h.partition("t", 0).leader, 2);
    EXPECT_EQ(h.partition("t", 0).isr, std::vector{2});
    EXPECT_FALSE(h.beat(one, false, true).shouldShutDown) << "broker 2 has not heard of it yet";
    h.beat(two);
    const auto last = h.beat(one, false, true);
    EXPECT_TRUE(last.shouldShutDown);
    EXPECT_FALSE(h.image().isUnfenced(1));
}

TEST(Heartbeat, AFetchShowsThatABrokerHasTheNews) {
    ControllerHarness h;
    const auto one = h.join(1);
    h.join(2);
    h.createTopicOn("t", {{1, 2}});
    EXPECT_FALSE(h.beat(one, false, true).shouldShutDown);
    h.fetch(h.connect(), h.image().offset() + 1, h.controller().inspect().epoch);
    EXPECT_TRUE(h.beat(one, false, true).shouldShutDown);
}

TEST(Heartbeat, ABrokerWithoutLeadershipsMayStopAtOnce) {
    ControllerHarness h;
    const auto one = h.join(1);
    EXPECT_TRUE(h.beat(one, false, true).shouldShutDown);
    EXPECT_FALSE(h.image().isUnfenced(1));
    EXPECT_TRUE(h.beat(one, false, true).shouldShutDown) << "a fenced broker may always stop";
}

TEST(Heartbeat, ABrokerMayAskToBeFenced) {
    ControllerHarness h;
    const auto one = h.join(1);
    h.join(2);
    h.createTopicOn("t", {{1, 2}});
    EXPECT_TRUE(h.beat(one, true).isFenced);
    EXPECT_EQ(h.partition("t", 0).leader, 2);
    EXPECT_FALSE(h.beat(one).isFenced) << "and comes back when it wishes";
}

TEST(Heartbeat, EventsNameTheCause) {
    ControllerHarness h(with("broker.session.timeout.ms", "300"));
    h.join(1);
    h.createTopicOn("t", {{1}});
    const auto cursor = h.controller().inspect().lastEvent;
    h.pass(Milliseconds(300));
    const auto view = h.controller().inspect(cursor);
    ASSERT_EQ(view.events.size(), 2u);
    const auto* fenced = std::get_if<BrokerStateChanged>(&view.events[0].what);
    ASSERT_NE(fenced, nullptr);
    EXPECT_EQ(fenced->state, BrokerStateChanged::State::Fenced);
    const auto* lost = std::get_if<LeaderElected>(&view.events[1].what);
    ASSERT_NE(lost, nullptr);
    EXPECT_EQ(lost->topicName, "t");
    EXPECT_EQ(lost->after, metadata::kNoLeader);
    for (const auto& event : view.events)
        EXPECT_EQ(event.cause, Cause::SessionTimeout);
    EXPECT_TRUE(h.controller().inspect(view.lastEvent).events.empty());
}

}  // namespace
}  // namespace odradek::quorum
