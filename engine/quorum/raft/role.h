// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace odradek::raft {

/// A node's part in the quorum (KIP-595, KIP-996). Nodes that do not vote are Unattached or Follower, and then called
/// observers.
enum class Role : std::uint8_t {
    Unattached,   ///< knows no leader
    Prospective,  ///< asks whether an election would be won (pre-vote)
    Candidate,
    Leader,
    Follower,
    Resigned,     ///< was leader in this epoch and is no more
};

/// Why a node changed its role.
enum class Reason : std::uint8_t {
    Startup,
    ElectionTimeout,   ///< no leader was found in time
    FetchTimeout,      ///< the leader did not answer for controller.quorum.fetch.timeout.ms
    LeaderUnreachable, ///< the connection to the leader broke and cannot be made again
    PreVoteGranted,    ///< a majority would vote for this node
    VotesGranted,
    VoteLost,          ///< a majority said no
    HigherEpoch,       ///< somebody is in a later epoch
    LeaderFound,
    LeaderResigned,    ///< EndQuorumEpoch
    QuorumLost,        ///< no majority fetched for 1.5 x controller.quorum.fetch.timeout.ms
    Shutdown,
    NotVoter,          ///< removed from the voters
};

constexpr std::string_view name(Role role) {
    switch (role) {
    case Role::Unattached: return "unattached";
    case Role::Prospective: return "prospective";
    case Role::Candidate: return "candidate";
    case Role::Leader: return "leader";
    case Role::Follower: return "follower";
    case Role::Resigned: return "resigned";
    }
    return "";
}

constexpr std::string_view words(Reason reason) {
    switch (reason) {
    case Reason::Startup: return "start-up";
    case Reason::ElectionTimeout: return "no leader was found in time";
    case Reason::FetchTimeout: return "the leader did not answer in time";
    case Reason::LeaderUnreachable: return "the leader cannot be reached";
    case Reason::PreVoteGranted: return "a majority would vote for it";
    case Reason::VotesGranted: return "a majority voted for it";
    case Reason::VoteLost: return "a majority voted against it";
    case Reason::HigherEpoch: return "a later epoch began";
    case Reason::LeaderFound: return "it found the leader";
    case Reason::LeaderResigned: return "the leader resigned";
    case Reason::QuorumLost: return "no majority of voters fetched in time";
    case Reason::Shutdown: return "it shuts down";
    case Reason::NotVoter: return "it is no voter any more";
    }
    return "";
}

}  // namespace odradek::raft
