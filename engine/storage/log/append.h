// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/types.h"
#include "engine/protocol/kafka_error.h"
#include "engine/storage/log/log_config.h"

namespace odradek::storage {

/// Who hands the batch in. Client: untrusted, everything is checked. Internal: our own records
/// (group offsets, metadata), control batches allowed, record contents not looked at.
enum class AppendOrigin : std::uint8_t { Client, Internal };

/// A record that broke a rule, as ProduceResponse reports it (from version 8).
struct RecordError {
    std::int32_t batchIndex = 0;  ///< index of the record within its batch
    std::string message;
};

/// A refused append: nothing was changed.
struct AppendRejected {
    protocol::KafkaError error = protocol::KafkaError::None;
    std::string message;
    std::vector<RecordError> recordErrors;
};

/// An accepted append, or a recognised duplicate (then with the original offsets and nothing was
/// appended).
struct Appended {
    Offset base;
    Offset last;
    std::int64_t logAppendTimeMs =
        -1;  ///< -1 unless the topic uses LogAppendTime (or the duplicate's timestamp)
    Offset logStart;
    std::int64_t maxTimestampMs = -1;
    std::int32_t recordCount = 0;
    std::uint64_t bytes = 0;
    bool duplicate = false;
};

using AppendResult = std::expected<Appended, AppendRejected>;

/// A client's records as they may be appended: one batch, checked, with final timestamps; base
/// offset and epoch not yet stamped.
struct ValidatedBatch {
    Bytes batch;
    std::int64_t logAppendTimeMs = -1;
};
/// Kafka's checks of what a producer sent (ProduceRequest.validateRecords,
/// UnifiedLog.analyzeAndValidateRecords and LogValidator of 4.3, in their order), as a pure
/// function. `nextOffset` only shapes messages. Errors: InvalidRecord, CorruptMessage,
/// MessageTooLarge, RecordListTooLarge, InvalidTimestamp, UnsupportedCompressionType.
std::expected<ValidatedBatch, AppendRejected> validateClientBatch(const Bytes& records,
                                                                  const LogConfig& config,
                                                                  std::int64_t nowMs,
                                                                  const TopicPartition& partition);

}  // namespace odradek::storage
