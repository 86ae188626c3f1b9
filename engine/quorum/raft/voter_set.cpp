// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/raft/voter_set.h"

namespace odradek::raft {
namespace {

template <class List>
void cut(List& list, std::int64_t end) {
    while (list.size() > 1 && list.back().first >= end)
        list.pop_back();
}

template <class List>
const auto& valueAt(const List& list, std::int64_t end) {
    const auto* found = &list.front();
    for (const auto& entry : list)
        if (entry.first < end)
            found = &entry;
    return found->second;
}

}  // namespace

const Voter* VoterSet::find(std::int32_t id) const {
    const auto found = m_voters.find(id);
    return found == m_voters.end() ? nullptr : &found->second;
}

bool VoterSet::has(const ReplicaKey& replica) const {
    const auto* voter = find(replica.id);
    return voter != nullptr && (voter->key.directory.isZero() || replica.directory.isZero() ||
                                voter->key.directory == replica.directory);
}

VoterSet VoterSet::with(const Voter& voter) const {
    auto copy = *this;
    copy.m_voters[voter.key.id] = voter;
    return copy;
}

VoterSet VoterSet::without(std::int32_t id) const {
    auto copy = *this;
    copy.m_voters.erase(id);
    return copy;
}

protocol::VotersRecord VoterSet::toRecord() const {
    protocol::VotersRecord record;
    for (const auto& [id, voter] : m_voters) {
        auto& out = record.voters.emplace_back();
        out.voterId = id;
        out.voterDirectoryId = voter.key.directory;
        for (const auto& endpoint : voter.endpoints)
            out.endpoints.push_back({endpoint.name, endpoint.host, endpoint.port});
        out.kRaftVersionFeature = {voter.minKraftVersion, voter.maxKraftVersion};
    }
    return record;
}

VoterSet VoterSet::of(const protocol::VotersRecord& record) {
    VoterSet set;
    for (const auto& voter : record.voters) {
        Voter one{.key = {voter.voterId, voter.voterDirectoryId},
                  .minKraftVersion = voter.kRaftVersionFeature.minSupportedVersion,
                  .maxKraftVersion = voter.kRaftVersionFeature.maxSupportedVersion};
        for (const auto& endpoint : voter.endpoints)
            one.endpoints.push_back({endpoint.name, endpoint.host, endpoint.port});
        set.m_voters[voter.voterId] = std::move(one);
    }
    return set;
}

void VoterHistory::reset(std::int64_t beforeOffset, VoterSet voters, std::int16_t kraftVersion) {
    m_voters = {{beforeOffset, std::move(voters)}};
    m_versions = {{beforeOffset, kraftVersion}};
}

void VoterHistory::add(std::int64_t offset, VoterSet voters) {
    m_voters.emplace_back(offset, std::move(voters));
}

void VoterHistory::addVersion(std::int64_t offset, std::int16_t kraftVersion) {
    m_versions.emplace_back(offset, kraftVersion);
}

void VoterHistory::truncate(std::int64_t end) {
    cut(m_voters, end);
    cut(m_versions, end);
}

const VoterSet& VoterHistory::votersAt(std::int64_t end) const {
    return valueAt(m_voters, end);
}

std::int16_t VoterHistory::kraftVersionAt(std::int64_t end) const {
    return valueAt(m_versions, end);
}

}  // namespace odradek::raft
