// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/tasks/changes.h"

/// Killing and restarting a broker of the embedded cluster as changes to look at first. Pure
/// functions.
namespace odradek::ui {

/// What becomes of a broker's partitions when it goes away now.
struct KillEffect {
    int leaders = 0;         ///< that have to move
    int goOffline = 0;       ///< no other in-sync replica is up
    int underMinInsync = 0;  ///< fewer in sync than min.insync.replicas afterwards
    bool operator==(const KillEffect&) const = default;
};
KillEffect killEffect(const api::ClusterSnapshot& snapshot, std::int32_t broker);

models::Change changeKillBroker(const api::ClusterSnapshot& snapshot, std::int32_t broker);
models::Change changeRestartBroker(const api::ClusterSnapshot& snapshot, std::int32_t broker);

/// "Online", "Fenced", "Stopping", "Down".
QString brokerStateWord(api::BrokerState state);

}  // namespace odradek::ui
