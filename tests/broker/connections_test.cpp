// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/metadata.h"
#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::FetchResponse;
using protocol::KafkaError;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

ApiVersionsRequest versionsRequest() {
    ApiVersionsRequest request;
    request.clientSoftwareName = "odradek-test";
    request.clientSoftwareVersion = "1.0";
    return request;
}

TEST(ApiVersions, TellsWhatIsServedAndWhatIsFinalized) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    ClusterClient client(cluster, 2);
    for (std::int16_t version = 0; version <= 4; ++version) {
        const auto answer = client.call<ApiVersionsResponse>(versionsRequest(), version);
        EXPECT_EQ(answer.errorCode, 0);
        const auto produce = std::find_if(answer.apiKeys.begin(), answer.apiKeys.end(),
                                          [](const auto& one) { return one.apiKey == 0; });
        ASSERT_NE(produce, answer.apiKeys.end());
        EXPECT_EQ(produce->minVersion, 0) << "Kafka pretends to serve old produce versions";
        EXPECT_EQ(produce->maxVersion, 13);
        if (version >= 3) {
            ASSERT_EQ(answer.finalizedFeatures.size(), 1u);
            EXPECT_EQ(answer.finalizedFeatures[0].name, "metadata.version");
            EXPECT_GT(answer.finalizedFeaturesEpoch, 0);
        }
    }
}

TEST(ApiVersions, UnknownVersionIsAnsweredInVersionZero) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    ClusterClient client(cluster, 1);
    client.sendRaw(protocol::requestFrame(18, 99, 5, "x", Chain(Bytes::copy("garbage"))).flatten());
    ASSERT_TRUE(cluster.runUntil([&] { return client.waiting() == 1; }, 100));
    const auto split = protocol::parseResponseFrame(18, 0, client.received()[0]);
    ASSERT_TRUE(split.has_value());
    EXPECT_EQ(split->correlationId, 5);
    const auto answer = protocol::decode<ApiVersionsResponse>(split->body, 0);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->errorCode, 35);
    ASSERT_EQ(answer->apiKeys.size(), 1u);
    EXPECT_EQ(answer->apiKeys[0].apiKey, 18);
    EXPECT_TRUE(client.open());
}

TEST(ApiVersions, StrangeSoftwareNamesAreRefused) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    ClusterClient client(cluster, 1);
    auto request = versionsRequest();
    request.clientSoftwareName = "bad name";
    EXPECT_EQ(client.call<ApiVersionsResponse>(request).errorCode,
              code(KafkaError::InvalidRequest));
    EXPECT_EQ(client.call<ApiVersionsResponse>(versionsRequest()).errorCode, 0);
    ASSERT_FALSE(cluster.view(1).connections.empty());
    const auto connections = cluster.view(1).connections;
    EXPECT_TRUE(std::any_of(connections.begin(), connections.end(),
                            [](const auto& one) { return one.software == "odradek-test 1.0"; }));
}

TEST(Connections, GarbageClosesOnlyItsOwnConnection) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    ClusterClient good(cluster, 1);
    ClusterClient http(cluster, 1);
    ClusterClient unknownApi(cluster, 1);
    ClusterClient oldVersion(cluster, 1);
    ClusterClient cutBody(cluster, 1);
    ClusterClient tiny(cluster, 1);
    http.sendRaw(Bytes::copy("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    unknownApi.sendRaw(protocol::requestFrame(999, 0, 1, "x", Chain()).flatten());
    oldVersion.sendRaw(protocol::requestFrame(0, 2, 1, "x", Chain()).flatten());
    cutBody.sendRaw(protocol::requestFrame(3, 12, 1, "x", Chain(Bytes::copy("\xff"))).flatten());
    tiny.sendRaw(Bytes::copy("\x01"));
    cluster.run(10);
    EXPECT_FALSE(http.open());
    EXPECT_FALSE(unknownApi.open());
    EXPECT_FALSE(oldVersion.open());
    EXPECT_FALSE(cutBody.open());
    EXPECT_FALSE(tiny.open());
    EXPECT_TRUE(good.open());
    EXPECT_EQ(good.call<ApiVersionsResponse>(versionsRequest()).errorCode, 0);
}

TEST(Connections, BytesBehindARequestAreLetPass) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    ClusterClient client(cluster, 1);
    Chain body = protocol::encode(versionsRequest(), 4);
    body.append(Bytes::copy("xyz"));
    client.sendRaw(protocol::requestFrame(18, 4, 1, "x", body).flatten());
    cluster.run(1);
    EXPECT_EQ(client.waiting(), 1u);
    EXPECT_TRUE(client.open());
}

TEST(Connections, ResponsesLeaveInTheOrderOfRequests) {
    ClusterHarness cluster;
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders");
    ClusterClient client(cluster, cluster.leaderOf("orders"));
    const auto started = cluster.elapsedMs();
    const auto fetch = client.send(fetchOf(topic, 0, 0, 300));  // waits
    const auto metadata = client.send(MetadataRequest{});       // is done at once
    cluster.run(100);
    EXPECT_EQ(client.waiting(), 0u) << "the second answer overtook the first";
    EXPECT_EQ(client.take<FetchResponse>(fetch, FetchResponse::kInfo.maxVersion).errorCode, 0);
    EXPECT_EQ(cluster.elapsedMs() - started, 300);
    EXPECT_EQ(
        client.take<MetadataResponse>(metadata, MetadataResponse::kInfo.maxVersion).brokers.size(),
        3u);
}

TEST(Connections, RequestsBeyondTheInFlightLimitWaitTheirTurn) {
    ClusterHarness cluster(1);
    ASSERT_TRUE(cluster.start());
    const Uuid topic = createTopic(cluster, "orders", 1, 1);
    ClusterClient client(cluster, 1);
    std::vector<std::int32_t> sent;
    for (int i = 0; i < 300; ++i)
        sent.push_back(client.send(fetchOf(topic, 0, 0, 50)));
    cluster.run(10);
    const auto connections = cluster.view(1).connections;
    EXPECT_TRUE(std::any_of(connections.begin(), connections.end(),
                            [](const auto& one) { return one.inFlight == 256; }));
    cluster.run(200);
    EXPECT_EQ(client.waiting(), 300u);
    for (const auto correlation : sent)
        client.take<FetchResponse>(correlation, FetchResponse::kInfo.maxVersion);
}

TEST(Connections, AreLimitedForClientsButNotForBrokers) {
    ClusterHarness cluster(1, {{"max.connections", "2"}});
    ASSERT_TRUE(cluster.start());
    ClusterClient first(cluster, 1);
    ClusterClient second(cluster, 1);
    cluster.run(1);
    ClusterClient third(cluster, 1);
    const auto inner = cluster.connect(1, "127.0.0.1", true);
    cluster.run(1);
    EXPECT_TRUE(first.open());
    EXPECT_TRUE(second.open());
    EXPECT_FALSE(third.open());
    EXPECT_TRUE(cluster.client(inner).open);
}

TEST(Connections, IdleOnesAreClosed) {
    ClusterHarness cluster(1, {{"connections.max.idle.ms", "60000"}});
    ASSERT_TRUE(cluster.start());
    ClusterClient busy(cluster, 1);
    ClusterClient idle(cluster, 1);
    for (int i = 0; i < 5; ++i) {
        cluster.run(25000);
        busy.call<ApiVersionsResponse>(versionsRequest());
    }
    EXPECT_TRUE(busy.open());
    EXPECT_FALSE(idle.open());
}

TEST(Connections, ClientsThatComeTooEarlyWaitUntilTheBrokerServes) {
    ClusterHarness cluster(2);
    cluster.setNetworkDelay(1000);
    cluster.startAll();
    ClusterClient client(cluster, 2);
    const auto answer = client.call<MetadataResponse>(MetadataRequest{});
    EXPECT_TRUE(std::any_of(answer.brokers.begin(), answer.brokers.end(),
                            [](const auto& one) { return one.nodeId == 2; }));
}

}  // namespace
}  // namespace odradek::test
