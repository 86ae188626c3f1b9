// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

/// The configurations we publish: exactly those of tests/differential/published_configs.json, which is recorded from
/// Apache Kafka 4.3.1 and compared with these tables by a test.
namespace odradek::metadata {

/// The numbers are those of DescribeConfigs (ConfigType).
enum class ConfigType : std::int8_t {
    Unknown = 0, Boolean = 1, String = 2, Int = 3, Short = 4, Long = 5, Double = 6, List = 7, Class = 8, Password = 9
};

/// Whether and where a broker configuration may be altered at run time (KIP-226).
enum class ConfigUpdate : std::uint8_t { ReadOnly, PerBroker, ClusterWide };

/// How values are checked beyond their type.
enum class ConfigRule : std::uint8_t {
    Any,
    Range,              ///< min..max, both included
    RangeOrMinusOne,    ///< the same, or -1 (gzip level)
    OneOf,              ///< one of `choices`
    ListOf,             ///< each item one of `choices`, none twice
    ThrottledReplicas,  ///< "*" or partition:broker pairs
    NonEmptyList,
};

struct ConfigDef {
    std::string_view name;
    ConfigType type = ConfigType::String;
    std::optional<std::string_view> defaultValue;  ///< in Kafka's normal form
    ConfigRule rule = ConfigRule::Any;
    double min = 0;
    double max = 0;
    std::vector<std::string_view> choices;
    /// Topic: the broker configurations it falls back to, strongest first. Broker: itself and what stands in for it.
    std::vector<std::string_view> synonyms;
    ConfigUpdate update = ConfigUpdate::ClusterWide;  ///< of broker configurations; topic ones are always dynamic
    bool sensitive = false;
};

/// Sorted by name; they live as long as the program.
std::span<const ConfigDef> topicConfigDefs();
std::span<const ConfigDef> brokerConfigDefs();
/// Null when we do not publish such a configuration.
const ConfigDef* topicConfigDef(std::string_view name);
const ConfigDef* brokerConfigDef(std::string_view name);

/// Checks a value against type and rule and returns it as Kafka prints it ("TRUE" -> "true", " 5" -> "5",
/// "a, b" -> "a,b"). Invalid with Kafka-like words otherwise.
Result<std::string> normalizeConfigValue(const ConfigDef& def, std::string_view value);

/// The items of a LIST value, trimmed; empty for an empty value.
std::vector<std::string> splitConfigList(std::string_view value);

}  // namespace odradek::metadata
