// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "engine/broker/core.h"
#include "engine/metadata/image.h"

namespace odradek::broker {

/// What everybody may do while nothing is guarded by ACLs, as bits of AclOperation (KIP-430).
inline constexpr std::int32_t kTopicOperations = 3576;
inline constexpr std::int32_t kClusterOperations = 8096;

/// Replicas whose broker is gone, fenced or without the client listener.
inline std::vector<std::int32_t> offlineReplicas(const metadata::Image& image,
                                                 const metadata::Partition& partition) {
    std::vector<std::int32_t> offline;
    for (const auto id : partition.replicas) {
        const auto* broker = image.broker(id);
        if (broker == nullptr || broker->fenced || broker->endpoint("PLAINTEXT") == nullptr)
            offline.push_back(id);
    }
    return offline;
}

/// In KRaft the "controller" told to clients is some live broker, drawn anew each time (item 3); -1
/// = none.
inline std::int32_t someLiveBroker(Step& s) {
    std::vector<std::int32_t> live;
    for (const auto& [id, broker] : s.core.image.brokers())
        if (!broker.fenced)
            live.push_back(id);
    return live.empty() ? -1 : live[s.core.random.below(live.size())];
}

}  // namespace odradek::broker
