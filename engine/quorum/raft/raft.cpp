// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/raft/raft.h"

#include <algorithm>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/records/k_raft_version_record.h"
#include "engine/protocol/records/leader_change_message.h"
#include "engine/quorum/raft/snapshot_file.h"

namespace odradek::raft {
namespace {

/// A leader that no majority has fetched from for this many times the fetch timeout resigns (Kafka's
/// CHECK_QUORUM_TIMEOUT_FACTOR), in halves.
constexpr int kCheckQuorumHalves = 3;

}  // namespace

Result<Raft> Raft::boot(RaftConfig config, io::BootDisk& disk) {
    auto store = TRY(Store::boot(disk, config.segmentBytes));
    Raft raft(std::move(config), std::move(store));
    const auto node = static_cast<std::uint64_t>(raft.m_config.node);
    raft.m_random = Prng(raft.m_config.seed ^ (node * 0x9e3779b97f4a7c15ull));
    raft.readVoters();
    raft.m_state = raft.m_store.state();
    if (raft.m_store.lastEpoch() > raft.m_state.leaderEpoch)
        raft.m_state = {.leaderEpoch = raft.m_store.lastEpoch()};
    // It led in its former life; it may not go on in the same epoch.
    if (raft.m_state.leaderId == raft.m_config.node || !raft.isVoter())
        raft.m_state.leaderId = -1;
    if (const auto* snapshot = raft.m_store.latestSnapshot())
        raft.m_highWatermark = snapshot->id.offset;
    return raft;
}

/// The voters as snapshot and log say, or the static ones.
void Raft::readVoters() {
    m_history.reset(-1, m_config.staticVoters, 0);
    if (const auto* snapshot = m_store.latestSnapshot())
        if (const auto contents = readSnapshot(snapshot->data); contents && contents->voters)
            m_history.reset(snapshot->id.offset - 1, *contents->voters, contents->kraftVersion);
    for (const auto& batch : m_store.batches())
        if (batch.isControl && batch.lastOffset > m_history.votersOffset())
            noteControl(batch);
}

void Raft::noteControl(const LoggedBatch& batch) {
    const auto facts = readControlBatch(batch.bytes);
    ODRADEK_CHECK(facts.has_value(), "control batches of the metadata log can be read");
    for (const auto& fact : *facts) {
        if (fact.kraftVersion)
            m_history.addVersion(fact.offset, *fact.kraftVersion);
        if (fact.voters)
            m_history.add(fact.offset, *fact.voters);
    }
}

void Raft::start(Now now, io::Effects& effects) {
    m_started = true;
    m_store.start(effects);
    if (m_state.leaderEpoch > 0)
        setState(m_state.leaderEpoch, m_state.leaderId, {m_state.votedId, m_state.votedDirectoryId}, true);
    m_electionAt = Instant::never();
    if (!isVoter())
        return;
    if (voters().isOnly(m_config.node))
        return becomeCandidate(now);
    // Ask at once whether there is a leader or an election can be won: with pre-votes that disturbs nobody. One after
    // the other, so that a cluster that starts as a whole agrees on the first.
    std::int64_t rank = 0;
    for (const auto& [id, voter] : voters().all())
        rank += id < m_config.node ? 1 : 0;
    m_electionAt = now.at + m_config.electionTimeout / 4 * rank;
}

bool Raft::onDisk(Now now, const io::DiskDone& done, io::Effects& effects) {
    if (!m_store.onDisk(done, effects))
        return false;
    if (failure())
        return true;
    maybeWin(now, effects);
    if (isLeader())
        advanceHighWatermark();
    return true;
}

void Raft::tick(Now now, io::Effects& effects) {
    if (!m_started || failure())
        return;
    m_lastNowWallMs = now.wallMs;
    expireRequests(now);
    runElectionTimers(now);
    checkQuorum(now);
    maybeWin(now, effects);
}

void Raft::runElectionTimers(Now now) {
    if (m_role == Role::Follower && m_fetchDeadline <= now.at) {
        const auto reason = m_isSuspect ? Reason::LeaderUnreachable : Reason::FetchTimeout;
        if (isVoter())
            becomeProspective(now, reason);
        else
            becomeUnattached(now, epoch(), reason);
    }
    if (isLeader() && !isVoter() && m_history.votersOffset() < m_highWatermark)
        resign(now, Reason::NotVoter);
    if (m_electionAt > now.at)
        return;
    if (!isVoter()) {
        if (m_role == Role::Resigned)
            becomeUnattached(now, epoch(), Reason::NotVoter);
        return;
    }
    switch (m_role) {
    case Role::Unattached:
        becomeProspective(now, m_election == 0 ? Reason::Startup : Reason::ElectionTimeout);
        break;
    case Role::Prospective: becomeProspective(now, Reason::ElectionTimeout); break;
    case Role::Candidate:
        becomeProspective(now, m_isLost ? Reason::VoteLost : Reason::ElectionTimeout);
        break;
    case Role::Resigned: becomeProspective(now, Reason::ElectionTimeout); break;
    case Role::Leader:
    case Role::Follower: break;
    }
}

Nanoseconds Raft::jitter(Milliseconds most) {
    return Nanoseconds(m_random.between(0, Nanoseconds(most).count()));
}

void Raft::setState(std::int32_t epoch, std::int32_t leader, ReplicaKey voted, bool mustLast) {
    const QuorumState wanted{leader, epoch, voted.id, voted.directory};
    if (wanted == m_state && m_started && !mustLast)
        return;
    m_state = wanted;
    m_stateDirty = true;
    if (mustLast)
        ++m_stateSequence;
}

void Raft::changed(Role role, Reason reason) {
    m_role = role;
    const RoleChange change{role, epoch(), leader(), reason};
    if (m_changes.empty() || !(m_changes.back() == change))
        m_changes.push_back(change);
}

void Raft::becomeUnattached(Now now, std::int32_t newEpoch, Reason reason) {
    if (newEpoch > epoch())
        setState(newEpoch, -1, {}, true);
    else
        setState(epoch(), -1, {m_state.votedId, m_state.votedDirectoryId}, false);
    m_electionAt = now.at + m_config.electionTimeout + jitter(m_config.electionTimeout);
    m_fetchAt = now.at;
    m_download.reset();
    changed(Role::Unattached, reason);
}

void Raft::becomeProspective(Now now, Reason reason) {
    if (voters().isOnly(m_config.node))
        return becomeCandidate(now);
    if (m_role == Role::Resigned)
        setState(epoch(), -1, {m_state.votedId, m_state.votedDirectoryId}, false);
    ++m_election;
    m_ballots = {{m_config.node, Ballot::Granted}};
    m_isLost = false;
    m_electionAt = now.at + m_config.electionTimeout + jitter(m_config.electionTimeout);
    m_download.reset();
    if (m_role != Role::Prospective)  // another round is no news
        changed(Role::Prospective, reason);
}

void Raft::becomeCandidate(Now now) {
    ++m_election;
    m_ballots = {{m_config.node, Ballot::Granted}};
    m_isLost = false;
    setState(epoch() + 1, -1, self(), true);
    m_electionAt = now.at + m_config.electionTimeout + jitter(m_config.electionTimeout);
    changed(Role::Candidate, Reason::PreVoteGranted);
}

/// A candidate wins with a majority, its own vote counting only once it is on disk.
void Raft::maybeWin(Now now, io::Effects& effects) {
    if (m_role != Role::Candidate)
        return;
    const bool voteLasts = !m_stateDirty && durableState() >= m_stateSequence;
    if (!voteLasts && (m_config.mutants & static_cast<std::uint32_t>(Mutant::ForgetVote)) == 0)
        return;
    std::size_t granted = 0;
    for (const auto& [id, ballot] : m_ballots)
        granted += ballot == Ballot::Granted && voters().find(id) != nullptr ? 1 : 0;
    if (granted >= voters().majority())
        becomeLeader(now, effects);
}

void Raft::becomeLeader(Now now, io::Effects& effects) {
    setState(epoch(), m_config.node, self(), false);
    changed(Role::Leader, Reason::VotesGranted);
    m_epochStart = endOffset();
    m_progress.clear();
    m_observers.clear();
    for (const auto& [id, voter] : voters().all())
        if (id != m_config.node)
            m_progress[id] = {.key = voter.key, .lastFetch = now.at};
    // Version 0 names no directories; Kafka's tools read it at any kraft.version.
    protocol::LeaderChangeMessage change{.version = 0, .leaderId = m_config.node};
    for (const auto& [id, voter] : voters().all())
        change.voters.push_back({id, {}});
    for (const auto& [id, ballot] : m_ballots)
        if (ballot == Ballot::Granted)
            change.grantingVoters.push_back({id, {}});
    auto offset = m_epochStart;
    std::vector<protocol::Record> records{
        controlRecord(protocol::ControlType::LeaderChange, change, offset++, now.wallMs)};
    if (kraftVersion() > 0 && m_history.votersOffset() < 0) {
        // The first voters stand only in the files the cluster was formatted with: from here on in the log (KIP-853).
        protocol::KRaftVersionRecord version;
        version.kRaftVersion = kraftVersion();
        records.push_back(controlRecord(protocol::ControlType::KRaftVersion, version, offset++, now.wallMs));
        records.push_back(
            controlRecord(protocol::ControlType::KRaftVoters, voters().toRecord(), offset++, now.wallMs));
    }
    const auto batch =
        protocol::buildBatch(records, {.baseOffset = m_epochStart, .leaderEpoch = epoch(), .control = true});
    ODRADEK_CHECK(batch.has_value(), "a leader change batch can always be built");
    m_store.append(*batch, effects);
    noteControl(m_store.batches().back());
    advanceHighWatermark();
}

void Raft::becomeFollower(Now now, std::int32_t newEpoch, std::int32_t leaderId, Reason reason) {
    ODRADEK_CHECK(leaderId != m_config.node, "nobody follows itself");
    if (m_role == Role::Follower && newEpoch == epoch() && leaderId == leader())
        return;
    if (newEpoch > epoch())
        setState(newEpoch, leaderId, {}, true);
    else
        setState(epoch(), leaderId, {m_state.votedId, m_state.votedDirectoryId}, false);
    m_hasFetched = false;
    // After a lost pre-vote the leader has a whole timeout to answer again, however its connection looks.
    m_isSuspect = reason == Reason::VoteLost;
    m_fetchDeadline = now.at + m_config.fetchTimeout;
    m_fetchAt = now.at;
    m_download.reset();
    changed(Role::Follower, reason);
}

/// Somebody said who leads in which epoch.
void Raft::learn(Now now, std::int32_t theirEpoch, std::int32_t theirLeader) {
    if (theirEpoch < epoch())
        return;
    const bool isOther = theirLeader >= 0 && theirLeader != m_config.node;
    if (theirEpoch > epoch()) {
        if (isOther)
            becomeFollower(now, theirEpoch, theirLeader, Reason::LeaderFound);
        else
            becomeUnattached(now, theirEpoch, Reason::HigherEpoch);
        return;
    }
    // A prospective voter that lost sight of the leader does not go back because others name it; a majority must.
    if (isOther && (m_role == Role::Unattached || m_role == Role::Candidate ||
                    (m_role == Role::Prospective && leader() < 0)))
        becomeFollower(now, theirEpoch, theirLeader, Reason::LeaderFound);
}

void Raft::resign(Now now, Reason reason) {
    if (!isLeader())
        return;
    setState(epoch(), -1, {m_state.votedId, m_state.votedDirectoryId}, false);
    m_endUnacked.clear();
    for (const auto& [id, progress] : m_progress)
        if (voters().find(id) != nullptr)
            m_endUnacked.insert(id);
    m_electionAt = now.at + m_config.electionTimeout + jitter(m_config.electionTimeout);
    changed(Role::Resigned, reason);
}

Instant Raft::quorumDeadline() const {
    if (!isLeader())
        return Instant::never();
    const auto own = isVoter() ? std::size_t{1} : std::size_t{0};
    const auto needed = voters().majority() - std::min(own, voters().majority());
    if (needed == 0)
        return Instant::never();
    std::vector<Instant> fetches;
    for (const auto& [id, progress] : m_progress)
        if (id != m_config.node && voters().find(id) != nullptr)
            fetches.push_back(progress.lastFetch);
    if (fetches.size() < needed)
        return Instant::never();
    std::sort(fetches.rbegin(), fetches.rend());
    return fetches[needed - 1] + m_config.fetchTimeout * kCheckQuorumHalves / 2;
}

void Raft::checkQuorum(Now now) {
    if (quorumDeadline() <= now.at)
        resign(now, Reason::QuorumLost);
}

void Raft::expireRequests(Now now) {
    for (auto& [id, peer] : m_peers) {
        const bool isLate = std::any_of(peer.sent.begin(), peer.sent.end(),
                                        [&](const auto& entry) { return entry.second.deadline <= now.at; });
        if (!isLate)
            continue;
        peer.sent.clear();
        peer.retryAt = now.at + m_config.retryBackoff;
        if (id == leader())
            m_fetchAt = peer.retryAt;
        m_drops.push_back(id);
    }
}

std::int64_t Raft::append(const std::vector<Bytes>& values, Now now, io::Effects& effects) {
    ODRADEK_CHECK(isLeader(), "only the leader appends");
    if (values.empty())
        return endOffset() - 1;
    std::vector<protocol::Record> records;
    records.reserve(values.size());
    const auto base = endOffset();
    auto offset = base;
    for (const auto& value : values)
        records.push_back({.offset = offset++, .timestampMs = now.wallMs, .value = value});
    const auto batch = protocol::buildBatch(records, {.baseOffset = base, .leaderEpoch = epoch()});
    ODRADEK_CHECK(batch.has_value(), "a batch of metadata records can always be built");
    m_store.append(*batch, effects);
    return offset - 1;
}

void Raft::saveSnapshot(std::int64_t end, const std::vector<Bytes>& values, io::Effects& effects) {
    ODRADEK_CHECK(end <= m_highWatermark, "a snapshot holds only what is committed");
    const auto* latest = m_store.latestSnapshot();
    if (latest != nullptr && latest->id.offset >= end)
        return;
    const OffsetAndEpoch id{end, m_store.epochAt(end - 1)};
    std::int64_t timestamp = 0;
    for (const auto& batch : m_store.batches())
        if (batch.lastOffset < end)
            timestamp = batch.maxTimestampMs;
    m_store.addSnapshot({id, buildSnapshot(id, timestamp, m_history.kraftVersionAt(end), m_history.votersAt(end),
                                           values)},
                        effects);
}

Instant Raft::nextWake() const {
    if (!m_started)
        return Instant{};
    if (failure())
        return Instant::never();
    auto wake = quorumDeadline();
    const bool isElecting = m_role != Role::Leader && m_role != Role::Follower;
    if (isElecting && (isVoter() || m_role == Role::Resigned))
        wake = std::min(wake, m_electionAt);
    if (m_role == Role::Follower)
        wake = std::min(wake, m_fetchDeadline);
    for (const auto& [id, peer] : m_peers)
        for (const auto& [correlation, sent] : peer.sent)
            wake = std::min(wake, sent.deadline);
    if (m_stateDirty || durableState() < m_stateSequence)
        return wake;  // nothing is sent before that
    return std::min(wake, nextSend());
}

}  // namespace odradek::raft
