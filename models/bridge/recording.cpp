// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/bridge/recording.h"

#include <algorithm>

namespace odradek::models {
namespace {
constexpr api::WallMs kStepMs = 950;  // as the series: sources publish about once a second
}

std::size_t snapshotCost(const api::ClusterSnapshot& snapshot) {
    std::size_t bytes = sizeof snapshot;
    for (const auto& topic : snapshot.topics) {
        bytes += sizeof topic + topic.name.capacity();
        for (const auto& partition : topic.partitions)
            bytes += sizeof partition + partition.replicas.size() * sizeof(api::Replica) +
                     partition.segments.size() * sizeof(api::SegmentInfo);
    }
    for (const auto& group : snapshot.groups) {
        bytes += sizeof group + group.offsets.size() * (sizeof(api::CommittedOffset) + 32);
        for (const auto& member : group.members)
            bytes += sizeof member + 128 + member.assignment.size() * (sizeof(TopicPartition) + 32);
    }
    for (const auto& broker : snapshot.brokers)
        bytes +=
            sizeof broker + (broker.apis ? broker.apis->size() * sizeof(api::ApiCounter) : 0) +
            (broker.connections ? broker.connections->size() * (sizeof(api::ConnectionInfo) + 64)
                                : 0);
    return bytes;
}

void Recording::add(const api::SnapshotPtr& snapshot) {
    if (!snapshot || snapshot->connection != api::Connection::Live)
        return;
    if (!m_entries.empty() && snapshot->at - newest() < kStepMs)
        return;
    m_entries.push_back({snapshot, snapshotCost(*snapshot)});
    m_cost += m_entries.back().cost;
    thin();
}

void Recording::thin() {
    const auto fine = newest() - kFineMs;
    while (m_coarse < m_entries.size() && m_entries[m_coarse].snapshot->at < fine) {
        const bool close =
            m_coarse > 0 &&
            m_entries[m_coarse].snapshot->at - m_entries[m_coarse - 1].snapshot->at < kCoarseStepMs;
        if (!close) {
            ++m_coarse;
            continue;
        }
        m_cost -= m_entries[m_coarse].cost;
        m_entries.erase(m_entries.begin() + static_cast<std::ptrdiff_t>(m_coarse));
    }
    while (m_entries.size() > 1 && (newest() - oldest() > kKeptMs || m_cost > m_budget)) {
        m_cost -= m_entries.front().cost;
        m_entries.pop_front();
        m_coarse -= m_coarse > 0;
    }
}

api::SnapshotPtr Recording::at(api::WallMs moment) const {
    if (m_entries.empty())
        return nullptr;
    const auto after =
        std::upper_bound(m_entries.begin(), m_entries.end(), moment,
                         [](api::WallMs t, const Entry& e) { return t < e.snapshot->at; });
    return after == m_entries.begin() ? after->snapshot : std::prev(after)->snapshot;
}

}  // namespace odradek::models
