// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <map>
#include <string>

#include "engine/protocol/codec/message.h"
#include "engine/quorum/cluster_control.h"
#include "engine/quorum/control.h"
#include "engine/quorum/controller.h"
#include "engine/quorum/event_ring.h"
#include "engine/quorum/peer_lines.h"
#include "engine/quorum/raft/raft.h"

namespace odradek::quorum {

/// One answer owed to a connection, in the order of its requests.
struct OwedAnswer {
    Chain frame;
    std::int64_t afterOffset = -1;  ///< may leave once this record is committed
    std::uint64_t afterState = 0;   ///< and this change of quorum-state is on disk
    std::optional<raft::ParkedFetch> fetch;
};

/// What a request led to: the answer's frame and the record it has to wait for.
struct Answer {
    Chain frame;
    std::int64_t afterOffset = -1;
};

/// Requests to other controllers with numbers from here on are the controller's own, below are Raft's.
inline constexpr std::int32_t kOwnCorrelations = 1 << 30;

/// An image to be saved once all in it is committed.
struct PendingSnapshot {
    metadata::Image image;
    std::int64_t end = 0;
};

/// The inside of a Controller. Plain data and functions on it; copied as a whole.
struct Controller::State {
    ControllerConfig config;
    raft::Raft raft;
    PeerLines peers;
    metadata::Image image;
    ClusterControl cluster;
    Prng prng;
    EventRing events;
    std::map<ConnectionId, std::deque<OwedAnswer>> connections;
    std::vector<io::FrameIn> early;     ///< to the only voter, which is about to lead: kept until it does
    bool isStarted = false;
    bool hasFailed = false;
    bool isActive = false;
    std::int32_t activeEpoch = -1;
    Uuid incarnation;
    Instant registerAt;                 ///< the leader is asked to register us; not before this
    Instant joinAt;                     ///< the leader is asked to make us a voter; not before this
    bool joins = false;                 ///< controller.quorum.auto.join.enable
    std::int32_t nextCorrelation = kOwnCorrelations;
    Instant nextBalance = Instant::never();
    std::optional<PendingSnapshot> pendingSnapshot;
    std::int64_t snapshotBytes = 0;     ///< metadata.log.max.record.bytes.between.snapshots
    Nanoseconds snapshotInterval{};     ///< metadata.log.max.snapshot.interval.ms; 0 = none
    Instant nextSnapshot = Instant::never();

    // ---- controller.cpp: life, time, commitment
    void start(Now now, io::Effects& effects);
    void onEvent(Now now, const io::Event& event, io::Effects& effects);
    /// What every step ends with.
    void settle(Now now, io::Effects& effects);
    void runTimers(Now now, io::Effects& effects);
    void sendOwed(Now now, io::Effects& effects);
    void pump(Now now, io::Effects& effects);
    void failWith(const std::string& why, io::Effects& effects);
    Instant nextWake() const;
    ControlContext context(Now now) {
        return {image, config.settings, config.node.value, prng, now, raft.endOffset(),
                config.mutants};
    }
    /// Writes the records and applies them; only while active.
    void commit(const Records& records, Cause cause, Now now, io::Effects& effects);

    // ---- controller_follow.cpp: the committed log, taking over and standing down, snapshots
    void follow(Now now, io::Effects& effects);
    void noteRoles(Now now, io::Effects& effects);
    Result<void> applyCommitted();
    Result<void> loadSnapshot();
    void activate(Now now, io::Effects& effects);
    void standDown(Now now, io::Effects& effects);
    void saveSnapshots(Now now, io::Effects& effects);
    QuorumView quorumView(Now now) const;
    bool isRegistered() const;
    void registerSelf(Now now, io::Effects& effects);
    bool wantsToJoin() const;
    void joinVoters(Now now, io::Effects& effects);
    /// Sends a request of our own to the leader; nobody waits for the answer, only for what it changes.
    template <class Request>
    void askLeader(const Request& request, io::Effects& effects);

    // ---- controller_requests.cpp: frames
    void onFrame(Now now, const io::FrameIn& in, io::Effects& effects);
    Result<OwedAnswer> onFetch(Now now, const protocol::RequestFrame& frame);
    Result<Answer> answer(Now now, ConnectionId from, const protocol::RequestFrame& frame, io::Effects& effects);
    Result<Answer> answerRaft(Now now, const protocol::RequestFrame& frame, io::Effects& effects);
    Result<Answer> answerAdmin(Now now, const protocol::RequestFrame& frame, io::Effects& effects);
    Result<Answer> answerEnvelope(Now now, const protocol::RequestFrame& frame, io::Effects& effects);
    Answer answerApiVersions(const protocol::RequestFrame& frame) const;
    /// Decodes a request, lets `control` judge it, commits its records and encodes the answer.
    template <class Request, class Control, class CauseOf>
    Result<Answer> serve(Now now, const protocol::RequestFrame& frame, io::Effects& effects, Control control,
                         CauseOf causeOf);
};

}  // namespace odradek::quorum
