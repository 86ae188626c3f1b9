// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/controller.h"

#include <algorithm>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/quorum/controller_state.h"
#include "engine/quorum/feature_control.h"
#include "engine/quorum/replication_control.h"

namespace odradek::quorum {
namespace {

/// Partitions given back to their preferred leaders in one go, as in Kafka.
constexpr std::size_t kMaxBalancedAtOnce = 1000;

io::Note note(LogLevel level, std::string text) {
    return io::Note{{level, std::move(text)}};
}

/// The line for the log when a broker's state changed.
std::string describe(const BrokerStateChanged& change, Cause cause) {
    using State = BrokerStateChanged::State;
    const auto id = change.broker;
    switch (change.state) {
    case State::Registered:
        return fmt::format("controller: broker {} registered with epoch {}", id, change.epoch);
    case State::Unfenced:
        return fmt::format("controller: broker {} is in service", id);
    case State::ShuttingDown:
        return fmt::format("controller: broker {} is shutting down, its leaderships move", id);
    case State::ShutDown:
        return fmt::format("controller: broker {} may stop", id);
    case State::Fenced:
        break;
    }
    return fmt::format("controller: broker {} is fenced{}", id,
                       cause == Cause::SessionTimeout ? ", it was not heard of for its session" : "");
}

}  // namespace

Controller::Controller(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Controller::Controller(const Controller& other) : m_state(std::make_unique<State>(*other.m_state)) {}
Controller::Controller(Controller&&) noexcept = default;
Controller& Controller::operator=(Controller&&) noexcept = default;
Controller::~Controller() = default;

Result<Controller> Controller::boot(ControllerConfig config, io::BootDisk& disk, Now) {
    auto log = TRY(MetadataLog::boot(config.node.value, config.directoryId, disk));
    metadata::Image image;
    for (const auto& batch : log.batches())
        TRY(image.applyBatch(batch.bytes));
    const metadata::ConfigResolver configs(image, config.node.value, config.settings);
    const Milliseconds session(configs.brokerNumber("broker.session.timeout.ms"));
    ClusterControl cluster(config.clusterId, config.mutants.has(odradek::Mutant::NeverFence)
                                                 ? Milliseconds(24LL * 3600 * 1000)
                                                 : session);
    return Controller(std::unique_ptr<State>(new State{.config = std::move(config),
                                                       .log = std::move(log),
                                                       .image = std::move(image),
                                                       .cluster = std::move(cluster),
                                                       .prng = Prng(0)}));
}

void Controller::step(Now now, const io::Event& event, io::Effects& effects) {
    auto& state = *m_state;
    if (state.hasFailed)
        return;
    if (!state.isStarted)
        state.start(now, effects);
    state.onEvent(now, event, effects);
    state.runTimers(now, effects);
    state.sendOwed(now, effects);
    state.failIfDiskFailed(effects);
}

Instant Controller::nextWake() const {
    return m_state->nextWake();
}

std::unique_ptr<io::Core> Controller::clone() const {
    return std::make_unique<Controller>(*this);
}

const metadata::Image& Controller::image() const {
    return m_state->image;
}

ControllerView Controller::inspect(std::uint64_t eventsSince) const {
    const auto& state = *m_state;
    ControllerView view{.image = state.image,
                        .logEnd = state.log.endOffset(),
                        .highWatermark = state.log.highWatermark(),
                        .epoch = state.log.epoch(),
                        .events = state.events.since(eventsSince),
                        .lastEvent = state.events.last()};
    for (const auto& [id, session] : state.cluster.sessions())
        if (const auto* broker = state.image.broker(id))
            view.brokers[id] = {session.lastContact, session.metadataOffset, broker->inControlledShutdown};
    return view;
}

void Controller::State::start(Now now, io::Effects& effects) {
    isStarted = true;
    if (!log.cutNote().empty())
        effects.push_back(note(LogLevel::Warning, "controller: " + log.cutNote()));
    log.becomeLeader(now, effects);
    image.applyLeaderChange(config.node.value, log.epoch(), log.endOffset() - 1);
    // Each life draws from its own sequence, so that ids of deleted topics do not come back.
    prng = Prng(config.seed ^ (static_cast<std::uint64_t>(log.epoch()) * 0x9e3779b97f4a7c15ull));
    events.add(now, Cause::Startup, ControllerElected{config.node.value, log.epoch()});
    commit(bootstrapRecords(image), Cause::Startup, now, effects);
    cluster.activate(image, now.at);
    const auto configs = context(now).configs();
    if (configs.brokerFlag("auto.leader.rebalance.enable"))
        nextBalance = now.at + std::chrono::seconds(configs.brokerNumber("leader.imbalance.check.interval.seconds"));
    effects.push_back(note(LogLevel::Info, fmt::format("controller: node {} leads the metadata log in epoch {}, {} "
                                                       "topics, {} brokers known",
                                                       config.node.value, log.epoch(), image.topics().size(),
                                                       image.brokers().size())));
}

void Controller::State::onEvent(Now now, const io::Event& event, io::Effects& effects) {
    if (const auto* accepted = std::get_if<io::Accepted>(&event)) {
        connections[accepted->connection];
    } else if (const auto* frame = std::get_if<io::FrameIn>(&event)) {
        onFrame(now, *frame, effects);
    } else if (const auto* closed = std::get_if<io::Closed>(&event)) {
        connections.erase(closed->connection);
        cluster.onClosed(closed->connection);
    } else if (const auto* done = std::get_if<io::DiskDone>(&event)) {
        log.onDisk(*done, effects);
    }
}

void Controller::State::commit(const Records& records, Cause cause, Now now, io::Effects& effects) {
    if (records.empty())
        return;
    auto delta = image.apply(records, log.endOffset());
    ODRADEK_CHECK(delta.has_value(), "records of the controller always fit its image");
    log.append(records, now, effects);
    const auto before = events.last();
    events.addFrom(now, cause, *delta, image);
    std::size_t elected = 0;
    for (const auto& event : events.since(before)) {
        if (const auto* change = std::get_if<BrokerStateChanged>(&event.what))
            effects.push_back(note(LogLevel::Info, describe(*change, cause)));
        elected += std::holds_alternative<LeaderElected>(event.what) ? 1 : 0;
    }
    if (elected > 0)
        effects.push_back(note(LogLevel::Info, fmt::format("controller: {} partition(s) changed leader", elected)));
}

void Controller::State::runTimers(Now now, io::Effects& effects) {
    while (const auto broker = cluster.nextExpired(image, now.at))
        commit(ClusterControl::fence(context(now), *broker), Cause::SessionTimeout, now, effects);
    if (nextBalance <= now.at) {
        const auto records = electPreferred(context(now), kMaxBalancedAtOnce);
        commit(records, Cause::PreferredBalance, now, effects);
        const auto seconds = context(now).configs().brokerNumber("leader.imbalance.check.interval.seconds");
        nextBalance = records.size() == kMaxBalancedAtOnce ? now.at : now.at + std::chrono::seconds(seconds);
    }
}

void Controller::State::sendOwed(Now now, io::Effects& effects) {
    const auto durable = log.highWatermark();
    for (auto& [connection, owed] : connections) {
        while (!owed.empty()) {
            auto& first = owed.front();
            if (first.fetch) {
                // A request behind a waiting fetch ends the wait: answers keep the order of the requests.
                if (first.fetch->offset >= durable && first.fetch->deadline > now.at && owed.size() == 1)
                    break;
                first.frame = finishFetch(*first.fetch);
            } else if (first.afterOffset >= durable) {
                break;
            }
            effects.push_back(io::SendFrame{connection, std::move(first.frame)});
            owed.pop_front();
        }
    }
}

void Controller::State::failIfDiskFailed(io::Effects& effects) {
    if (!log.failure())
        return;
    hasFailed = true;
    effects.push_back(note(LogLevel::Error, "controller: stops, its metadata log cannot be written: " +
                                                log.failure()->message));
    for (const auto& [connection, owed] : connections)
        effects.push_back(io::CloseConnection{connection});
    connections.clear();
}

Instant Controller::State::nextWake() const {
    if (hasFailed)
        return Instant::never();
    if (!isStarted)
        return Instant{};
    auto wake = std::min(cluster.nextExpiry(image), nextBalance);
    for (const auto& [connection, owed] : connections)
        if (!owed.empty() && owed.front().fetch)
            wake = std::min(wake, owed.front().fetch->deadline);
    return wake;
}

}  // namespace odradek::quorum
