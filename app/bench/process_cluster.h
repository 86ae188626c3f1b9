// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/bench/processes.h"
#include "engine/base/result.h"

namespace odradek::bench {

/// A cluster of one odradekd process per node (`--node N --peers ...`), over TCP on loopback, to be killed at will.
/// Lifecycle: nothing runs after construction; `spawn` each node. Whatever runs ends with it. Thread: one at a time.
class ProcessCluster {
public:
    /// Nodes 1 … `nodes` on free ports, their data below `folder`; `settings` go to each as --set words.
    static Result<ProcessCluster> plan(int nodes, std::filesystem::path folder, std::vector<std::string> settings);

    /// Starts the process of a node that does not run; it serves some time later.
    Result<void> spawn(int node);
    /// Waits for its `ready` line. Closed when it ends before.
    Result<void> awaitReady(int node);
    /// kill -9, and waits until it is gone.
    void kill(int node);
    bool isRunning(int node) const { return m_children.contains(node); }
    int nodes() const { return m_nodes; }
    const std::string& bootstrap() const { return m_bootstrap; }

private:
    ProcessCluster() = default;
    int m_nodes = 0;
    std::filesystem::path m_folder;
    std::vector<std::string> m_settings;
    std::string m_peers;
    std::string m_bootstrap;
    std::map<int, Child> m_children;
};

}  // namespace odradek::bench
