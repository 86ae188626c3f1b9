// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/cluster_settings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/metadata/config_defs.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::real {
namespace {

/// Decided by the cluster from its own options.
constexpr std::array<std::string_view, 13> kOwn{
    "node.id", "broker.id", "log.dir", "log.dirs", "metadata.log.dir", "listeners", "advertised.listeners",
    "process.roles", "controller.quorum.voters", "controller.quorum.bootstrap.servers", "controller.listener.names",
    "inter.broker.listener.name", "listener.security.protocol.map"};

}  // namespace

std::map<std::string, std::string> embeddedDefaults(int brokers, bool ephemeral) {
    const auto replicas = std::to_string(std::min(brokers, 3));
    std::map<std::string, std::string> defaults{
        {"broker.heartbeat.interval.ms", "500"},
        {"broker.session.timeout.ms", "3000"},
        {"default.replication.factor", replicas},
        {"group.initial.rebalance.delay.ms", "100"},
        {"offsets.topic.replication.factor", replicas},
        {"replica.fetch.backoff.ms", "50"},
    };
    if (!ephemeral)
        defaults["log.flush.interval.messages"] = "1";
    return defaults;
}

        {"replica.socket.timeout.ms", "3000"},
Result<metadata::ConfigMap> clusterSettings(int brokers, bool ephemeral,
                                             const std::map<std::string, std::string>& user) {
    metadata::ConfigMap settings;
    for (const auto& [name, value] : embeddedDefaults(brokers, ephemeral))
        settings[name] = value;
    for (const auto& [name, value] : user) {
        if (std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end())
            return fail(ErrorCode::Invalid, fmt::format("{} cannot be set: it follows from --port, --data and "
                                                        "--brokers", name));
        const auto* def = metadata::brokerConfigDef(name);
        if (def == nullptr) {
            settings[name] = value;
            continue;
        }
        auto normal = metadata::normalizeConfigValue(*def, value);
        if (!normal)
            return fail(ErrorCode::Invalid, fmt::format("--set {}={}: {}", name, value, normal.error().message));
        settings[name] = std::move(*normal);
    }
    return settings;
}

void addNodeSettings(metadata::ConfigMap& settings, BrokerId node, BrokerId controllerNode, const Address& address,
                     const std::filesystem::path& logDir) {
    settings["node.id"] = std::to_string(node.value);
    settings["process.roles"] = node == controllerNode ? "broker,controller" : "broker";
    settings["listeners"] = "PLAINTEXT://" + address.toString();
    settings["advertised.listeners"] = settings["listeners"];
    settings["inter.broker.listener.name"] = "PLAINTEXT";
    // The controller is reached through the in-process link: port 0, since there is none.
    settings["controller.listener.names"] = "CONTROLLER";
    settings["controller.quorum.voters"] = fmt::format("{}@{}:0", controllerNode.value, address.host);
    settings["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT";
    settings["log.dirs"] = logDir.string();
}

}  // namespace odradek::real
