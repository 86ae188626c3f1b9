// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/base/types.h"

namespace odradek {
namespace {

ByteSpan span(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(Crc32c, KnownAnswers) {
    EXPECT_EQ(crc32c(span("123456789")), 0xe3069283u);  // the check value of CRC-32C
    EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0)), 0x8a9136aau);     // RFC 3720 B.4
    EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0xff)), 0x62a8ab43u);  // RFC 3720 B.4
}

RC_GTEST_PROP(Crc32c, HardwareEqualsPortableAndContinues, (std::uint16_t length, std::uint64_t seed)) {
    std::vector<std::uint8_t> data(length);
    Prng prng(seed);
    for (auto& byte : data)
        byte = static_cast<std::uint8_t>(prng.next());
    RC_ASSERT(crc32c(data) == crc32cPortable(data));
    const auto cut = prng.below(data.size() + 1);
    const ByteSpan all(data);
    RC_ASSERT(crc32c(all.subspan(cut), crc32c(all.first(cut))) == crc32c(all));
}

TEST(Uuid, TextIsKafkas) {
    Uuid one;
    one.bytes[15] = 1;
    EXPECT_EQ(one.toString(), "AAAAAAAAAAAAAAAAAAAAAQ");  // the id of __cluster_metadata
    EXPECT_EQ(Uuid::parse("AAAAAAAAAAAAAAAAAAAAAQ").value(), one);
    EXPECT_FALSE(Uuid::parse("AAAA").has_value());
    EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAA+Q").has_value());
}

RC_GTEST_PROP(Uuid, RoundTrips, (std::uint64_t seed)) {
    Prng prng(seed);
    Uuid id;
    for (auto& byte : id.bytes)
        byte = static_cast<std::uint8_t>(prng.next());
    RC_ASSERT(Uuid::parse(id.toString()).value() == id);
}

TEST(Prng, SameSeedSameSequenceAndCopiesGoOnAlike) {
    Prng a(7), b(7), other(8);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const auto value = a.next();
        EXPECT_EQ(value, b.next());
        differs |= value != other.next();
    }
    EXPECT_TRUE(differs);
    Prng copy = a;
    EXPECT_EQ(copy.next(), a.next());
    for (int i = 0; i < 1000; ++i) {
        const auto v = a.between(-3, 4);
        EXPECT_GE(v, -3);
        EXPECT_LE(v, 4);
    }
    EXPECT_EQ(a.below(0), 0u);
}

TEST(Bytes, SlicesShareAndOutliveTheirSource) {
    Bytes tail;
    {
        auto whole = Bytes::copy("leader and follower");
        tail = whole.slice(11);
        EXPECT_EQ(tail.data(), whole.data() + 11);
    }
    EXPECT_EQ(tail.view(), "follower");
    EXPECT_TRUE(tail.slice(99).empty());
    EXPECT_EQ(tail.slice(6, 99).view(), "er");
}

TEST(Chain, ReadsAsOneRunOfBytes) {
    Chain chain;
    chain.append(Bytes::copy("ab"));
    chain.append(Bytes());
    chain.append(Bytes::copy("cd"));
    EXPECT_EQ(chain.size(), 4u);
    EXPECT_EQ(chain.parts().size(), 2u);
    EXPECT_EQ(chain.flatten().view(), "abcd");
    EXPECT_EQ(chain, Chain(Bytes::copy("abcd")));
}

TEST(Instant, NeverStaysNever) {
    EXPECT_EQ(Instant::never() + Milliseconds(5), Instant::never());
    EXPECT_LT(Instant{5} + Nanoseconds(1), Instant::never());
}

}  // namespace
}  // namespace odradek
