// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "engine/api/snapshot.h"

namespace odradek::api {

enum class Severity : std::uint8_t { Info, Ok, Warning, Error, Offline };

/// What an event is about; models and pages filter by it.
enum class EventKind : std::uint8_t {
    Cluster,    ///< connection, broker up or down, fencing
    Leader,     ///< leader elections
    Isr,        ///< ISR shrinks and expands
    Group,      ///< rebalances, members joining, leaving, expiring
    Topic,      ///< created, deleted, partitions, configuration
    Log,        ///< segments rolled, deleted, truncated, recovered
    Quorum,     ///< the metadata quorum: roles, elections
    Workload,   ///< the retail platform
    Change,     ///< something this window did: the audit log
    Fault,      ///< something set wrong on purpose, or healed
};

/// One thing that happened, with its cause in words. `inferred` = concluded from two snapshots of a remote
/// cluster instead of seen by the engine.
struct Event {
    std::uint64_t sequence = 0;  ///< rises by one per source
    WallMs at = 0;
    EventKind kind = EventKind::Cluster;
    Severity severity = Severity::Info;
    std::string text;     ///< one line, with Kafka's terms
    std::string subject;  ///< what to open: "topic:new_orders", "group:shipping-service", "broker:2"; may be empty
    bool inferred = false;
};

}  // namespace odradek::api
