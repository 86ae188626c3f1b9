// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

/// Reading Kafka's checkpoint files: a version line "0", a count line, then that many lines.
namespace odradek::storage {

inline constexpr std::string_view kEpochFileLabel = "leader-epoch-checkpoint";

/// A whole decimal number, nothing else.
template <class T>
std::optional<T> parseNumber(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

/// The parts between separators; empty parts are kept.
std::vector<std::string_view> splitFields(std::string_view line, char separator);

/// The lines of a version-0 checkpoint; views into `file`. Corrupt when version or count do not fit; `name` is for the
/// message.
Result<std::vector<std::string_view>> readCountedLines(const Bytes& file, std::string_view name);

}  // namespace odradek::storage
