// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace odradek {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

/// One line a core wants people to be able to read. Cores return these as values (io::Note); the runtime
/// stamps and prints them.
struct LogLine {
    LogLevel level = LogLevel::Info;
    std::string text;
};

}  // namespace odradek
