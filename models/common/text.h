// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <string>
#include <vector>

namespace odradek::models {

inline QString qs(const std::string& text) {
    return QString::fromStdString(text);
}

/// "213,040" with the locale's separators.
QString number(std::int64_t value);
/// A rate or other small decimal: three significant digits, "2.25", "0.9", "1,187".
QString decimal(double value);
/// "43.9 MiB"; exact() has the bytes.
QString bytes(std::int64_t value);
/// "1.5 s", "12 min", "3 h", "2 d": the two largest units at most; milliseconds in.
QString duration(std::int64_t ms);
/// "10:07:41.902" in local time; "-" when unknown (< 0).
QString clockTime(std::int64_t wallMs);
/// "2024-07-25 10:00:00.000" in local time; "-" when unknown.
QString dateTime(std::int64_t wallMs);
/// "1, 2, 3".
QString joined(const std::vector<std::int32_t>& values);

}  // namespace odradek::models
