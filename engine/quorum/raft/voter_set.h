// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/types.h"
#include "engine/protocol/records/voters_record.h"

namespace odradek::raft {

/// The end of a log: the next offset, and the epoch of the record before it.
struct OffsetAndEpoch {
    std::int64_t offset = 0;
    std::int32_t epoch = 0;
    bool operator==(const OffsetAndEpoch&) const = default;
    /// Raft's order of logs: the later epoch wins, then the longer log.
    bool isUpToDateWith(const OffsetAndEpoch& other) const {
        return epoch != other.epoch ? epoch > other.epoch : offset >= other.offset;
    }
};

/// A replica of the metadata log: the node and its log directory. A node whose disk was wiped is another replica
/// (KIP-853). A zero directory = not known (static voters) or not told.
struct ReplicaKey {
    std::int32_t id = -1;
    Uuid directory;
    auto operator<=>(const ReplicaKey&) const = default;
};

struct Endpoint {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const Endpoint&) const = default;
};

struct Voter {
    ReplicaKey key;
    std::vector<Endpoint> endpoints;
    std::int16_t minKraftVersion = 0;
    std::int16_t maxKraftVersion = 1;
    bool operator==(const Voter&) const = default;
};

/// Who votes. A value; by node id.
class VoterSet {
public:
    VoterSet() = default;
    explicit VoterSet(const std::vector<Voter>& voters) {
        for (const auto& voter : voters)
            m_voters[voter.key.id] = voter;
    }

    const std::map<std::int32_t, Voter>& all() const { return m_voters; }
    std::size_t size() const { return m_voters.size(); }
    bool empty() const { return m_voters.empty(); }
    std::size_t majority() const { return m_voters.size() / 2 + 1; }
    const Voter* find(std::int32_t id) const;
    /// Whether this very replica votes; a directory that one side does not know matches any.
    bool has(const ReplicaKey& replica) const;
    bool isOnly(std::int32_t id) const { return m_voters.size() == 1 && m_voters.contains(id); }

    VoterSet with(const Voter& voter) const;
    VoterSet without(std::int32_t id) const;

    protocol::VotersRecord toRecord() const;
    static VoterSet of(const protocol::VotersRecord& record);
    bool operator==(const VoterSet&) const = default;

private:
    std::map<std::int32_t, Voter> m_voters;
};

/// The voter sets and kraft.versions along the log. The newest counts from the moment it is in the log, committed or
/// not, and goes with it when the log is cut (KIP-853).
class VoterHistory {
public:
    /// What holds where the log begins: from its snapshot, or static voters at kraft.version 0.
    void reset(std::int64_t beforeOffset, VoterSet voters, std::int16_t kraftVersion);
    void add(std::int64_t offset, VoterSet voters);
    void addVersion(std::int64_t offset, std::int16_t kraftVersion);
    /// Forgets what offsets from `end` on said.
    void truncate(std::int64_t end);

    const VoterSet& voters() const { return m_voters.back().second; }
    std::int16_t kraftVersion() const { return m_versions.back().second; }
    /// Of the record that set the voters; below the log's start when that is a snapshot.
    std::int64_t votersOffset() const { return m_voters.back().first; }
    /// As they stood at a log end.
    const VoterSet& votersAt(std::int64_t end) const;
    std::int16_t kraftVersionAt(std::int64_t end) const;

private:
    std::vector<std::pair<std::int64_t, VoterSet>> m_voters{{-1, VoterSet()}};
    std::vector<std::pair<std::int64_t, std::int16_t>> m_versions{{-1, std::int16_t{0}}};
};

}  // namespace odradek::raft
