// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/partition_change_builder.h"

#include <algorithm>

namespace odradek::quorum {
namespace {

constexpr std::int8_t kRecovering = 1;

bool contains(const std::vector<std::int32_t>& list, std::int32_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

PartitionChangeBuilder& PartitionChangeBuilder::removeFromIsr(std::int32_t broker) {
    std::erase(m_isr, broker);
    return *this;
}

bool PartitionChangeBuilder::mayLead(std::int32_t replica) const {
    const bool isComplete = contains(m_isr, replica) || (m_isr.empty() && contains(m_partition.elr, replica));
    return (isComplete || m_live.outsideIsr) && m_live.has(replica);
}

PartitionChangeBuilder::Elected PartitionChangeBuilder::elect() const {
    const auto& replicas = m_partition.replicas;
    if (m_election == Election::Preferred && mayLead(m_partition.preferredReplica()))
        return {m_partition.preferredReplica(), false};
    if (mayLead(m_partition.leader))
        return {m_partition.leader, false};
    for (const auto replica : replicas)
        if (mayLead(replica))
            return {replica, false};
    if (m_election == Election::Unclean)
        for (const auto replica : replicas)
            if (m_live.has(replica))
                return {replica, true};
    return {};
}

std::optional<protocol::PartitionChangeRecord> PartitionChangeBuilder::build() const {
    protocol::PartitionChangeRecord record{.partitionId = m_index, .topicId = m_topic};
    auto recoveryState = m_recoveryState;
    bool changes = false;
    if (const auto elected = elect(); elected.leader != m_partition.leader) {
        record.leader = elected.leader;
        changes = true;
        if (elected.unclean) {
            record.isr = std::vector{elected.leader};
            recoveryState = kRecovering;
        }
    }
    if (!record.isr && !m_isr.empty() && m_isr != m_partition.isr) {
        record.isr = m_isr;
        changes = true;
    }
    if (recoveryState != m_partition.leaderRecoveryState) {
        record.leaderRecoveryState = recoveryState;
        changes = true;
    }
    return changes ? std::optional(std::move(record)) : std::nullopt;
}

}  // namespace odradek::quorum
