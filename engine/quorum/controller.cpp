// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/controller.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/quorum/controller_state.h"
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

/// A setting by Kafka's name, which need not be among those we publish.
Result<std::int64_t> numberOf(const metadata::ConfigMap& settings, std::string_view name, std::int64_t fallback) {
    const auto found = settings.find(name);
    if (found == settings.end())
        return fallback;
    std::int64_t value = 0;
    const auto& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
        return fail(ErrorCode::Invalid, fmt::format("{}={} is not a number", name, text));
    return value;
}

Result<raft::RaftConfig> raftConfig(const ControllerConfig& config) {
    raft::RaftConfig raft{.node = config.node.value,
                          .directory = config.directoryId,
                          .clusterId = config.clusterId,
                          .seed = config.seed,
                          .listeners = config.listeners,
                          .mutants = config.raftMutants};
    const raft::Voter alone{.key = {config.node.value, {}}, .endpoints = config.listeners};
    raft.staticVoters = config.voters.value_or(raft::VoterSet({alone}));
    const auto read = [&](std::string_view name, Milliseconds& into) -> Result<void> {
        into = Milliseconds(TRY(numberOf(config.settings, name, into.count())));
        return {};
    };
    TRY_OK(read("controller.quorum.election.timeout.ms", raft.electionTimeout));
    TRY_OK(read("controller.quorum.election.backoff.max.ms", raft.electionBackoffMax));
    TRY_OK(read("controller.quorum.fetch.timeout.ms", raft.fetchTimeout));
    TRY_OK(read("controller.quorum.request.timeout.ms", raft.requestTimeout));
    TRY_OK(read("controller.quorum.retry.backoff.ms", raft.retryBackoff));
    raft.segmentBytes = TRY(numberOf(config.settings, "metadata.log.segment.bytes", raft.segmentBytes));
    return raft;
}

}  // namespace

Controller::Controller(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Controller::Controller(const Controller& other) : m_state(std::make_unique<State>(*other.m_state)) {}
Controller::Controller(Controller&&) noexcept = default;
Controller& Controller::operator=(Controller&&) noexcept = default;
Controller::~Controller() = default;

Result<Controller> Controller::boot(ControllerConfig config, io::BootDisk& disk, Now) {
    const metadata::Image none;
    const metadata::ConfigResolver configs(none, config.node.value, config.settings);
    const Milliseconds session(configs.brokerNumber("broker.session.timeout.ms"));
    const auto snapshotBytes = TRY(numberOf(config.settings, "metadata.log.max.record.bytes.between.snapshots",
                                            std::int64_t{20} << 20));
    const auto snapshotMs = TRY(numberOf(config.settings, "metadata.log.max.snapshot.interval.ms", 3'600'000));
    auto raft = TRY(raft::Raft::boot(TRY(raftConfig(config)), disk));
    ClusterControl cluster(config.clusterId, config.mutants.has(odradek::Mutant::NeverFence)
                                                 ? Milliseconds(24LL * 3600 * 1000)
                                                 : session);
    Prng random(config.seed ^ static_cast<std::uint64_t>(raft.epoch()));
    Uuid incarnation;
    for (auto& byte : incarnation.bytes)
        byte = static_cast<std::uint8_t>(random.next());
    const auto join = config.settings.find("controller.quorum.auto.join.enable");
    const bool joins = join != config.settings.end() && join->second == "true";
    auto state = std::make_unique<State>(State{.config = std::move(config),
                                               .raft = std::move(raft),
                                               .cluster = std::move(cluster),
                                               .prng = Prng(0),
                                               .incarnation = incarnation,
                                               .joins = joins,
                                               .snapshotBytes = snapshotBytes,
                                               .snapshotInterval = Milliseconds(snapshotMs)});
    // What is committed becomes known later; what a snapshot holds is.
    TRY_OK(state->applyCommitted());
    return Controller(std::move(state));
}

void Controller::step(Now now, const io::Event& event, io::Effects& effects) {
    auto& state = *m_state;
    if (state.hasFailed)
        return;
    if (!state.isStarted)
        state.start(now, effects);
    state.onEvent(now, event, effects);
    state.settle(now, effects);
}

void Controller::beginShutdown(Now now, io::Effects& effects) {
    if (m_state->hasFailed || !m_state->isStarted)
        return;
    m_state->raft.resign(now, raft::Reason::Shutdown);
    m_state->settle(now, effects);
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

bool Controller::isActive() const {
    return m_state->isActive;
}

const raft::Raft& Controller::raft() const {
    return m_state->raft;
}

ControllerView Controller::inspect(std::uint64_t eventsSince) const {
    const auto& state = *m_state;
    ControllerView view{.image = state.image,
                        .quorum = state.quorumView({}),
                        .logEnd = state.raft.endOffset(),
                        .highWatermark = state.raft.highWatermark(),
                        .epoch = state.raft.epoch(),
                        .events = state.events.since(eventsSince),
                        .lastEvent = state.events.last()};
    if (!state.isActive)
        return view;
    for (const auto& [id, session] : state.cluster.sessions())
        if (const auto* broker = state.image.broker(id))
            view.brokers[id] = {session.lastContact, session.metadataOffset, broker->inControlledShutdown};
    return view;
}

void Controller::State::start(Now now, io::Effects& effects) {
    isStarted = true;
    if (snapshotInterval.count() > 0)
        nextSnapshot = now.at + snapshotInterval;
    if (!raft.store().cutNote().empty())
        effects.push_back(note(LogLevel::Warning, "controller: " + raft.store().cutNote()));
    raft.start(now, effects);
}

void Controller::State::settle(Now now, io::Effects& effects) {
    raft.tick(now, effects);
    follow(now, effects);
    if (isActive)
        for (const auto& frame : std::exchange(early, {}))
            onFrame(now, frame, effects);
    if (isActive)
        runTimers(now, effects);
    registerSelf(now, effects);
    joinVoters(now, effects);
    pump(now, effects);
    sendOwed(now, effects);
    if (raft.failure() && !hasFailed)
        failWith("its metadata log cannot be written: " + raft.failure()->message, effects);
}

void Controller::State::onEvent(Now now, const io::Event& event, io::Effects& effects) {
    if (const auto* accepted = std::get_if<io::Accepted>(&event)) {
        connections[accepted->connection];
    } else if (const auto* frame = std::get_if<io::FrameIn>(&event)) {
        if (const auto peer = peers.peerOf(frame->connection))
            raft.onPeerFrame(now, *peer, frame->frame, effects);
        else if (!isActive && raft.voters().isOnly(config.node.value) && raft.isVoter())
            early.push_back(*frame);
        else
            onFrame(now, *frame, effects);
    } else if (const auto* up = std::get_if<io::Connected>(&event)) {
        if (const auto peer = peers.peerOf(up->connection))
            peers.connected(*peer, effects);
    } else if (const auto* closed = std::get_if<io::Closed>(&event)) {
        if (const auto peer = peers.peerOf(closed->connection))
            raft.onPeerClosed(now, *peer, peers.closed(*peer), effects);
        connections.erase(closed->connection);
        cluster.onClosed(closed->connection);
    } else if (const auto* done = std::get_if<io::DiskDone>(&event)) {
        raft.onDisk(now, *done, effects);
    }
}

/// Sends to the other controllers what Raft wants.
void Controller::State::pump(Now now, io::Effects& effects) {
    for (const auto peer : raft.takeDrops())
        peers.drop(peer, effects);
    std::vector<raft::Outgoing> out;
    raft.pump(now, out, effects);
    for (auto& [peer, frame] : out)
        peers.send(peer, std::move(frame), effects);
}

void Controller::State::commit(const Records& records, Cause cause, Now now, io::Effects& effects) {
    if (records.empty())
        return;
    ODRADEK_CHECK(isActive, "only the active controller writes");
    auto delta = image.apply(records, raft.endOffset());
    ODRADEK_CHECK(delta.has_value(), "records of the controller always fit its image");
    std::vector<Bytes> values;
    values.reserve(records.size());
    for (const auto& record : records)
        values.push_back(metadata::encodeRecord(record));
    raft.append(values, now, effects);
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
    const auto committed = raft.highWatermark();
    for (auto& [connection, owed] : connections) {
        while (!owed.empty()) {
            auto& first = owed.front();
            if (first.afterState > raft.durableState())
                break;
            if (first.fetch) {
                // A request behind a waiting fetch ends the wait: answers keep the order of the requests.
                if (!raft.isDue(*first.fetch, now.at) && owed.size() == 1)
                    break;
                first.frame = raft.finishFetch(*first.fetch);
            } else if (first.afterOffset >= committed) {
                break;
            }
            effects.push_back(io::SendFrame{connection, std::move(first.frame)});
            owed.pop_front();
        }
    }
}

void Controller::State::failWith(const std::string& why, io::Effects& effects) {
    hasFailed = true;
    isActive = false;
    effects.push_back(note(LogLevel::Error, "controller: stops, " + why));
    for (const auto& [connection, owed] : connections)
        effects.push_back(io::CloseConnection{connection});
    connections.clear();
    for (const auto& [id, voter] : raft.voters().all())
        peers.drop(id, effects);
}

Instant Controller::State::nextWake() const {
    if (hasFailed)
        return Instant::never();
    if (!isStarted)
        return Instant{};
    auto wake = std::min(raft.nextWake(), nextSnapshot);
    if (!isActive && raft.role() == raft::Role::Follower && !isRegistered())
        wake = std::min(wake, registerAt);
    if (wantsToJoin())
        wake = std::min(wake, joinAt);
    if (isActive)
        wake = std::min({wake, cluster.nextExpiry(image), nextBalance});
    for (const auto& [connection, owed] : connections)
        if (!owed.empty() && owed.front().fetch)
            wake = std::min(wake, owed.front().fetch->deadline);
    return wake;
}

}  // namespace odradek::quorum
