// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using protocol::FetchResponse;
using protocol::KafkaError;
using protocol::ProduceResponse;

TEST(Start, ThreeBrokersServeWithoutFixedWaits) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    EXPECT_EQ(cluster.elapsedMs(), 0)
        << "with an instant network and disk nothing may wait for a timer";
}

TEST(Produce, AckedByAllIsReadByAConsumer) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    const int leader = cluster.leaderOf("orders");
    ClusterClient client(cluster, leader);
    const auto before = cluster.elapsedMs();
    const auto produced =
        client.call<ProduceResponse>(produceOf(topic, 0, batchOf({"a", "b", "c"})));
    ASSERT_EQ(produced.responses.size(), 1u);
    const auto& part = produced.responses[0].partitionResponses.at(0);
    EXPECT_EQ(part.errorCode, 0);
    EXPECT_EQ(part.baseOffset, 0);
    EXPECT_EQ(part.logStartOffset, 0);
    const auto fetched = client.call<FetchResponse>(fetchOf(topic, 0, 0));
    const auto& data = fetched.responses.at(0).partitions.at(0);
    EXPECT_EQ(data.errorCode, 0);
    EXPECT_EQ(data.highWatermark, 3);
    EXPECT_EQ(valuesIn(data.records), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_LE(cluster.elapsedMs() - before, 20) << "replication waited for a timer";
}

}  // namespace
}  // namespace odradek::test
