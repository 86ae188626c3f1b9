// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/fault_gate.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace odradek::real {
namespace {

constexpr Nanoseconds kDialMax = std::chrono::seconds(10);
/// An overtaken frame goes after this time even when no other comes.
constexpr Nanoseconds kOvertakenMax = std::chrono::milliseconds(20);

Instant nowAt() {
    return readNow().at;
}

}  // namespace

FaultGate::FaultGate(Executor::Impl& owner, std::shared_ptr<FaultPlan> plan)
    : m_owner(owner), m_plan(std::move(plan)), m_timer(owner.io()) {}

// ---- Taking
// --------------------------------------------------------------------------------------------------

bool FaultGate::takeSend(BrokerId node, const std::shared_ptr<Connection>& connection,
                         Chain& frame) {
    if (isOpen())
        return false;
    const auto peer = connection->peer();
    const LaneKey key{connection->core().slot, connection->core().life, connection->id().value,
                      false};
    if (!m_lanes.contains(key) && !m_plan->hasLinkFaults())
        return false;
    return take(key, node, peer, [connection, frame] { connection->send(frame); });
}

bool FaultGate::takeClose(BrokerId node, const std::shared_ptr<Connection>& connection) {
    if (isOpen() || std::dynamic_pointer_cast<TcpConnection>(connection))
        return false;
    const LaneKey key{connection->core().slot, connection->core().life, connection->id().value,
                      false};
    const auto known = m_lanes.find(key);
    if (known == m_lanes.end() && !m_plan->isCut(node, connection->peer()))
        return false;
    auto& lane = m_lanes[key];
    lane.from = node;
    lane.to = connection->peer();
    for (auto& late : lane.overtaken)
        lane.waiting.push_back(std::move(late));
    lane.overtaken.clear();
    lane.waiting.push_back({std::max(lane.last, nowAt()), [connection] { connection->close(); }});
    arm();
    return true;
}

bool FaultGate::takeReceived(BrokerId node, const std::shared_ptr<TcpConnection>& connection,
                             Bytes& frame) {
    if (isOpen())
        return false;
    const LaneKey key{connection->core().slot, connection->core().life, connection->id().value,
                      true};
    if (!m_lanes.contains(key) && !m_plan->hasLinkFaults())
        return false;
    return take(key, connection->peer(), node, [&owner = m_owner, connection, frame] {
        owner.receiveLate(connection->core(), connection->id(), frame);
    });
}

/// False when the lane is empty and the frame goes at once.
bool FaultGate::take(LaneKey key, BrokerId from, BrokerId to, std::function<void()> act) {
    const auto verdict = m_plan->judge(from, to);
    if (verdict.drop)
        return true;
    const auto known = m_lanes.find(key);
    const bool cut = m_plan->isCut(from, to);
    if (known == m_lanes.end() && !cut && !verdict.duplicate && !verdict.overtaken &&
        verdict.delay.count() == 0)
        return false;
    auto& lane = known == m_lanes.end() ? m_lanes[key] : known->second;
    lane.from = from;
    lane.to = to;
    const auto now = nowAt();
    lane.last = std::max(lane.last, now + verdict.delay);
    if (verdict.overtaken) {
        lane.overtaken.push_back({lane.last + kOvertakenMax, std::move(act)});
    } else {
        lane.waiting.push_back({lane.last, act});
        for (auto& late : lane.overtaken)
            lane.waiting.push_back({lane.last, std::move(late.act)});
        lane.overtaken.clear();
        if (verdict.duplicate)
            lane.waiting.push_back({lane.last, std::move(act)});
    }
    pump();
    return true;
}

bool FaultGate::holdsReading(BrokerId node, const std::shared_ptr<TcpConnection>& connection) {
    if (!m_plan || !m_plan->isCut(connection->peer(), node))
        return false;
    m_unread.push_back(connection);
    return true;
}

bool FaultGate::takeDial(CoreId core, BrokerId node, const io::Dial& dial) {
    if (!m_plan || (!m_plan->isCut(node, dial.node) && !m_plan->isCut(dial.node, node)))
        return false;
    m_dials.push_back({core, node, dial, nowAt() + kDialMax});
    arm();
    return true;
}

// ---- Letting go
// ----------------------------------------------------------------------------------------------

void FaultGate::pump() {
    if (m_pumping)
        return;
    m_pumping = true;
    const auto now = nowAt();
    // What goes may be answered at once within this process and come back here; lanes are only
    // added, never removed, while this runs, and a map keeps its entries in place.
    for (auto lane = m_lanes.begin(); lane != m_lanes.end(); ++lane)
        pumpLane(lane->second, now);
    std::erase_if(m_lanes, [](const auto& lane) {
        return lane.second.waiting.empty() && lane.second.overtaken.empty();
    });
    pumpDials(now);
    if (!m_unread.empty()) {
        for (auto& each : std::exchange(m_unread, {}))
            if (auto connection = each.lock())
                connection->faultsChanged();
    }
    m_pumping = false;
    arm();
}

void FaultGate::pumpLane(Lane& lane, Instant now) {
    if (m_plan->isCut(lane.from, lane.to))
        return;
    while (!lane.waiting.empty() && lane.waiting.front().due <= now) {
        const auto act = std::move(lane.waiting.front().act);
        lane.waiting.pop_front();
        act();
    }
    std::vector<Waiting> ready;
    std::erase_if(lane.overtaken, [&](Waiting& late) {
        if (late.due > now)
            return false;
        ready.push_back(std::move(late));
        return true;
    });
    for (const auto& late : ready)
        late.act();
}

void FaultGate::pumpDials(Instant now) {
    std::vector<HeldDial> held;
    for (auto& each : std::exchange(m_dials, {})) {
        const bool cut =
            m_plan->isCut(each.node, each.dial.node) || m_plan->isCut(each.dial.node, each.node);
        if (!cut)
            m_owner.dialLate(each.core, each.dial);
        else if (each.giveUp <= now)
            m_owner.connectionLost(each.core, each.dial.connection);
        else
            held.push_back(std::move(each));
    }
    m_dials.insert(m_dials.end(), std::make_move_iterator(held.begin()),
                   std::make_move_iterator(held.end()));
}

void FaultGate::arm() {
    if (m_pumping)
        return;
    auto next = Instant::never();
    for (const auto& [key, lane] : m_lanes) {
        if (m_plan->isCut(lane.from, lane.to))
            continue;
        if (!lane.waiting.empty())
            next = std::min(next, lane.waiting.front().due);
        for (const auto& late : lane.overtaken)
            next = std::min(next, late.due);
    }
    for (const auto& each : m_dials)
        next = std::min(next, each.giveUp);
    if (next == Instant::never())
        return;
    m_timer.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(next.ns)));
    m_timer.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            pump();
    });
}

// ---- Who is it
// -----------------------------------------------------------------------------------------------

BrokerId peerOfFirstFrame(const Bytes& frame) {
    // Request header: api key (2), version (2), correlation id (4), client id (2 + length).
    const auto data = frame.span();
    if (data.size() < 10)
        return BrokerId(Fault::kClients);
    const std::size_t length = static_cast<std::size_t>(data[8]) << 8 | data[9];
    if (length > data.size() - 10)
        return BrokerId(Fault::kClients);
    const std::string_view name(reinterpret_cast<const char*>(data.data()) + 10, length);
    for (const std::string_view prefix : {"broker-", "raft-client-", "controller-"}) {
        if (!name.starts_with(prefix))
            continue;
        std::int32_t id = 0;
        const auto rest = name.substr(prefix.size());
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), id);
        if (error == std::errc() && (end == rest.data() + rest.size() || *end == '-'))
            return BrokerId(id);
    }
    return BrokerId(Fault::kClients);
}

}  // namespace odradek::real
