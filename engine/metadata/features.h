// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace odradek::metadata {

/// A feature we know, with the range we support and the level a new cluster finalizes; 0 = not finalized.
/// Truthful: what is not built has max 0 (KIP-584, KIP-1022).
struct FeatureDef {
    std::string_view name;
    std::int16_t minSupported = 0;
    std::int16_t maxSupported = 0;
    std::int16_t initialLevel = 0;
};

inline constexpr std::string_view kMetadataVersion = "metadata.version";
/// 4.3-IV0 = 30, the default of Kafka 4.3.1; 3.3-IV3 = 7 is the lowest Kafka 4 still runs with.
inline constexpr std::int16_t kMetadataVersionMin = 7;
inline constexpr std::int16_t kMetadataVersionLevel = 30;

/// Sorted by name.
inline constexpr std::array kFeatures{
    FeatureDef{"eligible.leader.replicas.version", 0, 0, 0},
    FeatureDef{"group.version", 0, 0, 0},
    FeatureDef{"metadata.version", kMetadataVersionMin, kMetadataVersionLevel, kMetadataVersionLevel},
    FeatureDef{"share.version", 0, 0, 0},
    FeatureDef{"streams.version", 0, 0, 0},
    FeatureDef{"transaction.version", 0, 0, 0},
};

}  // namespace odradek::metadata
