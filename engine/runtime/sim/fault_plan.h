// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/prng.h"
#include "engine/base/time.h"

namespace odradek::sim {

/// What may befall a simulated cluster.
enum class Fault : std::uint8_t {
    Crash,        ///< kill -9 of a node
    CrashLeader,  ///< of the node that leads a partition, or coordinates groups
    PowerCut,     ///< what was not flushed is lost or torn; a kill where nothing is flushed before acks
    Blackout,     ///< all nodes at once
    Pause,
    Clog,     ///< frames between two hosts wait
    Cut,      ///< frames between two hosts are lost, one way or both
    Isolate,  ///< a node and the other nodes do not hear each other, or only one way
    Lossy,    ///< for a while frames get lost and arrive twice
    Reset,    ///< all connections between two hosts break
    SlowDisk,
    FullDisk,
    DiskErrors,
    BitRot,
    LostWrite,
    MisplacedWrite,
    ClockStep,
    ClockDrift,
    Wipe,            ///< a node comes back with an empty disk
    StopNode,        ///< cleanly, and back
    RollingRestart,  ///< one node after the other, cleanly
    CreateTopic,
    DeleteTopic,
    GrowTopic,
    ChangeConfig,
    MemberDies,
    MemberLeaves,
    kCount,
};
std::string_view nameOf(Fault fault);

/// One fault of a schedule. Its details are drawn from its own seed, so that the others do not change when it is left
/// out.
struct PlannedFault {
    Instant at;
    Fault fault = Fault::Crash;
    std::uint64_t seed = 0;
    bool sure = false;  ///< waits for a moment at which it can happen
};

/// What kinds of faults a plan may hold.
struct FaultLimits {
    bool powerCuts = false;       ///< acks wait for the flushed end
    bool storageDamage = false;   ///< full disks, errors, bit rot, lost and misplaced writes
};

/// Draws which faults come how often (swarm testing: many trials lack many kinds) and when. One crash and one pause
/// are always there. In the order of time, within [start+1 s, start+length).
std::vector<PlannedFault> drawPlan(Prng& random, const FaultLimits& limits, Instant start,
                                   Nanoseconds length);

}  // namespace odradek::sim
