// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/fault.h"
#include "engine/base/prng.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/base/types.h"

namespace odradek::real {

/// What happens to one frame on its way.
struct LinkVerdict {
    bool drop = false;
    bool duplicate = false;
    bool overtaken = false;  ///< the next frame goes first
    Nanoseconds delay{0};
};

/// How the clocks of a node differ from the machine's.
struct ClockSkew {
    std::int64_t wallOffsetMs = 0;
    std::int64_t driftPpm = 0;
    bool operator==(const ClockSkew&) const = default;
};

/// The kinds of disk operations that faults tell apart.
enum class DiskOperation : std::uint8_t { Read, Write, Flush, Other };

/// What is wrong with one cluster on purpose: the faults that are active, and the answers to the hook points (the
/// executors' send and receive paths, the disks). Chance comes from one seeded generator per direction of a link, so
/// that the n-th frame of a direction always meets the same fate under the same seed.
/// Lifecycle: one per cluster, shared by its executors and disks. Thread: any.
class FaultPlan {
public:
    explicit FaultPlan(std::uint64_t seed) : m_seed(seed) {}

    // ---- What is active

    /// Adds a fault and returns its id. One of the same kind at the same place is replaced and keeps its id.
    std::uint64_t add(Fault fault);
    /// Ends a fault; nothing when it is not active (any more).
    std::optional<Fault> remove(std::uint64_t id);
    /// Ends all faults of which `ends` is true; returns them.
    std::vector<Fault> removeIf(const std::function<bool(const Fault&)>& ends);
    /// By id.
    std::vector<Fault> active() const;
    std::optional<Fault> find(std::uint64_t id) const;
    /// The newest changes after `sequence`, oldest first; only the last 1,000 are kept.
    std::vector<FaultChange> changesSince(std::uint64_t sequence) const;

    // ---- Links (executor threads)

    bool hasLinkFaults() const { return m_linkFaults.load(std::memory_order_relaxed); }
    bool isCut(BrokerId from, BrokerId to) const;
    /// The fate of the next frame; a cut is not part of it.
    LinkVerdict judge(BrokerId from, BrokerId to);

    // ---- Disks (their worker threads)

    bool hasDiskFaults(BrokerId node) const;
    /// Waits as a slow disk makes it wait, and says no as a failing one. "Slow" multiplies what an ordinary SSD would
    /// take (50 µs and 2 ns per byte, a sync 500 µs), not what this operation takes: most of them only touch memory.
    Result<void> beforeDisk(BrokerId node, DiskOperation operation, std::size_t bytes);
    /// Ends the waits of a node's disk and makes no new ones, until it is used again.
    void setDiskAbandoned(BrokerId node, bool abandoned);

    // ---- Clocks

    ClockSkew skewOf(BrokerId node) const;

private:
    using Direction = std::pair<std::int32_t, std::int32_t>;

    void changed(const Fault& fault, bool healed);
    static bool concerns(const Fault& fault, Direction direction);

    const std::uint64_t m_seed;
    mutable std::mutex m_mutex;
    std::condition_variable m_disksMayGo;
    std::vector<Fault> m_active;
    std::vector<FaultChange> m_changes;
    std::set<BrokerId> m_abandoned;
    std::map<Direction, Prng> m_chance;
    std::uint64_t m_nextId = 1;
    std::uint64_t m_nextChange = 1;
    std::atomic<bool> m_linkFaults{false};
};

}  // namespace odradek::real
