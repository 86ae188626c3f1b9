// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/api/snapshot.h"
#include "models/common/row_model.h"
#include "models/series/series_store.h"

namespace odradek::models {

/// A topic in the list: sums over its partitions.
struct TopicRow {
    QString name;
    bool isInternal = false;
    int partitions = 0;
    int replicationFactor = 0;
    int offline = 0;
    int underReplicated = 0;
    qint64 records = 0;
    qint64 bytes = 0;
    double perSecond = -1;  ///< records/s, -1 = not known yet
    QVector<double> trend;
    qint64 retentionMs = -2;     ///< -1 unlimited, -2 not known
    qint64 retentionBytes = -2;  ///< per partition
    QString cleanupPolicy;
    int changedConfigs = 0;
    bool operator==(const TopicRow&) const = default;
};

class TopicsModel : public RowModel<TopicRow> {
public:
    enum Column {
        Name,
        State,
        Partitions,
        Replication,
        Records,
        Size,
        PerSecond,
        Retention,
        Cleanup,
        Trend
    };
    explicit TopicsModel(QObject* parent = nullptr);
    /// `internal` = internal topics are listed too.
    void update(const api::ClusterSnapshot& snapshot, const SeriesStore& series, bool internal);
};

/// A partition of one topic.
struct PartitionRow {
    api::Partition partition;
    double perSecond = -1;
    QVector<double> trend;
    bool operator==(const PartitionRow&) const = default;
};

class PartitionsModel : public RowModel<PartitionRow> {
public:
    enum Column {
        Index,
        State,
        Leader,
        Replicas,
        Isr,
        LogStart,
        HighWatermark,
        LogEnd,
        Records,
        Size,
        PerSecond,
        Trend
    };
    explicit PartitionsModel(QObject* parent = nullptr);
    void update(const api::Topic& topic, const SeriesStore& series);
};

/// A group as seen from one topic it reads.
struct TopicGroupRow {
    QString group;
    QString state;
    int colorIndex = 0;
    qint64 lag = -1;
    qint64 worstPartition = -1;
    qint64 worstLag = -1;
    int members = 0;
    QVector<double> trend;
    bool operator==(const TopicGroupRow&) const = default;
};

class TopicGroupsModel : public RowModel<TopicGroupRow> {
public:
    enum Column { Group, State, Members, Lag, Worst, Trend };
    explicit TopicGroupsModel(QObject* parent = nullptr);
    void update(const api::ClusterSnapshot& snapshot, const QString& topic,
                const SeriesStore& series);
};

/// Health of a group's state word.
int groupHealth(const std::string& state);

/// "12 h", "7 d", "for ever", "not known" for retention.ms.
QString retentionWords(qint64 ms);

}  // namespace odradek::models
