// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/base/crc32c.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/codec/wire_reader.h"
#include "engine/protocol/codec/wire_writer.h"

/// The records inside a batch (KIP-98). All numbers but attributes are zigzag varints:
///
///     length | attributes int8 (unused) | timestampDelta | offsetDelta | keyLength (-1 = null) |
///     key | valueLength (-1 = null) | value | headerCount | { keyLength | key | valueLength (-1 =
///     null) | value }
namespace odradek::protocol {
namespace {

// The shortest record: length, attributes, two deltas, two lengths, header count.
constexpr std::size_t kLeastRecord = 7;

std::int64_t plus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t minus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

/// The parts of a record that stand before its headers, as positions: nothing is copied.
struct RawRecord {
    std::int64_t timestampDelta = 0;
    std::int32_t offsetDelta = 0;
    std::int32_t keyLength = -1;
};

/// A varint length of what follows at once; -1 for null where allowed.
std::int32_t varLength(WireReader& in, bool nullable) {
    const auto length = in.varint();
    if (in.failed() || (length == -1 && nullable))
        return nullable ? -1 : 0;
    if (length < 0)
        in.fail(ErrorCode::Invalid, "a length of " + std::to_string(length) + " in a record");
    else if (static_cast<std::size_t>(length) > in.remaining())
        in.fail(ErrorCode::Truncated, "a length of " + std::to_string(length) + " in a record, " +
                                          std::to_string(in.remaining()) + " bytes are left");
    return in.failed() ? (nullable ? -1 : 0) : length;
}

std::optional<Bytes> nullableBytes(WireReader& in, std::int32_t length) {
    if (length < 0)
        return std::nullopt;
    return in.take(static_cast<std::size_t>(length));
}

/// Walks the records of one batch; `Visitor` gets each record's raw parts and reads (or skips) key,
/// value and headers.
template <class Visitor>
Result<void> walk(const BatchHeader& header, Bytes records, Visitor&& visit) {
    WireReader in(std::move(records));
    if (header.recordCount < 0 ||
        static_cast<std::size_t>(header.recordCount) > in.remaining() / kLeastRecord)
        return fail(ErrorCode::Invalid, "a batch of " + std::to_string(in.remaining()) +
                                            " bytes declares " +
                                            std::to_string(header.recordCount) + " records");
    for (std::int32_t i = 0; i < header.recordCount && !in.failed(); ++i) {
        const auto length = varLength(in, false);
        const auto oldEnd = in.enter(static_cast<std::size_t>(length));
        RawRecord raw;
        in.fixed<std::int8_t>();
        raw.timestampDelta = in.varlong();
        raw.offsetDelta = in.varint();
        raw.keyLength = varLength(in, true);
        visit(in, raw);
        if (in.remaining() > 0)
            in.fail(ErrorCode::Invalid, "a record is longer than its parts");
        in.leave(oldEnd);
    }
    if (!in.failed() && in.remaining() > 0)
        in.fail(ErrorCode::Invalid,
                std::to_string(in.remaining()) + " bytes after the last record");
    if (in.failed())
        return std::unexpected(in.error());
    return {};
}

/// The header of a whole batch and its records, decompressed.
struct Opened {
    BatchHeader header;
    Bytes records;
};

Result<Opened> open(const Bytes& batch, const DecodeLimits& limits) {
    Opened out;
    out.header = TRY(readBatchHeader(batch));
    if (out.header.sizeInBytes() > batch.size())
        return fail(ErrorCode::Truncated, "a batch of " + std::to_string(out.header.sizeInBytes()) +
                                              " bytes, " + std::to_string(batch.size()) +
                                              " are there");
    const auto payload = batch.slice(kBatchHeaderSize, out.header.sizeInBytes() - kBatchHeaderSize);
    if (out.header.compression() == Compression::None)
        out.records = payload;
    else
        out.records = Bytes::take(
            TRY(decompress(out.header.compression(), payload, limits.maxDecompressedBytes)));
    return out;
}

std::vector<RecordHeader> readHeaders(WireReader& in) {
    std::vector<RecordHeader> headers;
    const auto count = in.varint();
    if (count < 0 || static_cast<std::size_t>(count) > in.remaining() / 2) {
        in.fail(ErrorCode::Invalid, "a record declares " + std::to_string(count) + " headers");
        return headers;
    }
    headers.reserve(std::min<std::size_t>(static_cast<std::size_t>(count), 64));
    for (std::int32_t i = 0; i < count && !in.failed(); ++i) {
        auto& header = headers.emplace_back();
        header.key = in.takeView(static_cast<std::size_t>(varLength(in, false)));
        header.value = nullableBytes(in, varLength(in, true));
    }
    return headers;
}

void skip(WireReader& in, std::int32_t length) {
    if (length > 0)
        in.takeView(static_cast<std::size_t>(length));
}

void skipHeaders(WireReader& in) {
    const auto count = in.varint();
    if (count < 0 || static_cast<std::size_t>(count) > in.remaining() / 2)
        in.fail(ErrorCode::Invalid, "a record declares " + std::to_string(count) + " headers");
    for (std::int32_t i = 0; i < count && !in.failed(); ++i) {
        skip(in, varLength(in, false));
        skip(in, varLength(in, true));
    }
}

std::size_t uvarSize(std::uint64_t value) {
    std::size_t n = 1;
    for (; value >= 0x80; value >>= 7)
        ++n;
    return n;
}
std::size_t varSize(std::int64_t value) {
    return uvarSize(zigzag(value));
}
std::size_t lengthAndBytes(const std::optional<Bytes>& bytes) {
    return bytes ? varSize(static_cast<std::int64_t>(bytes->size())) + bytes->size() : 1;
}

void put(WireWriter& out, const std::optional<Bytes>& bytes) {
    out.varint(bytes ? static_cast<std::int32_t>(bytes->size()) : -1);
    if (bytes)
        out.raw(bytes->span());
}

void putRecord(WireWriter& out, const Record& record, std::int64_t timestampDelta,
               std::int32_t offsetDelta) {
    std::size_t length = 1 + varSize(timestampDelta) + varSize(offsetDelta) +
                         lengthAndBytes(record.key) + lengthAndBytes(record.value) +
                         varSize(static_cast<std::int64_t>(record.headers.size()));
    for (const auto& header : record.headers)
        length += varSize(static_cast<std::int64_t>(header.key.size())) + header.key.size() +
                  lengthAndBytes(header.value);
    out.varint(static_cast<std::int32_t>(length));
    out.fixed(std::int8_t{0});
    out.varlong(timestampDelta);
    out.varint(offsetDelta);
    put(out, record.key);
    put(out, record.value);
    out.varint(static_cast<std::int32_t>(record.headers.size()));
    for (const auto& header : record.headers) {
        out.varint(static_cast<std::int32_t>(header.key.size()));
        out.raw(std::string_view(header.key));
        put(out, header.value);
    }
}

std::size_t sizeGuess(const std::vector<Record>& records) {
    std::size_t size = kBatchHeaderSize;
    for (const auto& record : records) {
        size +=
            24 + (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
        for (const auto& header : record.headers)
            size += 4 + header.key.size() + (header.value ? header.value->size() : 0);
    }
    return size;
}

std::int16_t attributesOf(const BatchOptions& options) {
    return static_cast<std::int16_t>(static_cast<int>(options.compression) |
                                     (options.transactional ? 16 : 0) | (options.control ? 32 : 0));
}

/// From attributes on: what the CRC covers.
void putCovered(WireWriter& out, const std::vector<Record>& records, const BatchOptions& options) {
    std::int64_t maxTimestamp = records.front().timestampMs;
    for (const auto& record : records)
        maxTimestamp = std::max(maxTimestamp, record.timestampMs);
    out.fixed(attributesOf(options));
    out.fixed(static_cast<std::int32_t>(records.back().offset - options.baseOffset));
    out.fixed(records.front().timestampMs);
    out.fixed(maxTimestamp);
    out.fixed(options.producerId);
    out.fixed(options.producerEpoch);
    out.fixed(options.baseSequence);
    out.fixed(static_cast<std::int32_t>(records.size()));
}

Result<void> checkOffsets(const std::vector<Record>& records, std::int64_t baseOffset) {
    if (records.empty())
        return fail(ErrorCode::Invalid, "a batch needs a record");
    std::int64_t least = baseOffset;
    for (const auto& record : records) {
        if (record.offset < least || record.offset - baseOffset > INT32_MAX)
            return fail(ErrorCode::Invalid, "offset " + std::to_string(record.offset) +
                                                " does not rise from " + std::to_string(least));
        least = record.offset + 1;
    }
    return {};
}

}  // namespace

Result<std::vector<Record>> readRecords(const Bytes& batch, const DecodeLimits& limits) {
    auto opened = TRY(open(batch, limits));
    const auto& header = opened.header;
    std::vector<Record> records;
    records.reserve(std::min<std::size_t>(static_cast<std::size_t>(std::max(0, header.recordCount)),
                                          opened.records.size() / kLeastRecord));
    const auto walked =
        walk(header, std::move(opened.records), [&](WireReader& in, const RawRecord& raw) {
            auto& record = records.emplace_back();
            record.offset = plus(header.baseOffset, raw.offsetDelta);
            record.timestampMs = header.isLogAppendTime()
                                     ? header.maxTimestamp
                                     : plus(header.baseTimestamp, raw.timestampDelta);
            record.key = nullableBytes(in, raw.keyLength);
            record.value = nullableBytes(in, varLength(in, true));
            record.headers = readHeaders(in);
        });
    TRY_OK(walked);
    return records;
}

Result<RecordsSummary> summarizeRecords(const Bytes& batch, const DecodeLimits& limits) {
    auto opened = TRY(open(batch, limits));
    const auto& header = opened.header;
    RecordsSummary sum;
    const auto walked =
        walk(header, std::move(opened.records), [&](WireReader& in, const RawRecord& raw) {
            const auto timestamp = header.isLogAppendTime()
                                       ? header.maxTimestamp
                                       : plus(header.baseTimestamp, raw.timestampDelta);
            sum.deltasConsecutive = sum.deltasConsecutive && raw.offsetDelta == sum.count;
            sum.anyNullKey = sum.anyNullKey || raw.keyLength < 0;
            sum.lastOffsetDelta = raw.offsetDelta;
            if (sum.count == 0 || timestamp > sum.maxTimestampMs) {
                sum.maxTimestampMs = timestamp;
                sum.offsetOfMaxTimestamp = plus(header.baseOffset, raw.offsetDelta);
            }
            sum.minTimestampMs =
                sum.count == 0 ? timestamp : std::min(sum.minTimestampMs, timestamp);
            ++sum.count;
            skip(in, raw.keyLength);
            skip(in, varLength(in, true));
            skipHeaders(in);
        });
    TRY_OK(walked);
    return sum;
}

Result<Bytes> buildBatch(const std::vector<Record>& records, const BatchOptions& options) {
    TRY_OK(checkOffsets(records, options.baseOffset));
    if (static_cast<int>(options.compression) > static_cast<int>(Compression::Zstd))
        return fail(ErrorCode::Unsupported,
                    "unknown compression " + std::to_string(static_cast<int>(options.compression)));
    const bool plain = options.compression == Compression::None;
    const auto guess = sizeGuess(records);
    WireWriter body(plain ? 0 : guess);
    WireWriter out(plain ? guess : kBatchHeaderSize);
    out.fixed(options.baseOffset);
    out.fixed(std::int32_t{0});  // length, set below
    out.fixed(options.leaderEpoch);
    out.fixed(std::int8_t{2});
    out.fixed(std::uint32_t{0});  // crc, set below
    putCovered(out, records, options);
    const auto base = records.front().timestampMs;
    for (const auto& record : records)
        putRecord(plain ? out : body, record, minus(record.timestampMs, base),
                  static_cast<std::int32_t>(record.offset - options.baseOffset));
    if (!plain)
        out.raw(ByteSpan(TRY(compress(options.compression, body.finishSmall()))));
    auto batch = out.finishSmall();
    if (batch.size() > INT32_MAX)
        return fail(ErrorCode::Invalid, "a batch over 2 GiB");
    const auto put32 = [&](std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i)
            batch[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    };
    put32(8, static_cast<std::uint32_t>(batch.size() - kBatchLengthEnd));
    put32(17, crc32c(ByteSpan(batch).subspan(21)));
    return Bytes::take(std::move(batch));
}

}  // namespace odradek::protocol
