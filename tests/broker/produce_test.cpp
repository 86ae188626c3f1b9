// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/protocol/messages/incremental_alter_configs.h"
#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using protocol::BatchOptions;
using protocol::Compression;
using protocol::FetchResponse;
using protocol::KafkaError;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using PartResponse = ProduceResponse::PartitionProduceResponse;

PartResponse produce(ClusterClient& client, const ProduceRequest& request,
                     std::int16_t version = 13, std::int64_t ms = 60000) {
    const auto answer = client.call<ProduceResponse>(request, version, ms);
    if (answer.responses.size() != 1 || answer.responses[0].partitionResponses.size() != 1) {
        ADD_FAILURE() << "not one partition answered";
        return {};
    }
    return answer.responses[0].partitionResponses[0];
}

TEST(Produce, EveryCodecAndEveryVersionIsReadBack) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    ClusterClient client(cluster, cluster.leaderOf("orders"));
    std::int64_t expected = 0;
    for (const auto codec : {Compression::None, Compression::Gzip, Compression::Snappy,
                             Compression::Lz4, Compression::Zstd})
        for (std::int16_t version = 3; version <= 13; ++version) {
            if (codec == Compression::Zstd && version < 7)
                continue;
            auto request = produceOf(topic, 0, batchOf({"x", "y"}, {.compression = codec}));
            request.topicData[0].name = "orders";
            const auto part = produce(client, request, version);
            EXPECT_EQ(part.errorCode, 0) << "version " << version;
            EXPECT_EQ(part.baseOffset, expected);
            const auto fetched = client.call<FetchResponse>(fetchOf(topic, 0, expected));
            EXPECT_EQ(valuesIn(fetched.responses[0].partitions[0].records),
                      (std::vector<std::string>{"x", "y"}));
            expected += 2;
        }
}

TEST(Produce, AcksOneDoesNotWaitForFollowers) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    for (int node = 1; node <= 3; ++node)
        if (node != leader)
            cluster.pause(node);
    ClusterClient client(cluster, leader);
    EXPECT_EQ(produce(client, produceOf(topic, 0, batchOf({"a"}), 1), 13, 10).errorCode, 0);
    EXPECT_EQ(cluster.partition(leader, "orders")->highWatermark, Offset(0));
}

TEST(Produce, AcksAllWaitsForTheInSyncReplicasAndTimesOut) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    const int follower = leader % 3 + 1;
    cluster.run(5);
    cluster.pause(follower);
    ClusterClient client(cluster, leader);
    const auto started = cluster.elapsedMs();
    const auto part = produce(client, produceOf(topic, 0, batchOf({"a"}), -1, 1500));
    EXPECT_EQ(part.errorCode, code(KafkaError::RequestTimedOut));
    EXPECT_EQ(part.baseOffset, -1);
    EXPECT_EQ(cluster.elapsedMs() - started, 1500);
    EXPECT_EQ(cluster.partition(leader, "orders")->highWatermark, Offset(0));
    cluster.resume(follower);
    EXPECT_TRUE(cluster.runUntil(
        [&] { return cluster.partition(leader, "orders")->highWatermark == Offset(1); }, 1000));
}

TEST(Produce, AcksZeroIsSilentAndAnErrorClosesTheConnection) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    ClusterClient client(cluster, leader);
    client.send(produceOf(topic, 0, batchOf({"a"}), 0));
    const auto fetched = client.call<FetchResponse>(fetchOf(topic, 0, 0, 1000));
    EXPECT_EQ(valuesIn(fetched.responses[0].partitions[0].records), std::vector<std::string>{"a"});
    EXPECT_EQ(client.received().size(), 1u) << "acks=0 got a response";
    ClusterClient wrong(cluster, leader % 3 + 1);
    wrong.send(produceOf(topic, 0, batchOf({"a"}), 0));
    cluster.run(5);
    EXPECT_FALSE(wrong.open());
    EXPECT_TRUE(client.open());
}

TEST(Produce, TheWrongBrokerTellsWhoLeads) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    ClusterClient client(cluster, leader % 3 + 1);
    const auto answer = client.call<ProduceResponse>(produceOf(topic, 0, batchOf({"a"})));
    const auto& part = answer.responses[0].partitionResponses[0];
    EXPECT_EQ(part.errorCode, code(KafkaError::NotLeaderOrFollower));
    EXPECT_EQ(part.currentLeader.leaderId, leader);
    EXPECT_GE(part.currentLeader.leaderEpoch, 0);
    ASSERT_EQ(answer.nodeEndpoints.size(), 1u);
    EXPECT_EQ(answer.nodeEndpoints[0].nodeId, leader);
    EXPECT_EQ(answer.nodeEndpoints[0].port, 9091 + leader);
    auto old = produceOf(topic, 0, batchOf({"a"}));
    old.topicData[0].name = "orders";
    EXPECT_EQ(produce(client, old, 9).currentLeader.leaderId, -1);
}

TEST(Produce, UnknownTopicsAndPartitionsAreNamedAsSuch) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 1);
    ClusterClient client(cluster, 1);
    EXPECT_EQ(produce(client, produceOf(Uuid{{7}}, 0, batchOf({"a"}))).errorCode,
              code(KafkaError::UnknownTopicId));
    EXPECT_EQ(produce(client, produceOf(topic, 9, batchOf({"a"}))).errorCode,
              code(KafkaError::UnknownTopicOrPartition));
    auto byName = produceOf(topic, 0, batchOf({"a"}));
    byName.topicData[0].name = "nothing";
    EXPECT_EQ(produce(client, byName, 12).errorCode, code(KafkaError::UnknownTopicOrPartition));
}

TEST(Produce, BadRequestsAndBatchesAreRefused) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 1);
    ClusterClient client(cluster, 1);
    EXPECT_EQ(produce(client, produceOf(topic, 0, batchOf({"a"}), 2)).errorCode,
              code(KafkaError::InvalidRequiredAcks));
    EXPECT_EQ(produce(client, produceOf(topic, 0, Bytes())).errorCode,
              code(KafkaError::InvalidRecord));
    auto flipped = batchOf({"abcdef"});
    std::vector<std::uint8_t> bytes(flipped.data(), flipped.data() + flipped.size());
    bytes.back() ^= 1;
    EXPECT_EQ(produce(client, produceOf(topic, 0, Bytes::take(std::move(bytes)))).errorCode,
              code(KafkaError::CorruptMessage));
    EXPECT_EQ(produce(client, produceOf(topic, 0, batchOf({std::string(1100000, 'x')}))).errorCode,
              code(KafkaError::MessageTooLarge));
    EXPECT_EQ(produce(client, produceOf(topic, 0,
                                        batchOf({"a"}, {.producerId = 1,
                                                        .producerEpoch = 0,
                                                        .baseSequence = 0,
                                                        .transactional = true})))
                  .errorCode,
              code(KafkaError::TransactionalIdAuthorizationFailed));
    auto zstd = produceOf(topic, 0, batchOf({"a"}, {.compression = Compression::Zstd}));
    zstd.topicData[0].name = "orders";
    EXPECT_EQ(produce(client, zstd, 6).errorCode, code(KafkaError::UnsupportedCompressionType));
    EXPECT_EQ(produce(client, produceOf(topic, 0, batchOf({"ok"}))).baseOffset, 0)
        << "a refused batch left a trace";
}

TEST(Produce, IsRefusedWhileTooFewAreInSync) {
    ClusterHarness cluster(3, {{"replica.lag.time.max.ms", "2000"}});
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 3, {{"min.insync.replicas", "2"}});
    const int leader = cluster.leaderOf("orders");
    ClusterClient client(cluster, leader);
    ASSERT_EQ(produce(client, produceOf(topic, 0, batchOf({"a"}))).errorCode, 0);
    for (int node = 1; node <= 3; ++node)
        if (node != leader)
            cluster.pause(node);
    const auto lost = client.send(produceOf(topic, 0, batchOf({"b"}), -1, 20000));
    ASSERT_TRUE(cluster.runUntil(
        [&] { return cluster.partition(leader, "orders")->isr.size() == 1; }, 20000));
    ClusterClient fresh(cluster, leader);
    EXPECT_EQ(produce(fresh, produceOf(topic, 0, batchOf({"c"}))).errorCode,
              code(KafkaError::NotEnoughReplicas));
    EXPECT_EQ(produce(fresh, produceOf(topic, 0, batchOf({"d"}), 1)).errorCode, 0)
        << "acks=1 does not ask for the ISR";
    EXPECT_EQ(cluster.partition(leader, "orders")->highWatermark, Offset(1))
        << "the mark moved under min ISR";
    const auto answer = client.take<ProduceResponse>(lost, 13);
    EXPECT_EQ(answer.responses[0].partitionResponses[0].errorCode,
              code(KafkaError::RequestTimedOut));
}

TEST(Produce, IdempotentRetriesAreAnsweredWithTheirFirstOffsets) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    const BatchOptions first{.producerId = 4000, .producerEpoch = 0, .baseSequence = 0};
    const BatchOptions second{.producerId = 4000, .producerEpoch = 0, .baseSequence = 2};
    const BatchOptions gap{.producerId = 4000, .producerEpoch = 0, .baseSequence = 9};
    ClusterClient client(cluster, leader);
    EXPECT_EQ(produce(client, produceOf(topic, 0, batchOf({"a", "b"}, first))).baseOffset, 0);
    EXPECT_EQ(produce(client, produceOf(topic, 0, batchOf({"c"}, second))).baseOffset, 2);
    EXPECT_EQ(produce(client, produceOf(topic, 0, batchOf({"a", "b"}, first))).baseOffset, 0);
    EXPECT_EQ(produce(client, produceOf(topic, 0, batchOf({"z"}, gap))).errorCode,
              code(KafkaError::OutOfOrderSequenceNumber));
    // The next leader knows the sequences from the records themselves, and so does a restarted one.
    cluster.run(600);
    cluster.kill(leader);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaderOf("orders") != 0; }, 30000));
    const int next = cluster.leaderOf("orders");
    ASSERT_NE(next, leader);
    ClusterClient other(cluster, next);
    EXPECT_EQ(produce(other, produceOf(topic, 0, batchOf({"c"}, second))).baseOffset, 2);
    EXPECT_EQ(
        produce(
            other,
            produceOf(topic, 0,
                      batchOf({"d"}, {.producerId = 4000, .producerEpoch = 0, .baseSequence = 3})))
            .baseOffset,
        3);
    EXPECT_EQ(cluster.partition(next, "orders")->logEnd, Offset(4));
}

TEST(Produce, NothingIsAckedBeforeItIsFlushedWhenFlushingIsAskedFor) {
    ClusterHarness cluster(1, {{"log.flush.interval.messages", "1"}});
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 1);
    ClusterClient client(cluster, 1);
    ASSERT_EQ(produce(client, produceOf(topic, 0, batchOf({"a"}))).errorCode, 0);
    cluster.kill(1);
    cluster.disk(1).powerCut();
    cluster.restart(1);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaderOf("orders") == 1; }, 20000));
    ClusterClient again(cluster, 1);
    const auto fetched = again.call<FetchResponse>(fetchOf(topic, 0, 0, 100));
    EXPECT_EQ(valuesIn(fetched.responses[0].partitions[0].records), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace odradek::test
