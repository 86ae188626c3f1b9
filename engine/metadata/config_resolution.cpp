// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metadata/config_resolution.h"

#include <array>
#include <charconv>
#include <fmt/format.h>

#include "engine/base/check.h"

namespace odradek::metadata {
namespace {

/// Broker configurations that stand for a topic's milliseconds in another unit.
struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
};
constexpr std::array kUnits{
    Unit{"log.retention.minutes", 60'000},
    Unit{"log.retention.hours", 3'600'000},
    Unit{"log.roll.hours", 3'600'000},
    Unit{"log.roll.jitter.hours", 3'600'000},
};

std::optional<std::int64_t> toNumber(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

double toDouble(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// A stored value as Kafka prints it. Values are checked when they are set, so the raw text only survives for what an
/// older or newer program stored.
std::string normalized(const ConfigDef& def, const std::string& value) {
    auto result = normalizeConfigValue(def, value);
    return result ? *result : value;
}

const std::string* find(const ConfigMap& map, std::string_view name) {
    const auto found = map.find(name);
    return found == map.end() ? nullptr : &found->second;
}

}  // namespace

std::string topicValueOf(std::string_view brokerConfig, std::string_view value) {
    if (!brokerConfig.starts_with("log.retention.") && !brokerConfig.starts_with("log.roll."))
        return std::string(value);
    const auto number = toNumber(value);
    if (!number || brokerConfig == "log.retention.bytes")
        return std::string(value);
    std::int64_t milliseconds = *number;
    for (const auto& unit : kUnits)
        if (unit.name == brokerConfig)
            milliseconds *= unit.milliseconds;
    if (brokerConfig.starts_with("log.retention.") && milliseconds < 0)
        milliseconds = -1;
    return fmt::format("{}", milliseconds);
}

std::vector<ConfigSynonym> ConfigResolver::brokerChain(const std::vector<std::string_view>& names) const {
    std::vector<ConfigSynonym> chain;
    const auto add = [&](const ConfigMap& map, ConfigSource source) {
        for (const auto name : names)
            if (const auto* value = find(map, name))
                chain.push_back({std::string(name), *value, source});
    };
    add(m_image.configs({ResourceType::Broker, fmt::format("{}", m_node)}), ConfigSource::DynamicBroker);
    add(m_image.configs({ResourceType::Broker, ""}), ConfigSource::DynamicDefaultBroker);
    add(m_static, ConfigSource::StaticBroker);
    for (const auto name : names) {
        const auto* def = brokerConfigDef(name);
        if (def != nullptr && def->defaultValue)
            chain.push_back({std::string(name), std::string(*def->defaultValue), ConfigSource::Default});
    }
    return chain;
}

namespace {

/// Kafka shows only what follows the first entry of the configuration's own name.
std::vector<ConfigSynonym> fromName(std::vector<ConfigSynonym> chain, std::string_view name) {
    auto first = chain.begin();
    while (first != chain.end() && first->name != name)
        ++first;
    chain.erase(chain.begin(), first);
    return chain;
}

void hide(ResolvedConfig& config) {
    config.value = std::nullopt;
    for (auto& synonym : config.synonyms)
        synonym.value = std::nullopt;
}

}  // namespace

ResolvedConfig ConfigResolver::resolveTopic(const ConfigDef& def, const ConfigMap& dynamic) const {
    ResolvedConfig config{.name = std::string(def.name), .type = def.type, .sensitive = def.sensitive};
    if (def.defaultValue)
        config.value = std::string(*def.defaultValue);
    if (!def.synonyms.empty()) {
        auto chain = brokerChain(def.synonyms);
        if (!chain.empty())
            config.value = normalized(def, topicValueOf(chain.front().name, *chain.front().value));
        config.synonyms = fromName(std::move(chain), def.synonyms.front());
    }
    if (const auto* value = find(dynamic, def.name)) {
        config.value = normalized(def, *value);
        config.synonyms.insert(config.synonyms.begin(), {config.name, config.value, ConfigSource::DynamicTopic});
    }
    config.source = config.synonyms.empty() ? ConfigSource::Default : config.synonyms.front().source;
    if (config.sensitive)
        hide(config);
    return config;
}

ResolvedConfig ConfigResolver::resolveBroker(const ConfigDef& def) const {
    ResolvedConfig config{.name = std::string(def.name),
                          .type = def.type,
                          .readOnly = def.update == ConfigUpdate::ReadOnly,
                          .sensitive = def.sensitive};
    for (const auto& own : brokerChain({def.name}))
        if (!config.value)
            config.value = normalized(def, *own.value);
    const std::vector<std::string_view> itself{def.name};
    config.synonyms = fromName(brokerChain(def.synonyms.empty() ? itself : def.synonyms), def.name);
    config.source = config.synonyms.empty() ? ConfigSource::Default : config.synonyms.front().source;
    if (config.sensitive)
        hide(config);
    return config;
}

std::vector<ResolvedConfig> ConfigResolver::topic(std::string_view topic) const {
    const auto& dynamic = m_image.configs({ResourceType::Topic, std::string(topic)});
    std::vector<ResolvedConfig> all;
    for (const auto& def : topicConfigDefs())
        all.push_back(resolveTopic(def, dynamic));
    return all;
}

std::vector<ResolvedConfig> ConfigResolver::topicWith(const ConfigMap& overrides) const {
    std::vector<ResolvedConfig> all;
    for (const auto& def : topicConfigDefs()) {
        auto config = resolveTopic(def, overrides);
        // CreateTopics names the source of the value even when it came by a synonym in another unit.
        if (config.source == ConfigSource::Default && !def.synonyms.empty())
            if (const auto chain = brokerChain(def.synonyms); !chain.empty())
                config.source = chain.front().source;
        all.push_back(std::move(config));
    }
    return all;
}

std::vector<ResolvedConfig> ConfigResolver::broker() const {
    std::vector<ResolvedConfig> all;
    for (const auto& def : brokerConfigDefs())
        all.push_back(resolveBroker(def));
    return all;
}

std::vector<ResolvedConfig> ConfigResolver::defaultBroker() const {
    std::vector<ResolvedConfig> all;
    for (const auto& [name, value] : m_image.configs({ResourceType::Broker, ""})) {
        const auto* def = brokerConfigDef(name);
        ResolvedConfig config{.name = name,
                              .type = def == nullptr ? ConfigType::Unknown : def->type,
                              .value = value,
                              .source = ConfigSource::DynamicDefaultBroker,
                              .readOnly = def == nullptr || def->update == ConfigUpdate::ReadOnly,
                              .sensitive = def == nullptr || def->sensitive};
        config.synonyms.push_back({name, value, ConfigSource::DynamicDefaultBroker});
        if (config.sensitive)
            hide(config);
        all.push_back(std::move(config));
    }
    return all;
}

std::optional<ResolvedConfig> ConfigResolver::topicConfig(std::string_view topic, std::string_view name) const {
    const auto* def = topicConfigDef(name);
    if (def == nullptr)
        return std::nullopt;
    return resolveTopic(*def, m_image.configs({ResourceType::Topic, std::string(topic)}));
}

std::optional<ResolvedConfig> ConfigResolver::brokerConfig(std::string_view name) const {
    const auto* def = brokerConfigDef(name);
    return def == nullptr ? std::nullopt : std::optional(resolveBroker(*def));
}

std::string ConfigResolver::topicText(std::string_view topic, std::string_view name) const {
    const auto config = topicConfig(topic, name);
    ODRADEK_CHECK(config.has_value(), "an unpublished topic configuration was asked for");
    return config->value.value_or("");
}

std::string ConfigResolver::brokerText(std::string_view name) const {
    const auto config = brokerConfig(name);
    ODRADEK_CHECK(config.has_value(), "an unpublished broker configuration was asked for");
    return config->value.value_or("");
}

std::int64_t ConfigResolver::topicNumber(std::string_view topic, std::string_view name) const {
    return toNumber(topicText(topic, name)).value_or(0);
}

double ConfigResolver::topicDouble(std::string_view topic, std::string_view name) const {
    return toDouble(topicText(topic, name));
}

bool ConfigResolver::topicFlag(std::string_view topic, std::string_view name) const {
    return topicText(topic, name) == "true";
}

std::vector<std::string> ConfigResolver::topicList(std::string_view topic, std::string_view name) const {
    return splitConfigList(topicText(topic, name));
}

std::int64_t ConfigResolver::brokerNumber(std::string_view name) const {
    return toNumber(brokerText(name)).value_or(0);
}

double ConfigResolver::brokerDouble(std::string_view name) const {
    return toDouble(brokerText(name));
}

bool ConfigResolver::brokerFlag(std::string_view name) const {
    return brokerText(name) == "true";
}

}  // namespace odradek::metadata
