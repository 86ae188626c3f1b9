// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/api/snapshot.h"
#include "models/common/row_model.h"
#include "models/series/series_store.h"

namespace odradek::models {

/// A consumer group in the list.
struct GroupRow {
    QString id;
    QString state;
    QString protocol;
    int generation = -1;
    int coordinator = -1;
    int members = 0;
    int idle = 0;  ///< members without a partition, while Stable
    QStringList topics;
    qint64 lag = -1;
    double perSecond = -1;  ///< records committed per second
    QVector<double> trend;  ///< lag
    bool operator==(const GroupRow&) const = default;
};

class GroupsModel : public RowModel<GroupRow> {
public:
    enum Column {
        Id,
        State,
        Members,
        Topics,
        Lag,
        PerSecond,
        Assignor,
        Generation,
        Coordinator,
        Trend
    };
    explicit GroupsModel(QObject* parent = nullptr);
    void update(const api::ClusterSnapshot& snapshot, const SeriesStore& series);
};

/// A member of one group. `colorIndex` follows the order of members on the page.
struct MemberRow {
    api::GroupMember member;
    int colorIndex = 0;
    qint64 lag = -1;
    double perSecond = -1;
    qint64 joinedAgoMs = -1;
    bool operator==(const MemberRow&) const = default;
};

class MembersModel : public RowModel<MemberRow> {
public:
    enum Column { Client, MemberId, Host, Partitions, PerSecond, Lag, Heartbeat, Joined };
    explicit MembersModel(QObject* parent = nullptr);
    void update(const api::Group& group, const SeriesStore& series, api::WallMs now);
};

/// A partition a group has committed or is assigned.
struct GroupOffsetRow {
    TopicPartition partition;
    qint64 committed = -1;
    qint64 end = -1;
    qint64 lag = -1;
    qint64 committedAt = -1;
    QString member;  ///< client id of who reads it; empty = nobody
    int colorIndex = -1;
    QString metadata;
    bool operator==(const GroupOffsetRow&) const = default;
};

class GroupOffsetsModel : public RowModel<GroupOffsetRow> {
public:
    enum Column { Topic, Partition, Committed, End, Lag, Member, CommittedAt, Metadata };
    explicit GroupOffsetsModel(QObject* parent = nullptr);
    void update(const api::ClusterSnapshot& snapshot, const api::Group& group);
};

/// "shipping-1" for a member: its client id, or its instance id, or the front of its member id;
/// made unique within the group by a number when members share a client id.
QStringList memberNames(const api::Group& group);

/// Index of the member that reads a partition, -1 when nobody does.
int readerOf(const api::Group& group, const TopicPartition& partition);

/// Why a member without partitions has none.
QString idleReason(const api::Group& group, const api::GroupMember& member,
                   const api::ClusterSnapshot& snapshot);

}  // namespace odradek::models
