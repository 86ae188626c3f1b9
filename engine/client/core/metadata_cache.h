// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/types.h"
#include "engine/client/core/network.h"
#include "engine/protocol/messages/metadata.h"

namespace odradek::client {

struct PartitionInfo {
    std::int16_t error = 0;
    std::int32_t leader = -1;
    std::int32_t leaderEpoch = -1;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> isr;
    std::vector<std::int32_t> offline;
    auto operator<=>(const PartitionInfo&) const = default;
};

struct TopicInfo {
    std::int16_t error = 0;
    Uuid id;
    bool isInternal = false;
    std::map<std::int32_t, PartitionInfo> partitions;
    auto operator<=>(const TopicInfo&) const = default;
};

struct BrokerInfo {
    Address address;
    std::string rack;
    auto operator<=>(const BrokerInfo&) const = default;
};

/// What the client knows of the cluster, from Metadata answers. A leader epoch never goes back: an
/// older answer does not undo a newer one (KIP-320). A plain value.
struct MetadataCache {
    std::string clusterId;
    std::int32_t controller = -1;
    std::map<std::int32_t, BrokerInfo> brokers;
    std::map<std::string, TopicInfo> topics;
    std::map<Uuid, std::string> names;

    /// Takes in an answer; with `all`, topics it does not name are gone.
    void update(const protocol::MetadataResponse& answer, bool all);
    /// Where a partition's leader is, or nothing when not known.
    std::optional<std::int32_t> leaderOf(const TopicPartition& partition) const;
    const PartitionInfo* find(const TopicPartition& partition) const;
    const TopicInfo* findTopic(const std::string& name) const;
    std::map<std::int32_t, Address> addresses() const;
};

}  // namespace odradek::client
