// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"

namespace odradek {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), continuing from `seed` (0 to begin). Uses SSE4.2 where built
/// for it, three streams at a time for long inputs, and a table otherwise; the results are the same.
std::uint32_t crc32c(ByteSpan data, std::uint32_t seed = 0);

/// The portable table version, for tests to compare with.
std::uint32_t crc32cPortable(ByteSpan data, std::uint32_t seed = 0);

}  // namespace odradek
