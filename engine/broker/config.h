// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/mutant.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/base/types.h"
#include "engine/metadata/image.h"

namespace odradek::broker {

/// A broker's static configuration: who it is, and Kafka's broker configs as they were set. The
/// parsed fields below are those the broker itself reads; topics' effective values come from the
/// metadata image with `settings` as the static layer. A value; fixed for a broker's life.
struct BrokerConfig {
    BrokerId node{1};
    BrokerId controllerNode{1};      ///< the node whose controller we register with
    std::vector<BrokerId> controllerNodes;  ///< all nodes with a controller, if there are several
    std::string clusterId;           ///< base64 uuid; empty = take what meta.properties says
    std::string host = "127.0.0.1";  ///< advertised
    std::uint16_t port = 9092;       ///< advertised
    std::optional<std::string> rack;
    Uuid directoryId;                             ///< of a fresh log directory; zero = draw one
    std::uint64_t segmentPoolBytes = 128u << 20;  ///< recycled segment files kept at most; 0 = none
    std::string logDir;  ///< absolute path, for DescribeLogDirs and words only
    /// Kafka's names to values, as given by the user or the embedding program (source
    /// STATIC_BROKER_CONFIG).
    metadata::ConfigMap settings;

    // Parsed from settings, Kafka's defaults otherwise; durations in milliseconds.
    bool autoCreateTopics = true;
    std::int32_t numPartitions = 1;
    std::int16_t defaultReplicationFactor = 1;
    std::int64_t heartbeatIntervalMs = 2000;
    std::int64_t sessionTimeoutMs = 9000;
    std::int32_t fetchMaxBytes = 57671680;
    std::int64_t replicaFetchBackoffMs = 1000;
    std::int32_t replicaFetchMaxBytes = 1048576;
    std::int32_t replicaFetchMinBytes = 1;
    std::int32_t replicaFetchResponseMaxBytes = 10485760;
    std::int64_t replicaFetchWaitMaxMs = 500;
    std::int64_t replicaLagTimeMaxMs = 30000;
    std::int64_t replicaSocketTimeoutMs = 30000;
    std::int64_t highWatermarkCheckpointMs = 5000;
    std::int64_t flushOffsetCheckpointMs = 60000;
    std::int64_t logStartCheckpointMs = 60000;
    std::int64_t retentionCheckMs = 300000;
    std::int64_t segmentDeleteDelayMs = 60000;
    std::int64_t flushIntervalMessages = INT64_MAX;  ///< 1 = acks wait for the flushed end
    std::int64_t producerIdExpirationMs = 86400000;
    std::int64_t maxConnections = INT32_MAX;
    std::int64_t maxConnectionsPerIp = INT32_MAX;
    std::int64_t connectionsMaxIdleMs = 600000;
    std::int64_t maxRequestBytes = 104857600;
    std::int32_t maxRequestPartitionSizeLimit = 2000;
    std::int32_t offsetsTopicPartitions = 50;
    std::int16_t offsetsTopicReplication = 3;
    std::int32_t offsetsTopicSegmentBytes = 104857600;
    bool controlledShutdown = true;
    std::size_t fetchSessionSlots = 1000;  ///< max.incremental.fetch.session.cache.slots

    // Ours: how many requests of one connection may be worked on at once, and how many may wait
    // behind them.
    std::size_t maxInFlightPerConnection = 256;
    std::size_t maxQueuedPerConnection = 65536;

    Mutants mutants;  ///< planted bugs; none outside the simulator
    bool hasMutant(Mutant one) const { return mutants.has(one); }

    /// Whether acks, high watermark and a follower's fetch offset use the flushed end.
    bool flushBeforeAck() const { return flushIntervalMessages <= 1; }

    /// Reads Kafka's names. Fails with Invalid, naming the option, for a value that does not parse.
    /// Names nobody here reads are kept in `settings` (metadata/config_defs judges them).
    static Result<BrokerConfig> fromSettings(metadata::ConfigMap settings);
};

}  // namespace odradek::broker
