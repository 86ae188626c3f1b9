// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <map>
#include <set>

#include "engine/quorum/assignment.h"
#include "engine/quorum/replica_placer.h"
#include "engine/quorum/topic_control.h"

namespace odradek::quorum {
namespace {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using GrownTopic = CreatePartitionsRequest::CreatePartitionsTopic;
using DeleteResult = DeleteTopicsResponse::DeletableTopicResult;

std::expected<ReplicaLists, ApiError> replicasToAdd(const ControlContext& context, const GrownTopic& request,
                                                    const metadata::Topic& topic) {
    const auto had = static_cast<std::int64_t>(topic.partitions.size());
    const auto added = request.count - had;
    const auto factor = topic.partitions.empty() ? 1 : topic.partitions.front()->replicas.size();
    if (!request.assignments) {
        auto placed =
            placeReplicas(context.image, added, static_cast<std::int32_t>(factor), context.prng);
        if (!placed)
            return placed;
        for (const auto& replicas : *placed)
            if (!newPartition(context.image, {}, 0, replicas))
                return std::unexpected(ApiError{
                    KafkaError::InvalidReplicationFactor,
                    fmt::format("Unable to replicate the partition {} time(s): All brokers are currently fenced or in "
                                "controlled shutdown.",
                                factor)});
        return placed;
    }
    const auto refuse = [](std::string why) {
        return std::unexpected(ApiError{KafkaError::InvalidReplicaAssignment, std::move(why)});
    };
    if (static_cast<std::int64_t>(request.assignments->size()) != added)
        return refuse(fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) were "
                                  "specified.",
                                  added, request.assignments->size()));
    ReplicaLists lists;
    for (const auto& assignment : *request.assignments) {
        if (auto bad = checkManualAssignment(context.image, assignment.brokerIds, factor); !bad.ok())
            return std::unexpected(std::move(bad));
        if (!newPartition(context.image, {}, 0, assignment.brokerIds))
            return refuse(fmt::format("All brokers specified in the manual partition assignment for partition {} are "
                                      "fenced or in controlled shutdown.",
                                      had + static_cast<std::int64_t>(lists.size())));
        lists.push_back(assignment.brokerIds);
    }
    return lists;
}

ApiError grow(const ControlContext& context, const GrownTopic& request, Records& records) {
    const auto* topic = context.image.topic(std::string_view(request.name));
    if (topic == nullptr)
        return {KafkaError::UnknownTopicOrPartition, "This server does not host this topic-partition."};
    const auto had = static_cast<std::int32_t>(topic->partitions.size());
    if (request.count == had)
        return {KafkaError::InvalidPartitions, fmt::format("Topic already has {} partition(s).", had)};
    if (request.count < had)
        return {KafkaError::InvalidPartitions,
                fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.", request.name,
                            had, request.count)};
    if (request.count - had > kMaxPartitionsPerRequest)
        return {KafkaError::PolicyViolation, "Excessively large number of partitions per request."};
    auto lists = replicasToAdd(context, request, *topic);
    if (!lists)
        return std::move(lists.error());
    auto index = had;
    for (const auto& replicas : *lists)
        records.emplace_back(*newPartition(context.image, topic->id, index++, replicas));
    return {};
}

DeleteResult refused(std::optional<std::string> name, Uuid id, KafkaError error, std::string why) {
    return {.name = std::move(name), .topicId = id, .errorCode = protocol::code(error), .errorMessage = std::move(why)};
}

/// Both ways of naming topics as one list.
std::vector<DeleteTopicsRequest::DeleteTopicState> named(const DeleteTopicsRequest& request) {
    auto topics = request.topics;
    for (const auto& name : request.topicNames)
        topics.push_back({.name = name});
    return topics;
}

/// The request as a whole is refused when a topic is named in no way or in both.
std::string misnamed(const std::vector<DeleteTopicsRequest::DeleteTopicState>& topics) {
    for (const auto& topic : topics) {
        if (!topic.name && topic.topicId.isZero())
            return "Neither topic name nor id were specified.";
        if (topic.name && !topic.topicId.isZero())
            return "You may not specify both topic name and topic id.";
    }
    return {};
}

}  // namespace

Outcome<CreatePartitionsResponse> createPartitions(const ControlContext& context,
                                                   const CreatePartitionsRequest& request) {
    Outcome<CreatePartitionsResponse> outcome;
    std::map<std::string, int> times;
    for (const auto& topic : request.topics)
        ++times[topic.name];
    const auto answer = [&](const std::string& name, const ApiError& error) {
        outcome.response.results.push_back(
            {.name = name,
             .errorCode = protocol::code(error.error),
             .errorMessage = error.ok() ? std::nullopt : std::optional(error.message)});
    };
    for (const auto& [name, count] : times)
        if (count > 1)
            answer(name, {KafkaError::InvalidRequest, "Duplicate topic name."});
    for (const auto& topic : request.topics)
        if (times[topic.name] == 1)
            answer(topic.name, grow(context, topic, outcome.records));
    if (request.validateOnly)
        outcome.records.clear();
    return outcome;
}

Outcome<DeleteTopicsResponse> deleteTopics(const ControlContext& context, const DeleteTopicsRequest& request,
                                           std::int16_t version) {
    Outcome<DeleteTopicsResponse> outcome;
    auto& answers = outcome.response.responses;
    const auto topics = named(request);
    const auto refuseAll = [&](KafkaError error, const std::string& why) {
        for (const auto& topic : topics)
            answers.push_back(refused(topic.name, topic.topicId, error, why));
    };
    if (!context.configs().brokerFlag("delete.topic.enable")) {
        refuseAll(version < 3 ? KafkaError::InvalidRequest : KafkaError::TopicDeletionDisabled,
                  "Topic deletion is disabled.");
        return outcome;
    }
    if (const auto why = misnamed(topics); !why.empty()) {
        refuseAll(KafkaError::InvalidRequest, why);
        return outcome;
    }
    std::map<std::string, int> names;
    std::map<Uuid, int> ids;
    for (const auto& topic : topics)
        ++(topic.name ? names[*topic.name] : ids[topic.topicId]);
    std::set<Uuid> namedToo;  // given by id and by name: answered once, under the name
    for (const auto& [name, times] : names)
        if (const auto* found = times == 1 ? context.image.topic(std::string_view(name)) : nullptr)
            if (ids.contains(found->id))
                namedToo.insert(found->id);
    std::set<Uuid> deleted;
    std::set<std::string> doubtfulNames;
    std::set<Uuid> doubtfulIds;
    for (const auto& topic : topics) {
        if (topic.name && names[*topic.name] > 1) {
            if (doubtfulNames.insert(*topic.name).second)
                answers.push_back(refused(topic.name, {}, KafkaError::InvalidRequest, "Duplicate topic name."));
            continue;
        }
        if (!topic.name && ids[topic.topicId] > 1) {
            if (doubtfulIds.insert(topic.topicId).second)
                answers.push_back(
                    refused(std::nullopt, topic.topicId, KafkaError::InvalidRequest, "Duplicate topic id."));
            continue;
        }
        if (!topic.name && namedToo.contains(topic.topicId))
            continue;
        const auto* found = topic.name ? context.image.topic(std::string_view(*topic.name))
                                       : context.image.topic(topic.topicId);
        if (found == nullptr)
            answers.push_back(refused(topic.name, topic.topicId,
                                      topic.name ? KafkaError::UnknownTopicOrPartition : KafkaError::UnknownTopicId,
                                      topic.name ? "This server does not host this topic-partition."
                                                 : "This server does not host this topic ID."));
        else if (topic.name && namedToo.contains(found->id))
            answers.push_back(refused(topic.name, found->id, KafkaError::InvalidRequest,
                                      "The provided topic name maps to an ID that was already supplied."));
        else if (deleted.insert(found->id).second) {
            outcome.records.emplace_back(protocol::RemoveTopicRecord{.topicId = found->id});
            answers.push_back({.name = found->name, .topicId = found->id, .errorCode = 0});
        }
    }
    return outcome;
}

}  // namespace odradek::quorum
