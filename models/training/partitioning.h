// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <cstdint>
#include <vector>

#include "models/common/row_model.h"

/// Key to partition: pure functions and a table for the Learn page.
namespace odradek::models {

/// One key and where it goes.
struct KeyRow {
    int order = 0;  ///< as typed
    QString key;
    quint32 hash = 0;        ///< murmur2
    int partition = 0;       ///< among `partitions`
    int partitionAfter = 0;  ///< among `partitionsAfter`
    int crc32Partition = 0;  ///< where librdkafka's default partitioner would put it
    qint64 produced = 0;     ///< times sent for real from the page
    QString lastResult;      ///< "P1 at 213,406", or the error
    bool operator==(const KeyRow&) const = default;
};

class KeysModel : public RowModel<KeyRow> {
public:
    enum Column { Key, Hash, Partition, After, Crc32, Produced, Result };
    explicit KeysModel(QObject* parent = nullptr);
};

/// Rows for keys (empty lines left out, duplicates kept once) with the given counts of partitions.
std::vector<KeyRow> placeKeys(const QStringList& keys, int partitions, int partitionsAfter);

/// How many of the keys each partition gets.
std::vector<int> distribution(const std::vector<KeyRow>& rows, int partitions, bool after = false);

/// How many keys move when the number of partitions changes.
int movedKeys(const std::vector<KeyRow>& rows);

/// Where keyless records go: round robin one by one, or sticky (a partition per batch of `batch`
/// records, the next one drawn from `seed`; Java clients since 2.4, KIP-480).
std::vector<int> roundRobin(int records, int partitions);
std::vector<int> sticky(int records, int partitions, int batch, std::uint64_t seed);

}  // namespace odradek::models
