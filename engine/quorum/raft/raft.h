// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/begin_quorum_epoch.h"
#include "engine/protocol/messages/describe_quorum.h"
#include "engine/protocol/messages/end_quorum_epoch.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/fetch_snapshot.h"
#include "engine/protocol/messages/vote.h"
#include "engine/quorum/raft/role.h"
#include "engine/quorum/raft/store.h"
#include "engine/quorum/raft/voter_set.h"

namespace odradek::raft {

/// Who a node of the quorum is, and Kafka's timeouts (names in brackets), defaults as in Kafka.
struct RaftConfig {
    std::int32_t node = -1;
    Uuid directory;
    std::string clusterId;
    std::uint64_t seed = 0;            ///< of election jitter; must differ between nodes
    std::vector<Endpoint> listeners;   ///< how others reach this node
    VoterSet staticVoters;             ///< used when neither snapshot nor log names voters
    Milliseconds electionTimeout{1000};     ///< controller.quorum.election.timeout.ms
    Milliseconds electionBackoffMax{1000};  ///< controller.quorum.election.backoff.max.ms
    Milliseconds fetchTimeout{2000};        ///< controller.quorum.fetch.timeout.ms
    Milliseconds requestTimeout{2000};      ///< controller.quorum.request.timeout.ms
    Milliseconds retryBackoff{20};          ///< controller.quorum.retry.backoff.ms
    std::int64_t segmentBytes = 1 << 30;    ///< metadata.log.segment.bytes
    std::uint32_t mutants = 0;              ///< Mutant bits; none outside the simulator
};

/// Planted bugs that the simulator must find.
enum class Mutant : std::uint32_t {
    DoubleVote = 1,        ///< grants its vote to everybody who asks in an epoch
    ForgetVote = 2,        ///< does not wait for its vote to be on disk
    CommitWritten = 4,     ///< fetches on before what it has written is flushed
    CommitOldEpoch = 8,    ///< a new leader counts majorities of older epochs
    SkipLogCheck = 16,     ///< votes for candidates whose log is behind
};

/// A frame for another node of the quorum.
struct Outgoing {
    std::int32_t peer = -1;
    Chain frame;
};

/// An answer and the change of quorum-state it has to wait for.
struct Reply {
    Chain frame;
    std::uint64_t afterState = 0;
};

/// A Fetch of the metadata log that was found good and waits for more of it.
struct ParkedFetch {
    std::int16_t version = 0;
    std::int32_t correlationId = 0;
    std::string topic;  ///< as named in the request
    std::int64_t offset = 0;
    std::int64_t maxBytes = 0;
    std::int64_t highWatermark = 0;  ///< as the fetcher knows it; INT64_MAX = it does not care
    std::int32_t epoch = 0;          ///< in which it was accepted
    bool isVoter = false;
    Instant deadline;
};

/// What is known of a replica that fetches from the leader.
struct Progress {
    ReplicaKey key;
    std::int64_t end = -1;           ///< its log end, flushed; -1 = has not fetched yet
    Instant lastFetch;               ///< or since when it is expected to fetch
    std::int64_t lastFetchWallMs = -1;
    std::int64_t lastCaughtUpWallMs = -1;
    std::int64_t leaderEndAtFetch = -1;
    bool hasFetched = false;         ///< in this epoch
    bool hasBegun = false;           ///< it has acknowledged the epoch
    Instant lastBegin;               ///< when it was last told of it
};

/// Something that happened to this node's part in the quorum.
struct RoleChange {
    Role role{};
    std::int32_t epoch = 0;
    std::int32_t leader = -1;
    Reason reason{};
    bool operator==(const RoleChange&) const = default;
};

/// KRaft (KIP-595, 630, 853, 996): keeps one log in step on several nodes. Voters elect a leader for an epoch (after a
/// pre-vote); the others fetch from it; a record is committed once a majority of voters has it flushed. It does not
/// know what the records mean.
///
/// Sans-IO: the owner brings frames, time and disk completions, sends what `pump` gives, and holds answers back until
/// `durableState` and the high watermark allow them. Nothing is said in an epoch, and no vote counts, before
/// quorum-state has it on disk.
///
/// Lifecycle: boot, start once, then the rest; after a disk failure it stays silent. A copyable value, one owner.
class Raft {
public:
    static Result<Raft> boot(RaftConfig config, io::BootDisk& disk);
    void start(Now now, io::Effects& effects);
    /// A disk effect ended; false when it was none of ours.
    bool onDisk(Now now, const io::DiskDone& done, io::Effects& effects);
    /// Does what is due.
    void tick(Now now, io::Effects& effects);
    /// Ends a step: writes a changed quorum-state, then says what is to be sent.
    void pump(Now now, std::vector<Outgoing>& out, io::Effects& effects);
    /// Peers whose connection is to be dropped: a request on it was not answered in time.
    std::vector<std::int32_t> takeDrops() { return std::exchange(m_drops, {}); }
    Instant nextWake() const;

    // ---- requests of others
    static bool serves(std::int16_t apiKey);
    /// Vote, BeginQuorumEpoch, EndQuorumEpoch, FetchSnapshot, DescribeQuorum, AddRaftVoter, RemoveRaftVoter,
    /// UpdateRaftVoter. The error says why the frame cannot be read. Answers to changes of the voters may come later:
    /// `afterOffset` >= 0 then says which record they wait for.
    struct RaftAnswer {
        Chain frame;
        std::int64_t afterOffset = -1;
    };
    Result<RaftAnswer> onRequest(Now now, const protocol::RequestFrame& frame, io::Effects& effects);
    /// Either an answer at once, or a fetch to be kept until `isDue`.
    struct FetchOutcome {
        std::optional<Chain> frame;
        ParkedFetch parked;
        ReplicaKey replica;
    };
    Result<FetchOutcome> onFetch(Now now, const protocol::RequestFrame& frame);
    bool isDue(const ParkedFetch& fetch, Instant now) const;
    Chain finishFetch(const ParkedFetch& fetch) const;
    /// Answers must not leave before this change of quorum-state is durable.
    std::uint64_t stateSequence() const { return m_stateSequence; }
    std::uint64_t durableState() const { return m_store.durableState(); }

    // ---- other nodes of the quorum
    void onPeerFrame(Now now, std::int32_t peer, const Bytes& frame, io::Effects& effects);
    /// The connection to a peer is gone, or (`wasUp` false) could not be made.
    void onPeerClosed(Now now, std::int32_t peer, bool wasUp, io::Effects& effects);

    // ---- the log
    bool isLeader() const { return m_role == Role::Leader; }
    /// Leader, and all that former leaders committed is known to be committed.
    bool isActive() const { return isLeader() && m_highWatermark > m_epochStart; }
    /// Appends records as one batch (leader only; none: nothing happens); returns the last offset used.
    std::int64_t append(const std::vector<Bytes>& values, Now now, io::Effects& effects);
    const Store& store() const { return m_store; }
    std::int64_t endOffset() const { return m_store.endOffset(); }
    /// First offset that is not known to be committed.
    std::int64_t highWatermark() const { return m_highWatermark; }
    /// Keeps a snapshot of everything committed below `end`, made of these records.
    void saveSnapshot(std::int64_t end, const std::vector<Bytes>& values, io::Effects& effects);

    // ---- facts
    Role role() const { return m_role; }
    bool isVoter() const { return m_history.voters().has(self()); }
    std::int32_t epoch() const { return m_state.leaderEpoch; }
    std::int32_t leader() const { return m_state.leaderId; }
    std::int32_t votedFor() const { return m_state.votedId; }
    const VoterSet& voters() const { return m_history.voters(); }
    std::int16_t kraftVersion() const { return m_history.kraftVersion(); }
    const std::map<std::int32_t, Progress>& voterProgress() const { return m_progress; }
    const std::map<ReplicaKey, Progress>& observers() const { return m_observers; }
    std::vector<RoleChange> takeChanges() { return std::exchange(m_changes, {}); }
    const std::optional<Error>& failure() const { return m_store.failure(); }
    const RaftConfig& config() const { return m_config; }

    /// Gives leadership up in good order, telling the voters whose log is longest to take over (EndQuorumEpoch).
    void resign(Now now, Reason reason);

private:
    enum class Kind : std::uint8_t { Vote, PreVote, Begin, End, Fetch, FetchSnapshot };
    struct Sent {
        Kind kind{};
        std::int32_t epoch = 0;
        std::uint64_t election = 0;
        Instant deadline;
    };
    struct Peer {
        std::map<std::int32_t, Sent> sent;  ///< by correlation id
        Instant retryAt;
    };
    struct Download {
        OffsetAndEpoch id;
        std::vector<std::uint8_t> data;
    };
    enum class Ballot : std::uint8_t { Granted, Rejected };

    Raft(RaftConfig config, Store store) : m_config(std::move(config)), m_store(std::move(store)) {}

    // ---- raft.cpp: life and roles
    ReplicaKey self() const { return {m_config.node, m_config.directory}; }
    Nanoseconds jitter(Milliseconds most);
    void setState(std::int32_t epoch, std::int32_t leader, ReplicaKey voted, bool mustLast);
    void changed(Role role, Reason reason);
    void becomeUnattached(Now now, std::int32_t epoch, Reason reason);
    void becomeProspective(Now now, Reason reason);
    void becomeCandidate(Now now);
    void becomeLeader(Now now, io::Effects& effects);
    void becomeFollower(Now now, std::int32_t epoch, std::int32_t leader, Reason reason);
    void maybeWin(Now now, io::Effects& effects);
    void learn(Now now, std::int32_t epoch, std::int32_t leader);
    void readVoters();
    void noteControl(const LoggedBatch& batch);
    void checkQuorum(Now now);
    Instant quorumDeadline() const;
    void expireRequests(Now now);
    void runElectionTimers(Now now);

    // ---- raft_requests.cpp: Vote, Begin, End from others
    protocol::VoteResponse onVote(Now now, const protocol::VoteRequest& request);
    bool mayVoteFor(const ReplicaKey& candidate, bool isUpToDate, bool isPreVote) const;
    protocol::BeginQuorumEpochResponse onBegin(Now now, const protocol::BeginQuorumEpochRequest& request);
    protocol::EndQuorumEpochResponse onEnd(Now now, const protocol::EndQuorumEpochRequest& request);
    template <class Response>
    void addEndpoints(Response& response) const;

    // ---- raft_peers.cpp: what we ask of others, and their answers
    void pumpVotes(Now now, std::vector<Outgoing>& out);
    void pumpBegin(Now now, std::vector<Outgoing>& out);
    void pumpEnd(Now now, std::vector<Outgoing>& out);
    void pumpFetch(Now now, std::vector<Outgoing>& out);
    bool hasSent(std::int32_t peer, Kind kind) const;
    Instant retryAt(std::int32_t peer) const;
    Instant beginAt(const Progress& progress) const;
    std::optional<std::int32_t> fetchTarget(Instant now);
    Instant nextSend() const;
    template <class Request>
    void send(Now now, std::int32_t peer, Kind kind, const Request& request, Nanoseconds extra,
              std::vector<Outgoing>& out);
    void onVoteAnswer(Now now, std::int32_t peer, const Sent& sent, const protocol::VoteResponse& answer,
                      io::Effects& effects);
    void onBeginAnswer(Now now, std::int32_t peer, const Sent& sent, const protocol::BeginQuorumEpochResponse& answer);
    void onEndAnswer(Now now, std::int32_t peer, const Sent& sent, const protocol::EndQuorumEpochResponse& answer);
    void onFetchAnswer(Now now, std::int32_t peer, const Sent& sent, const protocol::FetchResponse& answer,
                       io::Effects& effects);
    void onSnapshotAnswer(Now now, std::int32_t peer, const Sent& sent,
                          const protocol::FetchSnapshotResponse& answer, io::Effects& effects);
    void takeRecords(const Chain& records, io::Effects& effects);
    void truncateTo(OffsetAndEpoch leaders, io::Effects& effects);
    void heardFromLeader(Now now);

    // ---- raft_leader.cpp: what the leader does for its followers
    void advanceHighWatermark();
    void noteFetch(Now now, const ReplicaKey& replica, std::int64_t offset);
    protocol::FetchResponse::PartitionData partitionData(protocol::KafkaError error) const;
    protocol::FetchSnapshotResponse onFetchSnapshot(Now now, const protocol::FetchSnapshotRequest& request);
    protocol::DescribeQuorumResponse describe(const protocol::DescribeQuorumRequest& request) const;

    // ---- raft_voters.cpp: changes of the voters
    Result<RaftAnswer> onVoterChange(Now now, const protocol::RequestFrame& frame, io::Effects& effects);
    protocol::KafkaError mayChangeVoters() const;
    std::int64_t appendVoters(const VoterSet& voters, Now now, io::Effects& effects);
    void votersChanged(Now now);

    RaftConfig m_config;
    Store m_store;
    VoterHistory m_history;
    Prng m_random{0};
    bool m_started = false;

    Role m_role = Role::Unattached;
    QuorumState m_state;
    std::uint64_t m_stateSequence = 0;  ///< rises with each change that must last
    bool m_stateDirty = false;
    std::int64_t m_highWatermark = 0;

    Instant m_electionAt = Instant::never();  ///< Unattached, Prospective, Candidate, Resigned
    Instant m_fetchDeadline = Instant::never();  ///< Follower
    std::uint64_t m_election = 0;             ///< counts votes and pre-votes, to know late answers
    std::map<std::int32_t, Ballot> m_ballots; ///< Prospective, Candidate
    bool m_isLost = false;                    ///< Candidate: a majority said no; waits for its backoff
    bool m_hasFetched = false;                ///< Follower: from the leader of this epoch
    bool m_isSuspect = false;                 ///< Follower: the connection to the leader broke

    std::int64_t m_epochStart = 0;            ///< Leader: offset of its LeaderChange
    std::map<std::int32_t, Progress> m_progress;
    std::map<ReplicaKey, Progress> m_observers;
    std::set<std::int32_t> m_endUnacked;      ///< Resigned: voters to tell

    std::map<std::int32_t, Peer> m_peers;
    std::int32_t m_nextCorrelation = 1;
    Instant m_fetchAt;                        ///< not before this
    std::optional<Download> m_download;
    std::vector<std::int32_t> m_drops;
    std::vector<RoleChange> m_changes;
    std::int64_t m_lastNowWallMs = 0;
};

}  // namespace odradek::raft
