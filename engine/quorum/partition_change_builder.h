// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "engine/metadata/image.h"

namespace odradek::quorum {

/// Who may lead: registered, unfenced, not in controlled shutdown, with what a change in the making adds and removes.
struct LiveBrokers {
    std::set<std::int32_t> active;
    bool outsideIsr = false;  ///< a planted bug (Mutant::ElectOutsideIsr)

    static LiveBrokers of(const metadata::Image& image) {
        LiveBrokers live;
        for (const auto& [id, broker] : image.brokers())
            if (broker.isActive())
                live.active.insert(id);
        return live;
    }
    bool has(std::int32_t broker) const { return active.contains(broker); }
};

/// Works out the record that takes a partition to a wanted ISR and wanted replicas, with a leader that may lead. The
/// rules are those of Kafka's PartitionChangeBuilder: keep a leader that may go on; else the first assigned replica in
/// the ISR (in the ELR when that is empty); else, if allowed, any live replica, which then is the whole ISR and has to
/// recover. Without eligible leader replicas (KIP-966) the last member never leaves the ISR; with them it may, and
/// stays eligible. A reassignment ends by itself once its new replicas are in sync.
class PartitionChangeBuilder {
public:
    enum class Election : std::uint8_t { Online, Preferred, Unclean };

    PartitionChangeBuilder(const metadata::Partition& partition, Uuid topic, std::int32_t index,
                           const LiveBrokers& live)
        : m_partition(partition), m_topic(topic), m_index(index), m_live(live), m_isr(partition.isr),
          m_replicas(partition.replicas), m_adding(partition.addingReplicas),
          m_removing(partition.removingReplicas), m_elr(partition.elr), m_lastKnownElr(partition.lastKnownElr),
          m_recoveryState(partition.leaderRecoveryState) {}

    PartitionChangeBuilder& wantIsr(std::vector<std::int32_t> isr) {
        m_isr = std::move(isr);
        return *this;
    }
    PartitionChangeBuilder& removeFromIsr(std::int32_t broker);
    PartitionChangeBuilder& wantRecoveryState(std::int8_t state) {
        m_recoveryState = state;
        return *this;
    }
    PartitionChangeBuilder& election(Election election) {
        m_election = election;
        return *this;
    }
    /// All replicas while the reassignment lasts, and which of them come and go.
    PartitionChangeBuilder& wantReplicas(std::vector<std::int32_t> replicas, std::vector<std::int32_t> adding,
                                         std::vector<std::int32_t> removing) {
        m_replicas = std::move(replicas);
        m_adding = std::move(adding);
        m_removing = std::move(removing);
        return *this;
    }
    /// Keeps eligible leader replicas while the ISR is smaller than `minIsr`.
    PartitionChangeBuilder& useElr(std::int32_t minIsr) {
        m_usesElr = true;
        m_minIsr = minIsr;
        return *this;
    }
    /// This replica came back without having shut down cleanly: what it had may be lost.
    PartitionChangeBuilder& lostByCrash(std::int32_t broker) {
        m_unclean.insert(broker);
        return *this;
    }
    /// nullopt when nothing changes.
    std::optional<protocol::PartitionChangeRecord> build();

private:
    struct Elected {
        std::int32_t leader = metadata::kNoLeader;
        bool unclean = false;
    };
    bool mayLead(std::int32_t replica) const;
    Elected elect() const;
    bool electsLastKnown() const;
    void completeReassignment();
    void populateElr();

    const metadata::Partition& m_partition;
    Uuid m_topic;
    std::int32_t m_index;
    const LiveBrokers& m_live;
    std::vector<std::int32_t> m_isr;
    std::vector<std::int32_t> m_replicas;
    std::vector<std::int32_t> m_adding;
    std::vector<std::int32_t> m_removing;
    std::vector<std::int32_t> m_elr;
    std::vector<std::int32_t> m_lastKnownElr;
    std::set<std::int32_t> m_unclean;
    std::int8_t m_recoveryState;
    Election m_election = Election::Online;
    bool m_usesElr = false;
    std::int32_t m_minIsr = 1;
};

}  // namespace odradek::quorum
