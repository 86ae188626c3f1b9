// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/types.h"

/// Record batches, format v2 (KIP-98). Big-endian. 61 bytes of header, then the records:
///
///     baseOffset int64 | batchLength int32 (bytes after this field) | partitionLeaderEpoch int32 |
///     magic int8 = 2 | crc uint32 (CRC-32C from attributes to the end) | attributes int16 |
///     lastOffsetDelta int32 | baseTimestamp int64 | maxTimestamp int64 | producerId int64 |
///     producerEpoch int16 | baseSequence int32 | recordCount int32 | records, compressed as one
///     block when attributes say so
///
/// attributes: bits 0-2 codec, 3 timestamp type (1 = log append time), 4 transactional, 5 control,
/// 6 delete horizon.
namespace odradek::protocol {

inline constexpr std::size_t kBatchHeaderSize = 61;
inline constexpr std::size_t kBatchLengthEnd = 12;  ///< bytes before what batchLength counts

enum class Compression : std::uint8_t { None = 0, Gzip = 1, Snappy = 2, Lz4 = 3, Zstd = 4 };

struct BatchHeader {
    std::int64_t baseOffset = 0;
    std::int32_t batchLength = 0;
    std::int32_t partitionLeaderEpoch = -1;
    std::int8_t magic = 2;
    std::uint32_t crc = 0;
    std::int16_t attributes = 0;
    std::int32_t lastOffsetDelta = 0;
    std::int64_t baseTimestamp = 0;
    std::int64_t maxTimestamp = 0;
    std::int64_t producerId = -1;
    std::int16_t producerEpoch = -1;
    std::int32_t baseSequence = -1;
    std::int32_t recordCount = 0;

    std::int64_t lastOffset() const { return baseOffset + lastOffsetDelta; }
    std::int64_t nextOffset() const { return lastOffset() + 1; }
    std::size_t sizeInBytes() const {
        return kBatchLengthEnd + static_cast<std::size_t>(batchLength);
    }
    Compression compression() const { return static_cast<Compression>(attributes & 7); }
    bool isLogAppendTime() const { return (attributes & 8) != 0; }
    bool isTransactional() const { return (attributes & 16) != 0; }
    bool isControl() const { return (attributes & 32) != 0; }
    bool hasProducerId() const { return producerId >= 0; }
    bool operator==(const BatchHeader&) const = default;
};

struct RecordHeader {
    std::string key;
    std::optional<Bytes> value;
    bool operator==(const RecordHeader&) const = default;
};

struct Record {
    std::int64_t offset = 0;
    std::int64_t timestampMs = 0;
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    std::vector<RecordHeader> headers;
    bool operator==(const Record&) const = default;
};

/// Reads the 61 bytes at the front of `data`. Truncated when fewer are there; Invalid when
/// batchLength is too small for a header or magic is not 2. Does not look at the CRC or at what
/// follows.
Result<BatchHeader> readBatchHeader(ByteSpan data);

/// Whether the CRC of one whole batch holds. Truncated when the batch is not all there.
Result<void> checkBatchCrc(ByteSpan batch);

/// The same batch with base offset and leader epoch set: a new 16-byte front and the rest shared.
/// Both fields are outside the CRC, so leaders may stamp them.
Chain stampBatch(const Bytes& batch, std::int64_t baseOffset, std::int32_t leaderEpoch);
/// As stampBatch, also setting log append time (timestamp type 1, maxTimestamp), which recomputes
/// the CRC (copies).
Bytes stampBatchWithAppendTime(const Bytes& batch, std::int64_t baseOffset,
                               std::int32_t leaderEpoch, std::int64_t appendTimeMs);

/// Limits for reading untrusted batches.
struct DecodeLimits {
    std::size_t maxDecompressedBytes = 64u << 20;  ///< hard cap; streaming, checked while inflating
};

/// All records of one whole batch. Fails with Invalid/Truncated (broken varints, counts or lengths
/// that do not fit, trailing bytes, decompressed size over the cap) and never reads or allocates
/// past what is there.
Result<std::vector<Record>> readRecords(const Bytes& batch, const DecodeLimits& limits = {});

/// What LogValidator needs of the records without keeping them: count, offsets consecutive, any
/// null key, largest timestamp and its offset. Same errors as readRecords.
struct RecordsSummary {
    std::int32_t count = 0;
    bool deltasConsecutive = true;  ///< offset deltas are 0, 1, 2, ...
    bool anyNullKey = false;
    std::int64_t minTimestampMs = -1;
    std::int64_t maxTimestampMs = -1;
    std::int64_t offsetOfMaxTimestamp = -1;  ///< the first with it
    std::int32_t lastOffsetDelta = -1;       ///< of the last record
};
Result<RecordsSummary> summarizeRecords(const Bytes& batch, const DecodeLimits& limits = {});

/// Options of a batch to build.
struct BatchOptions {
    Compression compression = Compression::None;
    std::int64_t baseOffset = 0;
    std::int32_t leaderEpoch = -1;
    std::int64_t producerId = -1;
    std::int16_t producerEpoch = -1;
    std::int32_t baseSequence = -1;
    bool transactional = false;
    bool control = false;
};
/// One batch of the records, whose offsets must rise from options.baseOffset. Never fails for an
/// empty compression choice; Unsupported for an unknown codec; Invalid without records.
Result<Bytes> buildBatch(const std::vector<Record>& records, const BatchOptions& options);

/// The whole batches in a run of them, sharing its buffer: what a fetch answer carries. A cut-off
/// batch at the end is left out, as Kafka's fetch may cut it. Invalid when a header is broken.
Result<std::vector<Bytes>> splitBatches(const Bytes& run);

/// What a control batch says (the first record's key: int16 version, int16 type).
enum class ControlType : std::int16_t {
    Abort = 0,
    Commit = 1,
    LeaderChange = 2,
    SnapshotHeader = 3,
    SnapshotFooter = 4,
    KRaftVersion = 5,
    KRaftVoters = 6,
};
/// The key of a control record, version 0.
Bytes controlKey(ControlType type);
/// The type in a control record's key; Truncated under 4 bytes, Invalid for a negative version.
/// Unknown types pass.
Result<ControlType> parseControlKey(ByteSpan key);

/// Whole-block codecs as Kafka frames them (snappy: raw or xerial blocks when reading, xerial when
/// writing; lz4 frame).
Result<std::vector<std::uint8_t>> decompress(Compression codec, ByteSpan data,
                                             std::size_t maxBytes);
Result<std::vector<std::uint8_t>> compress(Compression codec, ByteSpan data);

}  // namespace odradek::protocol
