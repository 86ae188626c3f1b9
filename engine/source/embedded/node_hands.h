// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <thread>

#include "engine/api/commands.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::source {

/// Whether a command is about the nodes of an embedded cluster and what is wrong with them.
bool isNodeCommand(const api::Command& command);

/// Carries out commands about nodes, which may take seconds (a start waits until the broker serves), beside the thread
/// that watches the cluster. Commands for one broker are done in their order; those for others, and a heal, need not
/// wait for them.
/// Lifecycle: threads start with commands; the destructor waits for those under way: stop the cluster before, and they
/// end. Thread: any for `submit`; `done` is called on threads of its own.
class NodeHands {
public:
    using Done = std::function<void(api::CommandResult)>;
    NodeHands(real::EmbeddedCluster& cluster, Done done);
    ~NodeHands();
    NodeHands(const NodeHands&) = delete;
    NodeHands& operator=(const NodeHands&) = delete;

    void submit(api::CommandId id, api::Command command);

private:
    using Lane = std::deque<std::pair<api::CommandId, api::Command>>;
    struct Worker;
    void work(std::int64_t lane, Worker& self);
    api::CommandResult perform(const api::Command& command);
    std::int64_t laneOf(api::CommandId id, const api::Command& command) const;

    real::EmbeddedCluster& m_cluster;
    Done m_done;
    std::mutex m_lock;
    std::map<std::int64_t, Lane> m_lanes;  ///< one that is being worked on is there, with its command in front
    struct Worker {
        std::thread thread;
        bool ended = false;
    };
    std::list<Worker> m_workers;
};

}  // namespace odradek::source
