// SPDX-License-Identifier: GPL-3.0-or-later
// What an executor does differently while its nodes are paused, cut off, or have wrong clocks.
#include "engine/runtime/real/executor_acceptor.h"
#include "engine/runtime/real/executor_impl.h"
#include "engine/runtime/real/fault_gate.h"

namespace odradek::real {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

}  // namespace

// ---- Clocks --------------------------------------------------------------------------------------------------

std::int64_t NodeClock::driftedNs(Instant real) const {
    __extension__ using Wide = __int128;
    return static_cast<std::int64_t>(Wide{real.ns - m_since.ns} * m_skew.driftPpm / kMillion);
}

Now NodeClock::read(Now real) const {
    const auto drifted = driftedNs(real.at);
    return {Instant{real.at.ns + m_atOffsetNs + drifted},
            real.wallMs + m_skew.wallOffsetMs + (m_wallDriftNs + drifted) / kMillion};
}

Instant NodeClock::toReal(Instant own) const {
    __extension__ using Wide = __int128;
    if (own == Instant::never())
        return own;
    const auto sinceOwn = own.ns - m_atOffsetNs - m_since.ns;
    if (m_skew.driftPpm == 0)
        return Instant{m_since.ns + sinceOwn};
    // Rounded up: a core must not find itself woken before its time, again and again.
    const auto rate = kMillion + m_skew.driftPpm;
    return Instant{m_since.ns + static_cast<std::int64_t>(Wide{sinceOwn} * kMillion / rate) + 1};
}

void NodeClock::set(ClockSkew skew, Instant realNow) {
    const auto drifted = driftedNs(realNow);
    m_atOffsetNs += drifted;
    m_wallDriftNs = skew.driftPpm == 0 ? 0 : m_wallDriftNs + drifted;
    m_since = realNow;
    m_skew = skew;
}

void Executor::Impl::setClock(CoreId id, ClockSkew skew) {
    post([self = shared_from_this(), id, skew] {
        if (auto* slot = self->find(id)) {
            self->readClocks();
            slot->clock.set(skew, self->m_now.at);
            slot->wake = slot->clock.toReal(slot->core->nextWake());
        }
    });
}

// ---- Pauses --------------------------------------------------------------------------------------------------

void Executor::Impl::pause(CoreId id) {
    std::promise<void> paused;
    auto answer = paused.get_future();
    post([&] {
        if (auto* slot = find(id))
            slot->paused = true;
        paused.set_value();
    });
    answer.get();
}

void Executor::Impl::resume(CoreId id) {
    post([self = shared_from_this(), id] {
        auto* slot = self->find(id);
        if (slot == nullptr || !slot->paused)
            return;
        slot->paused = false;
        slot->stepped = true;
        for (auto& event : std::exchange(slot->frozen, {}))
            self->enqueue(id, std::move(event));
        for (auto& each : std::exchange(slot->unread, {}))
            if (auto connection = each.lock())
                connection->faultsChanged();
        for (auto& acceptor : std::exchange(slot->unaccepted, {}))
            acceptor->wait();
    });
}

bool Executor::Impl::holdsAccepting(CoreId core, const std::shared_ptr<Acceptor>& acceptor) {
    auto* slot = find(core);
    if (slot == nullptr || !slot->paused)
        return false;
    slot->unaccepted.push_back(acceptor);
    return true;
}

bool Executor::Impl::holdsReading(const std::shared_ptr<TcpConnection>& connection) {
    auto* slot = find(connection->core());
    if (slot == nullptr)
        return false;
    if (slot->paused) {
        slot->unread.push_back(connection);
        return true;
    }
    return m_gate->holdsReading(slot->node, connection);
}

// ---- Links ---------------------------------------------------------------------------------------------------

void Executor::Impl::faultsChanged() {
    post([self = shared_from_this()] { self->m_gate->pump(); });
}

void Executor::Impl::sendFrame(Slot& slot, const std::shared_ptr<Connection>& connection, Chain& frame) {
    if (!m_gate->takeSend(slot.node, connection, frame))
        connection->send(std::move(frame));
}

void Executor::Impl::received(const std::shared_ptr<TcpConnection>& connection, Bytes frame) {
    auto* slot = find(connection->core());
    if (slot != nullptr && !m_gate->takeReceived(slot->node, connection, frame))
        enqueue(connection->core(), io::FrameIn{connection->id(), std::move(frame)});
}

void Executor::Impl::receiveLate(CoreId core, ConnectionId id, Bytes frame) {
    auto* slot = find(core);
    if (slot != nullptr && slot->connections.contains(id.value))
        enqueue(core, io::FrameIn{id, std::move(frame)});
}

void Executor::Impl::dialLate(CoreId core, const io::Dial& dialled) {
    auto* slot = find(core);
    if (slot != nullptr && slot->connections.contains(dialled.connection.value))
        dial(core, *slot, dialled);
}

}  // namespace odradek::real
