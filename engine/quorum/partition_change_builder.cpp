// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/partition_change_builder.h"

#include <algorithm>

namespace odradek::quorum {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::int8_t kRecovering = 1;
constexpr std::int32_t kLeaderUnchanged = -2;

bool contains(const Ids& list, std::int32_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}
bool containsAll(const Ids& list, const Ids& values) {
    return std::all_of(values.begin(), values.end(), [&](std::int32_t v) { return contains(list, v); });
}
Ids without(Ids list, const Ids& values) {
    std::erase_if(list, [&](std::int32_t id) { return contains(values, id); });
    return list;
}

}  // namespace

PartitionChangeBuilder& PartitionChangeBuilder::removeFromIsr(std::int32_t broker) {
    std::erase(m_isr, broker);
    return *this;
}

bool PartitionChangeBuilder::mayLead(std::int32_t replica) const {
    const bool isComplete = contains(m_isr, replica) || (m_isr.empty() && contains(m_elr, replica));
    return (isComplete || m_live.outsideIsr) && m_live.has(replica);
}

/// With neither ISR nor ELR left, the last leader is the best there is, if it is known which (KIP-966's balanced
/// recovery).
bool PartitionChangeBuilder::electsLastKnown() const {
    return m_usesElr && m_isr.empty() && m_elr.empty() && m_partition.lastKnownElr.size() == 1 &&
           m_live.has(m_partition.lastKnownElr.front());
}

PartitionChangeBuilder::Elected PartitionChangeBuilder::elect() const {
    const auto preferred = m_replicas.empty() ? metadata::kNoLeader : m_replicas.front();
    if (m_election == Election::Preferred && mayLead(preferred))
        return {preferred, false};
    if (mayLead(m_partition.leader) && contains(m_replicas, m_partition.leader))
        return {m_partition.leader, false};
    for (const auto replica : m_replicas)
        if (mayLead(replica))
            return {replica, false};
    if (electsLastKnown())
        return {m_partition.lastKnownElr.front(), true};
    if (m_election == Election::Unclean)
        for (const auto replica : m_replicas)
            if (m_live.has(replica))
                return {replica, true};
    return {};
}

/// Once every new replica is in sync (all that stay, if there will be fewer), the leaving ones go.
void PartitionChangeBuilder::completeReassignment() {
    if (m_adding.empty() && m_removing.empty())
        return;
    const auto isr = without(m_isr, m_removing);
    const auto replicas = without(m_replicas, m_removing);
    const auto before = without(m_replicas, m_adding);
    const bool shrinks = replicas.size() < before.size();
    if (isr.empty() || replicas.empty() || !containsAll(isr, m_adding) || (shrinks && !containsAll(isr, replicas)))
        return;
    m_isr = isr;
    m_replicas = replicas;
    m_adding.clear();
    m_removing.clear();
}

void PartitionChangeBuilder::populateElr() {
    if (!m_usesElr)
        return;
    const auto enough = std::min<std::size_t>(static_cast<std::size_t>(std::max(m_minIsr, 1)), m_replicas.size());
    if (m_isr.size() >= enough) {
        m_elr.clear();
        m_lastKnownElr.clear();
        return;
    }
    std::set<std::int32_t> candidates(m_elr.begin(), m_elr.end());
    candidates.insert(m_partition.isr.begin(), m_partition.isr.end());
    Ids elr;
    for (const auto id : candidates)
        if (!contains(m_isr, id) && !m_unclean.contains(id) && contains(m_replicas, id))
            elr.push_back(id);
    candidates.insert(m_lastKnownElr.begin(), m_lastKnownElr.end());
    Ids lastKnown;
    for (const auto id : candidates)
        if (!contains(m_isr, id) && !contains(elr, id) && contains(m_replicas, id))
            lastKnown.push_back(id);
    m_elr = std::move(elr);
    m_lastKnownElr = std::move(lastKnown);
}

std::optional<protocol::PartitionChangeRecord> PartitionChangeBuilder::build() {
    completeReassignment();
    populateElr();
    protocol::PartitionChangeRecord record{.partitionId = m_index, .topicId = m_topic};
    const auto unchanged = record;
    if (const auto elected = elect(); elected.leader != m_partition.leader) {
        record.leader = elected.leader;
        if (elected.unclean) {
            record.isr = Ids{elected.leader};
            m_recoveryState = kRecovering;
            m_elr.clear();
            m_lastKnownElr.clear();
        } else if (elected.leader != metadata::kNoLeader && !contains(m_isr, elected.leader)) {
            m_isr = {elected.leader};  // from the ELR
            std::erase(m_elr, elected.leader);
        }
    }
    if (!record.isr && (!m_isr.empty() || m_usesElr) && m_isr != m_partition.isr)
        record.isr = m_isr;
    if (!m_usesElr) {
        m_elr.clear();
        m_lastKnownElr.clear();
    } else if (record.isr && record.isr->empty() && m_partition.hasLeader()) {
        m_lastKnownElr = {m_partition.leader};
    }
    if (m_elr != m_partition.elr)
        record.eligibleLeaderReplicas = m_elr;
    if (m_lastKnownElr != m_partition.lastKnownElr)
        record.lastKnownElr = m_lastKnownElr;
    if (m_replicas != m_partition.replicas) {
        record.replicas = m_replicas;
        // Who was removed must not go on as if it were a replica: a new epoch tells it.
        if (record.leader == kLeaderUnchanged && !containsAll(m_replicas, m_partition.replicas))
            record.leader = m_partition.leader;
    }
    if (m_adding != m_partition.addingReplicas)
        record.addingReplicas = m_adding;
    if (m_removing != m_partition.removingReplicas)
        record.removingReplicas = m_removing;
    if (m_recoveryState != m_partition.leaderRecoveryState)
        record.leaderRecoveryState = m_recoveryState;
    return record == unchanged ? std::nullopt : std::optional(std::move(record));
}

}  // namespace odradek::quorum
