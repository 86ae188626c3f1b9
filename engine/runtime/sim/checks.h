// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/runtime/sim/admin_app.h"
#include "engine/runtime/sim/apps.h"
#include "engine/runtime/sim/cluster.h"

/// What must hold of a simulated cluster. Each says in one line what does not; nothing when all is
/// well.
namespace odradek::sim {

using Finding = std::optional<std::string>;

/// At the end: every acked record was read exactly once, where it was acked and in order per
/// producer and partition; no record twice; nothing that was not sent; all consumers saw the same.
Finding judgeHistories(const std::vector<TopicPartition>& partitions,
                       const std::vector<const ProducerApp*>& producers,
                       const std::vector<const ConsumerApp*>& consumers);

/// While it runs: what brokers and the controller think of partitions must fit together over time.
/// A copyable value.
class ReplicaWatch {
public:
    /// One leader per epoch; its high watermark never falls, never passes its own log or that of an
    /// ISR member; no leader of a later epoch lacks what was once committed; ISR within replicas.
    Finding look(const World& world, const Cluster& cluster);
    /// ISR changes after the start-up, as the controller told.
    std::uint64_t isrChanges() const { return m_isrChanges; }
    std::uint64_t elections() const { return m_elections; }

private:
    using Place = std::pair<Uuid, std::int32_t>;
    struct Reign {
        std::int32_t leader = -1;
        Offset mark{0};  ///< highest seen in this epoch
        std::int32_t partitionEpoch = -1;  ///< when last seen
    };
    Finding lookAt(const World& world, const Cluster& cluster, const Cluster::Node& node);
    void count(const World& world, const Cluster& cluster);

    std::map<std::tuple<Uuid, std::int32_t, std::int32_t>, Reign>
        m_reigns;  ///< by partition and epoch
    std::map<Place, std::pair<std::int32_t, Offset>>
        m_committed;  ///< highest mark seen, and the epoch it was seen in
    std::uint64_t m_lastEvent = 0;
    std::uint64_t m_isrChanges = 0;
    std::uint64_t m_elections = 0;
};

/// Whether the cluster lives without one broker (-1 = with all): the others serve, and each partition has a leader
/// among them and all of them in sync; why not otherwise.
Finding notLive(const World& world, const Cluster& cluster, BrokerId away);

/// Whether a node leads a partition whose ISR it wants to change.
bool asksForIsr(const World& world, const Cluster::Node& node);

/// How far a partition's records reach, as its leader has them.
Offset endOf(const World& world, const Cluster& cluster, const metadata::Image& image,
             const TopicPartition& partition);

/// After convergence: all brokers believe what the controller believes, and that is what the administrator wanted.
Finding judgeMetadata(const World& world, const Cluster& cluster, const AdminApp& admin);

/// Whether all brokers serve, all replicas are in sync and equally far, and all disks are at rest;
/// why not otherwise.
Finding notConverged(World& world, const Cluster& cluster,
                     const std::vector<TopicPartition>& partitions);

/// After convergence: the logs on the disks of all replicas are byte-equal below the high
/// watermark.
Finding compareReplicas(World& world, const Cluster& cluster,
                        const std::vector<TopicPartition>& partitions);

}  // namespace odradek::sim
