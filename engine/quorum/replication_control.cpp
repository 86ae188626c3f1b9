// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/replication_control.h"

#include <algorithm>
#include <set>

namespace odradek::quorum {
namespace {

LiveBrokers liveBrokers(const ControlContext& context) {
    auto live = LiveBrokers::of(context.image);
    live.outsideIsr = context.mutants.has(odradek::Mutant::ElectOutsideIsr);
    return live;
}

using Election = PartitionChangeBuilder::Election;
using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;

constexpr std::int8_t kRecovered = 0;
constexpr std::int8_t kRecovering = 1;

/// electionFor, looked up once for a run of partitions of one topic.
class Elections {
public:
    explicit Elections(const ControlContext& context) : m_context(context) {}
    Election of(const metadata::Topic& topic) {
        if (m_topic != &topic) {
            m_topic = &topic;
            m_election = electionFor(m_context, topic);
        }
        return m_election;
    }

private:
    const ControlContext& m_context;
    const metadata::Topic* m_topic = nullptr;
    Election m_election = Election::Online;
};

/// Calls visit(topic, partition index, partition) for all partitions that `wanted` picks, topics by id.
template <class Wanted, class Visit>
void forPartitions(const metadata::Image& image, Wanted wanted, Visit visit) {
    for (const auto& [id, topic] : image.topics())
        for (std::size_t i = 0; i < topic->partitions.size(); ++i)
            if (wanted(*topic->partitions[i]))
                visit(*topic, static_cast<std::int32_t>(i), *topic->partitions[i]);
}

bool isSubset(const std::vector<std::int32_t>& isr, const metadata::Partition& partition) {
    std::set<std::int32_t> seen;
    return !isr.empty() && std::all_of(isr.begin(), isr.end(), [&](std::int32_t id) {
        return partition.isReplica(id) && seen.insert(id).second;
    });
}

/// The wanted ISR with broker epochs; version 2 sends none (-1 = any).
std::vector<AlterPartitionRequest::BrokerState> wantedIsr(const AlterPartitionRequest::PartitionData& data) {
    if (!data.newIsrWithEpochs.empty())
        return data.newIsrWithEpochs;
    std::vector<AlterPartitionRequest::BrokerState> isr;
    for (const auto id : data.newIsr)
        isr.push_back({id, -1});
    return isr;
}

bool isEligible(const metadata::Image& image, const AlterPartitionRequest::BrokerState& member) {
    const auto* broker = image.broker(member.brokerId);
    return broker != nullptr && broker->isActive() &&
           (member.brokerEpoch == -1 || member.brokerEpoch == broker->epoch);
}

KafkaError judge(const ControlContext& context, std::int32_t sender, const AlterPartitionRequest::PartitionData& data,
                 const std::vector<std::int32_t>& isr, const metadata::Partition& partition) {
    // A leader that is ahead of us has heard of a newer controller.
    if (data.leaderEpoch > partition.leaderEpoch || data.partitionEpoch > partition.partitionEpoch)
        return KafkaError::NotController;
    const bool takesStale = context.mutants.has(odradek::Mutant::AcceptStaleAlterPartition);
    if (data.leaderEpoch < partition.leaderEpoch && !takesStale)
        return KafkaError::FencedLeaderEpoch;
    if (sender != partition.leader && !takesStale)
        return KafkaError::InvalidRequest;
    if (data.partitionEpoch < partition.partitionEpoch && !takesStale)
        return KafkaError::InvalidUpdateVersion;
    if (!isSubset(isr, partition))
        return KafkaError::InvalidRequest;
    if (std::find(isr.begin(), isr.end(), partition.leader) == isr.end())
        return KafkaError::InvalidRequest;
    if (data.leaderRecoveryState != kRecovered && data.leaderRecoveryState != kRecovering)
        return KafkaError::InvalidRequest;
    if (data.leaderRecoveryState == kRecovering && isr.size() > 1)
        return KafkaError::InvalidRequest;
    if (partition.leaderRecoveryState == kRecovered && data.leaderRecoveryState == kRecovering)
        return KafkaError::InvalidRequest;
    const auto members = wantedIsr(data);
    if (!std::all_of(members.begin(), members.end(), [&](const auto& m) { return isEligible(context.image, m); }))
        return KafkaError::IneligibleReplica;
    return KafkaError::None;
}

AlterPartitionResponse::PartitionData refused(std::int32_t index, KafkaError error) {
    return {.partitionIndex = index, .errorCode = protocol::code(error)};
}

AlterPartitionResponse::PartitionData alterOne(const ControlContext& context, const AlterPartitionRequest& request,
                                               const AlterPartitionRequest::PartitionData& data,
                                               const metadata::Topic* topic, const LiveBrokers& live,
                                               Records& records) {
    if (topic == nullptr)
        return refused(data.partitionIndex, KafkaError::UnknownTopicId);
    const auto* partition = topic->partition(data.partitionIndex);
    if (partition == nullptr)
        return refused(data.partitionIndex, KafkaError::UnknownTopicOrPartition);
    std::vector<std::int32_t> isr;
    for (const auto& member : wantedIsr(data))
        isr.push_back(member.brokerId);
    if (const auto error = judge(context, request.brokerId, data, isr, *partition); error != KafkaError::None)
        return refused(data.partitionIndex, error);
    auto change = PartitionChangeBuilder(*partition, topic->id, data.partitionIndex, live)
                      .election(electionFor(context, *topic))
                      .wantIsr(std::move(isr))
                      .wantRecoveryState(data.leaderRecoveryState)
                      .build();
    auto after = *partition;
    if (change) {
        after = metadata::applyChange(*partition, *change);
        records.emplace_back(std::move(*change));
        if (after.leader != request.brokerId)
            return refused(data.partitionIndex, KafkaError::NewLeaderElected);
    }
    return {.partitionIndex = data.partitionIndex,
            .errorCode = 0,
            .leaderId = after.leader,
            .leaderEpoch = after.leaderEpoch,
            .isr = after.isr,
            .leaderRecoveryState = after.leaderRecoveryState,
            .partitionEpoch = after.partitionEpoch};
}

}  // namespace

Election electionFor(const ControlContext& context, const metadata::Topic& topic) {
    if (context.mutants.has(odradek::Mutant::ElectUnclean))
        return Election::Unclean;
    return context.configs().topicFlag(topic.name, "unclean.leader.election.enable") ? Election::Unclean
                                                                                    : Election::Online;
}

Records removeBrokerFromPartitions(const ControlContext& context, std::int32_t broker) {
    auto live = liveBrokers(context);
    live.active.erase(broker);
    Elections elections(context);
    Records records;
    forPartitions(
        context.image,
        [broker](const metadata::Partition& p) { return p.leader == broker || p.inIsr(broker); },
        [&](const metadata::Topic& topic, std::int32_t index, const metadata::Partition& partition) {
            auto change = PartitionChangeBuilder(partition, topic.id, index, live)
                              .election(elections.of(topic))
                              .removeFromIsr(broker)
                              .build();
            if (change)
                records.emplace_back(std::move(*change));
        });
    return records;
}

Records electForLeaderless(const ControlContext& context, std::optional<std::int32_t> returning) {
    auto live = liveBrokers(context);
    if (returning)
        live.active.insert(*returning);
    Elections elections(context);
    Records records;
    forPartitions(
        context.image, [](const metadata::Partition& p) { return !p.hasLeader(); },
        [&](const metadata::Topic& topic, std::int32_t index, const metadata::Partition& partition) {
            auto change = PartitionChangeBuilder(partition, topic.id, index, live)
                              .election(elections.of(topic))
                              .build();
            if (change)
                records.emplace_back(std::move(*change));
        });
    return records;
}

Records electPreferred(const ControlContext& context, std::size_t limit) {
    const auto live = liveBrokers(context);
    Records records;
    forPartitions(
        context.image,
        [&](const metadata::Partition& p) {
            const auto preferred = p.preferredReplica();
            return records.size() < limit && p.leader != preferred && live.has(preferred) && p.inIsr(preferred);
        },
        [&](const metadata::Topic& topic, std::int32_t index, const metadata::Partition& partition) {
            auto change = PartitionChangeBuilder(partition, topic.id, index, live)
                              .election(Election::Preferred)
                              .build();
            if (change)
                records.emplace_back(std::move(*change));
        });
    return records;
}

bool leadsAny(const metadata::Image& image, std::int32_t broker) {
    for (const auto& [id, topic] : image.topics())
        for (const auto& partition : topic->partitions)
            if (partition->leader == broker)
                return true;
    return false;
}

Outcome<AlterPartitionResponse> alterPartition(const ControlContext& context, const AlterPartitionRequest& request) {
    Outcome<AlterPartitionResponse> outcome;
    const auto* sender = context.image.broker(request.brokerId);
    if (sender == nullptr || sender->epoch != request.brokerEpoch) {
        outcome.response.errorCode = protocol::code(KafkaError::StaleBrokerEpoch);
        return outcome;
    }
    const auto live = liveBrokers(context);
    std::set<TopicIdPartition> seen;
    for (const auto& wanted : request.topics) {
        auto& answer = outcome.response.topics.emplace_back();
        answer.topicId = wanted.topicId;
        const auto* topic = context.image.topic(wanted.topicId);
        for (const auto& data : wanted.partitions) {
            // A second change of one partition would be judged by a state that the first one has ended.
            if (!seen.insert({wanted.topicId, data.partitionIndex}).second)
                answer.partitions.push_back(refused(data.partitionIndex, KafkaError::InvalidRequest));
            else
                answer.partitions.push_back(alterOne(context, request, data, topic, live, outcome.records));
        }
    }
    return outcome;
}

}  // namespace odradek::quorum
