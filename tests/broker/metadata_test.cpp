// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/describe_cluster.h"
#include "engine/protocol/messages/describe_topic_partitions.h"
#include "engine/protocol/messages/metadata.h"
#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using protocol::KafkaError;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

MetadataRequest named(const std::vector<std::string>& names, bool create = false) {
    MetadataRequest request;
    request.topics.emplace();
    for (const auto& name : names)
        request.topics->push_back({Uuid{}, name});
    request.allowAutoTopicCreation = create;
    return request;
}

TEST(Metadata, AllNoneAndNamedTopics) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid orders = createTopic(cluster, "orders", 2);
    createTopic(cluster, "payments", 1, 2);
    cluster.run(5);
    ClusterClient client(cluster, 2);
    for (std::int16_t version = 0; version <= 13; ++version) {
        MetadataRequest all;
        all.topics.emplace();
        if (version >= 1)
            all.topics.reset();
        const auto answer = client.call<MetadataResponse>(all, version);
        EXPECT_EQ(answer.topics.size(), 2u) << "version " << version;
        EXPECT_EQ(answer.brokers.size(), 3u);
        if (version >= 1) {
            EXPECT_GE(answer.controllerId, 1);
            EXPECT_TRUE(client.call<MetadataResponse>(named({}), version).topics.empty());
        }
        const auto one = client.call<MetadataResponse>(named({"orders"}), version);
        ASSERT_EQ(one.topics.size(), 1u);
        ASSERT_EQ(one.topics[0].partitions.size(), 2u);
        EXPECT_EQ(one.topics[0].partitions[0].errorCode, 0);
        EXPECT_EQ(one.topics[0].partitions[0].replicaNodes.size(), 3u);
        EXPECT_GE(one.topics[0].partitions[0].leaderId, 1);
        if (version >= 10) {
            EXPECT_EQ(one.topics[0].topicId, orders);
        }
        EXPECT_EQ(one.topics[0].topicAuthorizedOperations, INT32_MIN);
    }
}

TEST(Metadata, ById) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    const Uuid orders = createTopic(cluster, "orders", 1, 1);
    ClusterClient client(cluster, 1);
    MetadataRequest request;
    request.topics.emplace();
    request.topics->push_back({orders, std::nullopt});
    request.topics->push_back({Uuid{{3}}, std::nullopt});
    const auto answer = client.call<MetadataResponse>(request);
    ASSERT_EQ(answer.topics.size(), 2u);
    EXPECT_EQ(answer.topics[0].name, "orders");
    EXPECT_EQ(answer.topics[1].errorCode, code(KafkaError::UnknownTopicId));
    EXPECT_EQ(answer.topics[1].topicId, Uuid{{3}});
}

TEST(Metadata, AutoCreateOnlyWhenAllowed) {
    ClusterHarness cluster(3, {{"num.partitions", "4"}, {"default.replication.factor", "2"}});
    ASSERT_TRUE(cluster.start());
    ClusterClient client(cluster, 3);
    auto answer = client.call<MetadataResponse>(named({"fresh"}));
    EXPECT_EQ(answer.topics.at(0).errorCode, code(KafkaError::UnknownTopicOrPartition));
    cluster.run(100);
    EXPECT_EQ(client.call<MetadataResponse>(named({"fresh"})).topics.at(0).errorCode,
              code(KafkaError::UnknownTopicOrPartition))
        << "created although not allowed";
    answer = client.call<MetadataResponse>(named({"fresh"}, true));
    EXPECT_EQ(answer.topics.at(0).errorCode, code(KafkaError::UnknownTopicOrPartition));
    cluster.run(10);
    answer = client.call<MetadataResponse>(named({"fresh"}, true));
    EXPECT_EQ(answer.topics.at(0).errorCode, 0);
    EXPECT_EQ(answer.topics.at(0).partitions.size(), 4u);
    EXPECT_EQ(answer.topics.at(0).partitions.at(0).replicaNodes.size(), 2u);
    EXPECT_EQ(client.call<MetadataResponse>(named({"bad name"}, true)).topics.at(0).errorCode,
              code(KafkaError::InvalidTopicException));
}

TEST(Metadata, AutoCreateCanBeSwitchedOff) {
    ClusterHarness cluster(1, {{"auto.create.topics.enable", "false"}});
    ASSERT_TRUE(cluster.start());
    ClusterClient client(cluster, 1);
    client.call<MetadataResponse>(named({"fresh"}, true));
    cluster.run(100);
    EXPECT_EQ(client.call<MetadataResponse>(named({"fresh"}, true)).topics.at(0).errorCode,
              code(KafkaError::UnknownTopicOrPartition));
}

TEST(Metadata, TellsWhoIsOffline) {
    ClusterHarness cluster(
        3, {{"broker.session.timeout.ms", "1000"}, {"broker.heartbeat.interval.ms", "200"}});
    ASSERT_TRUE(cluster.start());
    createTopic(cluster, "orders");
    cluster.kill(3);
    cluster.run(3000);
    ClusterClient client(cluster, 2);
    const auto answer = client.call<MetadataResponse>(named({"orders"}));
    EXPECT_EQ(answer.brokers.size(), 2u);
    EXPECT_EQ(answer.topics.at(0).partitions.at(0).offlineReplicas, std::vector<std::int32_t>{3});
    protocol::DescribeClusterRequest request;
    request.includeFencedBrokers = true;
    const auto all = client.call<protocol::DescribeClusterResponse>(request);
    ASSERT_EQ(all.brokers.size(), 3u);
    EXPECT_TRUE(all.brokers[2].isFenced);
    request.includeFencedBrokers = false;
    EXPECT_EQ(client.call<protocol::DescribeClusterResponse>(request).brokers.size(), 2u);
    request.endpointType = 2;
    EXPECT_EQ(client.call<protocol::DescribeClusterResponse>(request).errorCode,
              code(KafkaError::MismatchedEndpointType));
}

TEST(Metadata, DeletedTopicsLoseTheirFolders) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid id = createTopic(cluster, "orders", 2);
    ClusterClient client(cluster, 1);
    const auto waiting = client.send(fetchOf(id, 0, 0, 5000));
    protocol::DeleteTopicsRequest request;
    request.topics.push_back({"orders", Uuid{}});
    ClusterClient admin(cluster, 2);
    EXPECT_EQ(admin.call<protocol::DeleteTopicsResponse>(request).responses.at(0).errorCode, 0);
    cluster.run(50);
    for (int node = 1; node <= 3; ++node) {
        EXPECT_FALSE(cluster.partition(node, "orders"));
        for (const auto& path : cluster.disk(node).paths())
            EXPECT_FALSE(path.starts_with("orders-")) << path;
    }
    const auto answer = client.take<protocol::FetchResponse>(waiting, 18, 100);
    EXPECT_NE(answer.responses.at(0).partitions.at(0).errorCode, 0)
        << "a fetch kept waiting on a deleted topic";
    const Uuid again = createTopic(cluster, "orders", 1);
    EXPECT_NE(again, id);
}

TEST(DescribeTopicPartitions, PagesThroughPartitions) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    createTopic(cluster, "a", 3);
    createTopic(cluster, "b", 2);
    cluster.run(5);
    ClusterClient client(cluster, 1);
    protocol::DescribeTopicPartitionsRequest request;
    request.topics = {{"b"}, {"a"}, {"nothing"}};
    request.responsePartitionLimit = 4;
    auto answer = client.call<protocol::DescribeTopicPartitionsResponse>(request);
    ASSERT_EQ(answer.topics.size(), 2u);
    EXPECT_EQ(answer.topics[0].name, "a");
    EXPECT_EQ(answer.topics[0].partitions.size(), 3u);
    EXPECT_EQ(answer.topics[1].partitions.size(), 1u);
    ASSERT_TRUE(answer.nextCursor);
    EXPECT_EQ(answer.nextCursor->topicName, "b");
    EXPECT_EQ(answer.nextCursor->partitionIndex, 1);
    request.cursor = protocol::DescribeTopicPartitionsRequest::Cursor{"b", 1};
    answer = client.call<protocol::DescribeTopicPartitionsResponse>(request);
    ASSERT_EQ(answer.topics.size(), 2u);
    EXPECT_EQ(answer.topics[0].partitions.at(0).partitionIndex, 1);
    EXPECT_EQ(answer.topics[1].errorCode, code(KafkaError::UnknownTopicOrPartition));
    EXPECT_FALSE(answer.nextCursor);
}

}  // namespace
}  // namespace odradek::test
