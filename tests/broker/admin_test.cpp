// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <set>

#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/describe_log_dirs.h"
#include "engine/protocol/messages/find_coordinator.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/offset_commit.h"
#include "engine/protocol/messages/offset_fetch.h"
#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::KafkaError;

TEST(InitProducerId, GivesEachIdOnceAcrossBrokersAndRestarts) {
    ClusterHarness cluster(2);
    ASSERT_TRUE(cluster.start());
    std::set<std::int64_t> seen;
    InitProducerIdRequest request;
    request.transactionalId.reset();
    for (int round = 0; round < 2; ++round) {
        for (int node = 1; node <= 2; ++node) {
            ClusterClient client(cluster, node);
            for (int i = 0; i < 3; ++i) {
                const auto answer = client.call<InitProducerIdResponse>(request);
                EXPECT_EQ(answer.errorCode, 0);
                EXPECT_EQ(answer.producerEpoch, 0);
                EXPECT_TRUE(seen.insert(answer.producerId).second)
                    << answer.producerId << " was given twice";
            }
        }
        cluster.kill(2);
        cluster.restart(2);
        ASSERT_TRUE(cluster.runUntil([&] { return cluster.allRunning(); }, 30000));
    }
    ClusterClient client(cluster, 1);
    request.transactionalId = "txn";
    EXPECT_EQ(client.call<InitProducerIdResponse>(request).errorCode,
              code(KafkaError::UnsupportedVersion));
    request.transactionalId = "";
    EXPECT_EQ(client.call<InitProducerIdResponse>(request).errorCode,
              code(KafkaError::InvalidRequest));
}

DescribeConfigsResponse::DescribeConfigsResult describe(ClusterClient& client, std::int8_t type,
                                                        const std::string& name,
                                                        std::vector<std::string> keys = {}) {
    DescribeConfigsRequest request;
    request.includeSynonyms = true;
    auto& resource = request.resources.emplace_back();
    resource.resourceType = type;
    resource.resourceName = name;
    if (keys.empty())
        resource.configurationKeys.reset();
    else
        resource.configurationKeys = std::move(keys);
    return client.call<DescribeConfigsResponse>(request).results.at(0);
}

TEST(DescribeConfigs, TopicsAndBrokersWithTheirSources) {
    ClusterHarness cluster(2, {{"log.retention.ms", "1234567"}});
    ASSERT_TRUE(cluster.start());
    createTopic(cluster, "orders", 1, 2, {{"max.message.bytes", "5000"}});
    cluster.run(5);
    ClusterClient client(cluster, 2);
    const auto one = describe(client, 2, "orders", {"max.message.bytes"});
    ASSERT_EQ(one.configs.size(), 1u);
    EXPECT_EQ(one.configs[0].value, "5000");
    EXPECT_EQ(one.configs[0].configSource, 1);
    EXPECT_GE(one.configs[0].synonyms.size(), 2u);
    const auto retention = describe(client, 2, "orders", {"retention.ms"});
    EXPECT_EQ(retention.configs.at(0).value, "1234567");
    EXPECT_EQ(retention.configs.at(0).configSource, 4);
    EXPECT_EQ(describe(client, 2, "orders").configs.size(), 33u);
    EXPECT_EQ(describe(client, 4, "2").configs.size(), 85u);
    EXPECT_EQ(describe(client, 4, "1").errorCode, code(KafkaError::InvalidRequest));
    EXPECT_EQ(describe(client, 4, "x").errorCode, code(KafkaError::InvalidRequest));
    EXPECT_EQ(describe(client, 4, "").errorCode, 0);
    EXPECT_EQ(describe(client, 2, "nothing").errorCode, code(KafkaError::UnknownTopicOrPartition));
    EXPECT_EQ(describe(client, 2, "bad name").errorCode, code(KafkaError::InvalidTopicException));
    EXPECT_EQ(describe(client, 77, "x").errorCode, code(KafkaError::InvalidRequest));
}

TEST(Forwarding, ConfigsAreChangedThroughAnyBroker) {
    ClusterHarness cluster(3);
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 3);
    ClusterClient client(cluster, 3);
    IncrementalAlterConfigsRequest request;
    auto& good = request.resources.emplace_back();
    good.resourceType = 2;
    good.resourceName = "orders";
    good.configs.push_back({"max.message.bytes", 0, "300"});
    auto& otherBroker = request.resources.emplace_back();
    otherBroker.resourceType = 4;
    otherBroker.resourceName = "1";
    otherBroker.configs.push_back({"log.retention.ms", 0, "5"});
    const auto answer = client.call<IncrementalAlterConfigsResponse>(request);
    ASSERT_EQ(answer.responses.size(), 2u);
    EXPECT_EQ(answer.responses[0].errorCode, 0) << answer.responses[0].errorMessage.value_or("");
    EXPECT_NE(answer.responses[1].errorCode, 0);
    cluster.run(10);
    ClusterClient producer(cluster, cluster.leaderOf("orders"));
    const auto refused = producer.call<protocol::ProduceResponse>(
        produceOf(topic, 0, batchOf({std::string(400, 'x')})));
    EXPECT_EQ(refused.responses[0].partitionResponses[0].errorCode,
              code(KafkaError::MessageTooLarge))
        << "the log does not obey its new configuration";
}

TEST(Forwarding, WaitsForTheControllerAndTimesOutWithoutIt) {
    ClusterHarness cluster(2);
    ASSERT_TRUE(cluster.start());
    cluster.kill(1, true);
    ClusterClient client(cluster, 2);
    protocol::CreatePartitionsRequest request;
    request.timeoutMs = 5000;
    auto& topic = request.topics.emplace_back();
    topic.name = "nothing";
    topic.count = 5;
    topic.assignments.reset();
    const auto waiting = client.send(request);
    cluster.run(3000);
    EXPECT_EQ(client.waiting(), 0u);
    cluster.boot({1, ClusterHarness::Role::Controller});
    const auto answer = client.take<protocol::CreatePartitionsResponse>(waiting, 3, 5000);
    EXPECT_EQ(answer.results.at(0).errorCode, code(KafkaError::UnknownTopicOrPartition));
    cluster.kill(1, true);
    const auto lost = client.call<protocol::CreatePartitionsResponse>(request, 3, 120000);
    EXPECT_EQ(lost.results.at(0).errorCode, code(KafkaError::RequestTimedOut));
}

TEST(DescribeLogDirs, TellsSizes) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 2, 1);
    ClusterClient client(cluster, 1);
    const auto batch = batchOf({"abc"});
    client.call<protocol::ProduceResponse>(produceOf(topic, 1, batch));
    cluster.broker(1)->setDiskSpace(1000, 400);
    for (std::int16_t version = 1; version <= 5; ++version) {
        protocol::DescribeLogDirsRequest all;
        all.topics.reset();
        const auto answer = client.call<protocol::DescribeLogDirsResponse>(all, version);
        ASSERT_EQ(answer.results.size(), 1u);
        EXPECT_EQ(answer.results[0].logDir, "/memory/1");
        ASSERT_EQ(answer.results[0].topics.size(), 1u);
        EXPECT_EQ(answer.results[0].topics[0].partitions.at(1).partitionSize,
                  static_cast<std::int64_t>(batch.size()));
        if (version >= 4) {
            EXPECT_EQ(answer.results[0].usableBytes, 400);
        }
    }
    protocol::DescribeLogDirsRequest some;
    some.topics.emplace();
    some.topics->push_back({"orders", {1, 5}});
    EXPECT_EQ(client.call<protocol::DescribeLogDirsResponse>(some)
                  .results.at(0)
                  .topics.at(0)
                  .partitions.size(),
              1u);
}

FindCoordinatorResponse findGroup(ClusterClient& client, const std::string& group,
                                  std::int16_t version = 6, std::int8_t type = 0) {
    FindCoordinatorRequest request;
    request.keyType = type;
    request.key = group;
    if (version >= 4)
        request.coordinatorKeys.push_back(group);
    return client.call<FindCoordinatorResponse>(request, version);
}

TEST(FindCoordinator, CreatesTheOffsetsTopicWhenFirstWanted) {
    ClusterHarness cluster(3, {{"offsets.topic.num.partitions", "5"}});
    ASSERT_TRUE(cluster.start());
    ClusterClient client(cluster, 2);
    const auto first = findGroup(client, "g");
    EXPECT_EQ(first.coordinators.at(0).errorCode, code(KafkaError::CoordinatorNotAvailable));
    EXPECT_EQ(first.coordinators.at(0).nodeId, -1);
    cluster.run(20);
    const auto second = findGroup(client, "g");
    EXPECT_EQ(second.coordinators.at(0).errorCode, 0);
    EXPECT_GE(second.coordinators.at(0).nodeId, 1);
    const auto old = findGroup(client, "g", 0);
    EXPECT_EQ(old.nodeId, second.coordinators.at(0).nodeId);
    EXPECT_EQ(findGroup(client, "t", 6, 1).coordinators.at(0).errorCode,
              code(KafkaError::UnsupportedVersion));
    EXPECT_EQ(findGroup(client, "t", 3, 1).errorCode, code(KafkaError::UnsupportedVersion));
}

struct Groups : testing::Test {
    ClusterHarness cluster{3, {{"offsets.topic.num.partitions", "3"}}};
    int coordinator = 0;
    void SetUp() override {
        ASSERT_TRUE(cluster.start());
        createTopic(cluster, "orders");
        find();
    }
    void find() {
        for (int i = 0; i < 50; ++i) {
            ClusterClient client(cluster, cluster.broker(1) != nullptr ? 1 : 2);
            const auto answer = findGroup(client, "g").coordinators.at(0);
            if (answer.errorCode == 0 && cluster.broker(answer.nodeId) != nullptr) {
                coordinator = answer.nodeId;
                return;
            }
            cluster.run(500);
        }
        FAIL() << "no coordinator";
    }
    std::int16_t commit(std::int64_t offset) {
        protocol::OffsetCommitRequest request;
        request.groupId = "g";
        request.generationIdOrMemberEpoch = -1;
        auto& topic = request.topics.emplace_back();
        topic.name = "orders";
        topic.partitions.emplace_back().committedOffset = offset;
        ClusterClient client(cluster, coordinator);
        return client.call<protocol::OffsetCommitResponse>(request, 9)
            .topics.at(0)
            .partitions.at(0)
            .errorCode;
    }
    std::int64_t committed() {
        protocol::OffsetFetchRequest request;
        auto& group = request.groups.emplace_back();
        group.groupId = "g";
        group.topics.emplace();
        auto& topic = group.topics->emplace_back();
        topic.name = "orders";
        topic.partitionIndexes.push_back(0);
        ClusterClient client(cluster, coordinator);
        const auto answer = client.call<protocol::OffsetFetchResponse>(request, 9).groups.at(0);
        return answer.errorCode != 0 ? -answer.errorCode
                                     : answer.topics.at(0).partitions.at(0).committedOffset;
    }
};

TEST_F(Groups, CommittedOffsetsSurviveTheCoordinator) {
    ASSERT_EQ(commit(41), 0);
    ASSERT_EQ(commit(42), 0);
    EXPECT_EQ(committed(), 42);
    const int old = coordinator;
    cluster.kill(old, false);
    cluster.run(15000);
    find();
    EXPECT_NE(coordinator, old);
    EXPECT_EQ(committed(), 42);
    EXPECT_EQ(commit(50), 0);
    cluster.restart(old);
    cluster.run(5000);
    find();
    EXPECT_EQ(committed(), 50);
}

TEST_F(Groups, AllOffsetsComeBackAfterEverybodyStopped) {
    ASSERT_EQ(commit(7), 0);
    for (int node = 1; node <= 3; ++node)
        cluster.kill(node, node == 1);
    cluster.startAll();
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.allRunning(); }, 30000));
    cluster.run(1000);
    find();
    EXPECT_EQ(committed(), 7);
}

}  // namespace
}  // namespace odradek::test
