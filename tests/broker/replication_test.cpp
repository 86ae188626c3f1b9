// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using broker::EventKind;
using protocol::FetchResponse;
using protocol::KafkaError;
using protocol::ProduceResponse;

bool sawEvent(const ClusterHarness& cluster, int node, EventKind kind) {
    const auto view = cluster.view(node);
    return std::any_of(view.events.begin(), view.events.end(),
                       [&](const auto& event) { return event.kind == kind; });
}

struct Replication : testing::Test {
    ClusterHarness cluster{3, {{"replica.lag.time.max.ms", "3000"}}};
    Uuid topic;
    int leader = 0;
    void SetUp() override {
        ASSERT_TRUE(cluster.start());
        topic = createTopic(cluster, "orders");
        leader = cluster.leaderOf("orders");
        cluster.run(5);
    }
    std::int16_t produce(int node, const std::string& value, std::int16_t acks = -1) {
        ClusterClient client(cluster, node);
        const auto answer =
            client.call<ProduceResponse>(produceOf(topic, 0, batchOf({value}), acks));
        return answer.responses.at(0).partitionResponses.at(0).errorCode;
    }
    std::vector<std::string> readAll(int node) {
        ClusterClient client(cluster, node);
        return valuesIn(client.call<FetchResponse>(fetchOf(topic, 0, 0))
                            .responses.at(0)
                            .partitions.at(0)
                            .records);
    }
    bool inSync(int node, std::size_t count) {
        return cluster.runUntil(
            [&] { return cluster.partition(node, "orders")->isr.size() == count; }, 30000);
    }
    /// The bytes of a replica below an offset all of them have: must be equal everywhere.
    Bytes logBytes(int node) {
        const auto one = cluster.partition(node, "orders");
        return cluster.disk(node)
            .content("orders-0/00000000000000000000.log")
            .slice(0, one->sizeBytes);
    }
};

TEST_F(Replication, TheMarkReachesFollowersAndReplicasAreByteEqual) {
    for (int i = 0; i < 10; ++i)
        ASSERT_EQ(produce(leader, "value " + std::to_string(i)), 0);
    cluster.run(1000);
    for (int node = 1; node <= 3; ++node) {
        const auto one = cluster.partition(node, "orders");
        ASSERT_TRUE(one);
        EXPECT_EQ(one->logEnd, Offset(10));
        EXPECT_EQ(one->highWatermark, Offset(10)) << "node " << node;
        EXPECT_TRUE(logBytes(node) == logBytes(1));
    }
}

TEST_F(Replication, ADeadFollowerLeavesTheIsrAndComesBack) {
    const int follower = leader % 3 + 1;
    ASSERT_EQ(produce(leader, "a"), 0);
    cluster.kill(follower);
    ASSERT_TRUE(inSync(leader, 2));
    EXPECT_EQ(produce(leader, "b"), 0);
    EXPECT_TRUE(sawEvent(cluster, leader, EventKind::IsrShrunk));
    cluster.restart(follower);
    ASSERT_TRUE(inSync(leader, 3));
    EXPECT_TRUE(sawEvent(cluster, leader, EventKind::IsrExpanded));
    cluster.run(1000);
    EXPECT_EQ(cluster.partition(follower, "orders")->logEnd, Offset(2));
    EXPECT_TRUE(logBytes(follower) == logBytes(leader));
}

TEST_F(Replication, ASlowFollowerHoldsTheMarkUntilItIsShrunkAway) {
    const int slow = leader % 3 + 1;
    cluster.pause(slow);
    const auto started = cluster.elapsedMs();
    EXPECT_EQ(produce(leader, "a"), 0);
    const auto waited = cluster.elapsedMs() - started;
    EXPECT_GE(waited, 1000) << "acked although a member of the ISR had not got it";
    EXPECT_LE(waited, 9000);
    EXPECT_EQ(cluster.partition(leader, "orders")->isr.size(), 2u);
    cluster.resume(slow);
    EXPECT_TRUE(inSync(leader, 3));
}

TEST_F(Replication, AckedRecordsSurviveTheLeader) {
    for (int i = 0; i < 5; ++i)
        ASSERT_EQ(produce(leader, std::to_string(i)), 0);
    cluster.kill(leader);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaderOf("orders") != 0; }, 30000));
    const int next = cluster.leaderOf("orders");
    EXPECT_EQ(produce(next, "5"), 0);
    EXPECT_EQ(readAll(next), (std::vector<std::string>{"0", "1", "2", "3", "4", "5"}));
    cluster.restart(leader);
    ASSERT_TRUE(inSync(next, 3));
    cluster.run(1000);
    EXPECT_TRUE(logBytes(leader) == logBytes(next));
}

TEST_F(Replication, ADivergedReplicaIsTruncated) {
    ASSERT_EQ(produce(leader, "common"), 0);
    cluster.run(600);
    // The old leader takes a record nobody else sees, and dies with it.
    for (int node = 1; node <= 3; ++node)
        if (node != leader)
            cluster.cut(leader, node);
    cluster.settle();
    ASSERT_EQ(produce(leader, "lost", 1), 0);
    cluster.run(5);  // it is on the old leader's disk
    cluster.kill(leader);
    cluster.heal();
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaderOf("orders") != 0; }, 30000));
    const int next = cluster.leaderOf("orders");
    ASSERT_EQ(produce(next, "kept"), 0);
    cluster.restart(leader);
    ASSERT_TRUE(inSync(next, 3));
    cluster.run(1000);
    EXPECT_TRUE(sawEvent(cluster, leader, EventKind::Truncated));
    EXPECT_TRUE(logBytes(leader) == logBytes(next));
    EXPECT_EQ(readAll(next), (std::vector<std::string>{"common", "kept"}));
}

TEST_F(Replication, AProduceWaitsOutABrokenConnectionToItsFollowers) {
    ClusterClient client(cluster, leader);
    for (int node = 1; node <= 3; ++node)
        if (node != leader)
            cluster.cut(leader, node);
    const auto waiting = client.send(produceOf(topic, 0, batchOf({"a"})));
    cluster.run(10);
    EXPECT_EQ(client.waiting(), 0u);
    cluster.heal();
    const auto answer = client.take<ProduceResponse>(waiting, 13);
    EXPECT_EQ(answer.responses[0].partitionResponses[0].errorCode, 0)
        << "healed in time, it is replicated";
}

struct LostFrames : Replication {
    LostFrames() { cluster = ClusterHarness(3, {{"replica.socket.timeout.ms", "1000"}}); }
    /// acks=all with all three in the ISR: answered only once both followers fetch again.
    void expectReplicated() {
        const auto started = cluster.elapsedMs();
        EXPECT_EQ(produce(leader, "a"), 0);
        EXPECT_LE(cluster.elapsedMs() - started, 2500);
        EXPECT_EQ(produce(leader, "b"), 0);
        EXPECT_EQ(readAll(leader), (std::vector<std::string>{"a", "b"}));
        EXPECT_EQ(cluster.partition(leader, "orders")->isr.size(), 3u);
    }
};

TEST_F(LostFrames, ALostAnswerEndsTheConnectionAfterTheSocketTimeout) {
    cluster.loseNextFrame(leader, leader % 3 + 1);
    expectReplicated();
}

TEST_F(LostFrames, ALostRequestEndsTheConnectionAfterTheSocketTimeout) {
    cluster.loseNextFrame(leader % 3 + 1, leader);
    cluster.run(600);  // the long poll that is out ends, the next one is lost
    expectReplicated();
}

TEST_F(Replication, NewTopicsAreFollowedAtOnceWhileALongPollIsOut) {
    cluster.run(1000);  // all fetchers sit in long polls now
    const auto started = cluster.elapsedMs();
    for (int i = 0; i < 4; ++i) {
        const std::string name = "t" + std::to_string(i);
        const Uuid id = createTopic(cluster, name);
        ClusterClient client(cluster, cluster.leaderOf(name));
        EXPECT_EQ(client.call<ProduceResponse>(produceOf(id, 0, batchOf({"x"})))
                      .responses[0]
                      .partitionResponses[0]
                      .errorCode,
                  0);
    }
    EXPECT_LE(cluster.elapsedMs() - started, 60);
}

TEST_F(Replication, AnIdlePartitionKeepsItsIsrWhenWritingBegins) {
    ASSERT_EQ(produce(leader, "early"), 0);
    // Followers do not name it any more in their fetches, but they go on fetching.
    cluster.run(20'000);
    const auto shrinksBefore = sawEvent(cluster, leader, EventKind::IsrShrunk);
    cluster.setNetworkDelay(800);
    for (int i = 0; i < 400; ++i) {
        ASSERT_EQ(produce(leader, "late", 1), 0);
        cluster.run(7);
    }
    EXPECT_EQ(sawEvent(cluster, leader, EventKind::IsrShrunk), shrinksBefore);
    EXPECT_EQ(cluster.partition(leader, "orders")->isr.size(), 3u);
}

TEST_F(Replication, AFencedFollowerComesBackToPartitionsThatDidNotChange) {
    ASSERT_EQ(produce(leader, "only"), 0);
    cluster.run(1000);
    const int follower = leader == 3 ? 2 : 3;
    cluster.pause(follower);
    ASSERT_TRUE(inSync(leader, 2)) << "fenced by the controller";
    cluster.resume(follower);
    EXPECT_TRUE(inSync(leader, 3));
}

TEST_F(Replication, AFollowerFarBehindStartsAnewAtTheLeadersLogStart) {
    const Uuid small = createTopic(cluster, "small", 1, 3,
                                   {{"segment.bytes", "1048576"}, {"retention.bytes", "1"}});
    const int lead = cluster.leaderOf("small");
    const int follower = lead % 3 + 1;
    cluster.run(1000);
    cluster.kill(follower);
    ASSERT_TRUE(
        cluster.runUntil([&] { return cluster.partition(lead, "small")->isr.size() == 2; }, 30000));
    ClusterClient client(cluster, lead);
    for (int i = 0; i < 30; ++i)
        ASSERT_EQ(
            client.call<ProduceResponse>(produceOf(small, 0, batchOf({std::string(100000, 'x')})))
                .responses[0]
                .partitionResponses[0]
                .errorCode,
            0);
    ASSERT_TRUE(cluster.runUntil(
        [&] { return cluster.partition(lead, "small")->logStart > Offset(0); }, 400000));
    cluster.restart(follower);
    ASSERT_TRUE(
        cluster.runUntil([&] { return cluster.partition(lead, "small")->isr.size() == 3; }, 30000));
    cluster.run(1000);
    EXPECT_EQ(cluster.partition(follower, "small")->logStart,
              cluster.partition(lead, "small")->logStart);
    EXPECT_EQ(cluster.partition(follower, "small")->logEnd,
              cluster.partition(lead, "small")->logEnd);
}

TEST_F(Replication, ACopiedClusterNodeGoesOnIdentically) {
    ASSERT_EQ(produce(leader, "a"), 0);
    auto copy = cluster.broker(leader)->clone();
    io::Effects ours;
    io::Effects theirs;
    Now later = cluster.now();
    later.at = later.at + Milliseconds(700);
    cluster.broker(leader)->step(later, io::Tick{}, ours);
    copy->step(later, io::Tick{}, theirs);
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        ASSERT_EQ(ours[i].index(), theirs[i].index());
        if (const auto* frame = std::get_if<io::SendFrame>(&ours[i])) {
            EXPECT_TRUE(frame->frame == std::get<io::SendFrame>(theirs[i]).frame);
        }
    }
    EXPECT_EQ(cluster.broker(leader)->nextWake(), copy->nextWake());
}

}  // namespace
}  // namespace odradek::test
