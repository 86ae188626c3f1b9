// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>

#include "engine/base/mutant.h"

namespace odradek::storage {

enum class TimestampType : std::uint8_t { CreateTime, LogAppendTime };

/// `compression.type`: Producer keeps what the client sent; any other choice has the leader recompress.
enum class TopicCompression : std::uint8_t { Producer, Uncompressed, Gzip, Snappy, Lz4, Zstd };

/// One topic's settings, named after Kafka's topic configs (defaults are Kafka 4.3's). The broker fills it from the
/// metadata image. Times in milliseconds, sizes in bytes; -1 = no limit where Kafka says so.
struct LogConfig {
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

    std::int32_t segmentBytes = 1 << 30;             ///< segment.bytes
    std::int64_t segmentMs = 7LL * 24 * 3600 * 1000;  ///< segment.ms
    std::int64_t segmentJitterMs = 0;                 ///< a draw from [0, segment.jitter.ms], made by the broker
    std::int32_t segmentIndexBytes = 10 << 20;        ///< segment.index.bytes
    std::int32_t indexIntervalBytes = 4096;           ///< index.interval.bytes
    std::int64_t retentionMs = 7LL * 24 * 3600 * 1000;  ///< retention.ms, -1 = for ever
    std::int64_t retentionBytes = -1;                 ///< retention.bytes, -1 = no limit
    std::int32_t maxMessageBytes = 1048588;           ///< max.message.bytes, of one batch as stored
    std::int64_t flushMessages = kNever;              ///< flush.messages; 1 = sync before anything is stable
    TimestampType timestampType = TimestampType::CreateTime;  ///< message.timestamp.type
    std::int64_t timestampBeforeMaxMs = kNever;       ///< message.timestamp.before.max.ms
    std::int64_t timestampAfterMaxMs = 3600 * 1000;   ///< message.timestamp.after.max.ms
    TopicCompression compression = TopicCompression::Producer;  ///< compression.type
    bool compact = false;                             ///< cleanup.policy contains compact
    bool deleteOld = true;                            ///< cleanup.policy contains delete

    bool syncsEveryAppend() const { return flushMessages <= 1; }
};

/// Settings of the node rather than of the topic.
struct LogLimits {
    std::uint64_t tailBytes = 1 << 20;      ///< recent bytes kept in memory per log, beside everything unwritten
    std::uint64_t writePieceBytes = 256 << 10;  ///< largest single DiskWrite
    std::uint64_t firstAllocation = 64 << 10;   ///< a fresh segment starts with this much preallocated ...
    std::uint64_t largestGrowth = 64 << 20;     ///< ... doubles up to this, and then grows by this
    std::int64_t producerExpirationMs = 24LL * 3600 * 1000;  ///< producer.id.expiration.ms
    Mutants mutants;                        ///< planted bugs; none outside the simulator
};

}  // namespace odradek::storage
