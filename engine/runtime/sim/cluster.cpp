// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/cluster.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/quorum/raft/snapshot_file.h"
#include "engine/storage/log/checkpoints.h"

namespace odradek::sim {
namespace {

constexpr BrokerId kControllerNode{1};
constexpr std::uint16_t kPort = 9092;
constexpr std::uint16_t kControllerPort = 9093;

Uuid drawUuid(Prng& random) {
    Uuid id;
    for (auto& byte : id.bytes)
        byte = static_cast<std::uint8_t>(random.below(256));
    id.bytes[0] |= 1;  // never one of the reserved ones
    return id;
}

std::string hostOf(BrokerId node) {
    return fmt::format("node{}.sim", node.value);
}

}  // namespace

Cluster::Cluster(World& world, ClusterOptions options)
    : m_options(std::move(options)), m_random(m_options.seed) {
    m_clusterId = drawUuid(m_random).toString();
    for (int i = 1; i <= m_options.brokers; ++i) {
        Node node;
        node.id = BrokerId(i);
        node.directory = drawUuid(m_random);
        node.disk = world.addDisk(m_options.diskTimes, m_options.powerCuts);
        if (i <= std::max(m_options.controllers, 1)) {
            node.controller = world.addActor(
                m_options.controllers > 1 ? fmt::format("controller {}", i) : "controller", i,
                node.disk);
            world.setRoute(node.id, io::Listener::Controller, *node.controller);
        }
        node.broker = world.addActor(fmt::format("broker {}", i), i, node.disk);
        world.setRoute(node.id, io::Listener::Client, node.broker);
        world.setAddress(hostOf(node.id), kPort, node.id);
        m_nodes.push_back(node);
    }
    std::vector<raft::Voter> voters;
    for (const auto& node : m_nodes)
        if (node.controller && m_options.controllers > 1)
            voters.push_back({.key = {node.id.value, node.directory},
                              .endpoints = {{"CONTROLLER", hostOf(node.id), kControllerPort}}});
    m_voters = raft::VoterSet(voters);
    for (const auto& node : m_nodes) {
        format(world, node);
        if (m_voters.find(node.id.value) != nullptr)
            world.disk(node.disk).put(
                fmt::format("{}/{}", raft::kMetadataFolder, raft::snapshotName({0, 0})),
                raft::buildBootstrapSnapshot(m_voters, world.now().wallMs));
    }
}

void Cluster::format(World& world, const Node& node) const {
    world.disk(node.disk).put(std::string(storage::kMetaPropertiesFile),
                              storage::writeMetaProperties({m_clusterId, node.id, node.directory}));
}

void Cluster::beginStop(World& world, BrokerId id) {
    world.with(node(id).broker, [](io::Core& core, Now now, io::Effects& effects) {
        static_cast<broker::Broker&>(core).beginShutdown(now, effects);
    });
}

bool Cluster::hasStopped(World& world, BrokerId id) const {
    const auto& one = node(id);
    const auto* broker = brokerOf(world, one);
    return broker != nullptr && broker->shutdownComplete() && world.disk(one.disk).idle();
}

void Cluster::replaceDisk(World& world, BrokerId id) {
    auto& one = m_nodes[static_cast<std::size_t>(id.value - 1)];
    one.directory = drawUuid(m_random);
    world.disk(one.disk).wipe();
    format(world, one);
}

metadata::ConfigMap Cluster::settingsOf(const Node& node) const {
    auto settings = m_options.settings;
    settings["node.id"] = std::to_string(node.id.value);
    settings["process.roles"] = node.controller ? "broker,controller" : "broker";
    settings["listeners"] = fmt::format("PLAINTEXT://{}:{}", hostOf(node.id), kPort);
    settings["advertised.listeners"] = settings["listeners"];
    settings["inter.broker.listener.name"] = "PLAINTEXT";
    settings["controller.listener.names"] = "CONTROLLER";
    std::string voters;
    for (const auto& one : m_nodes)
        if (one.controller)
            voters +=
                fmt::format("{}{}@{}:0", voters.empty() ? "" : ",", one.id.value, hostOf(one.id));
    settings["controller.quorum.voters"] = voters;
    settings.emplace("controller.quorum.auto.join.enable", "true");
    settings["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT";
    settings["log.dirs"] = "/sim";
    return settings;
}

Result<void> Cluster::start(World& world, BrokerId id) {
    auto& node = m_nodes[static_cast<std::size_t>(id.value - 1)];
    auto& disk = world.disk(node.disk);
    if (node.controller) {
        quorum::ControllerConfig config;
        config.node = id;
        config.clusterId = m_clusterId;
        config.directoryId = node.directory;
        config.seed = m_random.next();
        config.settings = settingsOf(node);
        config.mutants = m_options.mutants;
        // A disk that does not say who votes is a new one: its node finds the voters and joins
        // them.
        if (!m_voters.empty())
            config.voters = m_voters.without(id.value);
        config.listeners = {{"CONTROLLER", hostOf(id), kControllerPort}};
        auto booted =
            TRY(quorum::Controller::boot(std::move(config), disk, world.nowOf(*node.controller)));
        world.start(*node.controller, std::make_unique<quorum::Controller>(std::move(booted)));
    }
    auto config = TRY(broker::BrokerConfig::fromSettings(settingsOf(node)));
    config.node = id;
    config.controllerNode = kControllerNode;
    for (const auto& one : m_nodes)
        if (one.controller)
            config.controllerNodes.push_back(one.id);
    config.clusterId = m_clusterId;
    config.host = hostOf(id);
    config.port = kPort;
    config.logDir = "/sim";
    config.segmentPoolBytes = m_options.segmentPoolBytes;
    config.mutants = m_options.mutants;
    io::Effects effects;
    auto booted = TRY(broker::Broker::boot(world.nowOf(node.broker), std::move(config), disk,
                                           m_random.next(), effects));
    world.start(node.broker, std::make_unique<broker::Broker>(std::move(booted)),
                std::move(effects));
    node.up = true;
    return {};
}

void Cluster::crash(World& world, BrokerId id, bool power) {
    auto& node = m_nodes[static_cast<std::size_t>(id.value - 1)];
    node.up = false;
    world.drop(node.broker);
    if (node.controller)
        world.drop(*node.controller);
    world.crashDisk(node.disk, power);
}

void Cluster::pause(World& world, BrokerId id, Instant until) {
    const auto& node = this->node(id);
    world.pause(node.broker, until);
    if (node.controller)
        world.pause(*node.controller, until);
}

void Cluster::resume(World& world, BrokerId id) {
    const auto& node = this->node(id);
    world.resume(node.broker);
    if (node.controller)
        world.resume(*node.controller);
}

const broker::Broker* Cluster::brokerOf(const World& world, const Node& node) {
    return static_cast<const broker::Broker*>(world.core(node.broker));
}

const quorum::Controller* Cluster::controllerOf(const World& world, const Node& node) {
    return node.controller ? static_cast<const quorum::Controller*>(world.core(*node.controller))
                           : nullptr;
}

const quorum::Controller* Cluster::controller(const World& world) const {
    if (m_options.controllers <= 1)
        return controllerOf(world, node(kControllerNode));
    const quorum::Controller* latest = nullptr;
    for (const auto& one : m_nodes)
        if (const auto* core = controllerOf(world, one); core != nullptr && core->isActive())
            if (latest == nullptr || core->raft().epoch() > latest->raft().epoch())
                latest = core;
    return latest;
}

}  // namespace odradek::sim
