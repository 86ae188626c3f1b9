// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/partitioning.h"

#include <QCoreApplication>
#include <QSet>

#include "engine/base/partitioner.h"
#include "engine/base/prng.h"
#include "models/common/text.h"

namespace odradek::models {
namespace {

/// The words of this file, in their own translation context.
struct TrainingWords {
    Q_DECLARE_TR_FUNCTIONS(Training)
};

QString partitionName(int partition) {
    return QStringLiteral("P%1").arg(partition);
}

}  // namespace

KeysModel::KeysModel(QObject* parent)
    : RowModel<KeyRow>(
          {
              {TrainingWords::tr("Key"), [](const KeyRow& r) { return r.key; }, {}, {}, {}},
              {TrainingWords::tr("murmur2"),
               [](const KeyRow& r) {
                   return QStringLiteral("0x") +
                          QString::number(r.hash, 16).toUpper().rightJustified(8, QLatin1Char('0'));
               },
               [](const KeyRow& r) { return r.hash; },
               [](const KeyRow& r) {
                   return TrainingWords::tr("%1 without its sign bit").arg(r.hash & 0x7fffffffu);
               },
               {}},
              {TrainingWords::tr("Partition"),
               [](const KeyRow& r) { return partitionName(r.partition); },
               [](const KeyRow& r) { return r.partition; },
               {},
               {{kColorRole, [](const KeyRow& r) { return r.partition; }},
                {kMarkerRole, [](const KeyRow& r) { return r.partition; }}}},
              {TrainingWords::tr("After adding"),
               [](const KeyRow& r) {
                   return r.partition == r.partitionAfter
                              ? partitionName(r.partitionAfter)
                              : TrainingWords::tr("%1, moved").arg(partitionName(r.partitionAfter));
               },
               [](const KeyRow& r) { return r.partitionAfter; },
               {},
               {{kEmphasisRole, [](const KeyRow& r) { return r.partition != r.partitionAfter; }}}},
              {TrainingWords::tr("CRC32 client"),
               [](const KeyRow& r) { return partitionName(r.crc32Partition); },
               [](const KeyRow& r) { return r.crc32Partition; },
               {},
               {}},
              {TrainingWords::tr("Sent"),
               [](const KeyRow& r) { return r.produced ? number(r.produced) : QString(); },
               [](const KeyRow& r) { return r.produced; },
               {},
               {}},
              {TrainingWords::tr("Landed in"),
               [](const KeyRow& r) { return r.lastResult; },
               {},
               {},
               {}},
          },
          [](const KeyRow& r) { return r.key; },
          [](const KeyRow& a, const KeyRow& b) { return a.order < b.order; }, parent) {}

std::vector<KeyRow> placeKeys(const QStringList& keys, int partitions, int partitionsAfter) {
    std::vector<KeyRow> rows;
    QSet<QString> seen;
    for (const auto& key : keys) {
        if (key.isEmpty() || seen.contains(key) || partitions <= 0)
            continue;
        seen.insert(key);
        const auto utf8 = key.toUtf8();
        const ByteSpan bytes(reinterpret_cast<const std::uint8_t*>(utf8.constData()),
                             static_cast<std::size_t>(utf8.size()));
        KeyRow row;
        row.order = static_cast<int>(rows.size());
        row.key = key;
        row.hash = murmur2(bytes);
        row.partition = partitionForKey(bytes, partitions);
        row.partitionAfter = partitionForKey(bytes, std::max(partitions, partitionsAfter));
        row.crc32Partition = crc32Partition(bytes, partitions);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<int> distribution(const std::vector<KeyRow>& rows, int partitions, bool after) {
    std::vector<int> counts(static_cast<std::size_t>(std::max(0, partitions)));
    for (const auto& row : rows) {
        const auto p = static_cast<std::size_t>(after ? row.partitionAfter : row.partition);
        if (p < counts.size())
            ++counts[p];
    }
    return counts;
}

int movedKeys(const std::vector<KeyRow>& rows) {
    int moved = 0;
    for (const auto& row : rows)
        moved += row.partition != row.partitionAfter;
    return moved;
}

std::vector<int> roundRobin(int records, int partitions) {
    std::vector<int> places;
    for (int i = 0; i < records && partitions > 0; ++i)
        places.push_back(i % partitions);
    return places;
}

std::vector<int> sticky(int records, int partitions, int batch, std::uint64_t seed) {
    std::vector<int> places;
    if (partitions <= 0 || batch <= 0)
        return places;
    Prng prng(seed);
    int current = static_cast<int>(prng.below(static_cast<std::uint64_t>(partitions)));
    for (int i = 0; i < records; ++i) {
        if (i > 0 && i % batch == 0 && partitions > 1) {
            // Another partition than the last one, as the client does when a batch is full.
            const auto step =
                1 + static_cast<int>(prng.below(static_cast<std::uint64_t>(partitions - 1)));
            current = (current + step) % partitions;
        }
        places.push_back(current);
    }
    return places;
}

}  // namespace odradek::models
