// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/types.h"

/// Kafka's small text files. Readers take untrusted bytes: they fail with Corrupt and never throw.
namespace odradek::storage {

inline constexpr std::string_view kRecoveryPointFile = "recovery-point-offset-checkpoint";
inline constexpr std::string_view kLogStartFile = "log-start-offset-checkpoint";
inline constexpr std::string_view kHighWatermarkFile = "replication-offset-checkpoint";
inline constexpr std::string_view kEpochFile = "leader-epoch-checkpoint";
inline constexpr std::string_view kPartitionMetadataFile = "partition.metadata";
inline constexpr std::string_view kMetaPropertiesFile = "meta.properties";
inline constexpr std::string_view kCleanShutdownFile = ".kafka_cleanshutdown";

/// An offset per partition: `0`, count, then `topic partition offset` lines.
using OffsetCheckpoint = std::map<TopicPartition, Offset>;
Bytes writeOffsetCheckpoint(const OffsetCheckpoint& offsets);
Result<OffsetCheckpoint> readOffsetCheckpoint(const Bytes& file);

/// `partition.metadata`: `version: 0` and `topic_id: <uuid>`.
Bytes writePartitionMetadata(const Uuid& topicId);
Result<Uuid> readPartitionMetadata(const Bytes& file);

/// `meta.properties` version 1.
struct MetaProperties {
    std::string clusterId;
    BrokerId nodeId;
    Uuid directoryId;
    bool operator==(const MetaProperties&) const = default;
};
Bytes writeMetaProperties(const MetaProperties& properties);
Result<MetaProperties> readMetaProperties(const Bytes& file);

/// `.kafka_cleanshutdown`: JSON {"version":0,"brokerEpoch":N}.
Bytes writeCleanShutdown(BrokerEpoch epoch);
Result<BrokerEpoch> readCleanShutdown(const Bytes& file);

}  // namespace odradek::storage
