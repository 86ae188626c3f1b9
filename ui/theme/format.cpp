// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/format.h"

#include <QCoreApplication>
#include <QDateTime>

#include <array>
#include <cmath>

namespace odradek::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("odradek::ui::format", text);
}

// Three significant digits, no trailing zeros after the point.
QString significant(double value) {
    const double magnitude = std::fabs(value);
    const int digits = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
    QString text = QString::number(value, 'f', digits);
    if (text.contains(QLatin1Char('.'))) {
        while (text.endsWith(QLatin1Char('0')))
            text.chop(1);
        if (text.endsWith(QLatin1Char('.')))
            text.chop(1);
    }
    return text == QLatin1String("-0") ? QStringLiteral("0") : text;
}

QString scaled(double value, double base, const std::array<const char*, 6>& units) {
    std::size_t unit = 0;
    while (std::fabs(value) >= base * 0.9995 && unit + 1 < units.size()) {
        value /= base;
        ++unit;
    }
    const QString number = unit == 0 && std::floor(value) == value ? QString::number(value, 'f', 0)
                                                                   : significant(value);
    return units[unit][0] ? number + QLatin1Char(' ') + QLatin1String(units[unit]) : number;
}

}  // namespace

QString formatCount(qint64 value) {
    QString digits = QString::number(
        value < 0 ? -static_cast<double>(value) : static_cast<double>(value), 'f', 0);
    if (value > -(1LL << 53) && value < (1LL << 53))
        digits = QString::number(value < 0 ? -value : value);
    for (qsizetype i = digits.size() - 3; i > 0; i -= 3)
        digits.insert(i, QLatin1Char(','));
    return value < 0 ? QChar(0x2212) + digits : digits;
}

QString formatShort(double value) {
    return scaled(value, 1000, {"", "k", "M", "G", "T", "P"});
}

QString formatDecimal(double value, int digits) {
    QString text = QString::number(value, 'f', digits);
    if (text.startsWith(QLatin1Char('-')) && text.toDouble() == 0)
        text.remove(0, 1);
    return text;
}

QString formatBytes(double bytes) {
    return scaled(bytes, 1024, {"B", "KiB", "MiB", "GiB", "TiB", "PiB"});
}

QString formatRate(double perSecond) {
    const QString number = formatShort(perSecond);
    return number.contains(QLatin1Char(' ')) ? number + QStringLiteral("/s")
                                             : number + QStringLiteral(" /s");
}

QString formatByteRate(double bytesPerSecond) {
    return scaled(bytesPerSecond, 1000, {"B", "kB", "MB", "GB", "TB", "PB"}) + QStringLiteral("/s");
}

QString formatPercent(double fraction, int digits) {
    return formatDecimal(fraction * 100, digits) + QStringLiteral(" %");
}

QString formatDuration(double seconds) {
    if (!std::isfinite(seconds))
        return tr("never");
    if (seconds < 0)
        seconds = 0;
    if (seconds < 0.0995)
        return significant(seconds * 1000) + QLatin1Char(' ') + tr("ms");
    if (seconds < 9.95)
        return significant(std::round(seconds * 10) / 10) + QLatin1Char(' ') + tr("s");
    const auto whole = static_cast<qint64>(std::llround(seconds));
    const auto two = [](qint64 a, const QString& ua, qint64 b, const QString& ub) {
        return b ? QStringLiteral("%1 %2 %3 %4").arg(a).arg(ua).arg(b).arg(ub)
                 : QStringLiteral("%1 %2").arg(a).arg(ua);
    };
    if (whole < 60)
        return QStringLiteral("%1 %2").arg(whole).arg(tr("s"));
    if (whole < 3600)
        return two(whole / 60, tr("min"), whole % 60, tr("s"));
    if (whole < 48 * 3600)
        return two(whole / 3600, tr("h"), whole % 3600 / 60, tr("min"));
    return two(whole / 86400, tr("d"), whole % 86400 / 3600, tr("h"));
}

QString formatClock(qint64 msecsSinceEpoch) {
    return QDateTime::fromMSecsSinceEpoch(msecsSinceEpoch).toString(QStringLiteral("HH:mm:ss"));
}

QString formatClockMs(qint64 msecsSinceEpoch) {
    return QDateTime::fromMSecsSinceEpoch(msecsSinceEpoch).toString(QStringLiteral("HH:mm:ss.zzz"));
}

QString formatTimestamp(qint64 msecsSinceEpoch) {
    return QDateTime::fromMSecsSinceEpoch(msecsSinceEpoch, Qt::UTC)
               .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz")) +
           QStringLiteral(" UTC");
}

QString oneLine(const QString& text, int maxLength) {
    QString result;
    result.reserve(qMin<qsizetype>(text.size(), maxLength));
    for (const QChar c : text) {
        if (result.size() >= maxLength)
            return result + QChar(0x2026);
        if (c == QLatin1Char('\n'))
            result += QChar(0x21B5);
        else if (c == QLatin1Char('\t'))
            result += QLatin1Char(' ');
        else if (c.category() == QChar::Other_Control)
            result += QChar(0x00B7);
        else
            result += c;
    }
    return result;
}

}  // namespace odradek::ui
