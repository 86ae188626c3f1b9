// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <optional>

#include "engine/base/bytes.h"

/// What the bytes of a key, value or header are, and how to show them. Pure functions, any thread.
namespace odradek::models {

enum class PayloadKind { Null, Empty, Json, Text, Binary };

/// Looks at the bytes: valid UTF-8 without control characters is text, an object or array in it is
/// JSON.
PayloadKind kindOf(const std::optional<Bytes>& bytes);
QString kindWord(PayloadKind kind);

/// One line of at most `limit` characters for a table cell; binary as hex, null as "null" in words.
QString preview(const std::optional<Bytes>& bytes, int limit = 240);
/// The whole as text; broken UTF-8 shows replacement characters.
QString fullText(const std::optional<Bytes>& bytes);
/// Indented JSON, or nothing when it is not JSON (numbers keep the digits they came with).
std::optional<QString> prettyJson(const std::optional<Bytes>& bytes);

/// Which partitioner puts this key into this partition.
struct PartitionExplanation {
    QString words;         ///< "murmur2 0xCCE86233 mod 3 = P1"
    bool murmur2 = false;  ///< Java clients, librdkafka murmur2_random
    bool crc32 = false;    ///< librdkafka's default (consistent_random)
};
PartitionExplanation explainPartition(const std::optional<Bytes>& key, int partition,
                                      int partitions);

}  // namespace odradek::models
