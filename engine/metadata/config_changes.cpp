// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metadata/config_changes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <set>

namespace odradek::metadata {
namespace {

using protocol::KafkaError;

constexpr std::size_t kMaxTopicName = 249;

ApiError error(KafkaError code, std::string message) {
    return {code, std::move(message)};
}

std::optional<std::int64_t> number(const ConfigMap& configs, std::string_view name, const ConfigDef* def) {
    const auto found = configs.find(name);
    std::string_view text;
    if (found != configs.end())
        text = found->second;
    else if (def != nullptr && def->defaultValue)
        text = *def->defaultValue;
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return text.empty() || code != std::errc{} || end != text.data() + text.size() ? std::nullopt
                                                                                  : std::optional(value);
}

/// The parts of a list as APPEND and SUBTRACT see it: empty ones are dropped.
std::vector<std::string> parts(std::string_view value) {
    auto items = splitConfigList(value);
    std::erase(items, "");
    return items;
}

std::string join(const std::vector<std::string>& items) {
    return fmt::format("{}", fmt::join(items, ","));
}

const ConfigDef* defOf(ResourceType type, std::string_view name) {
    switch (type) {
    case ResourceType::Topic:
        return topicConfigDef(name);
    case ResourceType::Broker:
        return brokerConfigDef(name);
    default:
        return nullptr;
    }
}

/// What a list configuration holds before it is appended to, when it is not set on the resource.
std::string fallback(const ConfigDef& def, ResourceType type, const ConfigMap& staticConfig) {
    const auto& names = def.synonyms;
    for (const auto name : names)
        if (const auto found = staticConfig.find(name); found != staticConfig.end())
            return found->second;
    if (type == ResourceType::Broker)
        if (const auto found = staticConfig.find(def.name); found != staticConfig.end())
            return found->second;
    return std::string(def.defaultValue.value_or(""));
}

std::string_view opName(AlterOp op) {
    switch (op) {
    case AlterOp::Set:
        return "SET";
    case AlterOp::Delete:
        return "DELETE";
    case AlterOp::Append:
        return "APPEND";
    case AlterOp::Subtract:
        return "SUBTRACT";
    }
    return "UNKNOWN";
}

/// The value after one operation; nullopt = not set. The error is InvalidConfig or InvalidRequest.
std::expected<std::optional<std::string>, ApiError> changed(const AlterConfig& change, ResourceType type,
                                                            const std::optional<std::string>& current,
                                                            const ConfigMap& staticConfig) {
    switch (change.op) {
    case AlterOp::Set:
        return change.value;
    case AlterOp::Delete:
        return std::nullopt;
    case AlterOp::Append:
    case AlterOp::Subtract:
        break;
    default:
        return std::unexpected(error(KafkaError::InvalidRequest, "Unknown operation on a configuration"));
    }
    const auto* def = defOf(type, change.name);
    if (def == nullptr || def->type != ConfigType::List)
        return std::unexpected(
            error(KafkaError::InvalidConfig, fmt::format("Can't {} to key {} because its type is not LIST.",
                                                         opName(change.op), change.name)));
    auto items = parts(current ? *current : fallback(*def, type, staticConfig));
    for (const auto& item : parts(change.value.value_or(""))) {
        const auto found = std::find(items.begin(), items.end(), item);
        if (change.op == AlterOp::Append && found == items.end())
            items.push_back(item);
        else if (change.op == AlterOp::Subtract && found != items.end())
            items.erase(found);
    }
    return join(items);
}

/// The resource's configurations after the changes; as in Kafka, a later change of the same name wins.
std::expected<ConfigMap, ApiError> changedAll(const ConfigMap& before, const std::vector<AlterConfig>& changes,
                                              ResourceType type, const ConfigMap& staticConfig) {
    ConfigMap after = before;
    for (const auto& change : changes) {
        const auto found = before.find(change.name);
        const auto current = found == before.end() ? std::nullopt : std::optional(found->second);
        auto value = changed(change, type, current, staticConfig);
        if (!value)
            return std::unexpected(std::move(value.error()));
        if (*value)
            after[change.name] = **value;
        else
            after.erase(change.name);
    }
    return after;
}

/// Rules Kafka checks on a whole broker configuration (KafkaConfig.validateValues), for the names we publish.
ApiError checkBrokerValues(const ConfigMap& configs) {
    if (number(configs, "log.retention.ms", nullptr) == 0)
        return error(KafkaError::InvalidRequest,
                     "log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
    if (const auto roll = number(configs, "log.roll.ms", nullptr); roll && *roll < 1)
        return error(KafkaError::InvalidRequest, "log.roll.ms must be greater than or equal to 1");
    if (const auto jitter = number(configs, "log.roll.jitter.ms", nullptr); jitter && *jitter < 0)
        return error(KafkaError::InvalidRequest, "log.roll.jitter.ms must be greater than or equal to 0");
    if (number(configs, "max.connections.per.ip", nullptr) == 0)
        return error(KafkaError::InvalidRequest, "max.connections.per.ip can be set to zero only if "
                                                 "max.connections.per.ip.overrides property is set.");
    return {};
}

/// Broker configurations as they would stand after a change; names we do not publish pass, as unknown ones do in Kafka.
ApiError checkBrokerConfigs(const ConfigMap& configs, const std::vector<AlterConfig>& changes, bool perBroker) {
    for (const auto& [name, value] : configs) {
        const auto* def = brokerConfigDef(name);
        if (def != nullptr && def->update == ConfigUpdate::ReadOnly)
            return error(KafkaError::InvalidRequest,
                         fmt::format("Cannot update these configs dynamically: [{}]", name));
    }
    for (const auto& [name, value] : configs) {
        const auto* def = brokerConfigDef(name);
        if (def == nullptr)
            continue;
        if (auto checked = normalizeConfigValue(*def, value); !checked)
            return error(KafkaError::InvalidRequest, checked.error().message);
    }
    for (const auto& change : changes) {
        const auto* def = brokerConfigDef(change.name);
        if (def == nullptr || def->update != ConfigUpdate::PerBroker)
            continue;
        if (!perBroker)
            return error(KafkaError::InvalidRequest, fmt::format("Cannot update these configs at default cluster "
                                                                 "level, broker id must be specified: [{}]",
                                                                 change.name));
        return error(KafkaError::InvalidRequest,
                     fmt::format("{} cannot be changed while the broker runs; restart it", change.name));
    }
    return checkBrokerValues(configs);
}

std::optional<std::int32_t> brokerIdOf(std::string_view name) {
    std::int32_t id = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), id);
    return name.empty() || code != std::errc{} || end != name.data() + name.size() ? std::nullopt : std::optional(id);
}

ApiError checkBrokerName(std::string_view name) {
    if (name.empty())
        return {};
    const auto id = brokerIdOf(name);
    if (!id)
        return error(KafkaError::InvalidRequest, "Unable to parse broker name as a base 10 number.");
    if (*id < 0)
        return error(KafkaError::InvalidRequest, "Invalid negative broker ID.");
    return {};
}

/// The controller's check of a resource as it would be after the change (ControllerConfigurationValidator).
ApiError checkResource(const ConfigResource& resource, const ConfigMap& after, const std::vector<AlterConfig>& changes,
                       const Image& image) {
    switch (resource.type) {
    case ResourceType::Topic: {
        if (resource.name.empty())
            return error(KafkaError::InvalidRequest, "Default topic resources are not allowed.");
        if (auto bad = checkTopicName(resource.name); !bad.ok())
            return bad;
        if (auto bad = checkTopicConfigs(after); !bad.ok())
            return bad;
        if (image.topic(std::string_view(resource.name)) == nullptr)
            return error(KafkaError::UnknownTopicOrPartition,
                         fmt::format("The topic '{}' does not exist.", resource.name));
        return {};
    }
    case ResourceType::Broker: {
        if (auto bad = checkBrokerName(resource.name); !bad.ok())
            return bad;
        if (auto bad = checkBrokerConfigs(after, changes, !resource.name.empty()); !bad.ok())
            return bad;
        if (!resource.name.empty() && image.broker(*brokerIdOf(resource.name)) == nullptr)
            return error(KafkaError::BrokerIdNotRegistered,
                         fmt::format("No broker with id {} found.", resource.name));
        return {};
    }
    default:
        return error(KafkaError::InvalidRequest, "Configurations of this resource type cannot be altered");
    }
}

}  // namespace

ApiError checkTopicName(std::string_view name) {
    const auto bad = [&](std::string_view why) {
        return error(KafkaError::InvalidTopicException, fmt::format("Topic name is invalid: {}", why));
    };
    if (name.empty())
        return bad("the empty string is not allowed");
    if (name == "." || name == "..")
        return bad("'.' or '..' is not allowed");
    if (name.size() > kMaxTopicName)
        return bad(fmt::format("the length of '{}' is longer than the max allowed length {}", name, kMaxTopicName));
    const bool legal = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    });
    if (!legal)
        return bad(fmt::format("'{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
                               name));
    return {};
}

bool topicNamesCollide(std::string_view a, std::string_view b) {
    const auto flat = [](char c) { return c == '.' ? '_' : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return flat(x) == flat(y); });
}

ApiError checkTopicConfigs(const ConfigMap& configs) {
    for (const auto& [name, value] : configs)
        if (topicConfigDef(name) == nullptr)
            return error(KafkaError::InvalidConfig, fmt::format("Unknown topic config name: {}", name));
    ConfigMap normal;
    for (const auto& [name, value] : configs) {
        auto checked = normalizeConfigValue(*topicConfigDef(name), value);
        if (!checked)
            return error(KafkaError::InvalidConfig, checked.error().message);
        normal[name] = std::move(*checked);
    }
    const auto minLag = number(normal, "min.compaction.lag.ms", topicConfigDef("min.compaction.lag.ms"));
    const auto maxLag = number(normal, "max.compaction.lag.ms", topicConfigDef("max.compaction.lag.ms"));
    if (minLag && maxLag && *minLag > *maxLag)
        return error(KafkaError::InvalidConfig,
                     fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > "
                                 "max.compaction.lag.ms ({})",
                                 *minLag, *maxLag));
    if (const auto remote = normal.find("remote.storage.enable"); remote != normal.end() && remote->second == "true")
        return error(KafkaError::InvalidConfig, "Tiered Storage functionality is disabled in the broker. Topic cannot "
                                                "be configured with remote log storage.");
    return {};
}

ApiError precheckAlterConfigs(const ConfigResource& resource, const std::vector<AlterConfig>& changes,
                              std::int32_t node, const Image& image, const ConfigMap& staticConfig) {
    std::set<std::string> names;
    std::vector<std::string> nulls;
    for (const auto& change : changes) {
        if (!names.insert(change.name).second)
            return error(KafkaError::InvalidRequest, "Error due to duplicate config keys");
        if (!change.value && change.op != AlterOp::Delete)
            nulls.push_back(change.name);
    }
    if (!nulls.empty())
        return error(KafkaError::InvalidRequest, "Null value not supported for : " + join(nulls));
    switch (resource.type) {
    case ResourceType::Topic:
        return {};
    case ResourceType::Broker:
        break;
    default:
        return error(KafkaError::InvalidRequest,
                     fmt::format("Unknown resource type {}", static_cast<int>(resource.type)));
    }
    if (!resource.name.empty()) {
        const auto id = brokerIdOf(resource.name);
        if (!id)
            return error(KafkaError::InvalidRequest, "Node id must be an integer, but it is: " + resource.name);
        if (*id != node)
            return error(KafkaError::InvalidRequest,
                         fmt::format("Unexpected broker id, expected {}, but received {}", node, resource.name));
    }
    for (const auto& change : changes) {
        const auto* def = brokerConfigDef(change.name);
        const bool isListOp = change.op == AlterOp::Append || change.op == AlterOp::Subtract;
        if (isListOp && (def == nullptr || def->type != ConfigType::List))
            return error(KafkaError::InvalidConfig,
                         fmt::format("Config value {} is not allowed for config key: {}",
                                     change.op == AlterOp::Append ? "append" : "subtract", change.name));
    }
    auto after = changedAll(image.configs(resource), changes, resource.type, staticConfig);
    if (!after)
        return std::move(after.error());
    return checkBrokerConfigs(*after, changes, !resource.name.empty());
}

AlterOutcome alterConfigs(const ConfigResource& resource, const std::vector<AlterConfig>& changes, const Image& image,
                          const ConfigMap& staticConfig) {
    const auto& before = image.configs(resource);
    auto after = changedAll(before, changes, resource.type, staticConfig);
    if (!after)
        return {std::move(after.error()), {}};
    AlterOutcome outcome{checkResource(resource, *after, changes, image), {}};
    if (!outcome.error.ok())
        return outcome;
    std::set<std::string> names;
    for (const auto& change : changes)
        names.insert(change.name);
    for (const auto& name : names) {
        const auto was = before.find(name);
        const auto is = after->find(name);
        const bool same = was == before.end() ? is == after->end() : is != after->end() && was->second == is->second;
        // Brokers re-read files and the like when told so, even if the value stays (KAFKA-14136).
        if (same && resource.type != ResourceType::Broker)
            continue;
        outcome.records.push_back({.resourceType = static_cast<std::int8_t>(resource.type),
                                   .resourceName = resource.name,
                                   .name = name,
                                   .value = is == after->end() ? std::nullopt : std::optional(is->second)});
    }
    return outcome;
}

}  // namespace odradek::metadata
