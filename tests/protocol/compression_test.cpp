// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <snappy.h>

#include <array>

#include "engine/base/crc32c.h"
#include "engine/base/prng.h"
#include "engine/protocol/codec/record_batch.h"
#include "tests/support/protocol/hex.h"

namespace odradek::protocol {
namespace {

using odradek::testing::bytesOf;
using Buffer = std::vector<std::uint8_t>;

constexpr std::array kCodecs{Compression::None, Compression::Gzip, Compression::Snappy,
                             Compression::Lz4, Compression::Zstd};
constexpr std::array kRealCodecs{Compression::Gzip, Compression::Snappy, Compression::Lz4,
                                 Compression::Zstd};

std::string name(Compression codec) {
    return "codec " + std::to_string(static_cast<int>(codec));
}

Buffer rawSnappy(const Buffer& data) {
    std::string out;
    snappy::Compress(reinterpret_cast<const char*>(data.data()), data.size(), &out);
    return Buffer(out.begin(), out.end());
}

TEST(Compression, RoundTripsEverySizeAndRespectsTheCapExactly) {
    Prng random(3);
    for (const auto codec : kCodecs)
        for (const std::size_t size : {0, 1, 10, 1000, 1024, 32768, 32769, 70000, 300000}) {
            Buffer data(size);
            for (auto& byte : data)
                byte = static_cast<std::uint8_t>(random.below(size % 2 == 0 ? 256 : 3));
            const auto packed = compress(codec, data);
            ASSERT_TRUE(packed) << name(codec);
            const auto back = decompress(codec, *packed, size);
            ASSERT_TRUE(back) << name(codec) << " " << size << ": " << back.error().message;
            EXPECT_EQ(*back, data) << name(codec) << " " << size;
            if (size == 0)
                continue;
            const auto tight = decompress(codec, *packed, size - 1);
            ASSERT_FALSE(tight) << name(codec) << " " << size;
            EXPECT_EQ(tight.error().code, ErrorCode::Invalid);
        }
}

TEST(Compression, BombsStopAtTheCap) {
    const Buffer zeros(48u << 20);
    for (const auto codec : kRealCodecs) {
        const auto bomb = compress(codec, zeros);
        ASSERT_TRUE(bomb);
        const auto result = decompress(codec, *bomb, 1u << 20);
        ASSERT_FALSE(result) << name(codec);
        EXPECT_EQ(result.error().code, ErrorCode::Invalid);
        EXPECT_EQ(result.error().message, "records decompress to more than 1048576 bytes")
            << name(codec);
    }
}

TEST(Compression, SnappyPromisesAreCheckedBeforeMemoryIsTaken) {
    // Raw snappy that declares nearly 4 GiB, then 60 MiB, in a handful of bytes.
    EXPECT_EQ(decompress(Compression::Snappy, bytesOf("ffffffff0f 00 61"), 64u << 20).error().code,
              ErrorCode::Invalid);
    EXPECT_EQ(decompress(Compression::Snappy, bytesOf("8080801e 00 61"), 64u << 20).error().message,
              "snappy data is broken: it promises more than it can hold");
    // The densest snappy there is stays readable.
    const Buffer zeros(1 << 20);
    EXPECT_EQ(decompress(Compression::Snappy, rawSnappy(zeros), 1 << 20).value(), zeros);
}

TEST(Compression, SnappyIsReadRawAndInXerialBlocks) {
    const Buffer data{'h', 'e', 'l', 'l', 'o'};
    EXPECT_EQ(decompress(Compression::Snappy, rawSnappy(data), 100).value(), data);
    // Two blocks of one literal each; then the same with the second one cut.
    const auto head = "82 'SNAPPY' 00 00000001 00000001 ";
    const auto blocks = std::string(head) + "00000004 02 04 'he' 00000005 03 08 'llo'";
    EXPECT_EQ(decompress(Compression::Snappy, bytesOf(blocks), 5).value(), data);
    EXPECT_FALSE(decompress(Compression::Snappy, bytesOf(blocks), 4));
    EXPECT_FALSE(
        decompress(Compression::Snappy, bytesOf(std::string(head) + "00000004 02 04 'h"), 100));
    EXPECT_FALSE(decompress(Compression::Snappy, bytesOf(std::string(head) + "0000"), 100));
    EXPECT_FALSE(decompress(Compression::Snappy, bytesOf("82 'SNAPPY' 00 0000"), 100));
    EXPECT_EQ(decompress(Compression::Snappy, bytesOf(head), 100).value().size(), 0u);
    // What we write is framed.
    const auto ours = compress(Compression::Snappy, data).value();
    const auto magic = bytesOf(head);
    ASSERT_GT(ours.size(), magic.size());
    EXPECT_TRUE(std::equal(magic.data(), magic.data() + magic.size(), ours.begin()));
}

TEST(Compression, GzipMembersMayFollowEachOther) {
    auto both = compress(Compression::Gzip, Buffer{'a', 'b'}).value();
    const auto second = compress(Compression::Gzip, Buffer{'c'}).value();
    both.insert(both.end(), second.begin(), second.end());
    EXPECT_EQ(decompress(Compression::Gzip, both, 10).value(), (Buffer{'a', 'b', 'c'}));
}

TEST(Compression, EveryTrueBeginningAndEveryFlippedByteIsHarmless) {
    Buffer data(3000);
    Prng random(5);
    for (auto& byte : data)
        byte = static_cast<std::uint8_t>(random.below(20));
    for (const auto codec : kRealCodecs) {
        const auto packed = compress(codec, data).value();
        for (std::size_t n = 0; n < packed.size(); ++n) {
            const Buffer part(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(n));
            const auto result = decompress(codec, part, 1u << 20);
            // A framed snappy stream may end after its header: it is empty then.
            EXPECT_TRUE(!result || result->size() < data.size()) << name(codec) << " " << n;
        }
        for (std::size_t n = 0; n < packed.size(); ++n) {
            auto flipped = packed;
            flipped[n] ^= static_cast<std::uint8_t>(1 + random.below(255));
            (void)decompress(codec, flipped,
                             1u << 16);  // whatever it says, it stays within the cap and the buffer
        }
    }
}

TEST(Compression, UnknownCodecsAreUnsupported) {
    for (const int codec : {5, 6, 7}) {
        EXPECT_EQ(decompress(static_cast<Compression>(codec), {}, 10).error().code,
                  ErrorCode::Unsupported);
        EXPECT_EQ(compress(static_cast<Compression>(codec), {}).error().code,
                  ErrorCode::Unsupported);
    }
}

TEST(Crc32c, HardwareAndTableAgree) {
    EXPECT_EQ(crc32c(Bytes::copy(std::string_view("123456789")).span()), 0xe3069283u);
    Prng random(1);
    Buffer data(20000);
    for (auto& byte : data)
        byte = static_cast<std::uint8_t>(random.next());
    for (int i = 0; i < 300; ++i) {
        const auto from = random.below(data.size());
        const auto count = random.below(data.size() - from + 1);
        const auto part = ByteSpan(data).subspan(from, count);
        ASSERT_EQ(crc32c(part), crc32cPortable(part)) << from << "+" << count;
        const auto cut = random.below(count + 1);
        ASSERT_EQ(crc32c(part.subspan(cut), crc32c(part.first(cut))), crc32c(part));
    }
}

}  // namespace
}  // namespace odradek::protocol
