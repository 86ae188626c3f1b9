// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/control_verbs.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/common/command_line.h"
#include "app/daemon/control_faults.h"

namespace odradek::app {
namespace {

using Json = nlohmann::ordered_json;

using Change = Result<void> (real::EmbeddedCluster::*)(BrokerId);
constexpr std::array<std::pair<std::string_view, Change>, 6> kNodeVerbs{{
    {"kill", &real::EmbeddedCluster::killNode},
    {"stop", &real::EmbeddedCluster::stopNode},
    {"pause", &real::EmbeddedCluster::pauseNode},
    {"resume", &real::EmbeddedCluster::resumeNode},
    {"restart", &real::EmbeddedCluster::restartNode},
    {"wipe", &real::EmbeddedCluster::wipeNode},
}};

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
              {"state", !node.running ? std::string_view("down")
                        : node.paused ? std::string_view("paused")
                                      : nameOf(node.state)},
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
    json["faults"] = Json::parse(faultsAsJson(cluster.faults()));
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

ControlAnswer refused(const Error& error) {
    return {error.code == ErrorCode::NotFound ? kBadUsage : kFailed, error.message};
}

ControlAnswer takesOneNode(const std::string& verb) {
    return {kBadUsage, fmt::format("{} takes one node id, such as: {} 2", verb, verb)};
}

ControlAnswer onNode(real::EmbeddedCluster& cluster, const std::vector<std::string>& words,
                     Change change) {
    const auto node = parseNode(words);
    if (!node)
        return takesOneNode(words[0]);
    if (auto done = (cluster.*change)(*node); !done)
        return refused(done.error());
    return {kDone, Json{{"done", words[0]}, {"node", node->value}}.dump()};
}

ControlAnswer powerCut(real::EmbeddedCluster& cluster, const std::vector<std::string>& words) {
    const auto node = parseNode(words);
    if (!node)
        return takesOneNode(words[0]);
    const auto loss = cluster.powerCutNode(*node);
    if (!loss)
        return refused(loss.error());
    return {kDone, Json{{"done", words[0]},
                        {"node", node->value},
                        {"lostBytes", loss->bytes},
                        {"lostInFiles", loss->files}}
                       .dump()};
}

}  // namespace

ControlAnswer answerVerb(real::EmbeddedCluster& cluster, const std::vector<std::string>& words) {
    const std::string verb = words.empty() ? "" : words.front();
    if (verb == "status" && words.size() == 1)
        return status(cluster);
    for (const auto& [name, change] : kNodeVerbs)
        if (verb == name)
            return onNode(cluster, words, change);
    if (verb == "power-cut")
        return powerCut(cluster, words);
    if (isFaultVerb(verb))
        return answerFaultVerb(cluster, words);
    if (verb == "status")
        return {kBadUsage, "status takes no arguments"};
    return {
        kBadUsage,
        fmt::format(
            "unknown verb '{}'; there are: status, faults, kill N, power-cut N, stop N, pause N, "
            "resume N, restart N, wipe N, net ..., disk ..., clock ..., heal [ID]",
            verb)};
}

}  // namespace odradek::app
