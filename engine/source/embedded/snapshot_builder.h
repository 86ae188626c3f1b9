// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/events.h"
#include "engine/api/snapshot.h"
#include "engine/broker/view.h"
#include "engine/quorum/controller.h"

namespace odradek::source {

/// What was seen of one node at one moment. A broker that is not running has no view.
struct NodeSight {
    std::int32_t id = 0;
    std::string host;
    std::int32_t port = 0;
    std::string logDir;
    std::optional<broker::BrokerView> view;
    std::int64_t diskTotal = -1;
    std::int64_t diskUsable = -1;
};

/// The whole embedded cluster at one moment, before it becomes a snapshot.
struct ClusterSight {
    api::WallMs at = 0;
    std::string clusterId;
    std::vector<NodeSight> nodes;
    std::optional<quorum::ControllerView>
        controller;                ///< the active one's; none while there is none: the last one is used
    std::map<std::int32_t, quorum::ControllerView> controllers;  ///< of all that run, by node
    metadata::ConfigMap settings;  ///< what brokers were started with
};

/// Makes a snapshot of what brokers and controller say of themselves. Pure.
api::ClusterSnapshot buildSnapshot(const ClusterSight& sight,
                                   const quorum::ControllerView& controller);

/// The events of controller and brokers since the last time, in words. Keeps its cursors.
class EventTranslator {
public:
    std::vector<api::Event> translate(const ClusterSight& sight);
    std::uint64_t controllerCursor(std::int32_t node) const;
    std::uint64_t brokerCursor(std::int32_t broker) const;
    /// A restarted node begins to count anew.
    void forgetNode(std::int32_t node);

private:
    void takeGroups(const broker::BrokerView& view, std::vector<api::Event>& out);

    std::map<std::int32_t, std::uint64_t> m_controllers;
    std::map<std::int32_t, std::uint64_t> m_brokers;
    std::map<std::string, std::pair<std::int64_t, bool>>
        m_rebalances;  ///< newest told per group, and whether it had ended
};

}  // namespace odradek::source
