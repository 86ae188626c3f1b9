// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/check.h"
#include "engine/protocol/codec/record_batch.h"
#include "tests/fuzz/protocol/entries/entries.h"
#include "tests/fuzz/protocol/entries/seeds.h"

namespace odradek::fuzz {
namespace {

using namespace protocol;

constexpr std::size_t kCap = 256 * 1024;

/// Reads one batch both ways and builds what was read again.
void oneBatch(const Bytes& batch) {
    const DecodeLimits limits{.maxDecompressedBytes = kCap};
    (void)checkBatchCrc(batch);
    const auto header = readBatchHeader(batch);
    const auto records = readRecords(batch, limits);
    const auto sum = summarizeRecords(batch, limits);
    ODRADEK_CHECK(records.has_value() == sum.has_value(),
                  "reading and summarising agree on what is broken");
    if (!records) {
        ODRADEK_CHECK(records.error().code == sum.error().code, "and on why");
        return;
    }
    ODRADEK_CHECK(header && sum->count == header->recordCount,
                  "as many records as the header says");
    ODRADEK_CHECK(records->size() == static_cast<std::size_t>(sum->count),
                  "reading and summarising count the same");
    if (records->empty())
        return;
    if (const auto again = buildBatch(*records, {.baseOffset = records->front().offset}); again) {
        const auto back = readRecords(*again, limits);
        ODRADEK_CHECK(back.has_value() && *back == *records, "what was read can be written");
        ODRADEK_CHECK(checkBatchCrc(*again).has_value(), "and has its checksum");
    }
    const auto stamped = stampBatch(batch, 77, 5).flatten();
    ODRADEK_CHECK(checkBatchCrc(stamped).has_value() == checkBatchCrc(batch).has_value(),
                  "stamps are outside the CRC");
    ODRADEK_CHECK(checkBatchCrc(stampBatchWithAppendTime(batch, 77, 5, 99)).has_value(),
                  "append time mends the CRC");
}

}  // namespace

void fuzzBatches(ByteSpan input) {
    if (input.empty())
        return;
    const auto body = Bytes::copy(input.subspan(1));
    const auto plain = decompress(static_cast<Compression>(input[0] % 8), body, kCap);
    ODRADEK_CHECK(!plain || plain->size() <= kCap, "decompression keeps its cap");
    oneBatch(body);
    if (const auto batches = splitBatches(body); batches)
        for (const auto& batch : *batches)
            oneBatch(batch);
}

std::vector<Bytes> batchSeeds() {
    std::vector<Bytes> seeds;
    for (std::uint8_t codec = 0; codec < 5; ++codec) {
        std::vector<Record> records;
        for (std::int64_t i = 0; i < 3; ++i) {
            auto& r = records.emplace_back();
            r.offset = i;
            r.timestampMs = 1000 + i;
            if (i > 0)
                r.key = Bytes::copy(std::string_view("key"));
            r.value = Bytes::copy(std::string(static_cast<std::size_t>(i) * 30, 'v'));
            if (i > 1)
                r.headers = {{"h", std::nullopt}, {"i", Bytes::copy(std::string_view("x"))}};
        }
        const auto batch = buildBatch(records, {.compression = static_cast<Compression>(codec)});
        ODRADEK_CHECK(batch.has_value(), "a seed can be built");
        for (const auto& content : {*batch, batch->slice(kBatchHeaderSize)}) {
            Chain seed(Bytes::take({codec}));
            seed.append(content);
            seeds.push_back(seed.flatten());
        }
        Chain twice(Bytes::take({codec}));
        twice.append(*batch);
        twice.append(*batch);
        seeds.push_back(twice.flatten());
    }
    return seeds;
}

}  // namespace odradek::fuzz
