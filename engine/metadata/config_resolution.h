// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/metadata/config_defs.h"
#include "engine/metadata/image.h"

/// Which value a configuration has, and where from: dynamic ones out of the image over those a node was started with
/// over the defaults.
namespace odradek::metadata {

/// The numbers are those of DescribeConfigs (ConfigSource).
enum class ConfigSource : std::int8_t {
    Unknown = 0,
    DynamicTopic = 1,
    DynamicBroker = 2,
    DynamicDefaultBroker = 3,
    StaticBroker = 4,
    Default = 5,
};

struct ConfigSynonym {
    std::string name;
    std::optional<std::string> value;  ///< nullopt when sensitive
    ConfigSource source = ConfigSource::Default;
    bool operator==(const ConfigSynonym&) const = default;
};

struct ResolvedConfig {
    std::string name;
    ConfigType type = ConfigType::Unknown;
    std::optional<std::string> value;  ///< nullopt: sensitive, or has no value
    ConfigSource source = ConfigSource::Default;
    bool readOnly = false;
    bool sensitive = false;
    std::vector<ConfigSynonym> synonyms;  ///< strongest first; [0] gives value and source
    bool operator==(const ResolvedConfig&) const = default;
};

/// What configurations are resolved against: the image, and the node that answers with what it was started with
/// (Kafka's names; unknown names are kept and ignored). A cheap view: keep image and settings alive meanwhile.
class ConfigResolver {
public:
    ConfigResolver(const Image& image, std::int32_t node, const ConfigMap& staticConfig)
        : m_image(image), m_node(node), m_static(staticConfig) {}

    /// All published topic configurations for a topic (which need not exist: then without dynamic ones), by name.
    std::vector<ResolvedConfig> topic(std::string_view topic) const;
    /// All published configurations of this node, by name.
    std::vector<ResolvedConfig> broker() const;
    /// What is set as the cluster-wide default of brokers (DescribeConfigs on Broker ""), by name.
    std::vector<ResolvedConfig> defaultBroker() const;
    /// One of them; nullopt when we do not publish the name.
    std::optional<ResolvedConfig> topicConfig(std::string_view topic, std::string_view name) const;
    std::optional<ResolvedConfig> brokerConfig(std::string_view name) const;
    /// As topic(), but for a topic not created yet that is to get `overrides` (CreateTopics answers with these).
    std::vector<ResolvedConfig> topicWith(const ConfigMap& overrides) const;

    // Effective values, typed. The name must be published and of a fitting type (checked); times in the config's unit.
    std::int64_t topicNumber(std::string_view topic, std::string_view name) const;
    double topicDouble(std::string_view topic, std::string_view name) const;
    bool topicFlag(std::string_view topic, std::string_view name) const;
    std::string topicText(std::string_view topic, std::string_view name) const;
    std::vector<std::string> topicList(std::string_view topic, std::string_view name) const;
    std::int64_t brokerNumber(std::string_view name) const;
    double brokerDouble(std::string_view name) const;
    bool brokerFlag(std::string_view name) const;
    std::string brokerText(std::string_view name) const;

private:
    std::vector<ConfigSynonym> brokerChain(const std::vector<std::string_view>& names) const;
    ResolvedConfig resolveTopic(const ConfigDef& def, const ConfigMap& dynamic) const;
    ResolvedConfig resolveBroker(const ConfigDef& def) const;

    const Image& m_image;
    std::int32_t m_node;
    const ConfigMap& m_static;
};

/// log.retention.ms and its synonyms count in different units; this is the topic value a broker value stands for.
std::string topicValueOf(std::string_view brokerConfig, std::string_view value);

}  // namespace odradek::metadata
