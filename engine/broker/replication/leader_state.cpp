// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/replication/leader_state.h"

#include <algorithm>

namespace odradek::broker {

void FollowerProgress::fetched(Offset offset, Offset followerLogStart, std::int64_t epoch,
                               Offset leaderEnd, Instant now) {
    if (offset >= leaderEnd)
        lastCaughtUp = std::max(lastCaughtUp, now);
    else if (offset >= leaderEndAtLastFetch && leaderEndAtLastFetch.value >= 0)
        lastCaughtUp = std::max(lastCaughtUp, lastFetch);
    logEnd = offset;
    logStart = followerLogStart;
    brokerEpoch = epoch;
    leaderEndAtLastFetch = leaderEnd;
    lastFetch = now;
}

void LeaderState::begin(std::int32_t self, const std::vector<std::int32_t>& assigned,
                        const std::vector<std::int32_t>& inSync, std::int32_t epoch, Offset logEnd,
                        Instant now) {
    epochStart = logEnd;
    followers.clear();
    partitionEpoch = -1;
    update(self, assigned, inSync, epoch, now);
    // Kafka's resetReplicaState: those in the ISR start as caught up now, so that a new leader does
    // not shrink the ISR before they had time to turn to it.
    for (auto& one : followers)
        one.lastCaughtUp = inIsr(one.broker) ? now : Instant{INT64_MIN / 4};
}

void LeaderState::update(std::int32_t self, const std::vector<std::int32_t>& assigned,
                         const std::vector<std::int32_t>& inSync, std::int32_t epoch, Instant now) {
    partitionEpoch = epoch;
    replicas = assigned;
    isr = inSync;
    pending.reset();
    pendingSent = false;
    std::vector<FollowerProgress> kept;
    for (const auto broker : assigned) {
        if (broker == self)
            continue;
        if (const auto* known = follower(broker)) {
            kept.push_back(*known);
        } else {
            FollowerProgress fresh;
            fresh.broker = broker;
            fresh.lastFetch = now;
            fresh.lastCaughtUp = Instant{INT64_MIN / 4};
            kept.push_back(fresh);
        }
    }
    followers = std::move(kept);
}

FollowerProgress* LeaderState::follower(std::int32_t broker) {
    for (auto& one : followers)
        if (one.broker == broker)
            return &one;
    return nullptr;
}

const FollowerProgress* LeaderState::follower(std::int32_t broker) const {
    for (const auto& one : followers)
        if (one.broker == broker)
            return &one;
    return nullptr;
}

bool LeaderState::inIsr(std::int32_t broker) const {
    return std::find(isr.begin(), isr.end(), broker) != isr.end();
}

bool LeaderState::inMaximalIsr(std::int32_t broker) const {
    return inIsr(broker) || (pending && pending->expands && pending->broker == broker);
}

std::vector<std::int32_t> LeaderState::laggards(Offset logEnd, Instant now,
                                                std::int64_t maxLagMs) const {
    std::vector<std::int32_t> late;
    for (const auto& one : followers)
        if (inIsr(one.broker) && !one.caughtUp(logEnd, now, maxLagMs))
            late.push_back(one.broker);
    return late;
}

}  // namespace odradek::broker
