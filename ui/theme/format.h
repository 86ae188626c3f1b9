// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace odradek::ui {

/// Words for numbers, one way everywhere. Thousands are grouped; the unit follows a space.
QString formatCount(qint64 value);                       ///< 1,187
QString formatShort(double value);                       ///< 1.2 k, 48.5 k, 1.4 M (axis labels)
QString formatDecimal(double value, int digits = 2);     ///< 6.86; never "-0.00"
QString formatBytes(double bytes);                       ///< 43.9 MiB
QString formatRate(double perSecond);                    ///< 212 /s, 24.1 k/s
QString formatByteRate(double bytesPerSecond);           ///< 24.1 MB/s
QString formatPercent(double fraction, int digits = 0);  ///< 0.29 -> 29 %
QString formatDuration(double seconds);                  ///< 0.9 s, 5 min 50 s, 26 h 4 min
QString formatClock(qint64 msecsSinceEpoch);             ///< 10:04:32 (local time)
QString formatClockMs(qint64 msecsSinceEpoch);           ///< 10:04:32.118
QString formatTimestamp(qint64 msecsSinceEpoch);         ///< 2024-07-25 10:00:00.000 UTC
/// Escapes control characters, so that data can never disturb a line of text.
QString oneLine(const QString& text, int maxLength = 400);

}  // namespace odradek::ui
