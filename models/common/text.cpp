// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/common/text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QStringList>

#include <cmath>

namespace odradek::models {
namespace {
/// The words of this file, in their own translation context.
struct TextWords {
    Q_DECLARE_TR_FUNCTIONS(text)
};
}  // namespace

QString number(std::int64_t value) {
    return QLocale().toString(static_cast<qlonglong>(value));
}

QString decimal(double value) {
    if (!std::isfinite(value))
        return QStringLiteral("–");
    const double size = std::abs(value);
    const int digits = size >= 100 || size == std::floor(size) ? 0 : size >= 10 ? 1 : 2;
    return QLocale().toString(value, 'f', digits);
}

QString bytes(std::int64_t value) {
    static const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto size = static_cast<double>(value);
    int unit = 0;
    while (std::abs(size) >= 1024 && unit < 5) {
        size /= 1024;
        ++unit;
    }
    return QStringLiteral("%1 %2").arg(unit == 0 ? number(value) : decimal(size),
                                       QLatin1String(units[unit]));
}

QString duration(std::int64_t ms) {
    if (ms < 0)
        return QStringLiteral("–");
    if (ms < 1000)
        return TextWords::tr("%1 ms").arg(ms);
    const auto s = ms / 1000;
    if (s < 60)
        return TextWords::tr("%1 s").arg(
            s < 10 ? QLocale().toString(static_cast<double>(ms) / 1000.0, 'f', 1) : number(s));
    const auto min = s / 60;
    if (min < 60)
        return min < 10 && s % 60 ? TextWords::tr("%1 min %2 s").arg(min).arg(s % 60)
                                  : TextWords::tr("%1 min").arg(min);
    const auto h = min / 60;
    if (h < 48)
        return min % 60 ? TextWords::tr("%1 h %2 min").arg(h).arg(min % 60)
                        : TextWords::tr("%1 h").arg(h);
    const auto d = h / 24;
    return h % 24 && d < 10 ? TextWords::tr("%1 d %2 h").arg(d).arg(h % 24)
                            : TextWords::tr("%1 d").arg(number(d));
}

QString clockTime(std::int64_t wallMs) {
    return wallMs < 0
               ? QStringLiteral("–")
               : QDateTime::fromMSecsSinceEpoch(wallMs).toString(QStringLiteral("HH:mm:ss.zzz"));
}

QString dateTime(std::int64_t wallMs) {
    return wallMs < 0 ? QStringLiteral("–")
                      : QDateTime::fromMSecsSinceEpoch(wallMs).toString(
                            QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"));
}

QString joined(const std::vector<std::int32_t>& values) {
    QStringList parts;
    for (auto value : values)
        parts << QString::number(value);
    return parts.join(QStringLiteral(", "));
}

}  // namespace odradek::models
