// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/broker/connections.h"
#include "engine/broker/fetch_sessions.h"
#include "engine/broker/partition.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/produce.h"
#include "engine/storage/log/read_plan.h"

/// Requests that must wait, as plain data: no closures and no pointers, so that a world can be
/// copied in the middle.
namespace odradek::broker {

using PendingId = std::uint64_t;

/// An acks=all produce of a client, or of our own group coordinator.
struct PendingProduce {
    Ticket ticket;
    protocol::ProduceResponse response;  ///< filled in as if all succeeds
    std::size_t remaining = 0;           ///< partitions not replicated yet
    Instant deadline;
    std::optional<std::uint64_t>
        groupToken;  ///< set: an append of the group coordinator instead of a client's
    Offset groupBase;

    struct Part {
        PartitionRef partition = kNoPartition;
        std::uint32_t topicAt = 0;
        std::uint32_t partAt = 0;
        bool done = false;
    };
    std::vector<Part> parts;
};

/// One partition of a fetch being worked on.
struct FetchPart {
    static constexpr std::uint32_t kNoSlot = UINT32_MAX;

    FetchKey key;
    PartitionRef partition = kNoPartition;  ///< kNoPartition: `data` holds the final error
    FetchAsk ask;
    std::uint32_t slot = kNoSlot;  ///< in the session
    bool stale = true;             ///< to be read (again) before the answer
    bool elsewhere = false;        ///< other brokers hold it: tell who leads
    bool cutOff = false;           ///< more is there than the limits let out
    std::uint64_t size = 0;        ///< bytes found, or to be read from the disk
    protocol::FetchResponse::PartitionData data;
    std::optional<storage::ColdRead> cold;  ///< on its way to the disk
};

/// A fetch that waits for bytes, for the disk, or both in turn.
struct PendingFetch {
    enum class Kind : std::uint8_t {
        Plain,      ///< without a session
        Opens,      ///< all partitions; its answer opens a session if there is room
        Continues,  ///< of a session: the parts are those that changed
    };
    Ticket ticket;
    Kind kind = Kind::Plain;
    std::int32_t session = 0;       ///< of Continues
    std::int32_t sessionEpoch = 0;  ///< the session must still expect this when it is answered
    bool follower = false;
    bool committedOnly = false;  ///< isolation level read_committed
    std::int32_t replica = -1;
    std::int32_t minBytes = 0;
    std::int32_t maxBytes = 0;
    Instant deadline;
    std::vector<FetchPart> parts;  ///< none while a fetch of a session waits
    std::uint64_t bytes = 0;       ///< found in all parts
    std::size_t coldReads = 0;     ///< outstanding; while above 0 nobody wakes it
    bool parked = false;           ///< woken by what its partitions or its session see
};

struct PendingDelete {
    Ticket ticket;
    protocol::DeleteRecordsResponse response;
    Instant deadline;
    struct Part {
        PartitionRef partition = kNoPartition;
        std::uint32_t topicAt = 0;
        std::uint32_t partAt = 0;
        Offset target;
        bool done = false;
    };
    std::vector<Part> parts;
    std::size_t remaining = 0;
};

/// A ListOffsets with timestamp lookups that need the disk.
struct PendingLookup {
    Ticket ticket;
    protocol::ListOffsetsResponse response;
    std::size_t remaining = 0;
};

/// What a disk operation with the core's own tag was for.
struct DiskWait {
    enum class Kind : std::uint8_t {
        FetchRead,
        Lookup,
        GroupLoad,
        Shutdown,
        Probe
    } kind = Kind::FetchRead;
    PendingId pending = 0;
    std::size_t part = 0;  ///< index into the pending's parts (FetchRead)
    PartitionRef partition = kNoPartition;
    storage::ColdRead cold;      ///< FetchRead, GroupLoad
    storage::ColdLookup lookup;  ///< Lookup
    std::uint32_t topicAt = 0;   ///< Lookup: where its answer goes
    std::uint32_t partAt = 0;
};

/// Pendings of one kind, found by id. Ids rise; nothing walks the map, so order never shows.
template <class T>
class PendingTable {
public:
    T& add(PendingId id, T value) { return m_all.emplace(id, std::move(value)).first->second; }
    T* find(PendingId id) {
        const auto found = m_all.find(id);
        return found == m_all.end() ? nullptr : &found->second;
    }
    T take(PendingId id) {
        auto node = m_all.extract(id);
        return std::move(node.mapped());
    }
    void erase(PendingId id) { m_all.erase(id); }
    std::size_t size() const { return m_all.size(); }

private:
    std::unordered_map<PendingId, T> m_all;
};

/// When which pending gives up waiting.
class Deadlines {
public:
    void add(Instant at, PendingId id) { m_all.emplace(at, id); }
    void remove(Instant at, PendingId id) { m_all.erase({at, id}); }
    Instant next() const { return m_all.empty() ? Instant::never() : m_all.begin()->first; }
    /// The next one due, removed; 0 when none is.
    PendingId takeDue(Instant now) {
        if (m_all.empty() || m_all.begin()->first > now)
            return 0;
        const PendingId id = m_all.begin()->second;
        m_all.erase(m_all.begin());
        return id;
    }

private:
    std::set<std::pair<Instant, PendingId>> m_all;
};

}  // namespace odradek::broker
