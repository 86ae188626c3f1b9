// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/partitioner.h"

/// The hashes live in engine/base, because models explain them to people; protocol code finds them here as well.
namespace odradek::protocol {

using odradek::coordinatorPartition;
using odradek::crc32;
using odradek::crc32Partition;
using odradek::javaStringHash;
using odradek::murmur2;
using odradek::partitionForKey;

}  // namespace odradek::protocol
