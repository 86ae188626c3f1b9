// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::KafkaError;
using protocol::ProduceResponse;

const FetchResponse::PartitionData& only(const FetchResponse& answer) {
    return answer.responses.at(0).partitions.at(0);
}

struct Orders : testing::Test {
    ClusterHarness cluster;
    Uuid topic;
    int leader = 0;
    void SetUp() override {
        ASSERT_TRUE(cluster.start());
        topic = createTopic(cluster, "orders");
        leader = cluster.leaderOf("orders");
        cluster.run(5);
    }
    void produce(const std::vector<std::string>& values, std::int16_t acks = -1) {
        ClusterClient client(cluster, leader);
        const auto answer =
            client.call<ProduceResponse>(produceOf(topic, 0, batchOf(values), acks));
        ASSERT_EQ(answer.responses.at(0).partitionResponses.at(0).errorCode, 0);
    }
};
using Fetch = Orders;

TEST_F(Fetch, LongPollEndsWithTheFirstRecord) {
    ClusterClient client(cluster, leader);
    const auto started = cluster.elapsedMs();
    const auto waiting = client.send(fetchOf(topic, 0, 0, 5000));
    cluster.run(200);
    EXPECT_EQ(client.waiting(), 0u);
    produce({"a"});
    const auto answer = client.take<FetchResponse>(waiting, 18);
    EXPECT_EQ(valuesIn(only(answer).records), std::vector<std::string>{"a"});
    EXPECT_LE(cluster.elapsedMs() - started, 210) << "the wait did not end with the produce";
}

TEST_F(Fetch, LongPollEndsEmptyAfterMaxWait) {
    ClusterClient client(cluster, leader);
    const auto started = cluster.elapsedMs();
    const auto answer = client.call<FetchResponse>(fetchOf(topic, 0, 0, 700));
    EXPECT_EQ(cluster.elapsedMs() - started, 700);
    EXPECT_EQ(only(answer).errorCode, 0);
    EXPECT_TRUE(only(answer).records && only(answer).records->empty());
}

TEST_F(Fetch, MinBytesGathersSeveralProduces) {
    ClusterClient client(cluster, leader);
    const auto size = static_cast<std::int32_t>(batchOf({std::string(200, 'x')}).size());
    const auto waiting = client.send(fetchOf(topic, 0, 0, 10000, 2 * size + 1));
    produce({std::string(200, 'x')});
    produce({std::string(200, 'x')});
    cluster.run(100);
    EXPECT_EQ(client.waiting(), 0u);
    produce({std::string(200, 'x')});
    EXPECT_EQ(recordsIn(only(client.take<FetchResponse>(waiting, 18, 10)).records).size(), 3u);
}

TEST_F(Fetch, OnlyCommittedRecordsAreSeen) {
    for (int node = 1; node <= 3; ++node)
        if (node != leader)
            cluster.pause(node);
    produce({"secret"}, 1);
    ClusterClient client(cluster, leader);
    const auto answer = client.call<FetchResponse>(fetchOf(topic, 0, 0, 50));
    EXPECT_EQ(only(answer).highWatermark, 0);
    EXPECT_TRUE(only(answer).records->empty());
    // Between high watermark and log end there is nothing to read yet, but it is not out of range
    // either.
    EXPECT_EQ(only(client.call<FetchResponse>(fetchOf(topic, 0, 1, 0))).errorCode, 0);
    EXPECT_EQ(only(client.call<FetchResponse>(fetchOf(topic, 0, 2, 0))).errorCode,
              code(KafkaError::OffsetOutOfRange));
}

TEST_F(Fetch, AtLeastOneBatchWhateverTheLimit) {
    produce({std::string(5000, 'a')});
    produce({std::string(5000, 'b')});
    ClusterClient client(cluster, leader);
    const auto answer = client.call<FetchResponse>(fetchOf(topic, 0, 0, 0, 1, 100));
    EXPECT_EQ(recordsIn(only(answer).records).size(), 1u);
    auto two = fetchOf(topic, 0, 0, 0, 1, 1 << 20);
    two.maxBytes = 6000;
    EXPECT_EQ(recordsIn(only(client.call<FetchResponse>(two)).records).size(), 1u);
}

TEST_F(Fetch, EpochsAreChecked) {
    produce({"a"});
    ClusterClient client(cluster, leader);
    auto request = fetchOf(topic, 0, 0);
    auto& asked = request.topics[0].partitions[0];
    const auto epoch = cluster.partition(leader, "orders")->leaderEpoch.value;
    asked.currentLeaderEpoch = epoch + 1;
    EXPECT_EQ(only(client.call<FetchResponse>(request)).errorCode,
              code(KafkaError::UnknownLeaderEpoch));
    asked.currentLeaderEpoch = epoch;
    EXPECT_EQ(only(client.call<FetchResponse>(request)).errorCode, 0);
    cluster.kill(leader);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaderOf("orders") != 0; }, 30000));
    ClusterClient other(cluster, cluster.leaderOf("orders"));
    const auto fenced = other.call<FetchResponse>(request);
    EXPECT_EQ(only(fenced).errorCode, code(KafkaError::FencedLeaderEpoch));
    EXPECT_EQ(only(fenced).currentLeader.leaderId, cluster.leaderOf("orders"));
    ASSERT_EQ(fenced.nodeEndpoints.size(), 1u);
}

TEST_F(Fetch, DivergenceIsToldAtOnce) {
    produce({"a", "b", "c"});
    ClusterClient client(cluster, leader);
    auto request = fetchOf(topic, 0, 3, 5000);
    request.topics[0].partitions[0].lastFetchedEpoch =
        cluster.partition(leader, "orders")->leaderEpoch.value;
    request.topics[0].partitions[0].fetchOffset = 5;
    const auto started = cluster.elapsedMs();
    const auto answer = client.call<FetchResponse>(request);
    EXPECT_EQ(cluster.elapsedMs(), started);
    EXPECT_EQ(only(answer).errorCode, 0);
    EXPECT_EQ(only(answer).divergingEpoch.endOffset, 3);
    EXPECT_TRUE(only(answer).records->empty());
}

TEST_F(Fetch, UnknownIdsSessionsAndNames) {
    ClusterClient client(cluster, leader);
    EXPECT_EQ(only(client.call<FetchResponse>(fetchOf(Uuid{{8}}, 0, 0))).errorCode,
              code(KafkaError::UnknownTopicId));
    EXPECT_EQ(only(client.call<FetchResponse>(fetchOf(topic, 7, 0))).errorCode,
              code(KafkaError::UnknownTopicOrPartition));
    auto named = fetchOf(topic, 0, 0);
    named.topics[0].topic = "nothing";
    EXPECT_EQ(only(client.call<FetchResponse>(named, 12)).errorCode,
              code(KafkaError::UnknownTopicOrPartition));
    auto session = fetchOf(topic, 0, 0);
    session.sessionId = 5;
    session.sessionEpoch = 3;
    EXPECT_EQ(client.call<FetchResponse>(session).errorCode,
              code(KafkaError::FetchSessionIdNotFound));
    session.sessionEpoch = 0;
    session.sessionId = 0;
    const auto full = client.call<FetchResponse>(session);
    EXPECT_EQ(full.errorCode, 0);
    EXPECT_NE(full.sessionId, 0);
}

TEST_F(Fetch, EveryVersionReadsTheSame) {
    produce({"a", "b"});
    ClusterClient client(cluster, leader);
    for (std::int16_t version = 4; version <= 18; ++version) {
        auto request = fetchOf(topic, 0, 0);
        request.topics[0].topic = "orders";
        const auto answer = client.call<FetchResponse>(request, version);
        EXPECT_EQ(valuesIn(only(answer).records), (std::vector<std::string>{"a", "b"}))
            << "version " << version;
    }
}

TEST_F(Fetch, FollowersServeConsumersSinceVersionEleven) {
    produce({"a"});
    cluster.run(1000);
    ClusterClient client(cluster, leader % 3 + 1);
    auto request = fetchOf(topic, 0, 0);
    request.topics[0].topic = "orders";
    EXPECT_EQ(valuesIn(only(client.call<FetchResponse>(request, 12)).records),
              std::vector<std::string>{"a"});
    EXPECT_EQ(only(client.call<FetchResponse>(request, 10)).errorCode,
              code(KafkaError::NotLeaderOrFollower));
}

TEST_F(Fetch, RecordsThatLeftMemoryComeFromTheDisk) {
    for (int i = 0; i < 40; ++i)
        produce({std::string(100000, static_cast<char>('a' + i % 26))});
    ClusterClient client(cluster, leader);
    std::int64_t offset = 0;
    while (offset < 40) {
        const auto answer = client.call<FetchResponse>(fetchOf(topic, 0, offset, 0, 1, 250000));
        ASSERT_EQ(only(answer).errorCode, 0);
        const auto records = recordsIn(only(answer).records);
        ASSERT_FALSE(records.empty()) << "at " << offset;
        for (const auto& record : records) {
            EXPECT_EQ(record.offset, offset);
            EXPECT_EQ((*record.value)[0], 'a' + offset % 26);
            ++offset;
        }
    }
}

}  // namespace
}  // namespace odradek::test
