// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/messages/payload.h"

#include <QCoreApplication>
#include <QStringDecoder>

#include "engine/base/partitioner.h"
#include "models/common/json_text.h"

namespace odradek::models {
namespace {

/// The words of this file, in their own translation context.
struct PayloadWords {
    Q_DECLARE_TR_FUNCTIONS(Payload)
};

QByteArrayView viewOf(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

bool isText(const Bytes& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto c = bytes[i];
        if (c < 0x20 && c != '\n' && c != '\r' && c != '\t')
            return false;
        if (c == 0x7f)
            return false;
    }
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder(viewOf(bytes));
    return !decoder.hasError() && !text.contains(QChar::ReplacementCharacter);
}

bool looksLikeJson(const Bytes& bytes) {
    std::size_t i = 0;
    while (i < bytes.size() &&
           (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t'))
        ++i;
    return i < bytes.size() && (bytes[i] == '{' || bytes[i] == '[');
}

bool parsesAsJson(const Bytes& bytes) {
    return isJson(viewOf(bytes));
}

QString hex(const Bytes& bytes, std::size_t limit) {
    QString text;
    for (std::size_t i = 0; i < bytes.size() && i < limit; ++i)
        text += QStringLiteral("%1 ").arg(bytes[i], 2, 16, QLatin1Char('0'));
    return text.trimmed() + (bytes.size() > limit ? QStringLiteral(" …") : QString());
}

/// Copies JSON text with new lines and indents, without touching a single token: large numbers keep
/// their digits.
QString indent(const QString& json) {
    QString out;
    out.reserve(json.size() * 2);
    int depth = 0;
    bool inString = false;
    const auto newLine = [&] {
        out += QLatin1Char('\n');
        out += QString(depth * 2, QLatin1Char(' '));
    };
    for (qsizetype i = 0; i < json.size(); ++i) {
        const QChar c = json[i];
        if (inString) {
            out += c;
            if (c == QLatin1Char('\\') && i + 1 < json.size())
                out += json[++i];
            else if (c == QLatin1Char('"'))
                inString = false;
            continue;
        }
        if (c.isSpace())
            continue;
        if (c == QLatin1Char('"')) {
            inString = true;
            out += c;
        } else if (c == QLatin1Char('{') || c == QLatin1Char('[')) {
            out += c;
            const QChar close = c == QLatin1Char('{') ? QLatin1Char('}') : QLatin1Char(']');
            qsizetype next = i + 1;
            while (next < json.size() && json[next].isSpace())
                ++next;
            if (next < json.size() && json[next] == close) {
                out += close;
                i = next;
                continue;
            }
            ++depth;
            newLine();
        } else if (c == QLatin1Char('}') || c == QLatin1Char(']')) {
            --depth;
            newLine();
            out += c;
        } else if (c == QLatin1Char(',')) {
            out += c;
            newLine();
        } else if (c == QLatin1Char(':')) {
            out += QStringLiteral(": ");
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

PayloadKind kindOf(const std::optional<Bytes>& bytes) {
    if (!bytes)
        return PayloadKind::Null;
    if (bytes->empty())
        return PayloadKind::Empty;
    if (!isText(*bytes))
        return PayloadKind::Binary;
    return looksLikeJson(*bytes) && parsesAsJson(*bytes) ? PayloadKind::Json : PayloadKind::Text;
}

QString kindWord(PayloadKind kind) {
    switch (kind) {
        case PayloadKind::Null:
            return PayloadWords::tr("null");
        case PayloadKind::Empty:
            return PayloadWords::tr("empty");
        case PayloadKind::Json:
            return PayloadWords::tr("JSON");
        case PayloadKind::Text:
            return PayloadWords::tr("text");
        case PayloadKind::Binary:
            return PayloadWords::tr("binary");
    }
    return {};
}

QString preview(const std::optional<Bytes>& bytes, int limit) {
    if (!bytes)
        return PayloadWords::tr("null");
    // Cut before decoding, so that a 20 MB value costs no more than its first line; 4 bytes per
    // character at most.
    const auto cut = bytes->slice(0, static_cast<std::size_t>(limit) * 4);
    const bool cutInside = cut.size() < bytes->size();
    // Only our own cut may leave a character incomplete; a value that ends inside one is broken.
    QStringDecoder decoder(QStringDecoder::Utf8, cutInside ? QStringDecoder::Flag::Default
                                                           : QStringDecoder::Flag::Stateless);
    QString text = decoder(viewOf(cut));
    while (cutInside && text.endsWith(QChar::ReplacementCharacter))
        text.chop(1);
    for (const QChar c : text)
        if (c == QChar::ReplacementCharacter || (c < QLatin1Char(' ') && !c.isSpace()))
            return hex(*bytes, static_cast<std::size_t>(limit) / 3);
    text = text.simplified();
    if (text.size() > limit || cutInside) {
        text.truncate(limit);
        if (!text.isEmpty() && text.back().isHighSurrogate())
            text.chop(1);
        text += QStringLiteral("…");
    }
    return text;
}

QString fullText(const std::optional<Bytes>& bytes) {
    return bytes ? QString::fromUtf8(viewOf(*bytes)) : PayloadWords::tr("null");
}

std::optional<QString> prettyJson(const std::optional<Bytes>& bytes) {
    if (!bytes || !looksLikeJson(*bytes) || !parsesAsJson(*bytes))
        return std::nullopt;
    return indent(QString::fromUtf8(viewOf(*bytes)));
}

PartitionExplanation explainPartition(const std::optional<Bytes>& key, int partition,
                                      int partitions) {
    PartitionExplanation out;
    if (!key) {
        out.words =
            PayloadWords::tr("no key: the producer chose the partition (round robin or sticky)");
        return out;
    }
    if (partitions <= 0)
        return out;
    out.murmur2 = partitionForKey(*key, partitions) == partition;
    out.crc32 = crc32Partition(*key, partitions) == partition;
    const auto hashWords = [&](const char* name, std::uint32_t hash) {
        return PayloadWords::tr("%1 0x%2 mod %3 = P%4")
            .arg(QLatin1String(name),
                 QString::number(hash, 16).toUpper().rightJustified(8, QLatin1Char('0')),
                 QString::number(partitions), QString::number(partition));
    };
    if (out.murmur2)
        out.words = hashWords("murmur2", murmur2(*key));
    else if (out.crc32)
        out.words = hashWords("CRC32", crc32(*key));
    else
        out.words = PayloadWords::tr(
                        "neither murmur2 nor CRC32 of the key gives P%1: chosen by hand, or before "
                        "partitions were added")
                        .arg(partition);
    return out;
}

}  // namespace odradek::models
