// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/metadata/record_codec.h"

namespace odradek::metadata {
namespace {

Bytes bytes(std::initializer_list<int> values) {
    std::vector<std::uint8_t> data;
    for (const auto value : values)
        data.push_back(static_cast<std::uint8_t>(value));
    return Bytes::take(std::move(data));
}

constexpr Uuid kTopic{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

/// One of each type, with every optional thing set somewhere.
std::vector<MetadataRecord> samples() {
    protocol::RegisterBrokerRecord broker{.brokerId = 3, .incarnationId = kTopic, .brokerEpoch = 17, .rack = "r1"};
    broker.endPoints.push_back({"PLAINTEXT", "127.0.0.1", 9092, 0});
    broker.features.push_back({"metadata.version", 7, 30});
    broker.logDirs = {kTopic};
    protocol::PartitionChangeRecord change{.partitionId = 5, .topicId = kTopic, .isr = {{1, 2}}, .leader = -1};
    change.leaderRecoveryState = 1;
    change.directories = {{kTopic}};
    return {broker,
            protocol::UnregisterBrokerRecord{3, 17},
            protocol::TopicRecord{"orders", kTopic},
            protocol::PartitionRecord{.partitionId = 0, .topicId = kTopic, .replicas = {1, 2}, .isr = {1}, .leader = 1},
            protocol::ConfigRecord{2, "orders", "retention.ms", "5"},
            protocol::ConfigRecord{4, "", "retention.ms", std::nullopt},
            change,
            protocol::FenceBrokerRecord{3, 17},
            protocol::UnfenceBrokerRecord{3, 17},
            protocol::RemoveTopicRecord{kTopic},
            protocol::FeatureLevelRecord{"metadata.version", 30},
            protocol::ProducerIdsRecord{3, 17, 2000},
            protocol::BrokerRegistrationChangeRecord{.brokerId = 3, .brokerEpoch = 17, .fenced = -1},
            protocol::NoOpRecord{},
            protocol::RegisterControllerRecord{.controllerId = 1, .incarnationId = kTopic},
            protocol::BeginTransactionRecord{"x"},
            protocol::EndTransactionRecord{},
            protocol::AbortTransactionRecord{}};
}

TEST(RecordCodec, EveryTypeComesBackAsItWas) {
    std::set<std::size_t> seen;
    for (const auto& record : samples()) {
        seen.insert(record.index());
        const auto decoded = decodeRecord(encodeRecord(record));
        ASSERT_TRUE(decoded.has_value()) << toJson(record) << ": " << decoded.error().message;
        EXPECT_EQ(*decoded, record) << toJson(record);
    }
    EXPECT_EQ(seen.size(), std::variant_size_v<MetadataRecord>);
}

TEST(RecordCodec, KnownBytesOfAFeatureLevel) {
    // Frame version 1, type 12, version 0, compact string of 3, int16 30, no tagged fields: as Kafka writes it.
    const auto encoded = encodeRecord(protocol::FeatureLevelRecord{"abc", 30});
    EXPECT_EQ(encoded, bytes({1, 12, 0, 4, 'a', 'b', 'c', 0, 30, 0}));
}

TEST(RecordCodec, UnknownTypesAndVersionsAreUnsupportedNotInvalid) {
    for (const auto& value : {bytes({1, 99, 0, 0}), bytes({1, 12, 9, 0}), bytes({2, 12, 0, 0})}) {
        const auto decoded = decodeRecord(value);
        ASSERT_FALSE(decoded.has_value());
        EXPECT_EQ(decoded.error().code, ErrorCode::Unsupported);
    }
}

TEST(RecordCodec, BrokenFramesAreErrors) {
    EXPECT_FALSE(decodeRecord({}).has_value());
    EXPECT_FALSE(decodeRecord(bytes({0x81})).has_value());
    EXPECT_FALSE(decodeRecord(bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff})).has_value());
    EXPECT_FALSE(decodeRecord(bytes({1, 12, 0xff, 0xff, 0xff, 0x7f, 0})).has_value());
    EXPECT_FALSE(decodeRecord(bytes({1, 12, 0, 200, 'a'})).has_value());
    EXPECT_FALSE(decodeRecord(bytes({1, 12, 0, 4, 'a', 'b', 'c', 0, 30, 0, 7})).has_value()) << "trailing byte";
}

RC_GTEST_PROP(RecordCodec, DamagedBytesNeverHarm, ()) {
    const auto all = samples();
    const auto good = encodeRecord(all[*rc::gen::inRange<std::size_t>(0, all.size())]);
    std::vector<std::uint8_t> data(good.data(), good.data() + good.size());
    const auto changes = *rc::gen::inRange(1, 6);
    for (int i = 0; i < changes; ++i)
        data[*rc::gen::inRange<std::size_t>(0, data.size())] = *rc::gen::arbitrary<std::uint8_t>();
    data.resize(*rc::gen::inRange<std::size_t>(0, data.size() + 1));
    // Either an error, or a record that encodes again.
    if (const auto decoded = decodeRecord(Bytes::take(std::move(data)))) {
        const auto again = decodeRecord(encodeRecord(*decoded));
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == *decoded);
    }
}

}  // namespace
}  // namespace odradek::metadata
