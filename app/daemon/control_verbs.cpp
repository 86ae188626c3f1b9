// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/control_verbs.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/common/command_line.h"

namespace odradek::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kLaterVerbs{"pause", "resume", "net", "disk", "heal"};

std::string_view nameOf(broker::BrokerState state) {
    switch (state) {
    case broker::BrokerState::Starting:
        return "starting";
    case broker::BrokerState::Fenced:
        return "fenced";
    case broker::BrokerState::Running:
        return "running";
    case broker::BrokerState::ControlledShutdown:
        return "controlled-shutdown";
    case broker::BrokerState::ShuttingDown:
        return "shutting-down";
    case broker::BrokerState::Stopped:
        return "stopped";
    }
    return "";
}

Json toJson(const real::NodeStatus& node) {
    Json json{{"id", node.id.value},
              {"running", node.running},
              {"state", node.running ? nameOf(node.state) : std::string_view("down")},
              {"endpoint", node.address.toString()},
              {"controller", node.isController}};
    if (node.running) {
        json["partitions"] = node.partitions;
        json["leaders"] = node.leaders;
        json["connections"] = node.connections;
        json["logBytes"] = node.logBytes;
    }
    return json;
}

ControlAnswer status(real::EmbeddedCluster& cluster) {
    Json json{{"clusterId", cluster.clusterId()},
              {"bootstrap", cluster.bootstrap()},
              {"data", cluster.dataPath().string()},
              {"ephemeral", cluster.isEphemeral()},
              {"nodes", Json::array()}};
    for (const auto& node : cluster.status())
        json["nodes"].push_back(toJson(node));
    return {kDone, json.dump()};
}

std::optional<BrokerId> parseNode(const std::vector<std::string>& words) {
    int id = 0;
    if (words.size() != 2)
        return std::nullopt;
    const auto* end = words[1].data() + words[1].size();
    const auto [stop, error] = std::from_chars(words[1].data(), end, id);
    if (error != std::errc() || stop != end)
        return std::nullopt;
    return BrokerId(id);
}

ControlAnswer onNode(real::EmbeddedCluster& cluster, const std::vector<std::string>& words,
                     Result<void> (real::EmbeddedCluster::*change)(BrokerId)) {
    const auto node = parseNode(words);
    if (!node)
        return {kBadUsage, fmt::format("{} takes one node id, such as: {} 2", words[0], words[0])};
    if (auto done = (cluster.*change)(*node); !done)
        return {done.error().code == ErrorCode::NotFound ? kBadUsage : kFailed, done.error().message};
    return {kDone, Json{{"done", words[0]}, {"node", node->value}}.dump()};
}

}  // namespace

ControlAnswer answerVerb(real::EmbeddedCluster& cluster, const std::vector<std::string>& words) {
    const std::string verb = words.empty() ? "" : words.front();
    if (verb == "status" && words.size() == 1)
        return status(cluster);
    if (verb == "kill")
        return onNode(cluster, words, &real::EmbeddedCluster::killNode);
    if (verb == "restart")
        return onNode(cluster, words, &real::EmbeddedCluster::restartNode);
    if (std::find(kLaterVerbs.begin(), kLaterVerbs.end(), verb) != kLaterVerbs.end())
        return {kBadUsage, fmt::format("'{}' is not built yet in this version", verb)};
    return {kBadUsage, fmt::format("unknown verb '{}'; there are: status, kill N, restart N", verb)};
}

}  // namespace odradek::app
