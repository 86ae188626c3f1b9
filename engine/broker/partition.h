// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/time.h"
#include "engine/base/types.h"
#include "engine/broker/replication/leader_state.h"
#include "engine/broker/view.h"
#include "engine/metadata/image.h"
#include "engine/storage/log/partition_log.h"

namespace odradek::broker {

/// Names a partition within one broker's life; also the tag of its log's disk operations. Never
/// used twice.
using PartitionRef = std::uint32_t;
inline constexpr PartitionRef kNoPartition = 0;
inline constexpr PartitionRef kPoolTag = 1;  ///< the segment pool's tag
inline constexpr PartitionRef kFirstPartition = 2;

/// A produce (or a group's append) that waits for the high watermark to reach `required`.
struct ProduceWaiter {
    Offset required;  ///< offset after its last record
    std::uint64_t pending = 0;
};

/// A parked fetch that wants a partition.
struct FetchWaiter {
    std::uint64_t pending = 0;
    std::uint32_t part = 0;  ///< index into its parts
};

/// A fetch session that holds a partition.
struct SessionWatch {
    std::int32_t session = 0;
    std::uint32_t slot = 0;
};

/// What happened to a partition in this step, so that those who wait look again once at its end.
struct Touched {
    bool logEnd = false;
    bool highWatermark = false;
    bool logStart = false;
    bool leadership = false;
    bool any() const { return logEnd || highWatermark || logStart || leadership; }
};

/// One replica held by this broker: its log, its role as the controller decided it, and who waits
/// on it.
struct Partition {
    PartitionRef ref = kNoPartition;
    std::string topic;
    Uuid topicId;
    std::int32_t index = 0;
    storage::PartitionLog log;

    ReplicaRole role = ReplicaRole::Offline;
    bool assigned = false;  ///< the image has named us as replica (else a folder found at boot)
    std::int32_t leader = metadata::kNoLeader;
    LeaderEpoch leaderEpoch{-1};
    Offset highWatermark{0};
    LeaderState lead;            ///< meaningful while role is Leader
    bool failed = false;         ///< its log gave up; said once
    std::int32_t minInsync = 1;  ///< min.insync.replicas in force

    std::deque<ProduceWaiter> produceWaiters;  ///< by rising `required`
    std::vector<FetchWaiter> fetchWaiters;     ///< fetches without a session
    std::vector<SessionWatch> sessionWatches;  ///< told of each change
    std::vector<std::uint64_t> deleteWaiters;  ///< ids of pending DeleteRecords
    Touched touched;

    std::uint64_t messagesIn = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;

    bool isLeader() const { return role == ReplicaRole::Leader; }
    TopicPartition name() const { return {topic, index}; }
};

/// All replicas of one broker, found by ref, by topic id or by name in O(1). A copyable value: a
/// copy owns copies.
class PartitionTable {
public:
    PartitionTable() = default;
    PartitionTable(const PartitionTable& other);
    PartitionTable(PartitionTable&&) noexcept = default;
    PartitionTable& operator=(const PartitionTable&) = delete;
    PartitionTable& operator=(PartitionTable&&) noexcept = default;

    /// The ref the next added partition will have: its log is made with this tag.
    PartitionRef nextRef() const {
        return kFirstPartition + static_cast<PartitionRef>(m_slots.size());
    }
    Partition& add(std::string topic, Uuid topicId, std::int32_t index, storage::PartitionLog log);
    void remove(PartitionRef ref);

    Partition* at(PartitionRef ref) {
        return ref < kFirstPartition || ref - kFirstPartition >= m_slots.size()
                   ? nullptr
                   : m_slots[ref - kFirstPartition].get();
    }
    Partition* find(const Uuid& topicId, std::int32_t index) { return at(refOf(topicId, index)); }
    PartitionRef refOf(const Uuid& topicId, std::int32_t index) const;
    std::size_t size() const { return m_count; }

    /// Calls `visit(Partition&)` in order of ref, which is the order of creation.
    template <class Visit>
    void each(Visit visit) {
        for (auto& slot : m_slots)
            if (slot)
                visit(*slot);
    }
    template <class Visit>
    void each(Visit visit) const {
        for (const auto& slot : m_slots)
            if (slot)
                visit(static_cast<const Partition&>(*slot));
    }

private:
    std::vector<std::unique_ptr<Partition>> m_slots;
    std::unordered_map<Uuid, std::vector<PartitionRef>>
        m_byTopic;  ///< looked up only, never walked
    std::size_t m_count = 0;
};

}  // namespace odradek::broker
