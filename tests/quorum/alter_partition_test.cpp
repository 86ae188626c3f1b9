// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/quorum/controller_harness.h"

namespace odradek::quorum {
namespace {

using Request = protocol::AlterPartitionRequest;
using Response = protocol::AlterPartitionResponse;

class AlterPartition : public ::testing::Test {
protected:
    void SetUp() override {
        one = h.join(1);
        two = h.join(2);
        three = h.join(3);
        topic = h.createTopicOn("t", {{1, 2, 3}});
    }
    Request request(std::vector<std::int32_t> isr) const {
        Request wanted{.brokerId = 1, .brokerEpoch = one.epoch};
        auto& t = wanted.topics.emplace_back();
        t.topicId = topic;
        auto& data = t.partitions.emplace_back();
        for (const auto id : isr) {
            const auto* broker = h.image().broker(id);
            data.newIsrWithEpochs.push_back({id, broker == nullptr ? -1 : broker->epoch});
        }
        data.leaderEpoch = h.partition("t", 0).leaderEpoch;
        data.partitionEpoch = h.partition("t", 0).partitionEpoch;
        return wanted;
    }
    static Request::PartitionData& data(Request& request) { return request.topics[0].partitions[0]; }
    Response::PartitionData send(const Request& request, std::int16_t version = 3) {
        return h.call<Response>(one.connection, request, version).topics.at(0).partitions.at(0);
    }
    std::int16_t errorOf(const Request& request) { return send(request).errorCode; }

    ControllerHarness h;
    ControllerHarness::Broker one, two, three;
    Uuid topic;
};

TEST_F(AlterPartition, ShrinkAndExpand) {
    const auto shrunk = send(request({1, 2}));
    EXPECT_EQ(shrunk.errorCode, 0);
    EXPECT_EQ(shrunk.isr, (std::vector{1, 2}));
    EXPECT_EQ(shrunk.leaderId, 1);
    EXPECT_EQ(shrunk.leaderEpoch, 0);
    EXPECT_EQ(shrunk.partitionEpoch, 1);
    EXPECT_EQ(h.partition("t", 0).isr, (std::vector{1, 2}));
    EXPECT_EQ(send(request({1, 2, 3})).partitionEpoch, 2);
    const auto same = send(request({1, 2, 3}));
    EXPECT_EQ(same.errorCode, 0);
    EXPECT_EQ(same.partitionEpoch, 2) << "nothing to change, nothing written";
}

TEST_F(AlterPartition, VersionTwoHasPlainIds) {
    Request wanted = request({});
    data(wanted).newIsr = {1, 3};
    EXPECT_EQ(send(wanted, 2).isr, (std::vector{1, 3}));
}

TEST_F(AlterPartition, VerdictsComeInKafkasOrder) {
    auto wanted = request({1, 2});
    data(wanted).leaderEpoch = 7;
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::NotController));
    wanted = request({1, 2});
    data(wanted).partitionEpoch = 7;
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::NotController));
    send(request({1, 2}));
    h.beat(one, true);  // leadership moves on: leader epoch 1
    h.beat(one);
    wanted = request({1, 2});
    data(wanted).leaderEpoch = 0;
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::FencedLeaderEpoch));
    wanted = request({1, 2});
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::InvalidRequest)) << "not the leader any more";
    wanted.brokerId = 2;
    wanted.brokerEpoch = two.epoch;
    data(wanted).partitionEpoch -= 1;
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::InvalidUpdateVersion));
    data(wanted).partitionEpoch += 1;
    data(wanted).newIsrWithEpochs = {{2, two.epoch}, {3, three.epoch - 1}};
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::IneligibleReplica)) << "another incarnation of broker 3";
    data(wanted).newIsrWithEpochs = {{2, two.epoch}, {3, three.epoch}};
    EXPECT_EQ(errorOf(wanted), 0);
}

TEST_F(AlterPartition, TheIsrMustMakeSense) {
    EXPECT_EQ(errorOf(request({})), codeOf(KafkaError::InvalidRequest));
    EXPECT_EQ(errorOf(request({2, 3})), codeOf(KafkaError::InvalidRequest)) << "without the leader";
    EXPECT_EQ(errorOf(request({1, 1})), codeOf(KafkaError::InvalidRequest));
    EXPECT_EQ(errorOf(request({1, 4})), codeOf(KafkaError::InvalidRequest)) << "no replica";
    auto wanted = request({1});
    data(wanted).leaderRecoveryState = 1;
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::InvalidRequest)) << "it is recovered";
    data(wanted).leaderRecoveryState = 9;
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::InvalidRequest));
}

TEST_F(AlterPartition, FencedAndLeavingReplicasAreIneligible) {
    send(request({1}));
    h.beat(two, true);
    EXPECT_EQ(errorOf(request({1, 2})), codeOf(KafkaError::IneligibleReplica));
    h.createTopicOn("u", {{3, 1}});
    h.beat(three, false, true);
    EXPECT_TRUE(h.image().broker(3)->inControlledShutdown);
    EXPECT_EQ(errorOf(request({1, 3})), codeOf(KafkaError::IneligibleReplica));
}

TEST_F(AlterPartition, UnknownTopicsPartitionsAndSenders) {
    auto wanted = request({1});
    wanted.topics[0].topicId = Uuid{{77}};
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::UnknownTopicId));
    wanted = request({1});
    data(wanted).partitionIndex = 5;
    EXPECT_EQ(errorOf(wanted), codeOf(KafkaError::UnknownTopicOrPartition));
    wanted = request({1});
    wanted.brokerEpoch = 0;
    EXPECT_EQ(h.call<Response>(one.connection, wanted).errorCode, codeOf(KafkaError::StaleBrokerEpoch));
}

TEST_F(AlterPartition, OnePartitionTwiceInOneRequestIsRefusedOnce) {
    auto wanted = request({1, 2});
    wanted.topics[0].partitions.push_back(wanted.topics[0].partitions[0]);
    const auto answer = h.call<Response>(one.connection, wanted);
    EXPECT_EQ(answer.topics[0].partitions[0].errorCode, 0);
    EXPECT_EQ(answer.topics[0].partitions[1].errorCode, codeOf(KafkaError::InvalidRequest));
}

TEST(PreferredLeaders, GetTheirPartitionsBack) {
    ControllerHarness h(with("leader.imbalance.check.interval.seconds", "1"));
    const auto one = h.join(1);
    const auto two = h.join(2);
    const auto topic = h.createTopicOn("t", {{1, 2}});
    h.beat(one, true);
    h.beat(one);
    ASSERT_EQ(h.partition("t", 0).leader, 2);
    h.pass(Milliseconds(1000));
    EXPECT_EQ(h.partition("t", 0).leader, 2) << "not before it is in sync";
    Request back{.brokerId = 2, .brokerEpoch = two.epoch};
    back.topics.push_back({topic, {}});
    back.topics[0].partitions.push_back({.partitionIndex = 0,
                                         .leaderEpoch = h.partition("t", 0).leaderEpoch,
                                         .newIsrWithEpochs = {{1, one.epoch}, {2, two.epoch}},
                                         .partitionEpoch = h.partition("t", 0).partitionEpoch});
    EXPECT_EQ(h.call<Response>(two.connection, back).topics[0].partitions[0].errorCode, 0);
    h.pass(Milliseconds(1000));
    EXPECT_EQ(h.partition("t", 0).leader, 1);
    EXPECT_EQ(h.partition("t", 0).leaderEpoch, 2);
}

}  // namespace
}  // namespace odradek::quorum
