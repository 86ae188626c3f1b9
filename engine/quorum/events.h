// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/time.h"
#include "engine/base/types.h"
#include "engine/quorum/raft/role.h"

/// What happened in the control plane, with its cause, for timelines and the event ticker.
namespace odradek::quorum {

/// Why a broker was fenced, a leader moved or an ISR changed.
enum class Cause : std::uint8_t {
    Registration,        ///< a (new) incarnation of the broker registered
    SessionTimeout,      ///< no heartbeat for broker.session.timeout.ms
    BrokerWish,          ///< the broker asked to be fenced
    ControlledShutdown,  ///< the broker is shutting down in good order
    CaughtUp,            ///< the broker has read the metadata up to its registration
    LeaderRequest,       ///< the partition's leader asked for it (AlterPartition)
    PreferredBalance,    ///< leadership goes back to the preferred replica
    ConfigChange,        ///< a changed configuration allows an election (unclean.leader.election.enable)
    Startup,             ///< this node starts to control the cluster
    Quorum,              ///< the quorum's own doings; QuorumRoleChanged::reason says more
    Reassignment,        ///< replicas are being moved (AlterPartitionReassignments)
    ElectionRequest,     ///< asked for by a user (ElectLeaders)
    Unregistration,      ///< the broker was unregistered
};

/// A broker came, was fenced, unfenced or left.
struct BrokerStateChanged {
    enum class State : std::uint8_t { Registered, Fenced, Unfenced, ShuttingDown, ShutDown } state{};
    std::int32_t broker = 0;
    std::int64_t epoch = 0;
    bool operator==(const BrokerStateChanged&) const = default;
};

/// A partition has another leader (kNoLeader = none could be elected).
struct LeaderElected {
    Uuid topic;
    std::string topicName;
    std::int32_t partition = 0;
    std::int32_t before = -1;
    std::int32_t after = -1;
    std::int32_t leaderEpoch = 0;
    bool unclean = false;
    bool operator==(const LeaderElected&) const = default;
};

/// The in-sync replicas of a partition changed.
struct IsrChanged {
    Uuid topic;
    std::string topicName;
    std::int32_t partition = 0;
    std::vector<std::int32_t> before;
    std::vector<std::int32_t> after;
    bool operator==(const IsrChanged&) const = default;
};

/// This node became the active controller.
struct ControllerElected {
    std::int32_t node = 0;
    std::int32_t epoch = 0;
    bool operator==(const ControllerElected&) const = default;
};

/// A node's role in the quorum changed.
struct QuorumRoleChanged {
    std::int32_t node = 0;
    raft::Role role{};
    std::int32_t epoch = 0;
    std::int32_t leader = -1;  ///< as far as the node knows
    raft::Reason reason{};
    bool operator==(const QuorumRoleChanged&) const = default;
};

struct ControllerEvent {
    std::uint64_t sequence = 0;  ///< rises by one; the cursor of ControllerView
    std::int64_t wallMs = 0;
    Instant at;
    Cause cause = Cause::Registration;
    std::variant<BrokerStateChanged, LeaderElected, IsrChanged, ControllerElected, QuorumRoleChanged> what;
};

}  // namespace odradek::quorum
