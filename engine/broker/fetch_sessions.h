// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/base/types.h"

namespace odradek::broker {

/// What a fetch wants of one partition.
struct FetchAsk {
    Offset offset;
    Offset logStart{-1};
    std::int32_t maxBytes = 0;
    std::int32_t currentLeaderEpoch = -1;
    std::int32_t lastFetchedEpoch = -1;
    bool operator==(const FetchAsk&) const = default;
};

/// A partition as fetches name it: by topic id (from version 13 on; the name is then empty) or by
/// name.
struct FetchKey {
    Uuid topicId;
    std::string topic;
    std::int32_t index = 0;
    auto operator<=>(const FetchKey&) const = default;
};

/// One partition of a session: what was asked last, and what was told last.
struct SessionPart {
    FetchKey key;
    std::uint32_t partition = 0;  ///< ref of our replica; 0 or stale = look again
    FetchAsk ask;
    Offset toldMark{-1};
    Offset toldStart{-1};
    bool inUse = false;
    bool changed = false;  ///< there may be something to tell
    bool held = false;     ///< a follower got records and has not asked from behind them yet
};

/// What a broker remembers of one fetcher (KIP-227), so that a fetch names only what is new and an
/// answer holds only what changed. Partitions live in numbered slots: those who watch them keep the
/// number. The list of changed ones makes a fetch cost what changed, not what is fetched. A copyable
/// value.
class FetchSession {
public:
    static constexpr std::int32_t kInitialEpoch = 0;  ///< of a full fetch that wants a session
    static constexpr std::int32_t kFinalEpoch = -1;   ///< of a full fetch that wants none
    /// Epochs run 1, 2, ... and wrap to 1.
    static std::int32_t nextEpoch(std::int32_t epoch) {
        return epoch < 0 ? kFinalEpoch : epoch == INT32_MAX ? 1 : epoch + 1;
    }

    std::int32_t id = 0;
    std::int32_t epoch = kInitialEpoch;  ///< of the next fetch
    bool privileged = false;             ///< a follower's
    bool byId = false;                   ///< partitions are named by topic id
    Instant created;
    Instant lastUsed;
    std::uint64_t parked = 0;  ///< the pending fetch that waits on this session; 0 = none

    std::size_t size() const { return m_places.size(); }
    /// Adds a partition or takes over what is now asked of it; it is then changed. Returns its slot.
    std::uint32_t put(const FetchKey& key, const FetchAsk& ask);
    /// Forgets a partition; what it was, for those who watch it.
    std::optional<std::pair<std::uint32_t, SessionPart>> forget(const FetchKey& key);
    const SessionPart* find(const FetchKey& key) const;
    SessionPart& part(std::uint32_t slot) { return m_parts[slot]; }
    /// The part in a slot if it is (still) of that replica.
    SessionPart* partOf(std::uint32_t slot, std::uint32_t partition);
    void markChanged(std::uint32_t slot);
    /// The changed slots in the order they changed; none is changed any more.
    std::vector<std::uint32_t> takeChanged();
    /// Puts slots that could not be looked at back, before all others.
    void putBack(const std::vector<std::uint32_t>& slots);

    /// Calls `visit(slot, part)` for each partition, by key.
    template <class Visit>
    void each(Visit visit) const {
        for (const auto& [key, slot] : m_places)
            visit(slot, m_parts[slot]);
    }

private:
    std::vector<SessionPart> m_parts;  ///< by slot
    std::vector<std::uint32_t> m_free;
    std::map<FetchKey, std::uint32_t> m_places;
    std::vector<std::uint32_t> m_changed;  ///< may name a slot twice or a freed one: flags decide
};

/// A broker's sessions, at most max.incremental.fetch.session.cache.slots of them, with Kafka's
/// rules for who gives way: one unused for two minutes; else, for a follower, any client's session,
/// and for anybody a smaller or less privileged one older than two minutes. A copyable value.
class FetchSessionCache {
public:
    static constexpr Milliseconds kEvictAfter{120'000};
    /// A session holds no more partitions than this; ours, against clients that name ever more.
    static constexpr std::size_t kPartsMax = 200'000;

    void setLimit(std::size_t slots) { m_limit = slots; }
    FetchSession* find(std::int32_t id) {
        const auto found = m_all.find(id);
        return found == m_all.end() ? nullptr : &found->second;
    }
    std::size_t size() const { return m_all.size(); }
    /// Whom a new session of `parts` partitions would replace: 0 = nobody need go; nothing = it
    /// cannot be had.
    std::optional<std::int32_t> victimFor(bool privileged, std::size_t parts, Instant now) const;
    /// Creates a session with a fresh id, expecting epoch 1. The victim must be gone.
    FetchSession& create(bool privileged, bool byId, Instant now, Prng& random);
    void remove(std::int32_t id) { m_all.erase(id); }

private:
    std::map<std::int32_t, FetchSession> m_all;
    std::size_t m_limit = 1000;
};

}  // namespace odradek::broker
