// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace odradek::broker {

/// Java's String.hashCode of UTF-8 text: 31-polynomial over its UTF-16 code units, modulo 2^32. Bytes that are no UTF-8
/// count as U+FFFD, as Java reads them.
std::int32_t javaHash(std::string_view utf8);
/// Java's String.length: UTF-16 code units.
std::size_t javaLength(std::string_view utf8);
/// The bucket of a key in a Java HashMap holding `entries` keys: the order in which it is walked.
std::uint32_t javaBucket(std::string_view utf8, std::size_t entries);

}  // namespace odradek::broker
