// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/fault_plan.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace odradek::real {
namespace {

constexpr std::size_t kChangesKept = 1000;
constexpr std::uint64_t kAllHundredths = 10'000;

std::int64_t wallNow() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// What an ordinary SSD takes.
Nanoseconds nominalTime(DiskOperation operation, std::size_t bytes) {
    if (operation == DiskOperation::Flush || operation == DiskOperation::Other)
        return Nanoseconds(500'000);
    return Nanoseconds(50'000 + 2 * static_cast<std::int64_t>(bytes));
}

bool samePlace(const Fault& a, const Fault& b) {
    if (a.kind != b.kind)
        return false;
    if (placeOf(a.kind) != FaultPlace::Link)
        return a.broker == b.broker;
    const bool straight = a.broker == b.broker && a.peer == b.peer;
    const bool crossed = a.broker == b.peer && a.peer == b.broker;
    return a.oneWay == b.oneWay && (straight || (crossed && !a.oneWay));
}

}  // namespace

// ---- What is active ------------------------------------------------------------------------------------------

std::uint64_t FaultPlan::add(Fault fault) {
    std::lock_guard lock(m_mutex);
    fault.sinceMs = wallNow();
    auto same = std::find_if(m_active.begin(), m_active.end(), [&](const Fault& f) { return samePlace(f, fault); });
    fault.id = same == m_active.end() ? m_nextId++ : same->id;
    if (same == m_active.end())
        m_active.push_back(fault);
    else
        *same = fault;
    changed(fault, false);
    return fault.id;
}

std::optional<Fault> FaultPlan::remove(std::uint64_t id) {
    const auto ended = removeIf([&](const Fault& fault) { return fault.id == id; });
    return ended.empty() ? std::nullopt : std::optional(ended.front());
}

std::vector<Fault> FaultPlan::removeIf(const std::function<bool(const Fault&)>& ends) {
    std::vector<Fault> ended;
    std::lock_guard lock(m_mutex);
    std::erase_if(m_active, [&](const Fault& fault) {
        if (!ends(fault))
            return false;
        ended.push_back(fault);
        return true;
    });
    for (const auto& fault : ended)
        changed(fault, true);
    return ended;
}

/// With the lock held.
void FaultPlan::changed(const Fault& fault, bool healed) {
    if (m_changes.size() >= kChangesKept)
        m_changes.erase(m_changes.begin());
    m_changes.push_back({m_nextChange++, wallNow(), healed, fault});
    m_linkFaults = std::any_of(m_active.begin(), m_active.end(),
                               [](const Fault& f) { return placeOf(f.kind) == FaultPlace::Link; });
    m_disksMayGo.notify_all();
}

std::vector<Fault> FaultPlan::active() const {
    std::lock_guard lock(m_mutex);
    return m_active;
}

std::optional<Fault> FaultPlan::find(std::uint64_t id) const {
    std::lock_guard lock(m_mutex);
    for (const auto& fault : m_active)
        if (fault.id == id)
            return fault;
    return std::nullopt;
}

std::vector<FaultChange> FaultPlan::changesSince(std::uint64_t sequence) const {
    std::lock_guard lock(m_mutex);
    const auto from = std::find_if(m_changes.begin(), m_changes.end(),
                                   [&](const FaultChange& change) { return change.sequence > sequence; });
    return {from, m_changes.end()};
}

// ---- Links ---------------------------------------------------------------------------------------------------

bool FaultPlan::concerns(const Fault& fault, Direction direction) {
    return (fault.broker == direction.first && fault.peer == direction.second) ||
           (!fault.oneWay && fault.broker == direction.second && fault.peer == direction.first);
}

bool FaultPlan::isCut(BrokerId from, BrokerId to) const {
    if (!hasLinkFaults() || from == to)
        return false;
    std::lock_guard lock(m_mutex);
    return std::any_of(m_active.begin(), m_active.end(), [&](const Fault& fault) {
        return fault.kind == FaultKind::LinkCut && concerns(fault, {from.value, to.value});
    });
}

LinkVerdict FaultPlan::judge(BrokerId from, BrokerId to) {
    LinkVerdict verdict;
    if (!hasLinkFaults() || from == to)
        return verdict;
    const Direction direction{from.value, to.value};
    std::lock_guard lock(m_mutex);
    auto [chance, isNew] = m_chance.try_emplace(direction);
    if (isNew)
        chance->second = Prng(m_seed ^ (static_cast<std::uint64_t>(static_cast<std::uint32_t>(from.value)) << 32 |
                                        static_cast<std::uint32_t>(to.value)));
    const auto hits = [&](const Fault& fault) {
        return chance->second.chance(static_cast<std::uint64_t>(fault.amount), kAllHundredths);
    };
    for (const auto& fault : m_active) {
        if (!concerns(fault, direction))
            continue;
        if (fault.kind == FaultKind::LinkDrop)
            verdict.drop = hits(fault) || verdict.drop;
        else if (fault.kind == FaultKind::LinkDuplicate)
            verdict.duplicate = hits(fault) || verdict.duplicate;
        else if (fault.kind == FaultKind::LinkReorder)
            verdict.overtaken = hits(fault) || verdict.overtaken;
        else if (fault.kind == FaultKind::LinkDelay)
            verdict.delay += Milliseconds(std::max<std::int64_t>(
                0, fault.amount + chance->second.between(-fault.jitterMs, fault.jitterMs)));
    }
    return verdict;
}

// ---- Disks ---------------------------------------------------------------------------------------------------

bool FaultPlan::hasDiskFaults(BrokerId node) const {
    std::lock_guard lock(m_mutex);
    return std::any_of(m_active.begin(), m_active.end(), [&](const Fault& fault) {
        return placeOf(fault.kind) == FaultPlace::Disk && fault.broker == node.value;
    });
}

Result<void> FaultPlan::beforeDisk(BrokerId node, DiskOperation operation, std::size_t bytes) {
    using Clock = std::chrono::steady_clock;
    std::unique_lock lock(m_mutex);
    const auto active = [&](FaultKind kind) -> const Fault* {
        for (const auto& fault : m_active)
            if (fault.kind == kind && fault.broker == node.value)
                return &fault;
        return nullptr;
    };
    const auto begin = Clock::now();
    // A fault that is healed or changed meanwhile ends or changes the wait.
    for (const Fault* slow = active(FaultKind::DiskSlow); slow != nullptr; slow = active(FaultKind::DiskSlow)) {
        const auto end = begin + nominalTime(operation, bytes) * (slow->amount - 1);
        if (m_abandoned.contains(node) || Clock::now() >= end)
            break;
        m_disksMayGo.wait_until(lock, end);
    }
    if (operation == DiskOperation::Write && active(FaultKind::DiskFull))
        return fail(ErrorCode::NoSpace, fmt::format("no space left on the disk of node {} (a fault set on purpose)",
                                                    node.value));
    const auto broken = operation == DiskOperation::Read    ? active(FaultKind::DiskReadError)
                        : operation == DiskOperation::Write ? active(FaultKind::DiskWriteError)
                        : operation == DiskOperation::Flush ? active(FaultKind::DiskFlushError)
                                                            : nullptr;
    if (broken != nullptr)
        return fail(ErrorCode::Io, fmt::format("input/output error on the disk of node {} (a fault set on purpose)",
                                               node.value));
    return {};
}

void FaultPlan::setDiskAbandoned(BrokerId node, bool abandoned) {
    std::lock_guard lock(m_mutex);
    if (abandoned)
        m_abandoned.insert(node);
    else
        m_abandoned.erase(node);
    m_disksMayGo.notify_all();
}

// ---- Clocks --------------------------------------------------------------------------------------------------

ClockSkew FaultPlan::skewOf(BrokerId node) const {
    ClockSkew skew;
    std::lock_guard lock(m_mutex);
    for (const auto& fault : m_active) {
        if (fault.broker != node.value)
            continue;
        if (fault.kind == FaultKind::ClockJump)
            skew.wallOffsetMs = fault.amount;
        else if (fault.kind == FaultKind::ClockDrift)
            skew.driftPpm = fault.amount;
    }
    return skew;
}

}  // namespace odradek::real
