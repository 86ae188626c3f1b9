// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/cluster.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <thread>

#include <sys/resource.h>

#include <fmt/format.h>

#include "engine/base/prng.h"
#include "engine/quorum/raft/snapshot_file.h"
#include "engine/runtime/real/cluster_settings.h"

namespace odradek::real {
namespace fs = std::filesystem;
namespace {

constexpr int kPortTries = 50;

/// All processes of a cluster are started with the same peers, so these can name it: nobody has to hand an id round.
std::string clusterIdOf(const std::vector<PeerNode>& peers) {
    std::uint64_t hash = 14695981039346656037ull;  // FNV-1a
    for (const auto& peer : peers) {
        for (unsigned char c : fmt::format("{}@{}:{},", peer.id.value, peer.address.toString(), peer.controllerPort))
            hash = (hash ^ c) * 1099511628211ull;
    }
    Prng random(hash);
    Uuid id;
    for (auto& byte : id.bytes)
        byte = static_cast<std::uint8_t>(random.next());
    return id.toString();
}

/// The first directory id of a node's log directory, the same in all processes.
Uuid directoryOf(const std::string& clusterId, BrokerId node) {
    std::uint64_t hash = 14695981039346656037ull;
    for (unsigned char c : fmt::format("{}/{}", clusterId, node.value))
        hash = (hash ^ c) * 1099511628211ull;
    Prng random(hash);
    Uuid id;
    for (auto& byte : id.bytes)
        byte = static_cast<std::uint8_t>(random.next());
    return id;
}

/// How others reach a controller.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
};

std::uint16_t controllerPortOf(const std::vector<PeerNode>& peers, BrokerId node) {
    for (const auto& peer : peers)
        if (peer.id == node)
            return peer.controllerPort;
    return 0;
}

bool isActiveController(const io::Core& core, Now) {
    return static_cast<const quorum::Controller&>(core).isActive();
}

/// Descriptors for one node's connections and one node's files, out of what the process may open.
struct DescriptorShare {
    std::size_t connections;
    std::size_t files;
};
DescriptorShare descriptorShare(int nodes) {
    rlimit limit{};
    const std::uint64_t all = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
    const auto perNode = std::max<std::uint64_t>(all / static_cast<std::uint64_t>(nodes + 1), 64);
    return {static_cast<std::size_t>(perNode / 2),
            static_cast<std::size_t>(std::clamp<std::uint64_t>(perNode / 3, 32, 2048))};
}

std::function<void(io::Core&)> diskSpaceTeller(fs::path path) {
    return [path = std::move(path)](io::Core& core) {
        if (const auto room = diskRoom(path))
            static_cast<broker::Broker&>(core).setDiskSpace(static_cast<std::int64_t>(room->total),
                                                            static_cast<std::int64_t>(room->usable));
    };
}

}  // namespace

// ---- Start ---------------------------------------------------------------------------------------------------

EmbeddedCluster::EmbeddedCluster(ClusterOptions options, DataDir data)
    : m_options(std::move(options)), m_data(std::move(data)), m_book(std::make_shared<AddressBook>()),
      m_faultSeed(m_options.faultSeed != 0 ? m_options.faultSeed : randomSeed()),
      m_faults(std::make_shared<FaultPlan>(m_faultSeed)) {}

Result<std::unique_ptr<EmbeddedCluster>> EmbeddedCluster::start(ClusterOptions options) {
    if (options.brokers < 1 || options.executors < 1)
        return fail(ErrorCode::Invalid, "a cluster needs at least one broker");
    const bool alone = options.peers.empty();
    auto settings = TRY(clusterSettings(alone ? options.brokers : static_cast<int>(options.peers.size()),
                                        options.ephemeral, options.settings));
    auto data = TRY(options.ephemeral ? DataDir::openTemporary()
                    : alone           ? DataDir::open(options.data)
                                      : DataDir::openForNode(options.data, options.peer));
    std::unique_ptr<EmbeddedCluster> cluster(new EmbeddedCluster(std::move(options), std::move(data)));
    cluster->m_settings = std::move(settings);
    TRY_OK(cluster->begin());
    return cluster;
}

/// Who is where, when each node is a process of its own.
Result<void> EmbeddedCluster::takePeers() {
    const PeerNode* own = nullptr;
    for (const auto& peer : m_options.peers) {
        if (peer.id == m_options.peer)
            own = &peer;
        else
            m_book->setRemote(peer.id, io::Listener::Client, peer.address);
        if (peer.controllerPort != 0 && peer.id != m_options.peer)
            m_book->setRemote(peer.id, io::Listener::Controller, {peer.address.host, peer.controllerPort});
    }
    if (own == nullptr)
        return fail(ErrorCode::Invalid, fmt::format("node {} is not among the peers", m_options.peer.value));
    m_options.brokers = 1;
    m_options.port = own->address.port;
    m_options.hosts = {own->address.host};
    m_clusterId = clusterIdOf(m_options.peers);
    return {};
}

/// Who will vote, should the cluster be formatted now.
void EmbeddedCluster::planControllers() {
    std::vector<std::pair<BrokerId, Endpoint>> able;
    if (m_options.peers.empty())
        for (int id = 1; id <= m_options.brokers; ++id)
            able.emplace_back(BrokerId(id), Endpoint{m_options.hosts.front(), 0});
    for (const auto& peer : m_options.peers)
        if (peer.controllerPort != 0)
            able.emplace_back(peer.id, Endpoint{peer.address.host, peer.controllerPort});
    std::sort(able.begin(), able.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto wanted = m_options.controllers > 0 ? static_cast<std::size_t>(m_options.controllers) : std::size_t{5};
    const auto most = std::min(able.size(), wanted);
    able.resize(most >= 5 ? 5 : most >= 3 ? 3 : std::min<std::size_t>(most, 1));
    std::vector<raft::Voter> voters;
    for (const auto& [id, endpoint] : able) {
        m_controllers.push_back(id);
        // Processes of one cluster must name each other's directories without talking.
        const auto directory = m_options.peers.empty() ? randomUuid() : directoryOf(m_clusterId, id);
        voters.push_back({.key = {id.value, directory},
                          .endpoints = {{"CONTROLLER", endpoint.host, endpoint.port}}});
    }
    const bool isNew = std::none_of(m_nodes.begin(), m_nodes.end(), [&](const Node& node) {
        return fs::exists(m_data.node(node.id) / std::string(storage::kMetaPropertiesFile));
    });
    if (isNew)
        m_firstVoters = raft::VoterSet(voters);
}

/// Which nodes host a controller: those with a metadata log.
void EmbeddedCluster::findControllers() {
    const auto hasLog = [&](BrokerId id) { return fs::exists(m_data.node(id) / std::string(raft::kMetadataFolder)); };
    if (m_options.peers.empty()) {
        m_controllers.clear();
        for (const auto& node : m_nodes)
            if (hasLog(node.id))
                m_controllers.push_back(node.id);
        if (m_controllers.empty())
            m_controllers.push_back(BrokerId(1));
        return;
    }
    // What others host is known only from the plan; a data directory from the time of one controller keeps that.
    const auto own = m_options.peer;
    const auto bootstrap = raft::snapshotName({0, 0});
    if (hasLog(own) && !fs::exists(m_data.node(own) / std::string(raft::kMetadataFolder) / bootstrap))
        m_controllers = {own};
    else if (!hasLog(own))
        std::erase(m_controllers, own);
}

bool EmbeddedCluster::hasController(BrokerId node) const {
    return std::find(m_controllers.begin(), m_controllers.end(), node) != m_controllers.end();
}

Result<void> EmbeddedCluster::begin() {
    if (!m_options.peers.empty())
        TRY_OK(takePeers());
    auto sockets = TRY(bindAll());
    for (int i = 0; i < std::min(m_options.executors, m_options.brokers); ++i) {
        m_executors.push_back(std::make_unique<Executor>(
            Executor::Options{fmt::format("odradek-{}", i + 1), m_options.log, m_faults}, m_book));
        m_executors.back()->start();
    }
    for (int i = 0; i < m_options.brokers; ++i) {
        Node node;
        node.id = m_options.peers.empty() ? BrokerId(i + 1) : m_options.peer;
        node.executor = m_executors[static_cast<std::size_t>(i) % m_executors.size()].get();
        node.port = sockets[static_cast<std::size_t>(i)].port();
        m_nodes.push_back(std::move(node));
    }
    planControllers();
    for (auto& node : m_nodes)
        TRY_OK(format(node));
    m_firstVoters = {};  // a node formatted later joins a cluster that is there
    findControllers();
    for (std::size_t i = 0; i < m_nodes.size(); ++i)
        TRY_OK(bootNode(m_nodes[i], std::move(sockets[i])));
    for (const auto& node : m_nodes)
        TRY_OK(awaitServing(node));
    return {};
}

/// Reads the identity of a log directory, or gives an empty one its identity.
Result<void> EmbeddedCluster::format(Node& node) {
    const auto folder = m_data.node(node.id);
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return fail(ErrorCode::Io, fmt::format("cannot create {}: {}", folder.string(), error.message()));
    const auto name = std::string(storage::kMetaPropertiesFile);
    if (const auto file = RealBootDisk(folder).readAll(name)) {
        node.identity = TRY(storage::readMetaProperties(*file));
        if (node.identity.nodeId != node.id)
            return fail(ErrorCode::Invalid, fmt::format("{} belongs to node {}, not to node {}; choose another data "
                                                        "directory", folder.string(), node.identity.nodeId.value,
                                                        node.id.value));
        if (!m_clusterId.empty() && node.identity.clusterId != m_clusterId)
            return fail(ErrorCode::Invalid, fmt::format("{} belongs to another cluster ({}); choose another data "
                                                        "directory", folder.string(), node.identity.clusterId));
        m_clusterId = node.identity.clusterId;
        return {};
    } else if (file.error().code != ErrorCode::NotFound) {
        return std::unexpected(file.error());
    }
    if (m_clusterId.empty())
        m_clusterId = randomUuid().toString();
    const auto* voter = m_firstVoters.find(node.id.value);
    node.identity = {m_clusterId, node.id, voter != nullptr ? voter->key.directory : randomUuid()};
    DiskFiles files({.root = folder, .syncs = !m_options.ephemeral});
    if (voter != nullptr)
        TRY(files.perform(io::DiskReplace{
            0, fmt::format("{}/{}", raft::kMetadataFolder, raft::snapshotName({0, 0})),
            raft::buildBootstrapSnapshot(m_firstVoters, readNow().wallMs)}));
    TRY(files.perform(io::DiskReplace{0, name, storage::writeMetaProperties(node.identity)}));
    return {};
}

Result<std::vector<ListenSockets>> EmbeddedCluster::bindAll() const {
    for (int attempt = 0;; ++attempt) {
        std::vector<ListenSockets> all;
        std::optional<Error> problem;
        for (int i = 0; i < m_options.brokers && !problem; ++i) {
            // With free ports, consecutive ones are wished for, so that the first names them all.
            const bool any = m_options.port == 0 && (i == 0 || attempt >= kPortTries);
            const auto first = all.empty() ? m_options.port : all.front().port();
            if (!any && first + i > 65535) {
                problem = Error{ErrorCode::Refused, "no consecutive ports left"};
                break;
            }
            auto bound = ListenSockets::bind(
                {.hosts = m_options.hosts, .port = static_cast<std::uint16_t>(any ? 0 : first + i)});
            if (bound)
                all.push_back(std::move(*bound));
            else
                problem = bound.error();
        }
        if (!problem)
            return all;
        if (m_options.port != 0 || problem->code != ErrorCode::Refused || attempt > kPortTries)
            return std::unexpected(*problem);
    }
}

Result<void> EmbeddedCluster::bootNode(Node& node, ListenSockets sockets) {
    const auto folder = m_data.node(node.id);
    node.unsynced = m_options.powerCuts && !m_options.ephemeral ? std::make_shared<UnsyncedJournal>(folder) : nullptr;
    node.disk = node.executor->makeDisk({.files = {.root = folder,
                                                   .syncs = !m_options.ephemeral,
                                                   .openMax = descriptorShare(m_options.brokers).files,
                                                   .unsynced = node.unsynced}});
    m_faults->setDiskAbandoned(node.id, false);
    applyDiskFaults(node);
    if (hasController(node.id))
        TRY_OK(bootController(node));
    return bootBroker(node, std::move(sockets));
}

metadata::ConfigMap EmbeddedCluster::settingsOf(const Node& node) const {
    auto settings = m_settings;
    addNodeSettings(settings, node.id, m_controllers, Address{m_options.hosts.front(), node.port},
                    m_data.node(node.id));
    return settings;
}

Result<void> EmbeddedCluster::bootController(Node& node) {
    RealBootDisk boot(m_data.node(node.id));
    quorum::ControllerConfig config;
    config.node = node.id;
    config.clusterId = m_clusterId;
    config.directoryId = node.identity.directoryId;
    config.seed = randomSeed();
    config.settings = settingsOf(node);
    // A disk that does not say who votes is that of a wiped node, which finds the voters and joins them; or, with one
    // controller, one from the time before there were voters.
    if (m_controllers.size() > 1) {
        std::vector<raft::Voter> others;
        for (const auto id : m_controllers)
            if (id != node.id)
                others.push_back({.key = {id.value, {}}});
        config.voters = raft::VoterSet(others);
    }
    config.listeners = {{"CONTROLLER", m_options.hosts.front(), controllerPortOf(m_options.peers, node.id)}};
    auto controller = TRY(quorum::Controller::boot(std::move(config), boot, nowOf(node.id)));
    Executor::CoreSpec spec;
    spec.node = node.id;
    spec.core = std::make_unique<quorum::Controller>(std::move(controller));
    spec.disk = node.disk;
    spec.clock = m_faults->skewOf(node.id);
    spec.serves.push_back({io::Listener::Controller, {}});
    for (const auto& peer : m_options.peers) {
        if (peer.id == node.id && peer.controllerPort != 0)
            spec.serves.back().sockets =
                TRY(ListenSockets::bind({.hosts = {peer.address.host}, .port = peer.controllerPort}));
    }
    const auto id = node.executor->add(std::move(spec));
    std::lock_guard lock(m_mutex);
    node.controller = id;
    return {};
}

Result<void> EmbeddedCluster::bootBroker(Node& node, ListenSockets sockets) {
    const auto folder = m_data.node(node.id);
    RealBootDisk boot(folder);
    auto config = TRY(broker::BrokerConfig::fromSettings(settingsOf(node)));
    config.node = node.id;
    config.controllerNode = m_controllers.empty() ? BrokerId(1) : m_controllers.front();
    config.controllerNodes = m_controllers;
    config.clusterId = m_clusterId;
    config.host = m_options.hosts.front();
    config.port = node.port;
    config.logDir = folder.string();
    Executor::CoreSpec spec;
    spec.node = node.id;
    spec.disk = node.disk;
    spec.limits.requestBytesMax = static_cast<std::size_t>(config.maxRequestBytes);
    spec.limits.connectionsMax = std::min(static_cast<std::size_t>(config.maxConnections),
                                          descriptorShare(m_options.brokers).connections);
    spec.limits.connectionsPerHostMax = static_cast<std::size_t>(config.maxConnectionsPerIp);
    spec.limits.idleMax = Milliseconds(config.connectionsMaxIdleMs);
    auto core = TRY(broker::Broker::boot(nowOf(node.id), std::move(config), boot, randomSeed(), spec.bootEffects));
    spec.core = std::make_unique<broker::Broker>(std::move(core));
    spec.clock = m_faults->skewOf(node.id);
    spec.refresh = diskSpaceTeller(folder);
    spec.refresh(*spec.core);
    spec.serves.push_back({io::Listener::Client, std::move(sockets)});
    const auto id = node.executor->add(std::move(spec));
    std::lock_guard lock(m_mutex);
    node.broker = id;
    return {};
}

Now EmbeddedCluster::nowOf(BrokerId node) const {
    auto now = readNow();
    now.wallMs += m_faults->skewOf(node).wallOffsetMs;
    return now;
}

Result<void> EmbeddedCluster::awaitServing(const Node& node) {
    const auto place = TRY(brokerPlace(node.id));
    const auto served = place.executor->await(
        place.core,
        [](const io::Core& core) {
            return static_cast<const broker::Broker&>(core).state() == broker::BrokerState::Running;
        },
        m_options.startMax);
    if (served)
        return {};
    return fail(served.error().code, fmt::format("broker {} does not start to serve: {}; see the log (--verbose)",
                                                 node.id.value, served.error().message));
}

// ---- Stop ----------------------------------------------------------------------------------------------------

EmbeddedCluster::~EmbeddedCluster() {
    (void)stop();
}

Result<void> EmbeddedCluster::stop() {
    std::lock_guard lock(m_changes);
    if (m_stopped)
        return {};
    m_stopped = true;
    // What is broken on purpose must not keep nodes from ending well.
    m_faults->removeIf([](const Fault& fault) { return placeOf(fault.kind) != FaultPlace::Node; });
    applyFaults();
    for (const auto& node : m_nodes)
        resume(node);
    std::vector<Node*> running;
    for (auto& node : m_nodes) {
        if (node.broker)
            running.push_back(&node);
    }
    const auto clean = m_options.ephemeral ? Result<void>() : awaitShutDown(beginShutDown(running));
    for (auto& node : m_nodes)
        dropNode(node);
    for (auto& executor : m_executors)
        executor->stop();
    return clean;
}

/// Tells brokers to end by themselves. With m_changes held.
std::vector<EmbeddedCluster::Ending> EmbeddedCluster::beginShutDown(const std::vector<Node*>& nodes) {
    std::vector<Ending> endings;
    for (auto* node : nodes) {
        auto& ending = endings.emplace_back(
            Ending{node->id, *node->broker, node->disk, std::make_shared<std::promise<bool>>()});
        node->executor->withCore(*node->broker, [](io::Core* core, Now now, io::Effects& effects) {
            if (core != nullptr)
                static_cast<broker::Broker&>(*core).beginShutdown(now, effects);
        });
        node->executor->watch(
            *node->broker,
            [](const io::Core& core) { return static_cast<const broker::Broker&>(core).shutdownComplete(); },
            [promise = ending.ended](bool done) { promise->set_value(done); });
    }
    return endings;
}

/// Waits until they have ended and what they wrote is on disk.
Result<void> EmbeddedCluster::awaitShutDown(const std::vector<Ending>& endings) const {
    const auto deadline = std::chrono::steady_clock::now() + m_options.stopMax;
    std::string late;
    for (const auto& ending : endings) {
        auto end = ending.ended->get_future();
        if (end.wait_until(deadline) != std::future_status::ready || !end.get())
            late += fmt::format("{}{}", late.empty() ? "" : ", ", ending.id.value);
        else
            ending.disk->drain();
    }
    // Those that go on need a controller: an active one hands over before it goes.
    const auto places = controllerPlaces();
    if (endings.size() < m_nodes.size())
        for (const auto& ending : endings)
            if (const auto found = places.find(ending.id); found != places.end())
                found->second.executor->withCore(
                    found->second.core, [](io::Core* core, Now now, io::Effects& effects) {
                        if (core != nullptr)
                            static_cast<quorum::Controller&>(*core).beginShutdown(now, effects);
                    });
    if (!late.empty())
        return fail(ErrorCode::Timeout, fmt::format("broker {} did not stop cleanly within {} s; its log is recovered "
                                                    "at the next start", late, m_options.stopMax.count() / 1000));
    return {};
}

void EmbeddedCluster::dropNode(Node& node) {
    std::optional<CoreId> broker, controller;
    {
        std::lock_guard lock(m_mutex);
        std::swap(broker, node.broker);
        std::swap(controller, node.controller);
    }
    if (broker)
        node.executor->remove(*broker);
    if (controller)
        node.executor->remove(*controller);
    if (node.disk) {
        m_faults->setDiskAbandoned(node.id, true);  // a slow disk would keep us waiting
        node.disk->stop();
        node.disk.reset();
    }
}

// ---- Nodes ---------------------------------------------------------------------------------------------------

Result<EmbeddedCluster::Node*> EmbeddedCluster::find(BrokerId id) {
    for (auto& node : m_nodes) {
        if (node.id == id)
            return &node;
    }
    return fail(ErrorCode::NotFound, fmt::format("there is no node {}; nodes are 1 to {}", id.value, m_nodes.size()));
}

Result<EmbeddedCluster::Place> EmbeddedCluster::brokerPlace(BrokerId id) const {
    std::lock_guard lock(m_mutex);
    for (const auto& node : m_nodes) {
        if (node.id == id && node.broker)
            return Place{node.executor, *node.broker};
    }
    return fail(ErrorCode::Closed, fmt::format("node {} is not running", id.value));
}

std::map<BrokerId, EmbeddedCluster::Place> EmbeddedCluster::controllerPlaces() const {
    std::map<BrokerId, Place> places;
    std::lock_guard lock(m_mutex);
    for (const auto& node : m_nodes)
        if (node.controller)
            places[node.id] = Place{node.executor, *node.controller};
    return places;
}

Result<EmbeddedCluster::Place> EmbeddedCluster::controllerPlace() const {
    const auto places = controllerPlaces();
    if (places.empty())
        return fail(ErrorCode::Closed, "the controller is not running");
    if (places.size() > 1)
        for (const auto& [node, place] : places)
            if (const auto active = place.executor->inspect(place.core, isActiveController); active && *active)
                return place;
    return places.begin()->second;
}

// ---- Views ---------------------------------------------------------------------------------------------------

std::vector<Address> EmbeddedCluster::addresses() const {
    std::vector<Address> all;
    for (const auto& node : m_nodes)
        all.push_back({m_options.hosts.front(), node.port});
    return all;
}

std::string EmbeddedCluster::bootstrap() const {
    std::string list;
    for (const auto& address : addresses())
        list += (list.empty() ? "" : ",") + address.toString();
    return list;
}

std::vector<BrokerId> EmbeddedCluster::nodes() const {
    std::vector<BrokerId> ids;
    for (const auto& node : m_nodes)
        ids.push_back(node.id);
    return ids;
}

std::vector<NodeStatus> EmbeddedCluster::status() {
    std::vector<NodeStatus> all;
    for (const auto& node : m_nodes)
        all.push_back(statusOf(node));
    return all;
}

NodeStatus EmbeddedCluster::statusOf(const Node& node) {
    NodeStatus status;
    status.id = node.id;
    if (const auto place = controllerPlaces(); place.contains(node.id)) {
        const auto active = place.at(node.id).executor->inspect(place.at(node.id).core, isActiveController);
        status.isController = active && *active;
    }
    status.address = {m_options.hosts.front(), node.port};
    const auto view =
        inspectBroker(node.id, [](const broker::Broker& broker, Now now) { return broker.inspect(now); });
    if (!view)
        return status;
    status.running = true;
    status.paused = isPaused(node.id);
    status.state = view->state;
    status.partitions = view->partitions.size();
    status.logBytes = view->logBytes;
    for (const auto& partition : view->partitions)
        status.leaders += partition.role == broker::ReplicaRole::Leader;
    for (const auto& connection : view->connections)
        status.connections += !connection.inProcess;
    return status;
}

}  // namespace odradek::real
