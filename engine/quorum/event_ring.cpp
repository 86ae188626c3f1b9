// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/event_ring.h"

namespace odradek::quorum {
namespace {

constexpr std::int8_t kRecovering = 1;

}  // namespace

void EventRing::add(Now now, Cause cause, decltype(ControllerEvent::what) what) {
    if (m_events.size() == kCapacity)
        m_events.pop_front();
    m_events.push_back({++m_last, now.wallMs, now.at, cause, std::move(what)});
}

void EventRing::addBroker(Now now, Cause cause, const std::optional<metadata::BrokerRegistration>& before,
                          const metadata::BrokerRegistration& after) {
    using State = BrokerStateChanged::State;
    const auto say = [&](State state) { add(now, cause, BrokerStateChanged{state, after.id, after.epoch}); };
    if (!before || before->epoch != after.epoch)
        return say(State::Registered);
    if (!before->inControlledShutdown && after.inControlledShutdown)
        say(State::ShuttingDown);
    if (before->fenced && !after.fenced)
        say(State::Unfenced);
    if (!before->fenced && after.fenced)
        say(cause == Cause::ControlledShutdown ? State::ShutDown : State::Fenced);
}

void EventRing::addFrom(Now now, Cause cause, const metadata::Delta& delta, const metadata::Image& after) {
    for (const auto& [id, before] : delta.brokers)
        if (const auto* broker = after.broker(id))
            addBroker(now, cause, before, *broker);
    for (const auto& [key, before] : delta.partitions) {
        const auto* topic = after.topic(key.topic);
        const auto* is = topic == nullptr ? nullptr : topic->partition(key.partition);
        if (is == nullptr || before == nullptr)
            continue;
        if (is->leader != before->leader)
            add(now, cause,
                LeaderElected{key.topic, topic->name, key.partition, before->leader, is->leader, is->leaderEpoch,
                              is->leaderRecoveryState == kRecovering && before->leaderRecoveryState != kRecovering});
        if (is->isr != before->isr)
            add(now, cause, IsrChanged{key.topic, topic->name, key.partition, before->isr, is->isr});
    }
}

std::vector<ControllerEvent> EventRing::since(std::uint64_t cursor) const {
    std::vector<ControllerEvent> events;
    const auto fresh = m_last > cursor ? m_last - cursor : 0;
    const auto skip = fresh >= m_events.size() ? 0 : m_events.size() - fresh;
    events.assign(m_events.begin() + static_cast<std::ptrdiff_t>(skip), m_events.end());
    return events;
}

}  // namespace odradek::quorum
