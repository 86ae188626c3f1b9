// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/embedded/embedded_source.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "engine/source/common/infer.h"
#include "engine/source/common/source_core.h"
#include "engine/source/embedded/node_hands.h"
#include "engine/source/embedded/retail_topics.h"
#include "engine/source/embedded/snapshot_builder.h"
#include "engine/source/embedded/workload_runner.h"
#include "engine/source/remote/remote_source.h"

namespace odradek::source {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kSampleFast{250};
constexpr milliseconds kSampleSlow{1'000};
constexpr double kFreeMin = 0.05;  ///< of the disk: below it the workload pauses
constexpr double kFreeAgain = 0.07;
constexpr BrokerId kClientNode{-100};  ///< the executor's name for a core that is no broker

api::WallMs wallNow() {
    return std::chrono::duration_cast<milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

bool isWorkload(const api::Command& command) {
    return std::holds_alternative<api::SetWorkloadRate>(command) ||
           std::holds_alternative<api::AddConsumer>(command) ||
           std::holds_alternative<api::SlowConsumer>(command) ||
           std::holds_alternative<api::StopConsumer>(command);
}

}  // namespace

/// One thread lives the cluster's life: starts it, samples it, carries out what concerns nodes, and
/// stops it.
struct EmbeddedSource::Impl {
    explicit Impl(EmbeddedOptions o) : options(std::move(o)) {}

    EmbeddedOptions options;
    std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
    std::atomic<api::CommandId> nextCommand{1};
    std::atomic<bool> readOnly{false};
    std::atomic<bool> fast{true};

    std::mutex lock;
    std::condition_variable wake;
    bool stopping = false;
    std::deque<std::pair<api::CommandId, api::Command>> queue;  ///< for the life thread
    std::string bootstrap;
    bool sampleNow = false;

    // The life thread's own.
    std::unique_ptr<real::EmbeddedCluster> cluster;
    std::unique_ptr<NodeHands> hands;
    std::map<api::CommandId, api::Command> nodeCommands;  ///< under way; guarded by lock
    std::uint64_t faultCursor = 0;
    std::unique_ptr<real::Executor> executor;
    real::CoreId core;
    std::unique_ptr<WorkloadRunner> workload;
    EventTranslator events;
    std::optional<quorum::ControllerView> lastController;
    metadata::ConfigMap settings;
    api::SnapshotPtr last;
    std::uint64_t version = 0;
    api::WallMs started = 0;
    bool diskLow = false;
    std::vector<std::pair<api::CommandId, std::string>>
        creating;  ///< topics of the platform on their way
    std::thread life;

    void run();
    bool begin();
    void publishState(api::Connection connection, std::string problem);
    void beginClient();
    void createTopics();
    void sample();
    ClusterSight look();
    void watchDisk(const api::ClusterSnapshot& snapshot);
    void carryOut(api::CommandId id, const api::Command& command);
    std::string workloadCommand(const api::Command& command);
    void nodeCommandDone(const api::Command& command, api::CommandResult result);
    void tellFaults();
    void end();
    void tell(api::EventKind kind, api::Severity severity, std::string text,
              std::string subject = {});
};

EmbeddedSource::EmbeddedSource(EmbeddedOptions options)
    : m_impl(std::make_unique<Impl>(std::move(options))) {
    m_impl->life = std::thread([impl = m_impl.get()] { impl->run(); });
}

EmbeddedSource::~EmbeddedSource() {
    m_impl->mailbox->close();
    {
        const std::lock_guard guard(m_impl->lock);
        m_impl->stopping = true;
    }
    m_impl->wake.notify_all();
    m_impl->life.join();
}

api::SourceInfo EmbeddedSource::info() const {
    const std::lock_guard guard(m_impl->lock);
    return {api::SourceKind::Embedded, m_impl->options.name, m_impl->bootstrap};
}

void EmbeddedSource::setWake(std::function<void()> wake) {
    m_impl->mailbox->setWake(std::move(wake));
}
api::Update EmbeddedSource::drain() {
    return m_impl->mailbox->drain();
}
bool EmbeddedSource::readOnly() const {
    return m_impl->readOnly;
}
void EmbeddedSource::setReadOnly(bool readOnly) {
    m_impl->readOnly = readOnly;
}

void EmbeddedSource::setInterest(Interest interest) {
    m_impl->fast = interest.window;
    m_impl->wake.notify_all();
}

api::CommandId EmbeddedSource::submit(api::Command command) {
    const auto id = m_impl->nextCommand++;
    if (m_impl->readOnly && changesCluster(command)) {
        api::CommandResult refused;
        refused.id = id;
        refused.error = "this cluster is set read-only";
        m_impl->mailbox->put(std::move(refused));
        return id;
    }
    {
        const std::lock_guard guard(m_impl->lock);
        m_impl->queue.emplace_back(id, std::move(command));
    }
    m_impl->wake.notify_all();
    return id;
}

// ---- The life thread
// -------------------------------------------------------------------------------------------

void EmbeddedSource::Impl::run() {
    publishState(api::Connection::Starting, "starting the brokers");
    const bool serving = begin();
    auto next = Clock::now();
    while (true) {
        std::deque<std::pair<api::CommandId, api::Command>> work;
        {
            std::unique_lock guard(lock);
            if (serving)
                wake.wait_until(guard, next, [&] { return stopping || sampleNow || !queue.empty(); });
            else
                wake.wait(guard, [&] { return stopping || !queue.empty(); });
            if (stopping)
                break;
            work.swap(queue);
            if (std::exchange(sampleNow, false))
                next = Clock::now();
        }
        for (auto& [id, command] : work)
            carryOut(id, command);
        if (serving && Clock::now() >= next) {
            sample();
            next = Clock::now() + (fast ? kSampleFast : kSampleSlow);
        }
    }
    end();
}

bool EmbeddedSource::Impl::begin() {
    options.cluster.powerCuts = true;
    auto started_ = real::EmbeddedCluster::start(options.cluster);
    if (!started_) {
        publishState(api::Connection::Failed, started_.error().message);
        return false;
    }
    cluster = std::move(*started_);
    started = wallNow();
    hands = std::make_unique<NodeHands>(*cluster, [this](api::CommandResult result) {
        api::Command command;
        {
            const std::lock_guard guard(lock);
            command = std::move(nodeCommands.extract(result.id).mapped());
        }
        nodeCommandDone(command, std::move(result));
    });
    for (const auto& [name, value] : real::embeddedDefaults(options.cluster.brokers, options.cluster.ephemeral))
        settings[name] = value;
    for (const auto& [name, value] : options.cluster.settings)
        settings[name] = value;
    {
        const std::lock_guard guard(lock);
        bootstrap = cluster->bootstrap();
    }
    beginClient();
    sample();
    if (options.workload)
        createTopics();
    return true;
}

void EmbeddedSource::Impl::publishState(api::Connection connection, std::string problem) {
    auto fresh = last ? std::make_shared<api::ClusterSnapshot>(*last)
                      : std::make_shared<api::ClusterSnapshot>();
    fresh->version = ++version;
    fresh->at = wallNow();
    fresh->connection = connection;
    fresh->problem = std::move(problem);
    last = fresh;
    mailbox->put(api::SnapshotPtr(std::move(fresh)));
}

void EmbeddedSource::Impl::beginClient() {
    client::ClientOptions client;
    client.network.clientId = "odradek-window";
    client.metadataMaxAge = Milliseconds(2'000);
    for (const auto& address : cluster->addresses())
        client.bootstrap.push_back({address.host, address.port, -1});
    executor = std::make_unique<real::Executor>(real::Executor::Options{"odradek-source", {}},
                                                std::make_shared<real::AddressBook>());
    executor->start();
    real::Executor::CoreSpec spec;
    spec.node = kClientNode;
    spec.core = std::make_unique<SourceCore>(mailbox, client, std::nullopt);
    core = executor->add(std::move(spec));
}

void EmbeddedSource::Impl::createTopics() {
    for (const auto& create : retailTopicCommands(options.cluster.brokers)) {
        // The results go to the mailbox like any other's; an existing topic is as good as a new
        // one.
        carryOut(nextCommand++, create);
    }
}

void EmbeddedSource::Impl::tell(api::EventKind kind, api::Severity severity, std::string text,
                                std::string subject) {
    mailbox->put(
        api::Event{0, wallNow(), kind, severity, std::move(text), std::move(subject), false});
}

ClusterSight EmbeddedSource::Impl::look() {
    ClusterSight sight;
    sight.clusterId = cluster->clusterId();
    sight.settings = settings;
    const auto addresses = cluster->addresses();
    const auto nodes = cluster->nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        NodeSight node;
        node.id = nodes[i].value;
        node.host = addresses[i].host;
        node.port = addresses[i].port;
        const auto dir = cluster->dataPath() / fmt::format("node-{}", node.id);
        node.logDir = dir.string();
        auto view = cluster->inspectBroker(
            nodes[i], [cursor = events.brokerCursor(node.id)](const broker::Broker& b, Now now) {
                return b.inspect(now, cursor);
            });
        if (view)
            node.view = std::move(*view);
        else
            events.forgetNode(node.id);
        std::error_code error;
        const auto space = std::filesystem::space(dir, error);
        if (!error) {
            node.diskTotal = static_cast<std::int64_t>(space.capacity);
            node.diskUsable = static_cast<std::int64_t>(space.available);
        }
        sight.nodes.push_back(std::move(node));
    }
    for (auto& [id, view] : cluster->inspectControllers([this](const quorum::Controller& c, Now) {
             return c.inspect(events.controllerCursor(c.raft().config().node));
         })) {
        if (view.quorum.isActive &&
            (!sight.controller || view.quorum.epoch > sight.controller->quorum.epoch))
            sight.controller = view;
        sight.controllers.emplace(id.value, std::move(view));
    }
    sight.at = wallNow();
    return sight;
}

void EmbeddedSource::Impl::sample() {
    tellFaults();
    auto sight = look();
    for (auto& event : events.translate(sight))
        mailbox->put(std::move(event));
    if (sight.controller)
        lastController = sight.controller;
    if (!lastController)
        return;
    auto fresh = std::make_shared<api::ClusterSnapshot>(buildSnapshot(sight, *lastController));
    fresh->version = ++version;
    fresh->started = started;
    fresh->faults = cluster->faults();
    watchDisk(*fresh);
    if (options.workload) {
        // The platform starts once its topics are there with leaders.
        if (!workload && retailTopicsReady(*fresh)) {
            workload = std::make_unique<WorkloadRunner>(
                cluster->bootstrap(), options.workloadSeed, options.rate,
                [box = mailbox](api::Event e) { box->put(std::move(e)); });
            tell(api::EventKind::Workload, api::Severity::Ok, "The retail platform is running");
        }
        fresh->workload =
            workload ? workload->state() : api::Workload{true, false, options.rate, {}, {}};
    }
    // Topics are told from the difference: the controller's events are about leaders and brokers.
    if (last && last->connection == api::Connection::Live)
        for (auto& event : inferEvents(*last, *fresh, false))
            if (event.kind == api::EventKind::Topic)
                mailbox->put(std::move(event));
    last = fresh;
    mailbox->put(api::SnapshotPtr(std::move(fresh)));
}

void EmbeddedSource::Impl::watchDisk(const api::ClusterSnapshot& snapshot) {
    double least = 1;
    for (const auto& broker : snapshot.brokers)
        if (broker.diskTotal && broker.diskUsable && *broker.diskTotal > 0)
            least = std::min(least, static_cast<double>(*broker.diskUsable) /
                                        static_cast<double>(*broker.diskTotal));
    const bool low = diskLow ? least < kFreeAgain : least < kFreeMin;
    if (low == diskLow || !workload)
        return;
    diskLow = low;
    workload->setPauseReason(
        low ? fmt::format("The disk has under 5 % free ({:.1f} %).", least * 100) : "");
    tell(api::EventKind::Workload, low ? api::Severity::Warning : api::Severity::Ok,
         low ? "The retail platform paused: the disk has under 5 % free"
             : "The retail platform goes on",
         "disk");
}

void EmbeddedSource::Impl::carryOut(api::CommandId id, const api::Command& command) {
    const auto finish = [&](std::string error) {
        api::CommandResult result;
        result.id = id;
        result.error = std::move(error);
        mailbox->put(std::move(result));
    };
    if (!cluster) {
        if (const auto* browse = std::get_if<api::StartBrowse>(&command)) {
            (void)browse;
            api::BrowseChunk chunk;
            chunk.browse = id;
            chunk.done = true;
            chunk.error = "the cluster is not running";
            mailbox->put(std::move(chunk));
            return;
        }
        return finish("the cluster is not running");
    }
    if (isWorkload(command))
        return finish(workloadCommand(command));
    if (isNodeCommand(command)) {
        {
            const std::lock_guard guard(lock);
            nodeCommands.emplace(id, command);
        }
        hands->submit(id, command);
        return;
    }
    executor->withCore(core, [id, command](io::Core* found, Now now, io::Effects& effects) {
        if (found != nullptr)
            static_cast<SourceCore*>(found)->submit(now, id, command, effects);
    });
}

std::string EmbeddedSource::Impl::workloadCommand(const api::Command& command) {
    if (!workload)
        return options.workload ? "the retail platform is not running yet"
                                : "the retail platform is switched off";
    if (const auto* rate = std::get_if<api::SetWorkloadRate>(&command)) {
        if (rate->recordsPerSecond < 0 || rate->recordsPerSecond > 50'000)
            return "the rate goes from 0 to 50,000 records a second";
        workload->setRate(rate->recordsPerSecond);
        tell(api::EventKind::Workload, api::Severity::Info,
             rate->recordsPerSecond == 0
                 ? std::string("The retail platform is paused")
                 : fmt::format("The retail platform sends {} records/s", rate->recordsPerSecond));
        return {};
    }
    if (const auto* add = std::get_if<api::AddConsumer>(&command))
        return workload->addConsumer(add->application)
                   ? ""
                   : fmt::format("there is no application {} that reads", add->application);
    if (const auto* slow = std::get_if<api::SlowConsumer>(&command))
        return workload->slowConsumer(slow->client, slow->perRecordMs) ? ""
                                                                       : "that consumer is gone";
    if (const auto* stop = std::get_if<api::StopConsumer>(&command))
        return workload->stopConsumer(stop->client, stop->crash) ? "" : "that consumer is gone";
    return "unknown command";
}

/// On a thread of the hands.
void EmbeddedSource::Impl::nodeCommandDone(const api::Command& command, api::CommandResult result) {
    const auto subject = [](std::int32_t broker) { return fmt::format("broker:{}", broker); };
    if (result.ok()) {
        if (const auto* restart = std::get_if<api::RestartBroker>(&command))
            tell(api::EventKind::Change, api::Severity::Ok,
                 fmt::format("Broker {} was restarted", restart->broker), subject(restart->broker));
        else if (const auto* wipe = std::get_if<api::WipeBroker>(&command))
            tell(api::EventKind::Change, api::Severity::Warning,
                 fmt::format("The disk of broker {} was wiped; it rejoined", wipe->broker), subject(wipe->broker));
        else if (const auto* flip = std::get_if<api::FlipBit>(&command))
            tell(api::EventKind::Fault, api::Severity::Warning,
                 fmt::format("A bit of {}-{} was flipped on the disk of broker {}", flip->partition.topic,
                             flip->partition.partition, flip->broker),
                 subject(flip->broker));
    }
    mailbox->put(std::move(result));
    // The window sees at once what it did.
    {
        const std::lock_guard guard(lock);
        sampleNow = true;
    }
    wake.notify_all();
}

void EmbeddedSource::Impl::tellFaults() {
    for (const auto& change : cluster->faultChanges(faultCursor)) {
        faultCursor = change.sequence;
        const auto text = describe(change.fault);
        const auto broker = change.fault.broker >= 0 ? change.fault.broker : change.fault.peer;
        // A node that goes or comes back counts its events anew.
        if (placeOf(change.fault.kind) == FaultPlace::Node && change.fault.kind != FaultKind::Paused)
            events.forgetNode(broker);
        mailbox->put(api::Event{0, change.atMs, api::EventKind::Fault,
                                change.healed ? api::Severity::Ok : api::Severity::Warning,
                                change.healed ? "Healed: " + text : text, fmt::format("broker:{}", broker), false});
    }
}

void EmbeddedSource::Impl::end() {
    workload.reset();
    if (executor)
        executor->stop();
    if (cluster)
        (void)cluster->stop();  // a stop that takes too long ends as a kill; the logs recover at
                                // the next start
    hands.reset();              // what they wait for has ended with it
    cluster.reset();
    executor.reset();
}

}  // namespace odradek::source
