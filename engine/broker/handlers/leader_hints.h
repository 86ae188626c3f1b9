// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/types.h"
#include "engine/broker/core.h"
#include "engine/metadata/image.h"

namespace odradek::broker {

inline constexpr std::string_view kClientListener = "PLAINTEXT";

/// Fills a response's CurrentLeader and NodeEndpoints for a partition we do not lead (KIP-951), so
/// that the client finds the leader without asking for metadata.
template <class Leader, class Endpoint>
void hintLeader(const BrokerCore& core, const Uuid& topic, std::int32_t index, Leader& leader,
                std::vector<Endpoint>& endpoints) {
    const auto* partition = core.image.partition(topic, index);
    if (partition == nullptr)
        return;
    leader.leaderId = partition->leader;
    leader.leaderEpoch = partition->leaderEpoch;
    const auto* broker = core.image.broker(partition->leader);
    const auto* endpoint = broker == nullptr ? nullptr : broker->endpoint(kClientListener);
    if (endpoint == nullptr)
        return;
    const bool there = std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& one) {
        return one.nodeId == partition->leader;
    });
    if (!there)
        endpoints.push_back({partition->leader, endpoint->host, endpoint->port, broker->rack});
}

}  // namespace odradek::broker
