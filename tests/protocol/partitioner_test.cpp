// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/partitioner.h"

#include <gtest/gtest.h>

namespace odradek::protocol {
namespace {

ByteSpan bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Partitioner, MurmurIsKafkas) {
    EXPECT_EQ(murmur2(bytes("ORD-12345")), 0xcce86233u);
    // As Kafka's Java client hashes them, as signed ints.
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(bytes("21"))), -973932308);
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(bytes("foobar"))), -790332482);
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(bytes("a-little-bit-long-string"))), -985981536);
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(bytes("abc"))), 479470107);
}

TEST(Partitioner, TheGuidesOrdersShareAPartition) {
    EXPECT_EQ(partitionForKey(bytes("ORD-12345"), 3), 1);
    EXPECT_EQ(partitionForKey(bytes("ORD-67890"), 3), 1);
}

TEST(Partitioner, CrcIsZlibs) {
    EXPECT_EQ(crc32(bytes("123456789")), 0xcbf43926u);
    EXPECT_EQ(crc32(bytes("")), 0u);
    EXPECT_EQ(crc32Partition(bytes("123456789"), 7), static_cast<std::int32_t>(0xcbf43926u % 7));
}

TEST(Partitioner, JavaHashesUtf16Units) {
    EXPECT_EQ(javaStringHash(""), 0);
    EXPECT_EQ(javaStringHash("hello"), 99162322);
    EXPECT_EQ(javaStringHash("\xc3\xa9"), 0xe9);
    EXPECT_EQ(javaStringHash("\xf0\x9f\x98\x80"), 0xd83d * 31 + 0xde00);
    EXPECT_EQ(javaStringHash("\xff"), 0xfffd);
    EXPECT_EQ(javaStringHash("polygenelubricants"), INT32_MIN);
}

TEST(Partitioner, CoordinatorsTakeTheAbsoluteValue) {
    EXPECT_EQ(coordinatorPartition("polygenelubricants", 50), 0);
    EXPECT_EQ(coordinatorPartition("hello", 50), 99162322 % 50);
    for (const char* name : {"ShippingService", "Marketing", "payments-group"}) {
        const auto hash = static_cast<std::int64_t>(javaStringHash(name));
        EXPECT_EQ(coordinatorPartition(name, 50), (hash < 0 ? -hash : hash) % 50) << name;
    }
}

}  // namespace
}  // namespace odradek::protocol
