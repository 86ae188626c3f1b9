// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/record_batch.h"

#include <gtest/gtest.h>

#include <array>

#include "engine/base/crc32c.h"
#include "engine/base/prng.h"
#include "tests/support/protocol/hex.h"

namespace odradek::protocol {
namespace {

using odradek::testing::bytesOf;
using odradek::testing::hexOf;

constexpr std::array kCodecs{Compression::None, Compression::Gzip, Compression::Snappy,
                             Compression::Lz4, Compression::Zstd};

Bytes text(std::string_view t) {
    return Bytes::copy(t);
}

/// Overwrites bytes at a position and mends the CRC.
Bytes patched(const Bytes& batch, std::size_t at, std::string_view notation) {
    std::vector<std::uint8_t> copy(batch.data(), batch.data() + batch.size());
    const auto bytes = bytesOf(notation);
    std::copy(bytes.data(), bytes.data() + bytes.size(),
              copy.begin() + static_cast<std::ptrdiff_t>(at));
    const auto crc = crc32c(ByteSpan(copy).subspan(21));
    for (std::size_t i = 0; i < 4; ++i)
        copy[17 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    return Bytes::take(std::move(copy));
}

std::vector<Record> someRecords(Prng& random, std::int64_t baseOffset) {
    std::vector<Record> records(1 + random.below(20));
    std::int64_t offset = baseOffset;
    for (auto& r : records) {
        r.offset = offset;
        offset += 1 + static_cast<std::int64_t>(random.chance(1, 8) ? random.below(500) : 0);
        r.timestampMs = 1700000000000 + random.between(-100000, 100000);
        if (random.chance(3, 4))
            r.key = text(std::string(random.below(20), 'k'));
        if (random.chance(7, 8))
            r.value =
                text(std::string(random.below(3000), static_cast<char>('a' + random.below(26))));
        for (auto n = random.below(3); n > 0; --n) {
            auto& h = r.headers.emplace_back();
            h.key = std::string(random.below(9), 'h');
            if (random.chance(1, 2))
                h.value = text("v");
        }
    }
    return records;
}

// One record {timestamp 1000, key "k", value "vv", header a=null}, at offset 5, counted out by
// hand.
TEST(RecordBatch, KnownBytes) {
    Record r{.offset = 5,
             .timestampMs = 1000,
             .key = text("k"),
             .value = text("vv"),
             .headers = {{"a", std::nullopt}}};
    const auto batch = buildBatch({r}, {.baseOffset = 5,
                                        .leaderEpoch = 3,
                                        .producerId = 7,
                                        .producerEpoch = 1,
                                        .baseSequence = 2});
    ASSERT_TRUE(batch);
    const std::string covered =
        "0000 00000000 00000000000003e8 00000000000003e8 0000000000000007 0001 00000002 00000001"
        "18 00 00 00 02 'k' 04 'vv' 02 02 'a' 01";
    const auto crc = crc32cPortable(bytesOf(covered).span());
    const std::array<std::uint8_t, 4> crcBytes{
        static_cast<std::uint8_t>(crc >> 24), static_cast<std::uint8_t>(crc >> 16),
        static_cast<std::uint8_t>(crc >> 8), static_cast<std::uint8_t>(crc)};
    EXPECT_EQ(hexOf(*batch), hexOf(bytesOf("0000000000000005 0000003e 00000003 02")) +
                                 hexOf(ByteSpan(crcBytes)) + hexOf(bytesOf(covered)));
}

TEST(RecordBatch, HeaderFieldsComeBack) {
    Record a{.offset = 10, .timestampMs = 500, .value = text("x")};
    Record b{.offset = 13, .timestampMs = 900, .value = text("y")};
    Record c{.offset = 14, .timestampMs = 700, .value = text("z")};
    const auto batch = buildBatch({a, b, c}, {.baseOffset = 10,
                                              .leaderEpoch = 4,
                                              .producerId = 9,
                                              .producerEpoch = 2,
                                              .baseSequence = 100,
                                              .transactional = true,
                                              .control = true});
    ASSERT_TRUE(batch);
    const auto h = readBatchHeader(*batch);
    ASSERT_TRUE(h);
    EXPECT_EQ(h->baseOffset, 10);
    EXPECT_EQ(h->lastOffset(), 14);
    EXPECT_EQ(h->nextOffset(), 15);
    EXPECT_EQ(h->partitionLeaderEpoch, 4);
    EXPECT_EQ(h->baseTimestamp, 500);
    EXPECT_EQ(h->maxTimestamp, 900);
    EXPECT_EQ(h->producerId, 9);
    EXPECT_EQ(h->producerEpoch, 2);
    EXPECT_EQ(h->baseSequence, 100);
    EXPECT_EQ(h->recordCount, 3);
    EXPECT_TRUE(h->isTransactional());
    EXPECT_TRUE(h->isControl());
    EXPECT_FALSE(h->isLogAppendTime());
    EXPECT_EQ(h->sizeInBytes(), batch->size());
    const auto sum = summarizeRecords(*batch);
    ASSERT_TRUE(sum);
    EXPECT_EQ(sum->count, 3);
    EXPECT_FALSE(sum->deltasConsecutive);
    EXPECT_TRUE(sum->anyNullKey);
    EXPECT_EQ(sum->minTimestampMs, 500);
    EXPECT_EQ(sum->maxTimestampMs, 900);
    EXPECT_EQ(sum->offsetOfMaxTimestamp, 13);
    EXPECT_EQ(sum->lastOffsetDelta, 4);
}

TEST(RecordBatch, EveryCodecRoundTrips) {
    Prng random(11);
    for (int round = 0; round < 60; ++round)
        for (const auto codec : kCodecs) {
            const auto base = random.between(0, 1'000'000'000'000);
            const auto records = someRecords(random, base);
            const auto batch = buildBatch(records, {.compression = codec, .baseOffset = base});
            ASSERT_TRUE(batch) << batch.error().message;
            ASSERT_TRUE(checkBatchCrc(*batch));
            EXPECT_EQ(readBatchHeader(*batch)->compression(), codec);
            const auto back = readRecords(*batch);
            ASSERT_TRUE(back) << back.error().message;
            ASSERT_EQ(*back, records);
            const auto sum = summarizeRecords(*batch);
            ASSERT_TRUE(sum);
            EXPECT_EQ(sum->count, static_cast<std::int32_t>(records.size()));
        }
}

TEST(RecordBatch, WhatCannotBeBuilt) {
    EXPECT_EQ(buildBatch({}, {}).error().code, ErrorCode::Invalid);
    EXPECT_EQ(buildBatch({Record{}}, {.compression = static_cast<Compression>(5)}).error().code,
              ErrorCode::Unsupported);
    EXPECT_EQ(buildBatch({Record{.offset = 1}, Record{.offset = 1}}, {}).error().code,
              ErrorCode::Invalid);
    EXPECT_EQ(buildBatch({Record{.offset = 1}}, {.baseOffset = 2}).error().code,
              ErrorCode::Invalid);
    EXPECT_EQ(buildBatch({Record{.offset = 1ll << 33}}, {}).error().code, ErrorCode::Invalid);
}

TEST(RecordBatch, ChecksumSeesEveryBitItCovers) {
    const auto batch = *buildBatch({Record{.key = text("key"), .value = text("value")}}, {});
    for (std::size_t i = 17; i < batch.size(); ++i) {
        std::vector<std::uint8_t> copy(batch.data(), batch.data() + batch.size());
        copy[i] ^= 0x10;
        const auto result = checkBatchCrc(copy);
        ASSERT_FALSE(result) << i;
        EXPECT_EQ(result.error().code, ErrorCode::Corrupt);
    }
    EXPECT_EQ(checkBatchCrc(batch.span().first(batch.size() - 1)).error().code,
              ErrorCode::Truncated);
}

TEST(RecordBatch, StampingLeavesTheChecksumRight) {
    const auto batch = *buildBatch(
        {Record{.timestampMs = 5, .value = text("v")}, Record{.offset = 1, .timestampMs = 9}},
        {.compression = Compression::Gzip});
    const auto stamped = stampBatch(batch, 1234567890123, 17);
    ASSERT_EQ(stamped.parts().size(), 2u);
    EXPECT_EQ(stamped.parts()[1].data(), batch.data() + 16) << "the rest is shared";
    const auto flat = stamped.flatten();
    EXPECT_TRUE(checkBatchCrc(flat));
    EXPECT_EQ(readBatchHeader(flat)->partitionLeaderEpoch, 17);
    EXPECT_EQ(readRecords(flat)->at(1).offset, 1234567890124);

    const auto timed = stampBatchWithAppendTime(batch, 50, 3, 777);
    EXPECT_TRUE(checkBatchCrc(timed));
    const auto h = readBatchHeader(timed);
    EXPECT_TRUE(h->isLogAppendTime());
    EXPECT_EQ(h->compression(), Compression::Gzip);
    EXPECT_EQ(h->baseOffset, 50);
    EXPECT_EQ(h->maxTimestamp, 777);
    EXPECT_EQ(readRecords(timed)->at(0).timestampMs, 777);
    EXPECT_EQ(summarizeRecords(timed)->maxTimestampMs, 777);
    EXPECT_EQ(readBatchHeader(batch)->baseOffset, 0) << "the original is untouched";
}

TEST(RecordBatch, BrokenHeadersAreErrors) {
    const auto batch = *buildBatch({Record{.value = text("v")}}, {});
    for (std::size_t n = 0; n < batch.size(); ++n) {
        EXPECT_EQ(readRecords(Bytes::copy(batch.span().first(n))).error().code,
                  ErrorCode::Truncated)
            << n;
        EXPECT_EQ(summarizeRecords(Bytes::copy(batch.span().first(n))).error().code,
                  ErrorCode::Truncated)
            << n;
    }
    EXPECT_EQ(readBatchHeader(patched(batch, 16, "01")).error().code, ErrorCode::Invalid);
    EXPECT_EQ(readBatchHeader(patched(batch, 8, "00000030")).error().code, ErrorCode::Invalid);
    EXPECT_EQ(readBatchHeader(patched(batch, 8, "ffffffff")).error().code, ErrorCode::Invalid);
    EXPECT_EQ(readRecords(patched(batch, 57, "ffffffff")).error().code, ErrorCode::Invalid);
    EXPECT_EQ(readRecords(patched(batch, 57, "7fffffff")).error().code, ErrorCode::Invalid);
    EXPECT_EQ(readRecords(patched(batch, 57, "00000000")).error().code, ErrorCode::Invalid)
        << "records left over";
    EXPECT_EQ(readRecords(patched(batch, 21, "0005")).error().code, ErrorCode::Unsupported);
    EXPECT_EQ(readRecords(patched(batch, 21, "0001")).error().code, ErrorCode::Invalid)
        << "not gzip";
}

TEST(RecordBatch, BrokenRecordsAreErrors) {
    // 61: length 0x12 = 9, attributes, time delta, offset delta, key length -1, value length 3,
    // "abc", no headers
    const auto batch = *buildBatch({Record{.value = text("abc")}}, {});
    ASSERT_EQ(hexOf(batch.slice(61)), "12000000010661626300");
    const auto code = [&](std::size_t at, std::string_view bytes) {
        const auto broken = patched(batch, at, bytes);
        const auto result = readRecords(broken);
        EXPECT_FALSE(result);
        const auto sum = summarizeRecords(broken);
        EXPECT_FALSE(sum);
        EXPECT_EQ(result.error().code, sum.error().code);
        return result.error().code;
    };
    EXPECT_EQ(code(61, "14"), ErrorCode::Truncated);  // longer than what is left
    EXPECT_EQ(code(61, "10"), ErrorCode::Truncated);  // shorter than its parts
    EXPECT_EQ(code(61, "01"), ErrorCode::Invalid);    // length -1
    EXPECT_EQ(code(65, "03"), ErrorCode::Invalid);    // key length -2
    EXPECT_EQ(code(66, "03"), ErrorCode::Invalid);    // value length -2
    EXPECT_EQ(code(66, "7e"), ErrorCode::Truncated);  // value longer than the record
    EXPECT_EQ(code(66, "04"),
              ErrorCode::Invalid);  // value shorter: "c" reads as a negative header count
    EXPECT_EQ(code(70, "02"), ErrorCode::Invalid);                  // one header that is not there
    EXPECT_EQ(code(70, "01"), ErrorCode::Invalid);                  // header count -1
    EXPECT_EQ(code(63, "ffffffffffffffff"), ErrorCode::Truncated);  // an endless varint
    const auto wide = *buildBatch({Record{.value = text("abcdefghijklmnop")}}, {});
    EXPECT_EQ(readRecords(patched(wide, 63, "ffffffffffffffffff02")).error().code,
              ErrorCode::Invalid)
        << "65 bits";
}

TEST(RecordBatch, ControlRecords) {
    EXPECT_EQ(hexOf(controlKey(ControlType::Commit)), "00000001");
    EXPECT_EQ(parseControlKey(bytesOf("0000 0002")).value(), ControlType::LeaderChange);
    EXPECT_EQ(parseControlKey(bytesOf("0000 00")).error().code, ErrorCode::Truncated);
    EXPECT_EQ(parseControlKey(bytesOf("ffff 0002")).error().code, ErrorCode::Invalid);
}

TEST(RecordBatch, RunsAreSplitAndACutTailIsLeftOut) {
    Chain run;
    for (int i = 0; i < 3; ++i)
        run.append(
            *buildBatch({Record{.offset = i,
                                .value = text(std::string(static_cast<std::size_t>(i) * 10, 'v'))}},
                        {.baseOffset = i}));
    const auto all = run.flatten();
    const auto batches = splitBatches(all);
    ASSERT_TRUE(batches);
    ASSERT_EQ(batches->size(), 3u);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(readBatchHeader((*batches)[static_cast<std::size_t>(i)])->baseOffset, i);
    EXPECT_EQ(splitBatches(all.slice(0, all.size() - 1))->size(), 2u);
    EXPECT_EQ(splitBatches(all.slice(0, 3))->size(), 0u);
    EXPECT_EQ(splitBatches(patched(all, 16, "00")).error().code, ErrorCode::Invalid);
}

}  // namespace
}  // namespace odradek::protocol
