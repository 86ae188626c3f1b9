// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/metadata/config_resolution.h"
#include "engine/protocol/kafka_error.h"

/// Judging changes of configurations as Kafka does, shared by the broker that takes the request and the controller
/// that writes the records.
namespace odradek::metadata {

/// An error code with words for people; None = all well.
struct ApiError {
    protocol::KafkaError error = protocol::KafkaError::None;
    std::string message;

    bool ok() const { return error == protocol::KafkaError::None; }
};

/// The numbers are those of IncrementalAlterConfigs.
enum class AlterOp : std::int8_t { Set = 0, Delete = 1, Append = 2, Subtract = 3 };

struct AlterConfig {
    std::string name;
    AlterOp op = AlterOp::Set;
    std::optional<std::string> value;
};

/// Kafka's rules for topic names: 1 to 249 of [a-zA-Z0-9._-], not "." or "..". The error is InvalidTopicException.
ApiError checkTopicName(std::string_view name);
/// Whether two names would collide in metrics ('.' and '_' are the same there).
bool topicNamesCollide(std::string_view a, std::string_view b);

/// A complete set of topic configurations, as after a change or at creation. InvalidConfig with words.
ApiError checkTopicConfigs(const ConfigMap& configs);
/// What the broker that receives IncrementalAlterConfigs checks before it forwards a resource: null values, duplicate
/// names, unknown resource types, a broker id that is not its own, broker configurations that cannot be altered at run
/// time or have bad values. InvalidRequest with words.
ApiError precheckAlterConfigs(const ConfigResource& resource, const std::vector<AlterConfig>& changes,
                              std::int32_t node, const Image& image, const ConfigMap& staticConfig);

/// What the controller does with one resource: the records that make the change, or why not.
struct AlterOutcome {
    ApiError error;
    std::vector<protocol::ConfigRecord> records;
};
AlterOutcome alterConfigs(const ConfigResource& resource, const std::vector<AlterConfig>& changes, const Image& image,
                          const ConfigMap& staticConfig);

}  // namespace odradek::metadata
