// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/append.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/crc32c.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/storage/log/big_endian.h"

namespace odradek::storage {

using protocol::BatchHeader;
using protocol::Compression;
using protocol::KafkaError;

namespace {

constexpr std::size_t kUpToMagic = 17;
constexpr std::int32_t kSmallestOldRecord = 14;  ///< Kafka's LegacyRecord.RECORD_OVERHEAD_V0

std::unexpected<AppendRejected> reject(KafkaError error, std::string message) {
    return std::unexpected(AppendRejected{error, std::move(message), {}});
}

enum class Next { None, Whole, Corrupt };
/// What Kafka's batch iterator would find at the front of `bytes`. A batch that is not all there
/// counts as none.
Next nextBatch(ByteSpan bytes) {
    if (bytes.size() < kUpToMagic)
        return Next::None;
    const auto length = loadBigEndian<std::int32_t>(bytes.data() + BatchField::kLength);
    const auto magic = static_cast<std::int8_t>(bytes[BatchField::kMagic]);
    if (length < kSmallestOldRecord || magic < 0 || magic > 2)
        return Next::Corrupt;
    return protocol::kBatchLengthEnd + static_cast<std::size_t>(length) > bytes.size()
               ? Next::None
               : Next::Whole;
}

/// ProduceRequest.validateRecords: exactly one v2 batch. Returns it without trailing bytes.
std::expected<Bytes, AppendRejected> oneBatch(const Bytes& records,
                                              const TopicPartition& partition) {
    switch (nextBatch(records)) {
        case Next::None:
            return reject(KafkaError::InvalidRecord,
                          "Produce requests must have at least one record batch per partition");
        case Next::Corrupt:
            return reject(KafkaError::CorruptMessage,
                          "The record batch has an impossible size or magic");
        case Next::Whole:
            break;
    }
    if (records[BatchField::kMagic] != 2)
        return reject(KafkaError::InvalidRecord,
                      "Produce requests may only hold record batches with magic version 2");
    const std::size_t size =
        protocol::kBatchLengthEnd +
        static_cast<std::size_t>(loadBigEndian<std::int32_t>(records.data() + BatchField::kLength));
    if (size < protocol::kBatchHeaderSize)
        return reject(KafkaError::CorruptMessage, "The record batch is smaller than its header");
    switch (nextBatch(records.slice(size))) {
        case Next::Whole:
            return reject(
                KafkaError::InvalidRecord,
                fmt::format(
                    "Produce requests may only hold exactly one record batch per partition ({}-{})",
                    partition.topic, partition.partition));
        case Next::Corrupt:
            return reject(KafkaError::CorruptMessage,
                          "The bytes behind the record batch are no batch");
        case Next::None:
            break;
    }
    return records.slice(0, size);
}

/// LogValidator.validateBatch for clients.
std::optional<AppendRejected> judgeHeader(const BatchHeader& header) {
    const auto invalid = [](std::string why) {
        return AppendRejected{KafkaError::InvalidRecord, std::move(why), {}};
    };
    if (header.isControl())
        return invalid("Clients are not allowed to write control records");
    const std::int64_t range = static_cast<std::int64_t>(header.lastOffsetDelta) + 1;
    if (range <= 0)
        return invalid("Batch has an invalid offset range");
    if (header.recordCount <= 0)
        return invalid(
            fmt::format("Invalid reported count for record batch: {}", header.recordCount));
    if (range != header.recordCount)
        return invalid(fmt::format("Inconsistent batch offset range: {} offsets for {} records",
                                   range, header.recordCount));
    if (header.hasProducerId() && header.baseSequence < 0)
        return invalid(fmt::format("Invalid sequence number {} in record batch with producer id {}",
                                   header.baseSequence, header.producerId));
    return std::nullopt;
}

bool outOfRange(std::int64_t timestampMs, const LogConfig& config, std::int64_t nowMs) {
    return timestampMs != -1 && ((config.timestampBeforeMaxMs != LogConfig::kNever &&
                                  nowMs - timestampMs > config.timestampBeforeMaxMs) ||
                                 (config.timestampAfterMaxMs != LogConfig::kNever &&
                                  timestampMs - nowMs > config.timestampAfterMaxMs));
}

/// Looks at every record for the errors ProduceResponse reports one by one. Only called when there
/// may be one.
std::optional<AppendRejected> judgeRecords(const std::vector<protocol::Record>& records,
                                           const BatchHeader& header, const LogConfig& config,
                                           std::int64_t nowMs, const TopicPartition& partition) {
    AppendRejected rejected;
    bool badTimestamp = false;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& record = records[i];
        const auto index = static_cast<std::int32_t>(i);
        const auto expected = header.baseOffset + static_cast<std::int64_t>(i);
        if (header.compression() != Compression::None && record.offset != expected) {
            rejected.recordErrors.push_back(
                {index,
                 fmt::format("Inner record has offset {} instead of {}", record.offset, expected)});
        } else if (config.compact && !record.key) {
            rejected.recordErrors.push_back(
                {index,
                 fmt::format(
                     "Compacted topic cannot accept message without key in topic partition {}-{}.",
                     partition.topic, partition.partition)});
        } else if (config.timestampType == TimestampType::CreateTime) {
            if (!outOfRange(record.timestampMs, config, nowMs))
                continue;
            badTimestamp = true;
            rejected.recordErrors.push_back(
                {index, fmt::format("Timestamp {} of message with offset {} is out of range",
                                    record.timestampMs, record.offset)});
        } else if (header.isLogAppendTime()) {
            badTimestamp = true;
            rejected.recordErrors.push_back(
                {index, "Producer should not set timestamp type to LogAppendTime"});
        }
    }
    if (rejected.recordErrors.empty())
        return std::nullopt;
    rejected.error = badTimestamp ? KafkaError::InvalidTimestamp : KafkaError::InvalidRecord;
    rejected.message =
        badTimestamp ? "One or more records have been rejected due to invalid timestamp"
                     : fmt::format("One or more records have been rejected due to {} record errors",
                                   rejected.recordErrors.size());
    return rejected;
}

/// The batch with timestamp type and largest timestamp set, and a new CRC. Copies.
Bytes withTimestamp(const Bytes& batch, bool logAppendTime, std::int64_t maxTimestampMs) {
    std::vector<std::uint8_t> out(batch.data(), batch.data() + batch.size());
    auto attributes = loadBigEndian<std::int16_t>(out.data() + BatchField::kAttributes);
    attributes = static_cast<std::int16_t>(logAppendTime ? attributes | 8 : attributes & ~8);
    storeBigEndian(out.data() + BatchField::kAttributes, attributes);
    storeBigEndian(out.data() + BatchField::kMaxTimestamp, maxTimestampMs);
    storeBigEndian(out.data() + BatchField::kCrc,
                   crc32c(ByteSpan(out).subspan(BatchField::kAttributes)));
    return Bytes::take(std::move(out));
}

Compression targetCodec(TopicCompression choice, Compression source) {
    switch (choice) {
        case TopicCompression::Producer:
            return source;
        case TopicCompression::Uncompressed:
            return Compression::None;
        case TopicCompression::Gzip:
            return Compression::Gzip;
        case TopicCompression::Snappy:
            return Compression::Snappy;
        case TopicCompression::Lz4:
            return Compression::Lz4;
        case TopicCompression::Zstd:
            return Compression::Zstd;
    }
    return source;
}

std::expected<Bytes, AppendRejected> recompress(const Bytes& batch, const BatchHeader& header,
                                                Compression codec, const LogConfig& config) {
    const auto records = protocol::readRecords(batch);
    if (!records)
        return reject(KafkaError::InvalidRecord, records.error().message);
    auto built = protocol::buildBatch(*records, {.compression = codec,
                                                 .producerId = header.producerId,
                                                 .producerEpoch = header.producerEpoch,
                                                 .baseSequence = header.baseSequence,
                                                 .transactional = header.isTransactional()});
    if (!built)
        return reject(KafkaError::UnsupportedCompressionType, built.error().message);
    if (built->size() > static_cast<std::size_t>(config.maxMessageBytes))
        return reject(KafkaError::MessageTooLarge,
                      "The batch is larger than max.message.bytes after compression");
    return *built;
}

}  // namespace

std::expected<ValidatedBatch, AppendRejected> validateClientBatch(const Bytes& records,
                                                                  const LogConfig& config,
                                                                  std::int64_t nowMs,
                                                                  const TopicPartition& partition) {
    auto batch = oneBatch(records, partition);
    if (!batch)
        return std::unexpected(std::move(batch).error());
    const auto header = protocol::readBatchHeader(*batch);
    if (!header)
        return reject(KafkaError::CorruptMessage, header.error().message);
    if (header->baseOffset != 0)
        return reject(KafkaError::InvalidRecord,
                      fmt::format("The base offset of a batch to append should be 0, but it is {}",
                                  header->baseOffset));
    if (batch->size() > static_cast<std::size_t>(config.maxMessageBytes))
        return reject(KafkaError::MessageTooLarge,
                      fmt::format("The record batch size of {} bytes exceeds max.message.bytes {}",
                                  batch->size(), config.maxMessageBytes));
    if (!protocol::checkBatchCrc(*batch))
        return reject(KafkaError::CorruptMessage, "Record batch is corrupt: its checksum fails");
    if ((header->attributes & 7) > static_cast<int>(Compression::Zstd))
        return reject(KafkaError::UnknownServerError, "Unknown compression type");
    if (auto rejected = judgeHeader(*header))
        return std::unexpected(std::move(*rejected));

    const auto summary = protocol::summarizeRecords(*batch);
    if (!summary) {
        // Kafka has no error of its own for bytes that do not inflate; records that make no sense
        // are InvalidRecord.
        const bool inflates =
            header->compression() == Compression::None ||
            protocol::decompress(header->compression(), batch->slice(protocol::kBatchHeaderSize),
                                 protocol::DecodeLimits{}.maxDecompressedBytes)
                .has_value();
        return reject(inflates ? KafkaError::InvalidRecord : KafkaError::UnknownServerError,
                      summary.error().message);
    }
    const bool appendTime = config.timestampType == TimestampType::LogAppendTime;
    const bool suspicious = (config.compact && summary->anyNullKey) ||
                            !summary->deltasConsecutive ||
                            (appendTime && header->isLogAppendTime()) ||
                            (!appendTime && (config.timestampBeforeMaxMs != LogConfig::kNever ||
                                             outOfRange(summary->maxTimestampMs, config, nowMs)));
    if (suspicious) {
        const auto all = protocol::readRecords(*batch);
        if (!all)
            return reject(KafkaError::InvalidRecord, all.error().message);
        if (auto rejected = judgeRecords(*all, *header, config, nowMs, partition))
            return std::unexpected(std::move(*rejected));
    }

    ValidatedBatch valid{*batch, appendTime ? nowMs : -1};
    const auto codec = targetCodec(config.compression, header->compression());
    if (codec != header->compression()) {
        auto again = recompress(*batch, *header, codec, config);
        if (!again)
            return std::unexpected(std::move(again).error());
        valid.batch = *again;
    }
    const std::int64_t maxTimestamp = appendTime ? nowMs : summary->maxTimestampMs;
    const auto stamped = protocol::readBatchHeader(valid.batch);
    if (appendTime != stamped->isLogAppendTime() || stamped->maxTimestamp != maxTimestamp)
        valid.batch = withTimestamp(valid.batch, appendTime, maxTimestamp);
    if (valid.batch.size() > static_cast<std::size_t>(config.segmentBytes))
        return reject(KafkaError::RecordListTooLarge,
                      "The record batch is larger than segment.bytes");
    return valid;
}

}  // namespace odradek::storage
