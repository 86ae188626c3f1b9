// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/broker.h"

#include <algorithm>
#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/dispatch.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/operations.h"
#include "engine/broker/replication/fetcher.h"
#include "engine/broker/replication/leader.h"
#include "engine/broker/waiters.h"

namespace odradek::broker {
namespace {

void onConnected(Step& s, ConnectionId id) {
    if (isControllerConnection(s.core.link, id))
        controllerConnected(s, id);
    else if (isFetcherConnection(s.core.fetchers, id))
        fetcherConnected(s, id);
    else
        s.out.push_back(io::CloseConnection{id});  // dialled for nobody any more
}

void onClosed(Step& s, ConnectionId id) {
    if (isControllerConnection(s.core.link, id))
        controllerClosed(s, id);
    else if (isFetcherConnection(s.core.fetchers, id))
        fetcherClosed(s, id);
    else
        clientClosed(s, id);
}

void onFrame(Step& s, const io::FrameIn& event) {
    if (s.core.closing)
        return;
    if (isControllerConnection(s.core.link, event.connection))
        controllerFrame(s, event.connection, event.frame);
    else if (isFetcherConnection(s.core.fetchers, event.connection))
        fetcherFrame(s, event.connection, event.frame);
    else
        clientFrame(s, event.connection, event.frame);
}

void groupsTick(Step& s) {
    if (s.core.groups.nextWake() > s.now.at)
        return;
    GroupOutputs out;
    s.core.groups.tick(s.now, out);
    carryOut(s, out);
}

void onTick(Step& s) {
    if (s.core.closing)
        return;
    controllerTick(s);
    expirePendings(s);
    groupsTick(s);
    if (s.core.isrCheckAt <= s.now.at)
        checkIsrs(s);
    if (s.core.isrRetryAt <= s.now.at)
        retryIsrChanges(s);
    operationsTick(s);
}

struct Dispatch {
    Step& s;
    void operator()(const io::Tick&) { onTick(s); }
    void operator()(const io::Accepted& event) { clientAccepted(s, event); }
    void operator()(const io::FrameIn& event) { onFrame(s, event); }
    void operator()(const io::Closed& event) { onClosed(s, event.connection); }
    void operator()(const io::Connected& event) { onConnected(s, event.connection); }
    void operator()(const io::DiskDone& event) { diskDone(s, event); }
};

/// What a step set in motion is carried to its end: waiters, frames that may now be looked at,
/// requests to others.
void finishStep(Step& s) {
    do {
        wakeTouched(s);
        resumeClients(s);
    } while (!s.core.touchedPartitions.empty());
    sendIsrChanges(s);
    if (!s.core.closing)
        pumpFetchers(s);
    s.core.connections.sweep();
    countAnswered(s);
}

}  // namespace

Broker::Broker(std::unique_ptr<BrokerCore> core) : m_core(std::move(core)) {}
Broker::Broker(const Broker& other)
    : io::Core(other), m_core(std::make_unique<BrokerCore>(*other.m_core)) {}
Broker::Broker(Broker&&) noexcept = default;
Broker& Broker::operator=(Broker&&) noexcept = default;
Broker::~Broker() = default;

Result<Broker> Broker::boot(Now now, BrokerConfig config, io::BootDisk& disk, std::uint64_t seed,
                            io::Effects& effects) {
    auto core = std::make_unique<BrokerCore>();
    core->config = std::move(config);
    core->random = Prng(seed);
    core->fetchSessions.setLimit(core->config.fetchSessionSlots);
    Step s{*core, now, effects};
    TRY_OK(openLogDir(s, disk));
    core->groups = GroupCoordinator(groupConfigOf(*core), core->random.next());
    startTimers(s);
    startControllerLink(s);
    return Broker(std::move(core));
}

void Broker::step(Now now, const io::Event& event, io::Effects& effects) {
    Step s{*m_core, now, effects};
    std::visit(Dispatch{s}, event);
    finishStep(s);
    shutdownMayProceed(s);
}

Instant Broker::nextWake() const {
    const auto& core = *m_core;
    if (core.closing)
        return Instant::never();
    return std::min({controllerWake(core), core.deadlines.next(), core.groups.nextWake(),
                     fetchersWake(core.fetchers), core.isrCheckAt, core.isrRetryAt,
                     operationsWake(core)});
}

std::unique_ptr<io::Core> Broker::clone() const {
    return std::make_unique<Broker>(*this);
}

void Broker::beginShutdown(Now now, io::Effects& effects) {
    Step s{*m_core, now, effects};
    startShutdown(s);
    finishStep(s);
    shutdownMayProceed(s);
}

bool Broker::shutdownComplete() const {
    return m_core->state == BrokerState::Stopped;
}

BrokerState Broker::state() const {
    return m_core->state;
}

void Broker::setDiskSpace(std::int64_t totalBytes, std::int64_t usableBytes) {
    m_core->diskTotal = totalBytes;
    m_core->diskUsable = usableBytes;
}

}  // namespace odradek::broker
