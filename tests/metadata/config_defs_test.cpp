// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/metadata/config_defs.h"

namespace odradek::metadata {
namespace {

using nlohmann::json;

std::string typeName(ConfigType type) {
    switch (type) {
    case ConfigType::Boolean:
        return "BOOLEAN";
    case ConfigType::String:
        return "STRING";
    case ConfigType::Int:
        return "INT";
    case ConfigType::Short:
        return "SHORT";
    case ConfigType::Long:
        return "LONG";
    case ConfigType::Double:
        return "DOUBLE";
    case ConfigType::List:
        return "LIST";
    default:
        return "?";
    }
}

std::string updateName(ConfigUpdate update) {
    switch (update) {
    case ConfigUpdate::ReadOnly:
        return "read-only";
    case ConfigUpdate::PerBroker:
        return "per-broker";
    case ConfigUpdate::ClusterWide:
        break;
    }
    return "cluster-wide";
}

json published() {
    std::ifstream file(ODRADEK_SOURCE_DIR "/tests/differential/published_configs.json");
    return json::parse(file);
}

void compare(const json& expected, std::span<const ConfigDef> defs, bool isBroker) {
    EXPECT_EQ(expected.size(), defs.size());
    EXPECT_TRUE(std::is_sorted(defs.begin(), defs.end(), [](auto& a, auto& b) { return a.name < b.name; }));
    for (const auto& def : defs) {
        SCOPED_TRACE(std::string(def.name));
        ASSERT_TRUE(expected.contains(std::string(def.name)));
        const auto& fact = expected.at(std::string(def.name));
        EXPECT_EQ(typeName(def.type), fact.at("type"));
        EXPECT_EQ(def.sensitive, fact.at("sensitive").get<bool>());
        if (fact.at("default").is_null()) {
            EXPECT_FALSE(def.defaultValue.has_value());
        } else {
            EXPECT_EQ(std::string(def.defaultValue.value_or("(none)")), fact.at("default"));
        }
        const auto synonyms = fact.at("synonyms").get<std::vector<std::string>>();
        EXPECT_TRUE(std::equal(def.synonyms.begin(), def.synonyms.end(), synonyms.begin(), synonyms.end()));
        if (isBroker) {
            EXPECT_EQ(updateName(def.update), fact.at("update"));
        }
        const auto valid = fact.value("valid", "");
        EXPECT_EQ(def.rule == ConfigRule::Any, valid.empty());
        // Defaults are valid and in normal form. (controller.quorum.voters' empty default only means "not set".)
        if (def.defaultValue && def.rule != ConfigRule::NonEmptyList) {
            EXPECT_EQ(normalizeConfigValue(def, *def.defaultValue).value_or("(invalid)"), *def.defaultValue);
        }
    }
}

TEST(ConfigDefs, TopicsAreThoseOfKafka) {
    compare(published().at("topic"), topicConfigDefs(), false);
}

TEST(ConfigDefs, BrokersAreThoseOfKafka) {
    compare(published().at("broker"), brokerConfigDefs(), true);
}

/// Observed from LogConfig of Apache Kafka 4.3.1; nullptr = refused.
struct Observed {
    const char* name;
    const char* value;
    const char* normal;
};

TEST(ConfigDefs, ValuesAreReadAsKafkaReadsThem) {
    const Observed observed[] = {
        {"cleanup.policy", "", ""},
        {"cleanup.policy", " ", ""},
        {"cleanup.policy", "compact,delete", "compact,delete"},
        {"cleanup.policy", "delete, compact", "delete,compact"},
        {"cleanup.policy", "delete,delete", "delete"},
        {"cleanup.policy", "delete,", nullptr},
        {"cleanup.policy", "Delete", nullptr},
        {"retention.ms", " 5 ", "5"},
        {"retention.ms", "-1", "-1"},
        {"retention.ms", "-2", nullptr},
        {"retention.ms", "+5", "5"},
        {"retention.ms", "5.0", nullptr},
        {"retention.ms", "", nullptr},
        {"retention.ms", "99999999999999999999", nullptr},
        {"min.cleanable.dirty.ratio", "1", "1.0"},
        {"min.cleanable.dirty.ratio", "0.00001", "1.0E-5"},
        {"min.cleanable.dirty.ratio", "NaN", "NaN"},
        {"min.cleanable.dirty.ratio", "1.5", nullptr},
        {"min.cleanable.dirty.ratio", "5e-1", "0.5"},
        {"min.cleanable.dirty.ratio", "0.5d", "0.5"},
        {"preallocate", "TRUE", "true"},
        {"preallocate", " true", "true"},
        {"preallocate", "yes", nullptr},
        {"compression.type", "GZIP", nullptr},
        {"compression.type", " gzip", "gzip"},
        {"compression.type", "none", nullptr},
        {"compression.gzip.level", "0", nullptr},
        {"compression.gzip.level", "-1", "-1"},
        {"compression.gzip.level", "10", nullptr},
        {"segment.bytes", "1000", nullptr},
        {"message.timestamp.type", "createtime", nullptr},
        {"leader.replication.throttled.replicas", "*", "*"},
        {"leader.replication.throttled.replicas", "0:1,1:2", "0:1,1:2"},
        {"leader.replication.throttled.replicas", "0:1,0:1", "0:1,0:1"},
        {"leader.replication.throttled.replicas", "", ""},
        {"leader.replication.throttled.replicas", "0:1,x", nullptr},
        {"leader.replication.throttled.replicas", "none", nullptr},
        {"leader.replication.throttled.replicas", "*,0:1", nullptr},
        {"retention.bytes", "-5", "-5"},
        {"index.interval.bytes", "2147483648", nullptr},
    };
    for (const auto& [name, value, normal] : observed) {
        const auto result = normalizeConfigValue(*topicConfigDef(name), value);
        EXPECT_EQ(result.has_value(), normal != nullptr) << name << "='" << value << "'";
        if (result && normal != nullptr) {
            EXPECT_EQ(*result, normal) << name << "='" << value << "'";
        }
    }
}

TEST(ConfigDefs, UnknownNamesAreNotThere) {
    EXPECT_EQ(topicConfigDef("log.retention.ms"), nullptr);
    EXPECT_EQ(brokerConfigDef("retention.ms"), nullptr);
    EXPECT_EQ(topicConfigDef(""), nullptr);
    EXPECT_NE(topicConfigDef("retention.ms"), nullptr);
}

}  // namespace
}  // namespace odradek::metadata
