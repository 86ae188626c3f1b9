// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/metadata/config_resolution.h"

namespace odradek::metadata {
namespace {

class ConfigResolution : public ::testing::Test {
protected:
    void set(ResourceType type, const std::string& name, const std::string& key, const std::string& value) {
        const MetadataRecord record = protocol::ConfigRecord{static_cast<std::int8_t>(type), name, key, value};
        ASSERT_TRUE(image.apply(record, image.offset() + 1).has_value());
    }
    ConfigResolver resolver() const { return {image, 1, settings}; }
    ResolvedConfig topic(const std::string& name) const { return *resolver().topicConfig("t", name); }

    Image image;
    ConfigMap settings;
};

TEST_F(ConfigResolution, DefaultsComeFromTheBrokersDefault) {
    const auto config = topic("segment.bytes");
    EXPECT_EQ(config.value, "1073741824");
    EXPECT_EQ(config.source, ConfigSource::Default);
    EXPECT_FALSE(config.readOnly);
    EXPECT_EQ(config.synonyms, (std::vector<ConfigSynonym>{
                                   {"log.segment.bytes", "1073741824", ConfigSource::Default}}));
}

TEST_F(ConfigResolution, TheStrongestSourceWinsAndAllAreListed) {
    settings["log.segment.bytes"] = "2000000";
    set(ResourceType::Broker, "", "log.segment.bytes", "3000000");
    set(ResourceType::Broker, "1", "log.segment.bytes", "4000000");
    set(ResourceType::Broker, "2", "log.segment.bytes", "9000000");
    EXPECT_EQ(topic("segment.bytes").value, "4000000");
    EXPECT_EQ(topic("segment.bytes").source, ConfigSource::DynamicBroker);
    set(ResourceType::Topic, "t", "segment.bytes", " 5000000");
    const auto config = topic("segment.bytes");
    EXPECT_EQ(config.value, "5000000");
    EXPECT_EQ(config.source, ConfigSource::DynamicTopic);
    EXPECT_EQ(config.synonyms, (std::vector<ConfigSynonym>{
                                   {"segment.bytes", "5000000", ConfigSource::DynamicTopic},
                                   {"log.segment.bytes", "4000000", ConfigSource::DynamicBroker},
                                   {"log.segment.bytes", "3000000", ConfigSource::DynamicDefaultBroker},
                                   {"log.segment.bytes", "2000000", ConfigSource::StaticBroker},
                                   {"log.segment.bytes", "1073741824", ConfigSource::Default}}));
    EXPECT_EQ(resolver().topicNumber("other", "segment.bytes"), 4000000);
}

TEST_F(ConfigResolution, UnitsOfSynonymsAreConverted) {
    settings["log.retention.hours"] = "2";
    EXPECT_EQ(topic("retention.ms").value, "7200000");
    EXPECT_TRUE(topic("retention.ms").synonyms.empty()) << "Kafka lists nothing before the first own name";
    EXPECT_EQ(topic("retention.ms").source, ConfigSource::Default);
    settings["log.retention.minutes"] = "3";
    EXPECT_EQ(topic("retention.ms").value, "180000");
    settings["log.retention.ms"] = "-5";
    EXPECT_EQ(topic("retention.ms").value, "-1");
    settings["log.roll.hours"] = "1";
    settings["log.roll.jitter.hours"] = "1";
    EXPECT_EQ(topic("segment.ms").value, "3600000");
    EXPECT_EQ(topic("segment.jitter.ms").value, "3600000");
}

TEST_F(ConfigResolution, CreationNamesTheSourceOfConvertedValuesToo) {
    settings["log.retention.hours"] = "2";
    for (const auto& config : resolver().topicWith({{"cleanup.policy", "compact"}})) {
        if (config.name == "retention.ms") {
            EXPECT_EQ(config.source, ConfigSource::StaticBroker);
        }
        if (config.name == "cleanup.policy") {
            EXPECT_EQ(config.value, "compact");
            EXPECT_EQ(config.source, ConfigSource::DynamicTopic);
        }
    }
}

TEST_F(ConfigResolution, BrokerConfigsKnowWhetherTheyMayChange) {
    settings["node.id"] = "1";
    settings["num.partitions"] = "6";
    const auto partitions = *resolver().brokerConfig("num.partitions");
    EXPECT_EQ(partitions.value, "6");
    EXPECT_EQ(partitions.source, ConfigSource::StaticBroker);
    EXPECT_TRUE(partitions.readOnly);
    EXPECT_EQ(partitions.synonyms.size(), 2u);
    EXPECT_FALSE(resolver().brokerConfig("log.retention.ms")->readOnly);
    EXPECT_EQ(resolver().brokerConfig("log.retention.ms")->value, std::nullopt);
    EXPECT_EQ(resolver().brokerConfig("no.such.config"), std::nullopt);
    EXPECT_EQ(resolver().broker().size(), brokerConfigDefs().size());
}

TEST_F(ConfigResolution, ABrokerConfigShowsOnlyWhatFollowsItsOwnName) {
    settings["log.retention.ms"] = "1000";
    const auto hours = *resolver().brokerConfig("log.retention.hours");
    EXPECT_EQ(hours.value, "168");
    EXPECT_EQ(hours.synonyms, (std::vector<ConfigSynonym>{{"log.retention.hours", "168", ConfigSource::Default}}));
}

TEST_F(ConfigResolution, TheDefaultOfAllBrokersListsWhatIsSet) {
    EXPECT_TRUE(resolver().defaultBroker().empty());
    set(ResourceType::Broker, "", "log.retention.ms", "5");
    const auto all = resolver().defaultBroker();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].name, "log.retention.ms");
    EXPECT_EQ(all[0].source, ConfigSource::DynamicDefaultBroker);
    EXPECT_EQ(all[0].synonyms.size(), 1u);
}

TEST_F(ConfigResolution, TypedValues) {
    set(ResourceType::Topic, "t", "cleanup.policy", "compact, delete");
    EXPECT_EQ(resolver().topicList("t", "cleanup.policy"), (std::vector<std::string>{"compact", "delete"}));
    EXPECT_DOUBLE_EQ(resolver().topicDouble("t", "min.cleanable.dirty.ratio"), 0.5);
    EXPECT_FALSE(resolver().topicFlag("t", "preallocate"));
    EXPECT_TRUE(resolver().brokerFlag("auto.create.topics.enable"));
    EXPECT_EQ(resolver().brokerNumber("broker.session.timeout.ms"), 9000);
    EXPECT_EQ(resolver().topicNumber("t", "flush.messages"), INT64_MAX);
}

}  // namespace
}  // namespace odradek::metadata
