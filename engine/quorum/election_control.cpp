// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/election_control.h"

#include <fmt/format.h>

#include "engine/quorum/partition_change_builder.h"

namespace odradek::quorum {
namespace {

using Response = protocol::ElectLeadersResponse;
using Election = PartitionChangeBuilder::Election;

constexpr std::int8_t kPreferred = 0;
constexpr std::int8_t kUnclean = 1;

Response::PartitionResult resultOf(std::int32_t index, KafkaError error, std::string message = {}) {
    Response::PartitionResult result{.partitionId = index, .errorCode = protocol::code(error)};
    if (message.empty())
        result.errorMessage.reset();
    else
        result.errorMessage = std::move(message);
    return result;
}

Response::PartitionResult electOne(const metadata::Topic* topic, const std::string& name, std::int32_t index,
                                   Election election, const LiveBrokers& live, Records& records) {
    if (topic == nullptr)
        return resultOf(index, KafkaError::UnknownTopicOrPartition, "No such topic as " + name);
    const auto* partition = topic->partition(index);
    if (partition == nullptr)
        return resultOf(index, KafkaError::UnknownTopicOrPartition,
                        fmt::format("No such partition as {}-{}", name, index));
    const bool isPreferred = election == Election::Preferred;
    if (isPreferred ? partition->leader == partition->preferredReplica() : partition->hasLeader())
        return resultOf(index, KafkaError::ElectionNotNeeded);
    auto change = PartitionChangeBuilder(*partition, topic->id, index, live).election(election).build();
    const bool isElected = change && change->leader >= 0 &&
                           (!isPreferred || change->leader == partition->preferredReplica());
    if (!isElected)
        return resultOf(index, isPreferred ? KafkaError::PreferredLeaderNotAvailable
                                           : KafkaError::EligibleLeadersNotAvailable);
    records.emplace_back(std::move(*change));
    return resultOf(index, KafkaError::None);
}

}  // namespace

Outcome<Response> electLeaders(const ControlContext& context, const protocol::ElectLeadersRequest& request) {
    Outcome<Response> outcome;
    if (request.electionType != kPreferred && request.electionType != kUnclean) {
        outcome.response.errorCode = protocol::code(KafkaError::InvalidRequest);
        return outcome;
    }
    const auto election = request.electionType == kPreferred ? Election::Preferred : Election::Unclean;
    const auto live = LiveBrokers::of(context.image);
    if (request.topicPartitions) {
        for (const auto& wanted : *request.topicPartitions) {
            auto& answer = outcome.response.replicaElectionResults.emplace_back();
            answer.topic = wanted.topic;
            const auto* topic = context.image.topic(std::string_view(wanted.topic));
            for (const auto index : wanted.partitions)
                answer.partitionResult.push_back(
                    electOne(topic, wanted.topic, index, election, live, outcome.records));
        }
        return outcome;
    }
    for (const auto& [name, id] : context.image.topicNames()) {
        const auto* topic = context.image.topic(id);
        Response::ReplicaElectionResult answer{.topic = name};
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            auto result =
                electOne(topic, name, static_cast<std::int32_t>(i), election, live, outcome.records);
            if (result.errorCode != protocol::code(KafkaError::ElectionNotNeeded))
                answer.partitionResult.push_back(std::move(result));
        }
        if (!answer.partitionResult.empty())
            outcome.response.replicaElectionResults.push_back(std::move(answer));
    }
    return outcome;
}

}  // namespace odradek::quorum
