// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/trial.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/runtime/sim/group_checks.h"

namespace odradek::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanoseconds kLookGap = milliseconds(20);
constexpr Nanoseconds kLookGapAtEnd = milliseconds(100);
constexpr Nanoseconds kFreshAfter = milliseconds(300);
constexpr Nanoseconds kCoreMax = seconds(15);        ///< a core comes back within this time
constexpr std::uint64_t kCoreAckedMin = 50;          ///< and then does at least that much ...
constexpr Nanoseconds kCoreActsMax = seconds(10);    ///< ... within that

/// A broken invariant of a core, on its way out of the world.
struct BrokenInvariant : std::runtime_error {
    using std::runtime_error::runtime_error;
};
[[noreturn]] void throwBroken(const std::string& message) {
    throw BrokenInvariant(message);
}

}  // namespace

void Trial::violate(std::string what) {
    if (!m_violation)
        m_violation = Violation{m_world.now().at, m_world.steps(), std::move(what)};
    m_ended = true;
}

std::vector<const GroupHistory*> Trial::members() const {
    std::vector<const GroupHistory*> all;
    for (const auto* member : apps<GroupMemberApp>(m_group))
        all.push_back(&member->history());
    return all;
}

std::uint64_t Trial::ackedNow() const {
    std::uint64_t acked = 0;
    for (const auto* producer : apps<ProducerApp>(m_producers))
        acked += producer->acked();
    return acked;
}

TrialReport Trial::report() const {
    TrialReport report;
    report.violation = m_violation;
    report.simulated = m_world.now().at - m_start;
    report.steps = m_world.steps();
    report.traceHash = m_world.traceHash();
    report.acked = ackedNow();
    for (const auto* producer : apps<ProducerApp>(m_producers))
        report.failed += producer->failed();
    for (const auto* member : apps<GroupMemberApp>(m_group)) {
        report.commits += member->history().commits.size();
        report.generations += member->generations();
    }
    report.isrChanges = m_watch.isrChanges();
    report.elections = m_watch.elections();
    report.faults = m_faults;
    report.history = m_history;
    report.happened = m_happened;
    return report;
}

TrialReport Trial::run() {
    while (!m_ended)
        runTo(m_world.now().at - m_start + seconds(1));
    return report();
}

void Trial::runTo(Nanoseconds until) {
    const auto before = setCheckHandler(&throwBroken);
    try {
        advance(from(until));
    } catch (const BrokenInvariant& broken) {
        violate(broken.what());
    }
    setCheckHandler(before);
}

void Trial::advance(Instant until) {
    while (!m_ended) {
        const auto due = nextDue();
        m_world.runUntil(std::min(due, until));
        if (due > until)
            return;
        act();
    }
}

Instant Trial::nextDue() const {
    auto due = std::min(m_healAt, m_nextLook);
    if (m_phase == Phase::Faults && m_nextFault < m_plan.size())
        due = std::min(due, m_plan[m_nextFault].at);
    for (const auto& later : m_laters)
        due = std::min(due, later.at);
    return due;
}

void Trial::act() {
    const auto now = m_world.now().at;
    if (m_healAt <= now) {
        if (m_withCore && m_phase == Phase::Faults)
            beginCore();
        else
            heal();
    }
    for (std::size_t i = 0; i < m_laters.size() && !m_ended;) {
        if (m_laters[i].at > now) {
            ++i;
            continue;
        }
        const auto later = m_laters[i];
        m_laters.erase(m_laters.begin() + static_cast<std::ptrdiff_t>(i));
        doLater(later);
    }
    if (m_phase == Phase::Faults && m_nextFault < m_plan.size() && m_plan[m_nextFault].at <= now)
        injectNumber(m_nextFault++);
    if (!m_ended && m_nextLook <= now)
        look();
}

void Trial::look() {
    m_nextLook = m_world.now().at + (m_phase == Phase::Faults ? kLookGap : kLookGapAtEnd);
    if (auto finding = m_watch.look(m_world, m_cluster))
        return violate(*finding);
    if (m_wiped && isrIsWhole()) {
        m_wiped = false;
        m_suspect = BrokerId(-1);
    }
    if (m_phase == Phase::Core)
        lookAtCore();
    else if (m_phase == Phase::Settling)
        maybeEnd();
}

// ---- The core
// --------------------------------------------------------------------------------------------------

/// Whether the others can go on without that node for good: each partition has a replica in sync among those of them
/// that live.
bool Trial::mayStayAway(BrokerId node) const {
    const auto* controller = m_cluster.controller(m_world);
    if (controller == nullptr || !controller->isActive() || m_cluster.node(node).controller ||
        m_suspect.value >= 0)
        return false;
    const auto& image = controller->image();
    const auto lives = [&](std::int32_t member) {
        const auto* known = image.broker(member);
        const auto* broker = Cluster::brokerOf(m_world, m_cluster.node(BrokerId(member)));
        return member != node.value && known != nullptr && known->isActive() && broker != nullptr &&
               broker->state() == broker::BrokerState::Running &&
               known->epoch == broker->inspect(m_world.now()).epoch.value;
    };
    // It may have asked for an ISR of its own: not while nobody can tell.
    if (asksForIsr(m_world, m_cluster.node(node)))
        return false;
    for (const auto& [id, topic] : image.topics())
        for (const auto& partition : topic->partitions)
            if (std::none_of(partition->isr.begin(), partition->isr.end(), lives))
                return false;
    return true;
}

/// Heals everything; then one node dies for good, as soon as the others could do without it.
void Trial::beginCore() {
    heal();
    m_phase = Phase::Core;
    m_coreUntil = m_world.now().at + kCoreMax;
}

void Trial::chooseAway() {
    const auto now = m_world.now().at;
    // Who still counts as alive after that time has been heard of.
    if (now < m_coreUntil - kCoreMax + milliseconds(m_sessionMs) + kFreshAfter)
        return;
    std::vector<BrokerId> some;
    for (const auto& node : m_cluster.nodes())
        if (mayStayAway(node.id))
            some.push_back(node.id);
    if (some.empty()) {
        if (now >= m_coreUntil)
            heal();
        return;
    }
    m_away = some[m_random.below(some.size())];
    m_coreUntil = now + kCoreMax;
    if (m_cluster.node(m_away).up)
        m_cluster.crash(m_world, m_away, false);
    std::erase_if(m_laters, [&](const auto& later) { return later.node == m_away; });
    tell(fmt::format("node {} stays away, all others are well", m_away.value));
}

void Trial::lookAtCore() {
    if (m_away.value < 0)
        return chooseAway();
    const auto now = m_world.now().at;
    if (!m_coreAcked) {
        const auto open = notLive(m_world, m_cluster, m_away);
        if (!open) {
            m_coreAcked = ackedNow();
            m_coreUntil = now + kCoreActsMax;
        } else if (now >= m_coreUntil) {
            violate("the core does not come back: " + *open);
        }
        return;
    }
    bool allDone = now >= from(m_options.length - seconds(2));
    for (const auto* producer : apps<ProducerApp>(m_producers))
        allDone = allDone && producer->done(now);
    if (ackedNow() >= *m_coreAcked + kCoreAckedMin || allDone) {
        m_away = BrokerId(-1);
        heal();
    } else if (now >= m_coreUntil) {
        violate(fmt::format("the core acks nothing: {} records since it came back",
                            ackedNow() - *m_coreAcked));
    }
}

// ---- The end
// ---------------------------------------------------------------------------------------------------

void Trial::heal() {
    m_healAt = Instant::never();
    m_phase = Phase::Settling;
    m_world.healNetwork();
    m_troubled.clear();
    m_rolling.clear();
    for (auto& later : m_laters)
        later.at = m_world.now().at;
    std::erase_if(m_laters, [](const auto& one) { return one.what == Later::What::StopNext; });
    for (const auto& node : m_cluster.nodes()) {
        m_world.setDrift(node.id.value, 0);
        m_cluster.resume(m_world, node.id);
        auto& disk = m_world.disk(node.disk);
        disk.setTrouble({});
        disk.setSlowness(1);
        disk.stopMisplacing();
        if (!node.up &&
            std::none_of(m_laters.begin(), m_laters.end(), [&](const auto& one) {
                return one.what == Later::What::Restart && one.node == node.id;
            }))
            m_laters.push_back({m_world.now().at, Later::What::Restart, node.id, {}, 0});
    }
    // When nothing of what was sent before can arrive any more.
    m_laters.push_back({m_world.now().at + seconds(5), Later::What::Insist, BrokerId(-1), {}, 0});
    tell("all is healed");
}

/// Why the trial cannot end yet.
Finding Trial::notDone() const {
    const auto now = m_world.now().at;
    for (const auto* producer : apps<ProducerApp>(m_producers))
        if (!producer->done(now))
            return fmt::format("producer {} still has {} records", producer->producer(),
                               producer->client().unacked());
    const auto* admin = static_cast<const AdminApp*>(m_world.core(m_admin));
    if (!admin->done() || !m_insisted)
        return "the administrator waits for " + admin->waitsFor();
    if (auto open = judgeMetadata(m_world, m_cluster, *admin))
        return open;
    const auto& image = m_cluster.controller(m_world)->image();
    const auto all = members();
    for (std::uint32_t i = 0; i < m_partitions.size(); ++i) {
        const auto end = endOf(m_world, m_cluster, image, m_partitions[i]).value;
        const auto name = fmt::format("{}-{}", m_partitions[i].topic, m_partitions[i].partition);
        for (const auto* consumer : apps<ConsumerApp>(m_consumers))
            if (const auto seen = static_cast<std::int64_t>(consumer->seen()[i].size());
                seen < end && consumer->problems().empty())
                return fmt::format("a consumer of {} has read {} of {}", name, seen, end);
        if (const auto next = firstUnprocessed(all, i); next < end) {
            auto text = fmt::format("the group has not processed {} of {} (end {})", next, name, end);
            for (const auto* member : apps<GroupMemberApp>(m_group))
                text += "; a member is " + member->where();
            for (const auto* member : all)
                for (const auto& problem : member->problems)
                    text += "; " + problem;
            return text;
        }
    }
    return std::nullopt;
}

void Trial::maybeEnd() {
    const auto now = m_world.now().at;
    if (now < from(m_options.length))
        return;
    Finding open = notConverged(m_world, m_cluster, m_partitions);
    if (!open)
        open = notDone();
    if (open) {
        if (now >= from(m_options.length + m_options.convergeMax))
            violate("does not converge: " + *open);
        return;
    }
    if (auto finding = judge())
        violate(*finding);
    m_ended = true;
}

Finding Trial::judge() {
    if (auto finding = judgeHistories(m_partitions, apps<ProducerApp>(m_producers),
                                      apps<ConsumerApp>(m_consumers)))
        return finding;
    if (auto finding = judgeGroup(m_partitions, members()))
        return finding;
    const auto* steward = static_cast<const StewardApp*>(m_world.core(m_steward));
    if (!steward->problems().empty())
        return steward->problems().front();
    if (steward->answers() == 0)
        return "nobody answered ListOffsets";
    if (auto finding = compareReplicas(m_world, m_cluster, m_partitions))
        return finding;
    const bool whole = m_options.without.empty() && !m_options.mutants.any();
    const auto crashed = m_faults.contains(nameOf(Fault::Crash)) ||
                         m_faults.contains(nameOf(Fault::CrashLeader));
    if (whole && (!crashed || m_watch.isrChanges() == 0))
        return "a trial without a crash or an ISR change proves too little";
    return std::nullopt;
}

}  // namespace odradek::sim
