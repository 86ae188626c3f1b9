// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bench/process_cluster.h"

#include <csignal>

#include <fmt/format.h>

#include "engine/runtime/real/listen_sockets.h"

namespace odradek::bench {

Result<ProcessCluster> ProcessCluster::plan(int nodes, std::filesystem::path folder,
                                            std::vector<std::string> settings) {
    ProcessCluster cluster;
    cluster.m_nodes = nodes;
    cluster.m_folder = std::move(folder);
    cluster.m_settings = std::move(settings);
    std::vector<real::ListenSockets> held;  // all at once, so that no two are the same
    for (int node = 1; node <= nodes; ++node) {
        held.push_back(TRY(real::ListenSockets::bind({.hosts = {"127.0.0.1"}})));
        const auto port = held.back().port();
        held.push_back(TRY(real::ListenSockets::bind({.hosts = {"127.0.0.1"}})));
        const auto* comma = node == 1 ? "" : ",";
        cluster.m_peers += fmt::format("{}{}@127.0.0.1:{}:{}", comma, node, port, held.back().port());
        cluster.m_bootstrap += fmt::format("{}127.0.0.1:{}", comma, port);
    }
    return cluster;
}

Result<void> ProcessCluster::spawn(int node) {
    std::vector<std::string> command{(binaryFolder() / "odradekd").string(),
                                     "--node",  std::to_string(node),
                                     "--peers", m_peers,
                                     "--data",  (m_folder / "data").string()};
    for (const auto& setting : m_settings) {
        command.push_back("--set");
        command.push_back(setting);
    }
    m_children.emplace(node, TRY(Child::spawn(command)));
    return {};
}

Result<void> ProcessCluster::awaitReady(int node) {
    const auto child = m_children.find(node);
    if (child == m_children.end())
        return fail(ErrorCode::Closed, fmt::format("node {} does not run", node));
    auto line = child->second.readLine();
    if (!line)
        return fail(line.error().code, fmt::format("node {} ended before it served", node));
    return bootstrapOf(*line) ? Result<void>() : fail(ErrorCode::Invalid, *line);
}

void ProcessCluster::kill(int node) {
    const auto child = m_children.find(node);
    if (child == m_children.end())
        return;
    ::kill(child->second.pid(), SIGKILL);
    m_children.erase(child);
}

}  // namespace odradek::bench
