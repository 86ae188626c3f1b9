// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster/topics_model.h"

#include <QCoreApplication>

#include "models/cluster/lookup.h"
#include "models/common/text.h"

namespace odradek::models {
namespace {

/// The words of this file, in their own translation context.
struct TopicsWords {
    Q_DECLARE_TR_FUNCTIONS(Topics)
};

QString dash() {
    return QStringLiteral("–");
}

QVariant exactBytes(qint64 value) {
    return TopicsWords::tr("%1 bytes").arg(number(value));
}

QString offsetText(std::int64_t offset) {
    return offset < 0 ? dash() : number(offset);
}

QString topicState(const TopicRow& r) {
    if (r.offline)
        return TopicsWords::tr("%n offline", nullptr, static_cast<int>(r.offline));
    if (r.underReplicated)
        return TopicsWords::tr("%n under-replicated", nullptr, static_cast<int>(r.underReplicated));
    return TopicsWords::tr("In sync");
}

int topicHealth(const TopicRow& r) {
    return static_cast<int>(r.offline           ? Health::Offline
                            : r.underReplicated ? Health::Warning
                                                : Health::Ok);
}

int isrSize(const api::Partition& p) {
    return static_cast<int>(isrOf(p).size());
}

Health partitionHealth(const api::Partition& p) {
    if (p.leader < 0)
        return Health::Offline;
    return isrSize(p) < static_cast<int>(p.replicas.size()) ? Health::Warning : Health::Ok;
}

QString partitionState(const api::Partition& p) {
    switch (partitionHealth(p)) {
        case Health::Offline:
            return TopicsWords::tr("Offline");
        case Health::Warning:
            return TopicsWords::tr("%1 of %2 in sync").arg(isrSize(p)).arg(p.replicas.size());
        default:
            return TopicsWords::tr("In sync");
    }
}

std::int64_t recordsIn(const api::Partition& p) {
    return p.logEnd < 0 || p.logStart < 0 ? -1 : p.logEnd - p.logStart;
}

template <class Row>
typename RowModel<Row>::Column trendColumn() {
    return {TopicsWords::tr("Trend"),
            [](const Row&) { return QVariant(); },
            {},
            {},
            {{kSparklineRole, [](const Row& r) { return QVariant::fromValue(r.trend); }}}};
}

TopicRow describe(const api::Topic& topic, const SeriesStore& series) {
    TopicRow row;
    row.name = qs(topic.name);
    row.isInternal = topic.isInternal;
    row.partitions = static_cast<int>(topic.partitions.size());
    row.replicationFactor = topic.replicationFactor;
    for (const auto& partition : topic.partitions) {
        row.offline += partition.leader < 0;
        row.underReplicated += isrSize(partition) < static_cast<int>(partition.replicas.size());
    }
    row.records = recordsOf(topic);
    row.bytes = bytesOf(topic);
    const auto name = QStringLiteral("topic.%1.messages").arg(row.name);
    row.perSecond = series.find(name) ? series.last(name) : -1;
    row.trend = series.tail(name, 120);
    row.retentionMs = topic.retentionMs.value_or(-2);
    row.retentionBytes = topic.retentionBytes.value_or(-2);
    row.cleanupPolicy = qs(topic.cleanupPolicy);
    row.changedConfigs = topic.changedConfigs;
    return row;
}

}  // namespace

QString retentionWords(qint64 ms) {
    if (ms == -2)
        return dash();
    return ms < 0 ? TopicsWords::tr("for ever") : duration(ms);
}

int groupHealth(const std::string& state) {
    if (state == "Stable")
        return static_cast<int>(Health::Ok);
    if (state == "PreparingRebalance" || state == "CompletingRebalance")
        return static_cast<int>(Health::Warning);
    return static_cast<int>(state == "Dead" ? Health::Error : Health::Info);
}

TopicsModel::TopicsModel(QObject* parent)
    : RowModel<TopicRow>(
          {
              {TopicsWords::tr("Topic"), [](const TopicRow& r) { return r.name; }, {}, {}, {}},
              {TopicsWords::tr("State"),
               topicState,
               [](const TopicRow& r) { return -topicHealth(r); },
               {},
               {{kStatusRole, topicHealth}}},
              {TopicsWords::tr("Partitions"),
               [](const TopicRow& r) { return number(r.partitions); },
               [](const TopicRow& r) { return r.partitions; },
               {},
               {}},
              {TopicsWords::tr("Replicas"),
               [](const TopicRow& r) { return number(r.replicationFactor); },
               [](const TopicRow& r) { return r.replicationFactor; },
               {},
               {}},
              {TopicsWords::tr("Records"),
               [](const TopicRow& r) { return number(r.records); },
               [](const TopicRow& r) { return r.records; },
               {},
               {}},
              {TopicsWords::tr("Size"),
               [](const TopicRow& r) { return models::bytes(r.bytes); },
               [](const TopicRow& r) { return r.bytes; },
               [](const TopicRow& r) { return exactBytes(r.bytes); },
               {}},
              {TopicsWords::tr("In /s"),
               [](const TopicRow& r) { return r.perSecond < 0 ? dash() : decimal(r.perSecond); },
               [](const TopicRow& r) { return r.perSecond; },
               {},
               {}},
              {TopicsWords::tr("Kept for"),
               [](const TopicRow& r) {
                   return r.cleanupPolicy == QStringLiteral("compact")
                              ? TopicsWords::tr("latest per key")
                              : retentionWords(r.retentionMs);
               },
               [](const TopicRow& r) { return r.retentionMs < 0 ? INT64_MAX : r.retentionMs; },
               [](const TopicRow& r) {
                   return r.retentionMs == -2
                              ? QVariant()
                              : TopicsWords::tr("retention.ms = %1, retention.bytes = %2")
                                    .arg(r.retentionMs)
                                    .arg(r.retentionBytes);
               },
               {}},
              {TopicsWords::tr("Cleanup"),
               [](const TopicRow& r) { return r.cleanupPolicy; },
               {},
               {},
               {}},
              trendColumn<TopicRow>(),
          },
          [](const TopicRow& r) { return r.name; },
          [](const TopicRow& a, const TopicRow& b) { return a.name < b.name; }, parent) {}

void TopicsModel::update(const api::ClusterSnapshot& snapshot, const SeriesStore& series,
                         bool internal) {
    std::vector<TopicRow> rows;
    rows.reserve(snapshot.topics.size());
    for (const auto& topic : snapshot.topics)
        if (internal || !topic.isInternal)
            rows.push_back(describe(topic, series));
    setRows(std::move(rows));
}

PartitionsModel::PartitionsModel(QObject* parent)
    : RowModel<PartitionRow>(
          {
              {TopicsWords::tr("Partition"),
               [](const PartitionRow& r) { return QString::number(r.partition.index); },
               [](const PartitionRow& r) { return r.partition.index; },
               {},
               {}},
              {TopicsWords::tr("State"),
               [](const PartitionRow& r) { return partitionState(r.partition); },
               [](const PartitionRow& r) {
                   return -static_cast<int>(partitionHealth(r.partition));
               },
               {},
               {{kStatusRole,
                 [](const PartitionRow& r) {
                     return static_cast<int>(partitionHealth(r.partition));
                 }}}},
              {TopicsWords::tr("Leader"),
               [](const PartitionRow& r) {
                   return r.partition.leader < 0 ? TopicsWords::tr("none")
                                                 : QString::number(r.partition.leader);
               },
               [](const PartitionRow& r) { return r.partition.leader; },
               [](const PartitionRow& r) {
                   return TopicsWords::tr("leader epoch %1").arg(r.partition.leaderEpoch);
               },
               {}},
              {TopicsWords::tr("Replicas"),
               [](const PartitionRow& r) { return joined(replicasOf(r.partition)); },
               {},
               {},
               {}},
              {TopicsWords::tr("ISR"),
               [](const PartitionRow& r) { return joined(isrOf(r.partition)); },
               {},
               {},
               {}},
              {TopicsWords::tr("Log start"),
               [](const PartitionRow& r) { return offsetText(r.partition.logStart); },
               [](const PartitionRow& r) { return static_cast<qlonglong>(r.partition.logStart); },
               {},
               {}},
              {TopicsWords::tr("High watermark"),
               [](const PartitionRow& r) { return offsetText(r.partition.highWatermark); },
               [](const PartitionRow& r) {
                   return static_cast<qlonglong>(r.partition.highWatermark);
               },
               {},
               {}},
              {TopicsWords::tr("Log end"),
               [](const PartitionRow& r) { return offsetText(r.partition.logEnd); },
               [](const PartitionRow& r) { return static_cast<qlonglong>(r.partition.logEnd); },
               {},
               {}},
              {TopicsWords::tr("Records"),
               [](const PartitionRow& r) { return offsetText(recordsIn(r.partition)); },
               [](const PartitionRow& r) { return static_cast<qlonglong>(recordsIn(r.partition)); },
               {},
               {}},
              {TopicsWords::tr("Size"),
               [](const PartitionRow& r) {
                   return r.partition.bytes ? models::bytes(*r.partition.bytes) : dash();
               },
               [](const PartitionRow& r) {
                   return static_cast<qlonglong>(r.partition.bytes.value_or(-1));
               },
               [](const PartitionRow& r) { return exactBytes(r.partition.bytes.value_or(0)); },
               {}},
              {TopicsWords::tr("In /s"),
               [](const PartitionRow& r) {
                   return r.perSecond < 0 ? dash() : decimal(r.perSecond);
               },
               [](const PartitionRow& r) { return r.perSecond; },
               {},
               {}},
              trendColumn<PartitionRow>(),
          },
          [](const PartitionRow& r) { return QString::number(r.partition.index); },
          [](const PartitionRow& a, const PartitionRow& b) {
              return a.partition.index < b.partition.index;
          },
          parent) {}

void PartitionsModel::update(const api::Topic& topic, const SeriesStore& series) {
    std::vector<PartitionRow> rows;
    rows.reserve(topic.partitions.size());
    for (const auto& partition : topic.partitions) {
        const auto name =
            QStringLiteral("partition.%1.%2.messages").arg(qs(topic.name)).arg(partition.index);
        rows.push_back(
            {partition, series.find(name) ? series.last(name) : -1, series.tail(name, 120)});
    }
    setRows(std::move(rows));
}

TopicGroupsModel::TopicGroupsModel(QObject* parent)
    : RowModel<TopicGroupRow>(
          {
              {TopicsWords::tr("Group"),
               [](const TopicGroupRow& r) { return r.group; },
               {},
               {},
               {{kMarkerRole, [](const TopicGroupRow& r) { return r.colorIndex; }},
                {kColorRole, [](const TopicGroupRow& r) { return r.colorIndex; }}}},
              {TopicsWords::tr("State"),
               [](const TopicGroupRow& r) { return r.state; },
               {},
               {},
               {{kStatusRole,
                 [](const TopicGroupRow& r) { return groupHealth(r.state.toStdString()); }}}},
              {TopicsWords::tr("Members"),
               [](const TopicGroupRow& r) { return number(r.members); },
               [](const TopicGroupRow& r) { return r.members; },
               {},
               {}},
              {TopicsWords::tr("Lag, records"),
               [](const TopicGroupRow& r) { return r.lag < 0 ? dash() : number(r.lag); },
               [](const TopicGroupRow& r) { return r.lag; },
               {},
               {{kEmphasisRole, [](const auto&) { return true; }}}},
              {TopicsWords::tr("Worst partition"),
               [](const TopicGroupRow& r) {
                   return r.worstPartition < 0 ? dash()
                                               : TopicsWords::tr("P%1: %2")
                                                     .arg(r.worstPartition)
                                                     .arg(number(r.worstLag));
               },
               [](const TopicGroupRow& r) { return r.worstLag; },
               {},
               {}},
              {TopicsWords::tr("Lag, 2 min"),
               [](const TopicGroupRow&) { return QVariant(); },
               [](const TopicGroupRow& r) { return r.lag; },
               {},
               {{kSparklineRole,
                 [](const TopicGroupRow& r) { return QVariant::fromValue(r.trend); }},
                {kColorRole, [](const TopicGroupRow& r) { return r.colorIndex; }}}},
          },
          [](const TopicGroupRow& r) { return r.group; },
          [](const TopicGroupRow& a, const TopicGroupRow& b) { return a.group < b.group; },
          parent) {}

void TopicGroupsModel::update(const api::ClusterSnapshot& snapshot, const QString& topic,
                              const SeriesStore& series) {
    std::vector<TopicGroupRow> rows;
    const auto wanted = topic.toStdString();
    for (const auto& group : snapshot.groups) {
        TopicGroupRow row;
        bool reads = false;
        for (const auto& offset : group.offsets) {
            if (offset.partition.topic != wanted)
                continue;
            reads = true;
            const auto lag = offset.lag();
            if (lag >= 0)
                row.lag = std::max<qint64>(row.lag, 0) + lag;
            if (lag > row.worstLag) {
                row.worstLag = lag;
                row.worstPartition = offset.partition.partition;
            }
        }
        for (const auto& member : group.members)
            for (const auto& partition : member.assignment)
                if (partition.topic == wanted) {
                    reads = true;
                    ++row.members;
                    break;
                }
        if (!reads)
            continue;
        row.group = qs(group.id);
        row.state = qs(group.state);
        row.colorIndex = static_cast<int>(rows.size());
        row.trend = series.tail(QStringLiteral("group.%1.topic.%2.lag").arg(row.group, topic), 120);
        rows.push_back(std::move(row));
    }
    setRows(std::move(rows));
}

}  // namespace odradek::models
