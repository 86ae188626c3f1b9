// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/metadata/config_changes.h"

namespace odradek::metadata {
namespace {

using protocol::KafkaError;

class ConfigChanges : public ::testing::Test {
protected:
    void SetUp() override {
        apply(protocol::TopicRecord{"t", Uuid{{1}}});
        apply(protocol::RegisterBrokerRecord{.brokerId = 1, .brokerEpoch = 1, .rack = std::nullopt});
    }
    void apply(const MetadataRecord& record) {
        ASSERT_TRUE(image.apply(record, image.offset() + 1).has_value());
    }
    AlterOutcome alterTopic(std::vector<AlterConfig> changes) const {
        return alterConfigs({ResourceType::Topic, "t"}, changes, image, settings);
    }
    KafkaError errorOf(ConfigResource resource, AlterConfig change) const {
        return alterConfigs(resource, {change}, image, settings).error.error;
    }
    KafkaError precheck(ConfigResource resource, std::vector<AlterConfig> changes) const {
        return precheckAlterConfigs(resource, changes, 1, image, settings).error;
    }

    Image image;
    ConfigMap settings;
};

TEST_F(ConfigChanges, SetAndDelete) {
    auto outcome = alterTopic({{"retention.ms", AlterOp::Set, "5"}});
    ASSERT_TRUE(outcome.error.ok()) << outcome.error.message;
    ASSERT_EQ(outcome.records.size(), 1u);
    EXPECT_EQ(outcome.records[0], (protocol::ConfigRecord{2, "t", "retention.ms", "5"}));
    apply(outcome.records[0]);
    EXPECT_TRUE(alterTopic({{"retention.ms", AlterOp::Set, "5"}}).records.empty()) << "nothing changes";
    outcome = alterTopic({{"retention.ms", AlterOp::Delete, std::nullopt}});
    ASSERT_EQ(outcome.records.size(), 1u);
    EXPECT_EQ(outcome.records[0].value, std::nullopt);
}

TEST_F(ConfigChanges, AppendAndSubtractStartFromWhatIsEffective) {
    const auto appended = alterTopic({{"cleanup.policy", AlterOp::Append, "compact"}});
    ASSERT_EQ(appended.records.size(), 1u);
    EXPECT_EQ(appended.records[0].value, "delete,compact");
    apply(appended.records[0]);
    const auto subtracted = alterTopic({{"cleanup.policy", AlterOp::Subtract, "delete"}});
    EXPECT_EQ(subtracted.records.at(0).value, "compact");
    EXPECT_TRUE(alterTopic({{"cleanup.policy", AlterOp::Append, "compact"}}).records.empty());
    EXPECT_EQ(alterTopic({{"retention.ms", AlterOp::Append, "1"}}).error.error, KafkaError::InvalidConfig);
    EXPECT_EQ(alterTopic({{"no.such", AlterOp::Append, "1"}}).error.error, KafkaError::InvalidConfig);
}

TEST_F(ConfigChanges, ErrorsAreKafkas) {
    EXPECT_EQ(errorOf({ResourceType::Topic, "t"}, {"retention.ms", AlterOp::Set, "x"}), KafkaError::InvalidConfig);
    EXPECT_EQ(errorOf({ResourceType::Topic, "t"}, {"no.such", AlterOp::Set, "x"}), KafkaError::InvalidConfig);
    EXPECT_EQ(errorOf({ResourceType::Topic, "absent"}, {"retention.ms", AlterOp::Set, "5"}),
              KafkaError::UnknownTopicOrPartition);
    EXPECT_EQ(errorOf({ResourceType::Topic, ""}, {"retention.ms", AlterOp::Set, "5"}), KafkaError::InvalidRequest);
    EXPECT_EQ(errorOf({ResourceType::Topic, "a b"}, {"retention.ms", AlterOp::Set, "5"}),
              KafkaError::InvalidTopicException);
    EXPECT_EQ(errorOf({ResourceType::Broker, "7"}, {"log.retention.ms", AlterOp::Set, "5"}),
              KafkaError::BrokerIdNotRegistered);
    EXPECT_EQ(errorOf({ResourceType::Broker, "x"}, {"log.retention.ms", AlterOp::Set, "5"}),
              KafkaError::InvalidRequest);
    EXPECT_EQ(errorOf({ResourceType::Topic, "t"}, {"remote.storage.enable", AlterOp::Set, "true"}),
              KafkaError::InvalidConfig);
}

TEST_F(ConfigChanges, AChangeIsJudgedTogetherWithWhatIsSet) {
    apply(protocol::ConfigRecord{2, "t", "min.compaction.lag.ms", "10"});
    EXPECT_EQ(alterTopic({{"max.compaction.lag.ms", AlterOp::Set, "5"}}).error.error, KafkaError::InvalidConfig);
    EXPECT_TRUE(alterTopic({{"max.compaction.lag.ms", AlterOp::Set, "50"}}).error.ok());
}

TEST_F(ConfigChanges, BrokersAreToldEvenWhenNothingChanges) {
    apply(protocol::ConfigRecord{4, "1", "log.retention.ms", "5"});
    const auto outcome =
        alterConfigs({ResourceType::Broker, "1"}, {{"log.retention.ms", AlterOp::Set, "5"}}, image, settings);
    EXPECT_EQ(outcome.records.size(), 1u);
}

TEST_F(ConfigChanges, WhatTheReceivingBrokerChecks) {
    const ConfigResource own{ResourceType::Broker, "1"};
    const ConfigResource all{ResourceType::Broker, ""};
    EXPECT_EQ(precheck(own, {{"log.retention.ms", AlterOp::Set, "5"}}), KafkaError::None);
    EXPECT_EQ(precheck(all, {{"log.retention.ms", AlterOp::Set, "5"}}), KafkaError::None);
    EXPECT_EQ(precheck(own, {{"log.retention.ms", AlterOp::Set, "x"}}), KafkaError::InvalidRequest);
    EXPECT_EQ(precheck(own, {{"log.retention.ms", AlterOp::Set, "0"}}), KafkaError::InvalidRequest);
    EXPECT_EQ(precheck(own, {{"log.roll.ms", AlterOp::Set, "0"}}), KafkaError::InvalidRequest);
    EXPECT_EQ(precheck(own, {{"max.connections.per.ip", AlterOp::Set, "0"}}), KafkaError::InvalidRequest);
    EXPECT_EQ(precheck(own, {{"node.id", AlterOp::Set, "5"}}), KafkaError::InvalidRequest) << "read-only";
    EXPECT_EQ(precheck(all, {{"listeners", AlterOp::Set, "PLAINTEXT://:1"}}), KafkaError::InvalidRequest);
    EXPECT_EQ(precheck(own, {{"unknown.config", AlterOp::Set, "5"}}), KafkaError::None) << "as in Kafka";
    EXPECT_EQ(precheck({ResourceType::Broker, "2"}, {}), KafkaError::InvalidRequest) << "another broker's";
    EXPECT_EQ(precheck({ResourceType::Broker, "x"}, {}), KafkaError::InvalidRequest);
    EXPECT_EQ(precheck({ResourceType::Unknown, "x"}, {}), KafkaError::InvalidRequest);
    EXPECT_EQ(precheck(own, {{"log.retention.ms", AlterOp::Set, std::nullopt}}), KafkaError::InvalidRequest);
    EXPECT_EQ(precheck(own, {{"log.retention.ms", AlterOp::Append, "5"}}), KafkaError::InvalidConfig);
    EXPECT_EQ(precheck({ResourceType::Topic, "t"},
                       {{"retention.ms", AlterOp::Set, "1"}, {"retention.ms", AlterOp::Set, "2"}}),
              KafkaError::InvalidRequest);
}

TEST(TopicNames, AreJudgedAsInKafka) {
    for (const auto* good : {"a", "orders", "A.b_c-9", "__consumer_offsets", "..."})
        EXPECT_TRUE(checkTopicName(good).ok()) << good;
    for (const auto& bad : {std::string(), std::string("."), std::string(".."), std::string("a b"), std::string("ä"),
                            std::string("a/b"), std::string(250, 'x')})
        EXPECT_EQ(checkTopicName(bad).error, KafkaError::InvalidTopicException) << bad;
    EXPECT_TRUE(checkTopicName(std::string(249, 'x')).ok());
    EXPECT_TRUE(topicNamesCollide("a.b", "a_b"));
    EXPECT_FALSE(topicNamesCollide("a.b", "a-b"));
}

}  // namespace
}  // namespace odradek::metadata
