// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/offset_for_leader_epoch.h"
#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::FetchResponse;
using protocol::KafkaError;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ProduceResponse;

constexpr std::int64_t kTime = 1'790'000'000'000;

struct Offsets : testing::Test {
    ClusterHarness cluster;
    Uuid topic;
    int leader = 0;
    void SetUp() override {
        ASSERT_TRUE(cluster.start());
        topic = createTopic(cluster, "orders");
        leader = cluster.leaderOf("orders");
        cluster.run(5);
        ClusterClient client(cluster, leader);
        for (int i = 0; i < 3; ++i)
            ASSERT_EQ(client
                          .call<ProduceResponse>(
                              produceOf(topic, 0, batchOf({"a", "b"}, {}, kTime + i * 100)))
                          .responses[0]
                          .partitionResponses[0]
                          .errorCode,
                      0);
    }
    ListOffsetsResponse::ListOffsetsPartitionResponse list(std::int64_t timestamp,
                                                           std::int16_t version = 11,
                                                           std::int32_t epoch = -1, int node = 0) {
        ListOffsetsRequest request;
        request.replicaId = -1;
        auto& asked = request.topics.emplace_back();
        asked.name = "orders";
        asked.partitions.push_back({0, epoch, timestamp});
        ClusterClient client(cluster, node == 0 ? leader : node);
        return client.call<ListOffsetsResponse>(request, version).topics.at(0).partitions.at(0);
    }
    DeleteRecordsResponse::DeleteRecordsPartitionResult deleteTo(std::int64_t offset,
                                                                 std::int32_t timeoutMs = 30000) {
        DeleteRecordsRequest request;
        request.timeoutMs = timeoutMs;
        auto& asked = request.topics.emplace_back();
        asked.name = "orders";
        asked.partitions.push_back({0, offset});
        ClusterClient client(cluster, leader);
        return client.call<DeleteRecordsResponse>(request).topics.at(0).partitions.at(0);
    }
};

TEST_F(Offsets, SpecialTimestamps) {
    for (std::int16_t version = 1; version <= 11; ++version) {
        EXPECT_EQ(list(-1, version).offset, 6) << "latest, version " << version;
        EXPECT_EQ(list(-2, version).offset, 0);
        EXPECT_EQ(list(-3, version).errorCode, version >= 7 ? 0 : 35);
        EXPECT_EQ(list(-4, version).errorCode, version >= 8 ? 0 : 35);
    }
    EXPECT_EQ(list(-3).offset, 5);
    EXPECT_EQ(list(-3).timestamp, kTime + 201);
    EXPECT_EQ(list(-5).offset, -1);
    EXPECT_EQ(list(-99).errorCode, 35);
    EXPECT_EQ(list(-1).leaderEpoch, cluster.partition(leader, "orders")->leaderEpoch.value);
}

TEST_F(Offsets, ByTime) {
    EXPECT_EQ(list(kTime).offset, 0);
    EXPECT_EQ(list(kTime + 1).offset, 1);
    EXPECT_EQ(list(kTime + 2).offset, 2);
    EXPECT_EQ(list(kTime + 100).timestamp, kTime + 100);
    EXPECT_EQ(list(kTime + 201).offset, 5);
    EXPECT_EQ(list(kTime + 202).offset, -1);
    EXPECT_EQ(list(kTime + 202).errorCode, 0);
}

TEST_F(Offsets, WrongEpochBrokerOrTwice) {
    const auto epoch = cluster.partition(leader, "orders")->leaderEpoch.value;
    EXPECT_EQ(list(-1, 11, epoch).errorCode, 0);
    EXPECT_EQ(list(-1, 11, epoch + 1).errorCode, code(KafkaError::UnknownLeaderEpoch));
    EXPECT_EQ(list(-1, 11, -1, leader % 3 + 1).errorCode, code(KafkaError::NotLeaderOrFollower));
    ListOffsetsRequest twice;
    twice.replicaId = -1;
    auto& asked = twice.topics.emplace_back();
    asked.name = "orders";
    asked.partitions = {{0, -1, -1}, {0, -1, -2}};
    ClusterClient client(cluster, leader);
    const auto answer = client.call<ListOffsetsResponse>(twice);
    ASSERT_EQ(answer.topics.at(0).partitions.size(), 1u);
    EXPECT_EQ(answer.topics[0].partitions[0].errorCode, code(KafkaError::InvalidRequest));
}

TEST_F(Offsets, EndsOfLeaderEpochs) {
    const auto first = cluster.partition(leader, "orders")->leaderEpoch.value;
    cluster.kill(leader);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaderOf("orders") != 0; }, 30000));
    leader = cluster.leaderOf("orders");
    ClusterClient client(cluster, leader);
    ASSERT_EQ(client.call<ProduceResponse>(produceOf(topic, 0, batchOf({"c"}), 1))
                  .responses[0]
                  .partitionResponses[0]
                  .errorCode,
              0);
    protocol::OffsetForLeaderEpochRequest request;
    request.replicaId = -1;
    auto& asked = request.topics.emplace_back();
    asked.topic = "orders";
    asked.partitions = {{0, -1, first}, {9, -1, first}};
    const auto answer = client.call<protocol::OffsetForLeaderEpochResponse>(request);
    EXPECT_EQ(answer.topics.at(0).partitions.at(0).leaderEpoch, first);
    EXPECT_EQ(answer.topics.at(0).partitions.at(0).endOffset, 6);
    EXPECT_EQ(answer.topics.at(0).partitions.at(1).errorCode,
              code(KafkaError::UnknownTopicOrPartition));
}

TEST_F(Offsets, DeletedRecordsAreGoneOnEveryReplica) {
    const auto started = cluster.elapsedMs();
    const auto answer = deleteTo(4);
    EXPECT_EQ(answer.errorCode, 0);
    EXPECT_EQ(answer.lowWatermark, 4);
    EXPECT_LE(cluster.elapsedMs() - started, 30) << "waited for a long poll to end";
    for (int node = 1; node <= 3; ++node)
        EXPECT_EQ(cluster.partition(node, "orders")->logStart, Offset(4));
    EXPECT_EQ(list(-2).offset, 4);
    ClusterClient client(cluster, leader);
    EXPECT_EQ(client.call<FetchResponse>(fetchOf(topic, 0, 3)).responses[0].partitions[0].errorCode,
              code(KafkaError::OffsetOutOfRange));
    EXPECT_EQ(deleteTo(-1).lowWatermark, 6) << "-1 means the high watermark";
    EXPECT_EQ(deleteTo(7).errorCode, code(KafkaError::OffsetOutOfRange));
}

TEST_F(Offsets, DeleteRecordsWaitsForLiveReplicasOnly) {
    const int follower = leader % 3 + 1;
    cluster.pause(follower);
    const auto late = deleteTo(2, 300);
    EXPECT_EQ(late.errorCode, code(KafkaError::RequestTimedOut));
    ASSERT_TRUE(cluster.runUntil(
        [&] { return cluster.controller()->image().broker(follower)->fenced; }, 30000));
    cluster.run(10);
    EXPECT_EQ(deleteTo(3).errorCode, 0) << "a fenced replica must not hold it up";
}

TEST_F(Offsets, DeletedRecordsStayDeletedAfterARestart) {
    ASSERT_EQ(deleteTo(4).errorCode, 0);
    cluster.run(2000);
    const int follower = leader % 3 + 1;
    cluster.kill(follower);
    cluster.restart(follower);
    cluster.run(1);
    EXPECT_EQ(cluster.partition(follower, "orders")->logStart, Offset(4));
}

TEST_F(Offsets, ANewReplicaStartsInTheMiddleOfABatch) {
    ASSERT_EQ(deleteTo(3).errorCode, 0);
    const int follower = leader % 3 + 1;
    cluster.kill(follower);
    for (const auto& path : cluster.disk(follower).paths())
        cluster.disk(follower).erase(path);
    cluster.restart(follower);
    ASSERT_TRUE(cluster.runUntil(
        [&] {
            const auto one = cluster.partition(follower, "orders");
            return one && one->logEnd == Offset(6);
        },
        60000));
    cluster.run(1000);
    EXPECT_EQ(cluster.partition(follower, "orders")->logStart, Offset(3));
}

}  // namespace
}  // namespace odradek::test
