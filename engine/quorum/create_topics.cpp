// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>

#include "engine/quorum/assignment.h"
#include "engine/quorum/replica_placer.h"
#include "engine/quorum/topic_control.h"

namespace odradek::quorum {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using CreatableTopic = CreateTopicsRequest::CreatableTopic;
using TopicResult = CreateTopicsResponse::CreatableTopicResult;

TopicResult refused(const std::string& name, const ApiError& error) {
    return {.name = name, .errorCode = protocol::code(error.error), .errorMessage = error.message};
}

ApiError checkNewName(const metadata::Image& image, const std::string& name) {
    if (auto bad = metadata::checkTopicName(name); !bad.ok())
        return bad;
    if (image.topicId(name))
        return {KafkaError::TopicAlreadyExists, fmt::format("Topic '{}' already exists.", name)};
    if (name.find_first_of("._") == std::string::npos)
        return {};
    for (const auto& [other, id] : image.topicNames())
        if (metadata::topicNamesCollide(name, other))
            return {KafkaError::InvalidTopicException,
                    fmt::format("Topic '{}' collides with existing topic: {}", name, other)};
    return {};
}

std::int64_t partitionsOf(const CreatableTopic& topic, std::int64_t byDefault) {
    if (!topic.assignments.empty())
        return static_cast<std::int64_t>(topic.assignments.size());
    return topic.numPartitions == -1 ? byDefault : std::max(topic.numPartitions, 0);
}

/// Replica lists by hand, in order of partition, or why not.
std::expected<ReplicaLists, ApiError> manualReplicas(const metadata::Image& image, const CreatableTopic& topic) {
    const auto refuse = [](KafkaError code, std::string why) {
        return std::unexpected(ApiError{code, std::move(why)});
    };
    if (topic.replicationFactor != -1)
        return refuse(KafkaError::InvalidRequest, "A manual partition assignment was specified, but replication "
                                                  "factor was not set to -1.");
    if (topic.numPartitions != -1)
        return refuse(KafkaError::InvalidRequest, "A manual partition assignment was specified, but numPartitions "
                                                  "was not set to -1.");
    std::map<std::int32_t, std::vector<std::int32_t>> byIndex;
    std::optional<std::size_t> size;
    for (const auto& assignment : topic.assignments) {
        const auto index = assignment.partitionIndex;
        if (byIndex.contains(index))
            return refuse(KafkaError::InvalidReplicaAssignment,
                          fmt::format("Found multiple manual partition assignments for partition {}", index));
        if (auto bad = checkManualAssignment(image, assignment.brokerIds, size); !bad.ok())
            return std::unexpected(std::move(bad));
        size = assignment.brokerIds.size();
        if (!newPartition(image, {}, index, assignment.brokerIds))
            return refuse(KafkaError::InvalidReplicaAssignment,
                          fmt::format("All brokers specified in the manual partition assignment for partition {} are "
                                      "fenced or in controlled shutdown.",
                                      index));
        byIndex[index] = assignment.brokerIds;
    }
    ReplicaLists lists;
    for (auto& [index, replicas] : byIndex) {
        if (index != static_cast<std::int32_t>(lists.size()))
            return refuse(KafkaError::InvalidReplicaAssignment,
                          "partitions should be a consecutive 0-based integer sequence");
        lists.push_back(std::move(replicas));
    }
    return lists;
}

std::expected<ReplicaLists, ApiError> placedReplicas(const ControlContext& context, const CreatableTopic& topic) {
    const auto refuse = [](KafkaError code, std::string why) {
        return std::unexpected(ApiError{code, std::move(why)});
    };
    if (topic.replicationFactor < -1 || topic.replicationFactor == 0)
        return refuse(KafkaError::InvalidReplicationFactor,
                      "Replication factor must be larger than 0, or -1 to use the default value.");
    if (topic.numPartitions < -1 || topic.numPartitions == 0)
        return refuse(KafkaError::InvalidPartitions, "Number of partitions was set to an invalid non-positive value.");
    const auto configs = context.configs();
    const auto partitions = partitionsOf(topic, configs.brokerNumber("num.partitions"));
    const auto factor = topic.replicationFactor == -1
                            ? static_cast<std::int32_t>(configs.brokerNumber("default.replication.factor"))
                            : topic.replicationFactor;
    auto placed = placeReplicas(context.image, partitions, factor, context.prng);
    if (!placed)
        return refuse(placed.error().error, fmt::format("Unable to replicate the partition {} time(s): {}", factor,
                                                        placed.error().message));
    for (const auto& replicas : *placed)
        if (!newPartition(context.image, {}, 0, replicas))
            return refuse(KafkaError::InvalidReplicationFactor,
                          fmt::format("Unable to replicate the partition {} time(s): All brokers are currently fenced "
                                      "or in controlled shutdown.",
                                      factor));
    return placed;
}

/// The answer's list of what the new topic is configured with.
std::vector<CreateTopicsResponse::CreatableTopicConfigs> describe(const ControlContext& context,
                                                                  const metadata::ConfigMap& configs) {
    std::vector<CreateTopicsResponse::CreatableTopicConfigs> all;
    for (const auto& config : context.configs().topicWith(configs))
        all.push_back({.name = config.name,
                       .value = config.value,
                       .readOnly = config.readOnly,
                       .configSource = static_cast<std::int8_t>(config.source),
                       .isSensitive = config.sensitive});
    return all;
}

/// Creates one topic: its records, or the error in the result.
TopicResult createOne(const ControlContext& context, const CreatableTopic& topic, Records& records) {
    if (auto bad = checkNewName(context.image, topic.name); !bad.ok())
        return refused(topic.name, bad);
    metadata::ConfigMap configs;
    std::set<std::string> nulls;  // the last word on a name counts, as in Kafka
    for (const auto& config : topic.configs)
        if (config.value) {
            configs[config.name] = *config.value;
            nulls.erase(config.name);
        } else {
            nulls.insert(config.name);
        }
    if (!nulls.empty())
        return refused(topic.name,
                       {KafkaError::InvalidConfig,
                        fmt::format("Null value not supported for topic configs: {}", fmt::join(nulls, ","))});
    if (auto bad = metadata::checkTopicConfigs(configs); !bad.ok())
        return refused(topic.name, bad);
    auto lists = topic.assignments.empty() ? placedReplicas(context, topic) : manualReplicas(context.image, topic);
    if (!lists)
        return refused(topic.name, lists.error());

    const auto id = newTopicId(context.image, context.prng);
    records.emplace_back(protocol::TopicRecord{.name = topic.name, .topicId = id});
    for (const auto& [name, value] : configs)
        records.emplace_back(
            protocol::ConfigRecord{.resourceType = static_cast<std::int8_t>(metadata::ResourceType::Topic),
                                   .resourceName = topic.name,
                                   .name = name,
                                   .value = value});
    for (std::size_t i = 0; i < lists->size(); ++i)
        records.emplace_back(*newPartition(context.image, id, static_cast<std::int32_t>(i), (*lists)[i]));
    return {.name = topic.name,
            .topicId = id,
            .errorCode = 0,
            .errorMessage = std::nullopt,
            .topicConfigErrorCode = 0,
            .numPartitions = static_cast<std::int32_t>(lists->size()),
            .replicationFactor = static_cast<std::int16_t>(lists->front().size()),
            .configs = describe(context, configs)};
}

}  // namespace

Outcome<CreateTopicsResponse> createTopics(const ControlContext& context, const CreateTopicsRequest& request) {
    Outcome<CreateTopicsResponse> outcome;
    auto& results = outcome.response.topics;
    std::map<std::string, int> times;
    for (const auto& topic : request.topics)
        ++times[topic.name];

    std::int64_t total = 0;
    const auto byDefault = context.configs().brokerNumber("num.partitions");
    for (const auto& topic : request.topics)
        total += partitionsOf(topic, byDefault);
    if (total > kMaxPartitionsPerRequest) {
        const ApiError error{KafkaError::PolicyViolation, "Excessively large number of partitions per request."};
        for (const auto& topic : request.topics)
            results.push_back(refused(topic.name, error));
        return outcome;
    }
    std::set<std::string> created;
    for (const auto& topic : request.topics) {
        if (times[topic.name] > 1 || topic.name == metadata::kClusterMetadataTopic)
            continue;
        const auto clash = std::find_if(created.begin(), created.end(), [&](const std::string& other) {
            return metadata::topicNamesCollide(topic.name, other);
        });
        if (clash != created.end())
            results.push_back(refused(topic.name, {KafkaError::InvalidTopicException,
                                                   fmt::format("Topic '{}' collides with existing topic: {}",
                                                               topic.name, *clash)}));
        else
            results.push_back(createOne(context, topic, outcome.records));
        if (results.back().errorCode == 0)
            created.insert(topic.name);
    }
    for (const auto& [name, count] : times) {
        if (count > 1)
            results.push_back(refused(name, {KafkaError::InvalidRequest, "Duplicate topic name."}));
        else if (name == metadata::kClusterMetadataTopic)
            results.push_back(refused(name, {KafkaError::InvalidRequest,
                                      fmt::format("Creation of internal topic {} is prohibited.", name)}));
    }
    if (request.validateOnly)
        outcome.records.clear();
    return outcome;
}

}  // namespace odradek::quorum
