// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/storage/log/checkpoints.h"
#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using protocol::FetchResponse;
using protocol::KafkaError;
using protocol::ProduceResponse;

std::int16_t produce(ClusterHarness& cluster, int node, const Uuid& topic, const std::string& value,
                     std::int16_t acks = -1) {
    ClusterClient client(cluster, node);
    return client.call<ProduceResponse>(produceOf(topic, 0, batchOf({value}), acks))
        .responses.at(0)
        .partitionResponses.at(0)
        .errorCode;
}

TEST(Shutdown, ACleanOneMovesLeadersAndNeedsNoRecovery) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    ASSERT_EQ(produce(cluster, leader, topic, "a"), 0);
    ASSERT_TRUE(cluster.stop(leader));
    EXPECT_TRUE(cluster.disk(leader).exists(std::string(storage::kCleanShutdownFile)));
    const auto points = storage::readOffsetCheckpoint(
        cluster.disk(leader).content(std::string(storage::kRecoveryPointFile)));
    ASSERT_TRUE(points.has_value());
    EXPECT_EQ(points->at({"orders", 0}), Offset(1));
    cluster.run(1);
    const int next = cluster.leaderOf("orders");
    ASSERT_NE(next, 0) << "nobody leads right after a controlled shutdown";
    EXPECT_EQ(produce(cluster, next, topic, "b"), 0);
    const auto read = cluster.disk(leader).bytesRead();
    cluster.restart(leader);
    EXPECT_LT(cluster.disk(leader).bytesRead() - read, 10000u);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.partition(next, "orders")->isr.size() == 3; },
                                 20000));
    EXPECT_FALSE(cluster.disk(leader).exists(std::string(storage::kCleanShutdownFile)));
}

TEST(Shutdown, GoesAheadWithoutAController) {
    ClusterHarness cluster(2);
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 2);
    ASSERT_EQ(produce(cluster, cluster.leaderOf("orders"), topic, "a"), 0);
    cluster.kill(1, true);
    const auto started = cluster.elapsedMs();
    EXPECT_TRUE(cluster.stop(2));
    EXPECT_LE(cluster.elapsedMs() - started, 6000);
    EXPECT_TRUE(cluster.disk(2).exists(std::string(storage::kCleanShutdownFile)));
}

TEST(Restart, EverythingAckedIsThereAfterKillingEverybody) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    for (int i = 0; i < 20; ++i)
        ASSERT_EQ(produce(cluster, cluster.leaderOf("orders"), topic, std::to_string(i)), 0);
    for (int node = 1; node <= 3; ++node)
        cluster.kill(node, node == 1);
    cluster.startAll();
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.allRunning(); }, 30000));
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaderOf("orders") != 0; }, 30000));
    const int leader = cluster.leaderOf("orders");
    EXPECT_EQ(produce(cluster, leader, topic, "20"), 0);
    ClusterClient client(cluster, leader);
    std::vector<std::string> values;
    for (int round = 0; round < 5 && values.size() < 21; ++round) {
        const auto answer = client.call<FetchResponse>(
            fetchOf(topic, 0, static_cast<std::int64_t>(values.size()), 1000));
        for (const auto& value : valuesIn(answer.responses.at(0).partitions.at(0).records))
            values.push_back(value);
    }
    ASSERT_EQ(values.size(), 21u);
    for (int i = 0; i <= 20; ++i)
        EXPECT_EQ(values[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST(Restart, TheHighWatermarkIsRemembered) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 1);
    ASSERT_EQ(produce(cluster, 1, topic, "a"), 0);
    cluster.run(6000);
    const auto marks = storage::readOffsetCheckpoint(
        cluster.disk(1).content(std::string(storage::kHighWatermarkFile)));
    ASSERT_TRUE(marks.has_value());
    EXPECT_EQ(marks->at({"orders", 0}), Offset(1));
}

TEST(Retention, DropsOldSegmentsAndSaysSo) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 1, {{"retention.ms", "60000"}});
    ASSERT_EQ(produce(cluster, 1, topic, "a"), 0);
    cluster.run(700000);
    EXPECT_EQ(cluster.partition(1, "orders")->logStart, Offset(1));
    const auto events = cluster.view(1).events;
    EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const auto& one) {
        return one.kind == broker::EventKind::RetentionDeleted &&
               one.text.find("retention.ms") != std::string::npos;
    }));
    EXPECT_EQ(produce(cluster, 1, topic, "b"), 0);
}

TEST(DiskFailure, TheLeaderHandsItsPlaceOver) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    ASSERT_EQ(produce(cluster, leader, topic, "a"), 0);
    cluster.disk(leader).failNext<io::DiskWrite>("orders-0/");
    const auto error = produce(cluster, leader, topic, "b");
    EXPECT_TRUE(error == code(KafkaError::KafkaStorageError) ||
                error == code(KafkaError::NotLeaderOrFollower))
        << error;
    ASSERT_TRUE(cluster.runUntil(
        [&] {
            const int now = cluster.leaderOf("orders");
            return now != 0 && now != leader;
        },
        20000));
    EXPECT_EQ(produce(cluster, cluster.leaderOf("orders"), topic, "c", 1), 0);
}

TEST(DiskFailure, TheReplicaReturnsByItself) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    ASSERT_EQ(produce(cluster, leader, topic, "a"), 0);
    cluster.disk(leader).failNext<io::DiskWrite>("orders-0/");
    EXPECT_NE(produce(cluster, leader, topic, "b"), 0);
    ASSERT_TRUE(cluster.runUntil(
        [&] {
            const int now = cluster.leaderOf("orders");
            return now != 0 && now != leader;
        },
        20000));
    ASSERT_EQ(produce(cluster, cluster.leaderOf("orders"), topic, "c", 1), 0);
    const auto isBack = [&] {
        const auto there = cluster.partition(leader, "orders");
        const auto leads = cluster.partition(cluster.leaderOf("orders"), "orders");
        return there && leads && !there->failed && there->logEnd == leads->logEnd && leads->isr.size() == 3;
    };
    EXPECT_TRUE(cluster.runUntil(isBack, 20000));
    const auto events = cluster.view(leader).events;
    EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const auto& one) {
        return one.kind == broker::EventKind::LogRestored && one.topic == "orders";
    }));
}

TEST(DiskFailure, ADiskThatIsFullForAWhileTakesTheBrokerOutAndBackIn) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    ASSERT_EQ(produce(cluster, cluster.leaderOf("orders"), topic, "a"), 0);
    cluster.disk(2).failRandomly(1000);  // the controller is on another node
    (void)produce(cluster, cluster.leaderOf("orders"), topic, "b", 1);
    const auto isrSize = [&] {
        const int leader = cluster.leaderOf("orders");
        const auto leads = leader == 0 ? std::nullopt : cluster.partition(leader, "orders");
        return leads ? leads->isr.size() : 0;
    };
    ASSERT_TRUE(cluster.runUntil([&] { return isrSize() == 2; }, 20000));
    EXPECT_NE(cluster.leaderOf("orders"), 2);
    EXPECT_EQ(produce(cluster, cluster.leaderOf("orders"), topic, "c"), 0);
    cluster.run(20000);
    EXPECT_EQ(isrSize(), 2u) << "the disk is not well yet";
    cluster.disk(2).failRandomly(0);
    EXPECT_TRUE(cluster.runUntil([&] { return isrSize() == 3; }, 20000));
    EXPECT_EQ(cluster.partition(2, "orders")->logEnd,
              cluster.partition(cluster.leaderOf("orders"), "orders")->logEnd);
}

TEST(Boot, RefusesAForeignLogDirectory) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    cluster.kill(1);
    MemoryDisk copy = cluster.disk(1);
    broker::BrokerConfig config;
    config.node = BrokerId(2);
    io::Effects effects;
    const auto booted = broker::Broker::boot(cluster.now(), config, copy, 1, effects);
    ASSERT_FALSE(booted.has_value());
    EXPECT_EQ(booted.error().code, ErrorCode::Invalid);
    config.node = BrokerId(1);
    config.clusterId = "another-cluster";
    EXPECT_FALSE(broker::Broker::boot(cluster.now(), config, copy, 1, effects).has_value());
}

TEST(View, CountsWhatHappened) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    ASSERT_EQ(produce(cluster, leader, topic, "a"), 0);
    ClusterClient client(cluster, leader);
    client.call<FetchResponse>(fetchOf(topic, 0, 0));
    const auto view = cluster.view(leader);
    EXPECT_EQ(view.state, broker::BrokerState::Running);
    EXPECT_EQ(view.messagesIn, 1u);
    const auto one = cluster.partition(leader, "orders");
    EXPECT_EQ(one->messagesIn, 1u);
    EXPECT_GT(one->bytesOut, 60u);
    ASSERT_EQ(one->followers.size(), 2u);
    EXPECT_TRUE(one->followers[0].inSync);
    ASSERT_EQ(one->segments.size(), 1u);
    const auto produced = std::find_if(view.apis.begin(), view.apis.end(),
                                       [](const auto& api) { return api.api == 0; });
    ASSERT_NE(produced, view.apis.end());
    EXPECT_EQ(produced->requests, 1u);
    EXPECT_EQ(produced->latency.total, 1u);
    const auto since = view.lastEvent;
    EXPECT_GT(since, 0u);
    EXPECT_TRUE(cluster.broker(leader)->inspect(cluster.now(), since).events.empty());
}

TEST(LatencyHistogram, QuantilesLieWithinAQuarterOfADoubling) {
    broker::LatencyHistogram histogram;
    EXPECT_EQ(histogram.quantileMicros(500), 0u);
    for (std::uint64_t i = 1; i <= 1000; ++i)
        histogram.add(i);
    EXPECT_GE(histogram.quantileMicros(500), 500u);
    EXPECT_LE(histogram.quantileMicros(500), 640u);
    EXPECT_LE(histogram.quantileMicros(1000), 1024u);
    EXPECT_EQ(histogram.maxMicros, 1000u);
    for (int bucket = 1; bucket < broker::LatencyHistogram::kBuckets; ++bucket)
        EXPECT_GT(broker::LatencyHistogram::upperBound(bucket),
                  broker::LatencyHistogram::upperBound(bucket - 1));
}

}  // namespace
}  // namespace odradek::test
