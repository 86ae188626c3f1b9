// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/quorum/controller_harness.h"

namespace odradek::quorum {
namespace {

using protocol::EnvelopeRequest;
using protocol::EnvelopeResponse;

TEST(Frames, ApiVersionsNamesWhatIsServed) {
    ControllerHarness h;
    for (std::int16_t version = 0; version <= 4; ++version) {
        const auto answer = h.call<protocol::ApiVersionsResponse>(h.admin(), protocol::ApiVersionsRequest{}, version);
        EXPECT_EQ(answer.errorCode, 0);
        EXPECT_EQ(answer.apiKeys.size(), 26u);
        if (version < 3)
            continue;
        ASSERT_EQ(answer.finalizedFeatures.size(), 1u);
        EXPECT_EQ(answer.finalizedFeatures[0].name, "metadata.version");
        EXPECT_EQ(answer.finalizedFeatures[0].maxVersionLevel, 30);
        for (const auto& feature : answer.supportedFeatures)
            EXPECT_TRUE(version >= 4 || feature.minVersion > 0) << feature.name;
    }
}

TEST(Frames, AnApiVersionsFromTheFutureIsAnsweredInVersionZero) {
    ControllerHarness h;
    const auto id = h.connect();
    h.sendRaw(id, Bytes::copy(std::string_view("\x00\x12\x00\x63\x00\x00\x00\x07\xff\xff\x00", 11)));
    const auto answer = h.read<protocol::ApiVersionsResponse>(id, 0, 7);
    EXPECT_EQ(answer.errorCode, codeOf(KafkaError::UnsupportedVersion));
    ASSERT_EQ(answer.apiKeys.size(), 1u);
    EXPECT_EQ(answer.apiKeys[0].apiKey, 18);
    EXPECT_FALSE(h.isClosed(id));
}

TEST(Frames, GarbageAndUnservedApisCloseThatConnectionOnly) {
    ControllerHarness h;
    const auto good = h.connect();
    for (const auto& frame : {Bytes::copy(std::string_view("GET / HTTP/1.1\r\n\r\n")), Bytes(),
                              Bytes::copy(std::string_view("\x00\x00\x00\x09\x00\x00\x00\x01\xff\xff", 10))}) {
        const auto id = h.connect();
        h.sendRaw(id, frame);
        EXPECT_TRUE(h.isClosed(id));
        EXPECT_EQ(h.waiting(id), 0u);
        h.sendRaw(id, frame);  // what still comes is dropped
    }
    EXPECT_EQ(h.call<protocol::ApiVersionsResponse>(good, protocol::ApiVersionsRequest{}).errorCode, 0);
}

RC_GTEST_PROP(Frames, DamagedRequestsNeverHarm, ()) {
    ControllerHarness h;
    h.join(1);
    const auto before = h.image().topics().size();
    protocol::CreateTopicsRequest wanted;
    wanted.topics.push_back({.name = "t", .numPartitions = 1, .replicationFactor = 1});
    const auto heartbeat = protocol::BrokerHeartbeatRequest{.brokerId = 1};
    const auto frame = *rc::gen::arbitrary<bool>()
                           ? protocol::encodeRequest(wanted, 7, 1, "x").flatten()
                           : protocol::encodeRequest(heartbeat, 2, 1, "x").flatten();
    std::vector<std::uint8_t> data(frame.data(), frame.data() + frame.size());
    for (int i = 0, n = *rc::gen::inRange(1, 8); i < n; ++i)
        data[*rc::gen::inRange<std::size_t>(0, data.size())] = *rc::gen::arbitrary<std::uint8_t>();
    data.resize(*rc::gen::inRange<std::size_t>(0, data.size() + 1));
    const auto id = h.connect();
    h.sendRaw(id, Bytes::take(std::move(data)));
    RC_ASSERT(h.isClosed(id) || h.waiting(id) == 1u);
    RC_ASSERT(h.image().topics().size() <= before + 1);
    RC_ASSERT(!h.beat({.id = 1, .epoch = h.image().broker(1)->epoch, .connection = h.connect()}).isFenced);
}

TEST(Envelope, CarriesAnAdminRequestAndItsAnswer) {
    ControllerHarness h;
    h.join(1);
    protocol::CreateTopicsRequest wanted;
    wanted.topics.push_back({.name = "t", .numPartitions = 2, .replicationFactor = 1});
    const EnvelopeRequest envelope{.requestData = protocol::encodeRequest(wanted, 5, 99, "client").flatten()};
    const auto answer = h.call<EnvelopeResponse>(h.admin(), envelope);
    EXPECT_EQ(answer.errorCode, 0);
    ASSERT_TRUE(answer.responseData.has_value());
    const auto inner = protocol::parseResponseFrame(19, 5, *answer.responseData);
    ASSERT_TRUE(inner.has_value());
    EXPECT_EQ(inner->correlationId, 99);
    const auto created = protocol::decode<protocol::CreateTopicsResponse>(inner->body, 5);
    EXPECT_EQ(created->topics.at(0).numPartitions, 2);
    EXPECT_NE(h.image().topic("t"), nullptr);
}

TEST(Envelope, RefusesWhatCannotBeForwarded) {
    ControllerHarness h;
    const auto codeFor = [&](Bytes inner) {
        return h.call<EnvelopeResponse>(h.admin(), EnvelopeRequest{.requestData = std::move(inner)}).errorCode;
    };
    EXPECT_EQ(codeFor(Bytes::copy(std::string_view("xx"))), codeOf(KafkaError::InvalidRequest));
    EXPECT_EQ(codeFor(protocol::encodeRequest(protocol::BrokerHeartbeatRequest{}, 2, 1, "x").flatten()),
              codeOf(KafkaError::InvalidRequest));
    EXPECT_EQ(codeFor(Bytes::copy(std::string_view("\x00\x13\x00\x63\x00\x00\x00\x07\xff\xff\x00", 11))),
              codeOf(KafkaError::UnsupportedVersion));
    EXPECT_FALSE(h.isClosed(h.admin()));
}

TEST(ProducerIds, ComeInBlocksOfAThousandAndNeverTwice) {
    ControllerHarness h;
    const auto one = h.join(1);
    const protocol::AllocateProducerIdsRequest wanted{.brokerId = 1, .brokerEpoch = one.epoch};
    const auto first = h.call<protocol::AllocateProducerIdsResponse>(one.connection, wanted);
    EXPECT_EQ(first.errorCode, 0);
    EXPECT_EQ(first.producerIdStart, 0);
    EXPECT_EQ(first.producerIdLen, 1000);
    EXPECT_EQ(h.call<protocol::AllocateProducerIdsResponse>(one.connection, wanted).producerIdStart, 1000);
    h.restart();
    EXPECT_EQ(h.call<protocol::AllocateProducerIdsResponse>(h.connect(), wanted).producerIdStart, 2000);
    EXPECT_EQ(h.call<protocol::AllocateProducerIdsResponse>(
                   h.connect(), protocol::AllocateProducerIdsRequest{.brokerId = 1, .brokerEpoch = one.epoch + 1})
                  .errorCode,
              codeOf(KafkaError::StaleBrokerEpoch));
}

TEST(Configs, AreAlteredByResource) {
    ControllerHarness h;
    h.join(1);
    h.createTopicOn("t", {{1}});
    protocol::IncrementalAlterConfigsRequest wanted;
    wanted.resources.push_back({2, "t", {{"retention.ms", 0, "5"}, {"cleanup.policy", 2, "compact"}}});
    wanted.resources.push_back({2, "absent", {{"retention.ms", 0, "5"}}});
    wanted.resources.push_back({4, "", {{"log.retention.ms", 0, "7"}}});
    const auto answer = h.call<protocol::IncrementalAlterConfigsResponse>(h.admin(), wanted);
    ASSERT_EQ(answer.responses.size(), 3u);
    EXPECT_EQ(answer.responses[0].errorCode, 0);
    EXPECT_EQ(answer.responses[1].errorCode, codeOf(KafkaError::UnknownTopicOrPartition));
    EXPECT_EQ(answer.responses[1].resourceName, "absent");
    EXPECT_EQ(answer.responses[2].errorCode, 0);
    const metadata::ConfigMap expected{{"cleanup.policy", "delete,compact"}, {"retention.ms", "5"}};
    EXPECT_EQ(h.image().configs({metadata::ResourceType::Topic, "t"}), expected);
    wanted.validateOnly = true;
    wanted.resources = {{2, "t", {{"retention.ms", 1, std::nullopt}}}};
    EXPECT_EQ(h.call<protocol::IncrementalAlterConfigsResponse>(h.admin(), wanted).responses[0].errorCode, 0);
    EXPECT_EQ(h.image().configs({metadata::ResourceType::Topic, "t"}), expected);
    wanted.validateOnly = false;
    wanted.resources.push_back(wanted.resources[0]);
    for (const auto& response : h.call<protocol::IncrementalAlterConfigsResponse>(h.admin(), wanted).responses)
        EXPECT_EQ(response.errorCode, codeOf(KafkaError::InvalidRequest)) << "one resource twice";
}

}  // namespace
}  // namespace odradek::quorum
