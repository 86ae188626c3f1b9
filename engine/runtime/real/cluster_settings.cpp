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
        {"controller.quorum.auto.join.enable", "true"},
        {"controller.quorum.election.backoff.max.ms", "50"},
        {"controller.quorum.election.timeout.ms", "150"},
        {"controller.quorum.fetch.timeout.ms", "500"},
        {"controller.quorum.request.timeout.ms", "500"},
        {"controller.quorum.retry.backoff.ms", "5"},
        {"default.replication.factor", replicas},
        {"group.initial.rebalance.delay.ms", "100"},
        {"offsets.topic.replication.factor", replicas},
        {"replica.fetch.backoff.ms", "50"},
        {"replica.socket.timeout.ms", "3000"},
    };
    if (!ephemeral)
        defaults["log.flush.interval.messages"] = "1";
    return defaults;
}

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

void addNodeSettings(metadata::ConfigMap& settings, BrokerId node, const std::vector<BrokerId>& controllers,
                     const Address& address, const std::filesystem::path& logDir) {
    const bool controls = std::find(controllers.begin(), controllers.end(), node) != controllers.end();
    std::string voters;
    for (const auto id : controllers)
        voters += fmt::format("{}{}@{}:0", voters.empty() ? "" : ",", id.value, address.host);
    settings["node.id"] = std::to_string(node.value);
    settings["process.roles"] = controls ? "broker,controller" : "broker";
    settings["listeners"] = "PLAINTEXT://" + address.toString();
    settings["advertised.listeners"] = settings["listeners"];
    settings["inter.broker.listener.name"] = "PLAINTEXT";
    // The controller is reached through the in-process link: port 0, since there is none.
    settings["controller.listener.names"] = "CONTROLLER";
    settings["controller.quorum.voters"] = voters;
    settings["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT";
    settings["log.dirs"] = logDir.string();
}

}  // namespace odradek::real
