// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/reassignment_control.h"

#include <algorithm>
#include <fmt/format.h>

#include "engine/quorum/assignment.h"
#include "engine/quorum/replication_control.h"

namespace odradek::quorum {
namespace {

using Request = protocol::AlterPartitionReassignmentsRequest;
using Response = protocol::AlterPartitionReassignmentsResponse;
using ListResponse = protocol::ListPartitionReassignmentsResponse;
using Ids = std::vector<std::int32_t>;

bool contains(const Ids& list, std::int32_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}
Ids without(Ids list, const Ids& values) {
    std::erase_if(list, [&](std::int32_t id) { return contains(values, id); });
    return list;
}
bool isMoving(const metadata::Partition& partition) {
    return !partition.addingReplicas.empty() || !partition.removingReplicas.empty();
}

/// As it was before the move began.
ApiError cancel(const ControlContext& context, const metadata::Topic& topic, std::int32_t index,
                const metadata::Partition& partition, const LiveBrokers& live, Records& records) {
    if (!isMoving(partition))
        return {KafkaError::NoReassignmentInProgress, "No partition reassignment is in progress."};
    const auto isr = without(partition.isr, partition.addingReplicas);
    const auto election = electionFor(context, topic);
    if (isr.empty() && election != PartitionChangeBuilder::Election::Unclean)
        return {KafkaError::InvalidReplicaAssignment,
                "Unable to revert partition assignment: no replica that was there before is in sync."};
    auto change = PartitionChangeBuilder(partition, topic.id, index, live)
                      .election(election)
                      .wantIsr(isr)
                      .wantReplicas(without(partition.replicas, partition.addingReplicas), {}, {})
                      .build();
    if (change)
        records.emplace_back(std::move(*change));
    return {};
}

ApiError move(const ControlContext& context, const metadata::Topic& topic, std::int32_t index,
              const metadata::Partition& partition, const Ids& target, const LiveBrokers& live, Records& records) {
    if (auto error = checkManualAssignment(context.image, target, std::nullopt); error.error != KafkaError::None)
        return error;
    const auto adding = without(target, without(partition.replicas, partition.addingReplicas));
    const auto removing = without(partition.replicas, target);
    auto replicas = target;
    replicas.insert(replicas.end(), removing.begin(), removing.end());
    auto change = PartitionChangeBuilder(partition, topic.id, index, live)
                      .election(electionFor(context, topic))
                      .wantReplicas(std::move(replicas), adding, removing)
                      .build();
    if (change)
        records.emplace_back(std::move(*change));
    return {};
}

ApiError alterOne(const ControlContext& context, const metadata::Topic* topic, const std::string& name,
                  const Request::ReassignablePartition& wanted, bool mayChangeFactor, const LiveBrokers& live,
                  Records& records) {
    if (topic == nullptr)
        return {KafkaError::UnknownTopicOrPartition, "Unable to find a topic named " + name + "."};
    const auto* partition = topic->partition(wanted.partitionIndex);
    if (partition == nullptr)
        return {KafkaError::UnknownTopicOrPartition,
                fmt::format("Unable to find partition {}:{}.", name, wanted.partitionIndex)};
    if (!wanted.replicas)
        return cancel(context, *topic, wanted.partitionIndex, *partition, live, records);
    const auto factor = without(partition->replicas, partition->addingReplicas).size();
    if (!mayChangeFactor && wanted.replicas->size() != factor)
        return {KafkaError::InvalidReplicationFactor,
                fmt::format("The replication factor is changed from {} to {}", factor, wanted.replicas->size())};
    return move(context, *topic, wanted.partitionIndex, *partition, *wanted.replicas, live, records);
}

std::optional<ListResponse::OngoingPartitionReassignment> ongoing(const metadata::Topic& topic, std::int32_t index) {
    const auto* partition = topic.partition(index);
    if (partition == nullptr || !isMoving(*partition))
        return std::nullopt;
    return ListResponse::OngoingPartitionReassignment{index, partition->replicas, partition->addingReplicas,
                                                      partition->removingReplicas};
}

}  // namespace

Outcome<Response> alterReassignments(const ControlContext& context, const Request& request) {
    Outcome<Response> outcome;
    outcome.response.errorMessage.reset();
    outcome.response.allowReplicationFactorChange = request.allowReplicationFactorChange;
    const auto live = LiveBrokers::of(context.image);
    for (const auto& wanted : request.topics) {
        auto& answer = outcome.response.responses.emplace_back();
        answer.name = wanted.name;
        const auto* topic = context.image.topic(std::string_view(wanted.name));
        for (const auto& one : wanted.partitions) {
            const auto error = alterOne(context, topic, wanted.name, one, request.allowReplicationFactorChange, live,
                                        outcome.records);
            auto& result = answer.partitions.emplace_back();
            result.partitionIndex = one.partitionIndex;
            result.errorCode = protocol::code(error.error);
            result.errorMessage.reset();
            if (error.error != KafkaError::None)
                result.errorMessage = error.message;
        }
    }
    return outcome;
}

Outcome<ListResponse> listReassignments(const ControlContext& context,
                                        const protocol::ListPartitionReassignmentsRequest& request) {
    Outcome<ListResponse> outcome;
    outcome.response.errorMessage.reset();
    const auto add = [&](const metadata::Topic& topic, const Ids& indexes) {
        ListResponse::OngoingTopicReassignment answer{.name = topic.name};
        for (const auto index : indexes)
            if (auto one = ongoing(topic, index))
                answer.partitions.push_back(std::move(*one));
        if (!answer.partitions.empty())
            outcome.response.topics.push_back(std::move(answer));
    };
    if (request.topics) {
        for (const auto& wanted : *request.topics)
            if (const auto* topic = context.image.topic(std::string_view(wanted.name)))
                add(*topic, wanted.partitionIndexes);
        return outcome;
    }
    for (const auto& [name, id] : context.image.topicNames()) {
        const auto* topic = context.image.topic(id);
        Ids all;
        for (std::size_t i = 0; i < topic->partitions.size(); ++i)
            all.push_back(static_cast<std::int32_t>(i));
        add(*topic, all);
    }
    return outcome;
}

}  // namespace odradek::quorum
