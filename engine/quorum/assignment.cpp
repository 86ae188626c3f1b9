// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/assignment.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace odradek::quorum {
namespace {

/// With one log directory there is no choice left to the broker.
Uuid defaultDirectory(const metadata::Image& image, std::int32_t broker) {
    const auto* registration = image.broker(broker);
    return registration != nullptr && registration->directories.size() == 1 ? registration->directories.front()
                                                                            : metadata::kUnassignedDirectory;
}

}  // namespace

ApiError checkManualAssignment(const metadata::Image& image, const std::vector<std::int32_t>& replicas,
                               std::optional<std::size_t> expectedSize) {
    const auto bad = [](std::string why) {
        return ApiError{KafkaError::InvalidReplicaAssignment, "The manual partition assignment includes " + why};
    };
    if (replicas.empty())
        return bad("an empty replica list.");
    std::set<std::int32_t> seen;
    auto sorted = replicas;
    std::sort(sorted.begin(), sorted.end());
    for (const auto id : sorted) {
        if (!seen.insert(id).second)
            return bad(fmt::format("the broker {} more than once.", id));
        if (image.broker(id) == nullptr)
            return bad(fmt::format("broker {}, but no such broker is registered.", id));
    }
    if (expectedSize && *expectedSize != replicas.size())
        return bad(fmt::format("a partition with {} replica(s), but this is not consistent with previous partitions, "
                               "which have {} replica(s).",
                               replicas.size(), *expectedSize));
    return {};
}

std::optional<protocol::PartitionRecord> newPartition(const metadata::Image& image, Uuid topic, std::int32_t index,
                                                      const std::vector<std::int32_t>& replicas) {
    protocol::PartitionRecord record{.partitionId = index, .topicId = topic, .replicas = replicas};
    for (const auto id : replicas) {
        const auto* broker = image.broker(id);
        if (broker != nullptr && broker->isActive())
            record.isr.push_back(id);
        record.directories.push_back(defaultDirectory(image, id));
    }
    if (record.isr.empty())
        return std::nullopt;
    record.leader = record.isr.front();
    record.leaderEpoch = 0;
    record.partitionEpoch = 0;
    return record;
}

Uuid newTopicId(const metadata::Image& image, Prng& prng) {
    for (;;) {
        Uuid id;
        for (std::size_t i = 0; i < 16; i += 8) {
            const auto word = prng.next();
            for (std::size_t b = 0; b < 8; ++b)
                id.bytes[i + b] = static_cast<std::uint8_t>(word >> (8 * b));
        }
        // A random (version 4) id, as Java makes them.
        id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
        id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
        if (id.toString().front() != '-' && image.topic(id) == nullptr)
            return id;
    }
}

}  // namespace odradek::quorum
