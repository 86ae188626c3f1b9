// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/replica_placer.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>

namespace odradek::quorum {
namespace {

void shuffle(std::vector<std::int32_t>& list, Prng& prng) {
    for (std::size_t left = list.size(); left > 1; --left)
        std::swap(list[left - 1], list[prng.below(left)]);
}

/// Brokers of one rack in one state, handed out once per partition from a start that moves on with each partition.
struct Ring {
    std::vector<std::int32_t> brokers;
    std::size_t start = 0;
    std::size_t used = 0;
    std::int64_t partition = -1;

    /// The next broker for this partition; -1 when all were handed out.
    std::int32_t next(std::int64_t forPartition) {
        if (brokers.empty())
            return -1;
        if (partition != forPartition) {
            partition = forPartition;
            start = (start + 1) % brokers.size();
            used = 0;
        }
        return used == brokers.size() ? -1 : brokers[(start + used++) % brokers.size()];
    }
    void mix(Prng& prng) {
        shuffle(brokers, prng);
        start = brokers.empty() ? 0 : prng.below(brokers.size());
        partition = -1;
    }
};

struct Rack {
    Ring unfenced;
    Ring fenced;

    std::int32_t next(std::int64_t partition) {
        const auto broker = unfenced.next(partition);
        return broker >= 0 ? broker : fenced.next(partition);
    }
};

class Stripes {
public:
    Stripes(const metadata::Image& image, Prng& prng) : m_prng(prng) {
        std::map<std::string, Rack> byName;
        for (const auto& [id, broker] : image.brokers()) {
            auto& rack = byName[broker.rack.value_or("")];
            (broker.fenced ? rack.fenced : rack.unfenced).brokers.push_back(id);
            m_unfenced += broker.fenced ? 0 : 1;
        }
        for (auto& [name, rack] : byName) {
            m_order.push_back(static_cast<std::int32_t>(m_racks.size()));
            m_racks.push_back(std::move(rack));
        }
        mix();
    }
    std::size_t unfenced() const { return m_unfenced; }

    std::vector<std::int32_t> place(std::int32_t replicas) {
        if (m_sinceMix == m_unfenced)
            mix();
        ++m_sinceMix;
        ++m_partition;
        std::vector<std::int32_t> chosen;
        std::size_t at = m_offset++;
        // The leader comes from the first rack, from the turn's one on, that has an unfenced broker.
        for (; chosen.empty(); ++at)
            if (const auto leader = rack(at).unfenced.next(m_partition); leader >= 0)
                chosen.push_back(leader);
        for (; chosen.size() < static_cast<std::size_t>(replicas); ++at)
            if (const auto follower = rack(at).next(m_partition); follower >= 0)
                chosen.push_back(follower);
        return chosen;
    }

private:
    Rack& rack(std::size_t turn) { return m_racks[static_cast<std::size_t>(m_order[turn % m_order.size()])]; }
    void mix() {
        shuffle(m_order, m_prng);
        for (auto& rack : m_racks) {
            rack.unfenced.mix(m_prng);
            rack.fenced.mix(m_prng);
        }
        m_sinceMix = 0;
    }

    Prng& m_prng;
    std::vector<Rack> m_racks;
    std::vector<std::int32_t> m_order;
    std::size_t m_unfenced = 0;
    std::size_t m_sinceMix = 0;
    std::size_t m_offset = 0;
    std::int64_t m_partition = 0;
};

}  // namespace

std::expected<std::vector<std::vector<std::int32_t>>, ApiError> placeReplicas(const metadata::Image& image,
                                                                             std::int64_t partitions,
                                                                             std::int32_t replicationFactor,
                                                                             Prng& prng) {
    const auto refuse = [](std::string why) {
        return std::unexpected(ApiError{KafkaError::InvalidReplicationFactor, std::move(why)});
    };
    if (replicationFactor <= 0)
        return refuse(fmt::format("Invalid replication factor {}: the replication factor must be positive.",
                                  replicationFactor));
    Stripes stripes(image, prng);
    if (stripes.unfenced() == 0)
        return refuse("All brokers are currently fenced.");
    if (static_cast<std::size_t>(replicationFactor) > image.brokers().size())
        return refuse(fmt::format("The target replication factor of {} cannot be reached because only {} broker(s) "
                                  "are registered.",
                                  replicationFactor, image.brokers().size()));
    std::vector<std::vector<std::int32_t>> placed;
    placed.reserve(static_cast<std::size_t>(partitions));
    for (std::int64_t i = 0; i < partitions; ++i)
        placed.push_back(stripes.place(replicationFactor));
    return placed;
}

}  // namespace odradek::quorum
