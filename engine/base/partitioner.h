// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/bytes.h"

/// The hashes by which clients choose a partition for a key.
namespace odradek {

/// MurmurHash2 (Austin Appleby, 32 bits, little-endian) with Kafka's seed 0x9747b28c: what the Java
/// client uses.
std::uint32_t murmur2(ByteSpan key);
/// The Java client's choice (librdkafka: murmur2, murmur2_random): murmur2 without its sign bit,
/// modulo the count. `partitions` > 0.
std::int32_t partitionForKey(ByteSpan key, std::int32_t partitions);

/// CRC-32 (IEEE 802.3, as in zlib).
std::uint32_t crc32(ByteSpan data);
/// librdkafka's "consistent" choice: crc32 modulo the count. `partitions` > 0.
std::int32_t crc32Partition(ByteSpan key, std::int32_t partitions);

/// java.lang.String.hashCode of UTF-8 text, over its UTF-16 units; a broken byte counts as U+FFFD.
/// Kafka finds a group's coordinator with it.
std::int32_t javaStringHash(std::string_view text);
/// The partition of an internal topic that belongs to a name, as Kafka's coordinators compute it:
/// |hash| % partitions, where the smallest int counts as 0. `partitions` > 0.
std::int32_t coordinatorPartition(std::string_view name, std::int32_t partitions);

}  // namespace odradek
