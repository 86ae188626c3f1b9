// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/metadata/image.h"
#include "engine/protocol/codec/record_batch.h"

namespace odradek::metadata {
namespace {

Uuid topicId(std::uint32_t n) {
    Uuid id;
    id.bytes[0] = 1;
    for (std::size_t i = 0; i < 4; ++i)
        id.bytes[12 + i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
    return id;
}

protocol::PartitionRecord partition(Uuid topic, std::int32_t index, std::vector<std::int32_t> replicas) {
    return {.partitionId = index,
            .topicId = topic,
            .replicas = replicas,
            .isr = replicas,
            .leader = replicas.front(),
            .leaderEpoch = 0,
            .partitionEpoch = 0,
            .directories = std::vector<Uuid>(replicas.size())};
}

protocol::RegisterBrokerRecord broker(std::int32_t id, std::int64_t epoch) {
    protocol::RegisterBrokerRecord record{.brokerId = id, .brokerEpoch = epoch, .rack = std::nullopt};
    record.endPoints.push_back({"PLAINTEXT", "127.0.0.1", static_cast<std::uint16_t>(9092 + id), 0});
    return record;
}

/// Applies records one after the other; fails the test when one is refused.
Delta applyAll(Image& image, const std::vector<MetadataRecord>& records) {
    auto delta = image.apply(records, image.offset() + 1);
    EXPECT_TRUE(delta.has_value()) << (delta ? "" : delta.error().message);
    return delta ? *delta : Delta{};
}

TEST(Image, ATopicIsFoundByNameAndId) {
    Image image;
    const auto delta =
        applyAll(image, {protocol::TopicRecord{"orders", topicId(1)}, partition(topicId(1), 0, {1, 2, 3}),
                         partition(topicId(1), 1, {2, 3, 1})});
    ASSERT_NE(image.topic("orders"), nullptr);
    EXPECT_EQ(image.topic("orders"), image.topic(topicId(1)));
    EXPECT_EQ(image.topicId("orders"), topicId(1));
    EXPECT_EQ(image.partitionCount(), 2u);
    EXPECT_EQ(image.partition("orders", 1)->leader, 2);
    EXPECT_EQ(image.partition("orders", 2), nullptr);
    EXPECT_EQ(image.partition("orders", -1), nullptr);
    EXPECT_EQ(image.offset(), 2);
    EXPECT_EQ(delta.createdTopics, std::set{topicId(1)});
    EXPECT_EQ(delta.partitions.size(), 2u);
    EXPECT_EQ(delta.partitions.at({topicId(1), 0}), nullptr) << "new partitions have no former state";
}

TEST(Image, AChangeBumpsEpochsAsKafkaDoes) {
    Image image;
    applyAll(image, {protocol::TopicRecord{"t", topicId(1)}, partition(topicId(1), 0, {1, 2, 3})});
    const auto shrink = applyAll(
        image, {protocol::PartitionChangeRecord{.partitionId = 0, .topicId = topicId(1), .isr = {{1, 2}}}});
    EXPECT_EQ(image.partition("t", 0)->leaderEpoch, 0) << "an ISR change alone keeps the leader epoch";
    EXPECT_EQ(image.partition("t", 0)->partitionEpoch, 1);
    EXPECT_EQ(shrink.partitions.at({topicId(1), 0})->isr, (std::vector{1, 2, 3}));
    applyAll(image, {protocol::PartitionChangeRecord{.partitionId = 0, .topicId = topicId(1), .leader = 2}});
    EXPECT_EQ(image.partition("t", 0)->leader, 2);
    EXPECT_EQ(image.partition("t", 0)->leaderEpoch, 1);
    EXPECT_EQ(image.partition("t", 0)->partitionEpoch, 2);
    applyAll(image, {protocol::PartitionChangeRecord{.partitionId = 0, .topicId = topicId(1), .leader = -1}});
    EXPECT_FALSE(image.partition("t", 0)->hasLeader());
    EXPECT_EQ(image.partition("t", 0)->leaderEpoch, 2);
}

TEST(Image, ACopyDoesNotSeeLaterChanges) {
    Image image;
    applyAll(image, {protocol::TopicRecord{"t", topicId(1)}, partition(topicId(1), 0, {1, 2})});
    const Image copy = image;
    EXPECT_EQ(copy.topicPtr(topicId(1)), image.topicPtr(topicId(1))) << "copies share what did not change";
    applyAll(image, {protocol::PartitionChangeRecord{.partitionId = 0, .topicId = topicId(1), .leader = 2},
                     protocol::TopicRecord{"u", topicId(2)}});
    EXPECT_EQ(copy.partition("t", 0)->leader, 1);
    EXPECT_EQ(copy.topic("u"), nullptr);
    EXPECT_FALSE(copy == image);
}

TEST(Image, DeletingATopicTakesItsConfigsAlong) {
    Image image;
    applyAll(image, {protocol::TopicRecord{"t", topicId(1)}, partition(topicId(1), 0, {1}),
                     protocol::ConfigRecord{2, "t", "retention.ms", "5"}});
    EXPECT_EQ(image.configs({ResourceType::Topic, "t"}).size(), 1u);
    const auto delta = applyAll(image, {protocol::RemoveTopicRecord{topicId(1)}});
    EXPECT_EQ(image.topic("t"), nullptr);
    EXPECT_EQ(image.partitionCount(), 0u);
    EXPECT_TRUE(image.configs({ResourceType::Topic, "t"}).empty());
    ASSERT_TRUE(delta.deletedTopics.contains(topicId(1)));
    EXPECT_EQ(delta.deletedTopics.at(topicId(1))->name, "t");
    EXPECT_TRUE(delta.configs.contains({ResourceType::Topic, "t"}));
}

TEST(Image, CreatedAndDeletedInOneGoLeavesNothing) {
    Image image;
    const auto delta = applyAll(image, {protocol::TopicRecord{"t", topicId(1)}, partition(topicId(1), 0, {1}),
                                        protocol::RemoveTopicRecord{topicId(1)}});
    EXPECT_TRUE(delta.createdTopics.empty());
    EXPECT_TRUE(delta.deletedTopics.empty());
    EXPECT_TRUE(delta.partitions.empty());
}

TEST(Image, BrokersAreFencedByEpochOnly) {
    Image image;
    applyAll(image, {broker(1, 10)});
    EXPECT_FALSE(image.isUnfenced(1)) << "brokers start fenced";
    const auto delta =
        applyAll(image, {protocol::BrokerRegistrationChangeRecord{.brokerId = 1, .brokerEpoch = 10, .fenced = -1}});
    EXPECT_TRUE(image.isUnfenced(1));
    EXPECT_TRUE(delta.brokers.at(1)->fenced) << "the delta has the former registration";
    applyAll(image, {protocol::BrokerRegistrationChangeRecord{
                        .brokerId = 1, .brokerEpoch = 10, .inControlledShutdown = 1}});
    EXPECT_TRUE(image.isUnfenced(1));
    EXPECT_FALSE(image.broker(1)->isActive());
    EXPECT_FALSE(image.apply(MetadataRecord(protocol::FenceBrokerRecord{1, 9}), 9).has_value()) << "stale epoch";
    EXPECT_EQ(image.broker(1)->endpoint("PLAINTEXT")->port, 9093);
    EXPECT_EQ(image.broker(1)->endpoint("CONTROLLER"), nullptr);
}

TEST(Image, ConfigsFeaturesAndProducerIds) {
    Image image;
    const auto delta = applyAll(image, {protocol::ConfigRecord{4, "", "log.retention.ms", "5"},
                                        protocol::FeatureLevelRecord{"metadata.version", 30},
                                        protocol::FeatureLevelRecord{"group.version", 0},
                                        protocol::ProducerIdsRecord{1, 10, 2000}});
    EXPECT_EQ(image.configs({ResourceType::Broker, ""}).at("log.retention.ms"), "5");
    EXPECT_EQ(image.featureLevel("metadata.version"), 30);
    EXPECT_EQ(image.features().size(), 1u) << "level 0 is not finalized";
    EXPECT_EQ(image.nextProducerId(), 2000);
    EXPECT_TRUE(delta.producerIds);
    applyAll(image, {protocol::ConfigRecord{4, "", "log.retention.ms", std::nullopt}});
    EXPECT_TRUE(image.allConfigs().empty());
}

TEST(Image, ContradictionsAreRefused) {
    Image image;
    applyAll(image, {protocol::TopicRecord{"t", topicId(1)}, partition(topicId(1), 0, {1})});
    const auto refused = [&](MetadataRecord record) { return !Image(image).apply(record, 2).has_value(); };
    EXPECT_TRUE(refused(protocol::TopicRecord{"t", topicId(2)}));
    EXPECT_TRUE(refused(protocol::TopicRecord{"u", topicId(1)}));
    EXPECT_TRUE(refused(partition(topicId(9), 0, {1})));
    EXPECT_TRUE(refused(partition(topicId(1), 5, {1}))) << "a hole in the partitions";
    EXPECT_TRUE(refused(protocol::PartitionChangeRecord{.partitionId = 3, .topicId = topicId(1)}));
    EXPECT_TRUE(refused(protocol::RemoveTopicRecord{topicId(9)}));
    EXPECT_TRUE(refused(protocol::UnregisterBrokerRecord{1, 1}));
}

TEST(Image, MergedDeltasKeepTheFirstFormerState) {
    Image image;
    applyAll(image, {protocol::TopicRecord{"t", topicId(1)}, partition(topicId(1), 0, {1, 2})});
    protocol::PartitionChangeRecord change{.partitionId = 0, .topicId = topicId(1), .leader = 2};
    auto delta = applyAll(image, {change});
    change.leader = -1;
    delta.merge(applyAll(image, {change}));
    EXPECT_EQ(delta.partitions.at({topicId(1), 0})->leader, 1);
    delta.merge(applyAll(image, {protocol::RemoveTopicRecord{topicId(1)}}));
    EXPECT_TRUE(delta.partitions.empty()) << "a deleted topic's partitions are no changes";
    EXPECT_TRUE(delta.deletedTopics.contains(topicId(1)));
}

TEST(Image, BatchesOfTheLogAreApplied) {
    Image image;
    std::vector<protocol::Record> records;
    records.push_back({.offset = 7, .value = encodeRecord(protocol::TopicRecord{"t", topicId(1)})});
    records.push_back({.offset = 8, .value = encodeRecord(partition(topicId(1), 0, {1}))});
    const auto batch = protocol::buildBatch(records, {.baseOffset = 7, .leaderEpoch = 3});
    ASSERT_TRUE(batch.has_value());
    const auto delta = image.applyBatch(*batch);
    ASSERT_TRUE(delta.has_value()) << delta.error().message;
    EXPECT_EQ(image.offset(), 8);
    EXPECT_NE(image.topic("t"), nullptr);
    records.resize(1);
    records[0].value = std::nullopt;
    EXPECT_FALSE(image.applyBatch(*protocol::buildBatch(records, {.baseOffset = 7})).has_value());
}

TEST(Image, TenThousandTopicsStayCheap) {
    Image image;
    std::int64_t offset = 0;
    for (std::uint32_t t = 0; t < 10'000; ++t) {
        std::vector<MetadataRecord> records{protocol::TopicRecord{"topic-" + std::to_string(t), topicId(t)}};
        for (std::int32_t p = 0; p < 10; ++p)
            records.emplace_back(partition(topicId(t), p, {1, 2, 3}));
        ASSERT_TRUE(image.apply(records, offset).has_value());
        offset += static_cast<std::int64_t>(records.size());
    }
    EXPECT_EQ(image.partitionCount(), 100'000u);
    // A copy shares topics, so a change clones one of them only.
    const Image copy = image;
    applyAll(image, {protocol::PartitionChangeRecord{.partitionId = 0, .topicId = topicId(5), .leader = 2}});
    std::size_t shared = 0;
    for (const auto& [id, topic] : image.topics())
        shared += topic == copy.topicPtr(id) ? 1 : 0;
    EXPECT_EQ(shared, 9'999u);
}

/// Records drawn at random that fit the image they are applied to.
std::vector<MetadataRecord> randomRecords(const Image& image) {
    using rc::gen::inRange;
    const auto id = topicId(*inRange<std::uint32_t>(0, 6));
    const auto* topic = image.topic(id);
    switch (*inRange(0, 5)) {
    case 0:
        if (topic == nullptr)
            return {protocol::TopicRecord{"t" + id.toString(), id}, partition(id, 0, {1, 2, 3})};
        return {partition(id, static_cast<std::int32_t>(topic->partitions.size()), {2, 3})};
    case 1:
        if (topic != nullptr)
            return {protocol::RemoveTopicRecord{id}};
        return {broker(*inRange(1, 4), *inRange(0, 100))};
    case 2:
        return {protocol::ConfigRecord{2, "t" + id.toString(), "retention.ms", std::to_string(*inRange(0, 9))}};
    default:
        if (topic == nullptr)
            return {protocol::NoOpRecord{}};
        return {protocol::PartitionChangeRecord{
            .partitionId = *inRange(0, static_cast<std::int32_t>(topic->partitions.size())),
            .topicId = id,
            .isr = {{1, 2}},
            .leader = *inRange(-2, 4)}};
    }
}

RC_GTEST_PROP(Image, OneByOneEqualsAllAtOnce, ()) {
    Image single;
    std::vector<MetadataRecord> all;
    Delta merged;
    for (int i = 0, n = *rc::gen::inRange(1, 60); i < n; ++i)
        for (const auto& record : randomRecords(single)) {
            const auto delta = single.apply(record, static_cast<std::int64_t>(all.size()));
            RC_ASSERT(delta.has_value());
            merged.merge(*delta);
            all.push_back(record);
        }
    Image batch;
    const auto delta = batch.apply(all, 0);
    RC_ASSERT(delta.has_value());
    RC_ASSERT(batch == single);
    RC_ASSERT(delta->createdTopics == merged.createdTopics);
    RC_ASSERT(delta->partitions.size() == merged.partitions.size());
    RC_ASSERT(delta->configs == merged.configs);
}

}  // namespace
}  // namespace odradek::metadata
