// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/record_batch.h"

#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/protocol/codec/wire_reader.h"

namespace odradek::protocol {
namespace {

// Positions in the header; see record_batch.h.
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kEpochAt = 12;
constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::int16_t kAppendTimeBit = 8;

template <class T>
T load(const std::uint8_t* p) {
    std::make_unsigned_t<T> raw;
    std::memcpy(&raw, p, sizeof(T));
    if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1)
        raw = std::byteswap(raw);
    return static_cast<T>(raw);
}
template <class T>
void store(std::uint8_t* p, T value) {
    auto raw = static_cast<std::make_unsigned_t<T>>(value);
    if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1)
        raw = std::byteswap(raw);
    std::memcpy(p, &raw, sizeof(T));
}

}  // namespace

Result<BatchHeader> readBatchHeader(ByteSpan data) {
    if (data.size() > kMagicAt && data[kMagicAt] != 2)
        return fail(ErrorCode::Invalid,
                    "record batch of format " + std::to_string(data[kMagicAt]) + ", expected 2");
    if (data.size() < kBatchHeaderSize)
        return fail(ErrorCode::Truncated,
                    std::to_string(data.size()) + " bytes are no batch header");
    const auto* p = data.data();
    BatchHeader h;
    h.baseOffset = load<std::int64_t>(p);
    h.batchLength = load<std::int32_t>(p + kLengthAt);
    h.partitionLeaderEpoch = load<std::int32_t>(p + kEpochAt);
    h.magic = load<std::int8_t>(p + kMagicAt);
    h.crc = load<std::uint32_t>(p + kCrcAt);
    h.attributes = load<std::int16_t>(p + kAttributesAt);
    h.lastOffsetDelta = load<std::int32_t>(p + 23);
    h.baseTimestamp = load<std::int64_t>(p + 27);
    h.maxTimestamp = load<std::int64_t>(p + kMaxTimestampAt);
    h.producerId = load<std::int64_t>(p + 43);
    h.producerEpoch = load<std::int16_t>(p + 51);
    h.baseSequence = load<std::int32_t>(p + 53);
    h.recordCount = load<std::int32_t>(p + 57);
    if (h.batchLength < static_cast<std::int32_t>(kBatchHeaderSize - kBatchLengthEnd))
        return fail(ErrorCode::Invalid,
                    "batch length " + std::to_string(h.batchLength) + " is less than a header");
    return h;
}

Result<void> checkBatchCrc(ByteSpan batch) {
    const auto header = TRY(readBatchHeader(batch));
    if (batch.size() < header.sizeInBytes())
        return fail(ErrorCode::Truncated, "a batch of " + std::to_string(header.sizeInBytes()) +
                                              " bytes, " + std::to_string(batch.size()) +
                                              " are there");
    const auto crc = crc32c(batch.subspan(kAttributesAt, header.sizeInBytes() - kAttributesAt));
    if (crc != header.crc)
        return fail(ErrorCode::Corrupt,
                    "batch at offset " + std::to_string(header.baseOffset) + " fails its checksum");
    return {};
}

Chain stampBatch(const Bytes& batch, std::int64_t baseOffset, std::int32_t leaderEpoch) {
    ODRADEK_CHECK(batch.size() >= kBatchHeaderSize, "a batch has a header");
    std::vector<std::uint8_t> front(batch.data(), batch.data() + kMagicAt);
    store(front.data(), baseOffset);
    store(front.data() + kEpochAt, leaderEpoch);
    Chain stamped(Bytes::take(std::move(front)));
    stamped.append(batch.slice(kMagicAt));
    return stamped;
}

Bytes stampBatchWithAppendTime(const Bytes& batch, std::int64_t baseOffset,
                               std::int32_t leaderEpoch, std::int64_t appendTimeMs) {
    ODRADEK_CHECK(batch.size() >= kBatchHeaderSize, "a batch has a header");
    std::vector<std::uint8_t> copy(batch.data(), batch.data() + batch.size());
    auto* p = copy.data();
    store(p, baseOffset);
    store(p + kEpochAt, leaderEpoch);
    store(p + kAttributesAt,
          static_cast<std::int16_t>(load<std::int16_t>(p + kAttributesAt) | kAppendTimeBit));
    store(p + kMaxTimestampAt, appendTimeMs);
    const auto size =
        std::min(copy.size(),
                 kBatchLengthEnd + static_cast<std::size_t>(load<std::uint32_t>(p + kLengthAt)));
    ODRADEK_CHECK(size >= kBatchHeaderSize, "a batch has a header");
    store(p + kCrcAt, crc32c(ByteSpan(copy).subspan(kAttributesAt, size - kAttributesAt)));
    return Bytes::take(std::move(copy));
}

Result<std::vector<Bytes>> splitBatches(const Bytes& run) {
    std::vector<Bytes> batches;
    std::size_t at = 0;
    while (run.size() - at >= kBatchHeaderSize) {
        const auto header = TRY(readBatchHeader(run.span().subspan(at)));
        if (header.sizeInBytes() > run.size() - at)
            break;
        batches.push_back(run.slice(at, header.sizeInBytes()));
        at += header.sizeInBytes();
    }
    return batches;
}

Bytes controlKey(ControlType type) {
    std::vector<std::uint8_t> key(4);
    store(key.data() + 2, static_cast<std::int16_t>(type));
    return Bytes::take(std::move(key));
}

Result<ControlType> parseControlKey(ByteSpan key) {
    if (key.size() < 4)
        return fail(ErrorCode::Truncated, "a control record's key has 4 bytes");
    if (load<std::int16_t>(key.data()) < 0)
        return fail(ErrorCode::Invalid, "a control record's key has a negative version");
    return static_cast<ControlType>(load<std::int16_t>(key.data() + 2));
}

}  // namespace odradek::protocol
