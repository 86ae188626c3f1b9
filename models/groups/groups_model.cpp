// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/groups/groups_model.h"

#include <QCoreApplication>
#include <QHash>

#include <set>

#include "models/cluster/lookup.h"
#include "models/cluster/topics_model.h"
#include "models/common/text.h"

namespace odradek::models {
namespace {

/// The words of this file, in their own translation context.
struct GroupsWords {
    Q_DECLARE_TR_FUNCTIONS(Groups)
};

QString dash() {
    return QStringLiteral("–");
}

QString countText(qint64 value) {
    return value < 0 ? dash() : number(value);
}
QString rateText(double value) {
    return value < 0 ? dash() : decimal(value);
}

GroupRow describe(const api::Group& group, const SeriesStore& series) {
    GroupRow row;
    row.id = qs(group.id);
    row.state = qs(group.state);
    row.protocol = qs(group.protocol);
    row.generation = group.generation;
    row.coordinator = group.coordinator;
    row.members = static_cast<int>(group.members.size());
    std::set<std::string> topics;
    for (const auto& member : group.members) {
        row.idle += member.assignment.empty() && group.state == "Stable";
        for (const auto& partition : member.assignment)
            topics.insert(partition.topic);
    }
    for (const auto& offset : group.offsets)
        topics.insert(offset.partition.topic);
    for (const auto& topic : topics)
        row.topics << qs(topic);
    row.lag = group.totalLag();
    const auto prefix = QStringLiteral("group.%1.").arg(row.id);
    row.perSecond = series.find(prefix + QStringLiteral("rate"))
                        ? series.last(prefix + QStringLiteral("rate"))
                        : -1;
    row.trend = series.tail(prefix + QStringLiteral("lag"), 120);
    return row;
}

}  // namespace

GroupsModel::GroupsModel(QObject* parent)
    : RowModel<GroupRow>(
          {
              {GroupsWords::tr("Group"), [](const GroupRow& r) { return r.id; }, {}, {}, {}},
              {GroupsWords::tr("State"),
               [](const GroupRow& r) { return r.state; },
               {},
               {},
               {{kStatusRole,
                 [](const GroupRow& r) { return groupHealth(r.state.toStdString()); }}}},
              {GroupsWords::tr("Members"),
               [](const GroupRow& r) {
                   return r.idle ? GroupsWords::tr("%1, %2 idle").arg(r.members).arg(r.idle)
                                 : number(r.members);
               },
               [](const GroupRow& r) { return r.members; },
               {},
               {}},
              {GroupsWords::tr("Topics"),
               [](const GroupRow& r) { return r.topics.join(QStringLiteral(", ")); },
               {},
               [](const GroupRow& r) { return r.topics.join(QLatin1Char('\n')); },
               {}},
              {GroupsWords::tr("Lag, records"),
               [](const GroupRow& r) { return countText(r.lag); },
               [](const GroupRow& r) { return r.lag; },
               {},
               {{kEmphasisRole, [](const GroupRow&) { return true; }}}},
              {GroupsWords::tr("Committed/s"),
               [](const GroupRow& r) { return rateText(r.perSecond); },
               [](const GroupRow& r) { return r.perSecond; },
               {},
               {}},
              {GroupsWords::tr("Assignor"),
               [](const GroupRow& r) { return r.protocol; },
               {},
               {},
               {}},
              {GroupsWords::tr("Generation"),
               [](const GroupRow& r) { return countText(r.generation); },
               [](const GroupRow& r) { return r.generation; },
               {},
               {}},
              {GroupsWords::tr("Coordinator"),
               [](const GroupRow& r) {
                   return r.coordinator < 0 ? dash()
                                            : GroupsWords::tr("broker %1").arg(r.coordinator);
               },
               [](const GroupRow& r) { return r.coordinator; },
               {},
               {}},
              {GroupsWords::tr("Lag, 2 min"),
               [](const GroupRow&) { return QVariant(); },
               [](const GroupRow& r) { return r.lag; },
               {},
               {{kSparklineRole, [](const GroupRow& r) { return QVariant::fromValue(r.trend); }}}},
          },
          [](const GroupRow& r) { return r.id; },
          [](const GroupRow& a, const GroupRow& b) { return a.id < b.id; }, parent) {}

void GroupsModel::update(const api::ClusterSnapshot& snapshot, const SeriesStore& series) {
    std::vector<GroupRow> rows;
    rows.reserve(snapshot.groups.size());
    for (const auto& group : snapshot.groups)
        rows.push_back(describe(group, series));
    setRows(std::move(rows));
}

MembersModel::MembersModel(QObject* parent)
    : RowModel<MemberRow>(
          {
              {GroupsWords::tr("Member"),
               [](const MemberRow& r) { return qs(r.member.clientId); },
               {},
               [](const MemberRow& r) {
                   return r.member.instanceId.empty() ? QVariant(qs(r.member.memberId))
                                                      : QVariant(GroupsWords::tr("static member %1")
                                                                     .arg(qs(r.member.instanceId)));
               },
               {{kMarkerRole, [](const MemberRow& r) { return r.colorIndex; }},
                {kColorRole, [](const MemberRow& r) { return r.colorIndex; }}}},
              {GroupsWords::tr("Id"),
               [](const MemberRow& r) { return qs(r.member.memberId); },
               {},
               {},
               {}},
              {GroupsWords::tr("Host"),
               [](const MemberRow& r) { return qs(r.member.host); },
               {},
               {},
               {}},
              {GroupsWords::tr("Partitions"),
               [](const MemberRow& r) {
                   return r.member.assignment.empty()
                              ? GroupsWords::tr("0, idle")
                              : number(static_cast<qint64>(r.member.assignment.size()));
               },
               [](const MemberRow& r) {
                   return static_cast<qlonglong>(r.member.assignment.size());
               },
               [](const MemberRow& r) {
                   QStringList parts;
                   for (const auto& p : r.member.assignment)
                       parts << QStringLiteral("%1-%2").arg(qs(p.topic)).arg(p.partition);
                   return parts.join(QLatin1Char('\n'));
               },
               {}},
              {GroupsWords::tr("Records/s"),
               [](const MemberRow& r) { return rateText(r.perSecond); },
               [](const MemberRow& r) { return r.perSecond; },
               {},
               {}},
              {GroupsWords::tr("Lag, records"),
               [](const MemberRow& r) { return countText(r.lag); },
               [](const MemberRow& r) { return r.lag; },
               {},
               {}},
              {GroupsWords::tr("Heartbeat, s ago"),
               [](const MemberRow& r) {
                   return r.member.heartbeatAgeMs
                              ? decimal(static_cast<double>(*r.member.heartbeatAgeMs / 100) / 10)
                              : dash();
               },
               [](const MemberRow& r) {
                   return static_cast<qlonglong>(r.member.heartbeatAgeMs.value_or(-1));
               },
               {},
               {}},
              {GroupsWords::tr("Joined"),
               [](const MemberRow& r) {
                   return r.joinedAgoMs < 0 ? dash() : duration(r.joinedAgoMs);
               },
               [](const MemberRow& r) { return r.joinedAgoMs; },
               [](const MemberRow& r) {
                   return r.member.joined ? QVariant(dateTime(*r.member.joined)) : QVariant();
               },
               {}},
          },
          [](const MemberRow& r) { return qs(r.member.memberId); },
          [](const MemberRow& a, const MemberRow& b) {
              return a.member.memberId < b.member.memberId;
          },
          parent) {}

void MembersModel::update(const api::Group& group, const SeriesStore& series, api::WallMs now) {
    std::vector<MemberRow> rows;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
        MemberRow row;
        row.member = group.members[i];
        row.colorIndex = static_cast<int>(i);
        for (const auto& partition : row.member.assignment) {
            for (const auto& offset : group.offsets)
                if (offset.partition == partition && offset.lag() >= 0)
                    row.lag = std::max<qint64>(row.lag, 0) + offset.lag();
            const auto name = QStringLiteral("group.%1.partition.%2.%3.rate")
                                  .arg(qs(group.id), qs(partition.topic))
                                  .arg(partition.partition);
            if (series.find(name))
                row.perSecond = std::max(row.perSecond, 0.0) + series.last(name);
        }
        if (row.member.joined)
            row.joinedAgoMs = std::max<qint64>(0, now - *row.member.joined) / 1000 * 1000;
        rows.push_back(std::move(row));
    }
    setRows(std::move(rows));
}

GroupOffsetsModel::GroupOffsetsModel(QObject* parent)
    : RowModel<GroupOffsetRow>(
          {
              {GroupsWords::tr("Topic"),
               [](const GroupOffsetRow& r) { return qs(r.partition.topic); },
               {},
               {},
               {}},
              {GroupsWords::tr("Partition"),
               [](const GroupOffsetRow& r) { return QString::number(r.partition.partition); },
               [](const GroupOffsetRow& r) { return r.partition.partition; },
               {},
               {}},
              {GroupsWords::tr("Committed"),
               [](const GroupOffsetRow& r) { return countText(r.committed); },
               [](const GroupOffsetRow& r) { return r.committed; },
               {},
               {}},
              {GroupsWords::tr("High watermark"),
               [](const GroupOffsetRow& r) { return countText(r.end); },
               [](const GroupOffsetRow& r) { return r.end; },
               {},
               {}},
              {GroupsWords::tr("Lag, records"),
               [](const GroupOffsetRow& r) { return countText(r.lag); },
               [](const GroupOffsetRow& r) { return r.lag; },
               {},
               {{kEmphasisRole, [](const GroupOffsetRow&) { return true; }}}},
              {GroupsWords::tr("Read by"),
               [](const GroupOffsetRow& r) {
                   return r.member.isEmpty() ? GroupsWords::tr("nobody") : r.member;
               },
               {},
               {},
               {{kMarkerRole,
                 [](const GroupOffsetRow& r) {
                     return r.colorIndex < 0 ? QVariant() : QVariant(r.colorIndex);
                 }},
                {kColorRole, [](const GroupOffsetRow& r) { return r.colorIndex; }}}},
              {GroupsWords::tr("Committed at"),
               [](const GroupOffsetRow& r) { return clockTime(r.committedAt); },
               [](const GroupOffsetRow& r) { return r.committedAt; },
               [](const GroupOffsetRow& r) { return dateTime(r.committedAt); },
               {}},
              {GroupsWords::tr("Metadata"),
               [](const GroupOffsetRow& r) { return r.metadata; },
               {},
               {},
               {}},
          },
          [](const GroupOffsetRow& r) {
              return QStringLiteral("%1-%2").arg(qs(r.partition.topic)).arg(r.partition.partition);
          },
          [](const GroupOffsetRow& a, const GroupOffsetRow& b) {
              return a.partition < b.partition;
          },
          parent) {}

void GroupOffsetsModel::update(const api::ClusterSnapshot& snapshot, const api::Group& group) {
    std::vector<GroupOffsetRow> rows;
    const auto names = memberNames(group);
    std::set<TopicPartition> seen;
    const auto add = [&](const TopicPartition& partition, const api::CommittedOffset* offset) {
        GroupOffsetRow row;
        row.partition = partition;
        if (offset) {
            row.committed = offset->offset;
            row.end = offset->highWatermark;
            row.lag = offset->lag();
            row.committedAt = offset->committedAt;
            row.metadata = qs(offset->metadata);
        } else if (const auto* topic = findTopic(snapshot, qs(partition.topic))) {
            for (const auto& p : topic->partitions)
                if (p.index == partition.partition)
                    row.end = p.highWatermark;
        }
        row.colorIndex = readerOf(group, partition);
        if (row.colorIndex >= 0)
            row.member = names[row.colorIndex];
        seen.insert(partition);
        rows.push_back(std::move(row));
    };
    for (const auto& offset : group.offsets)
        add(offset.partition, &offset);
    for (const auto& member : group.members)
        for (const auto& partition : member.assignment)
            if (!seen.contains(partition))
                add(partition, nullptr);
    setRows(std::move(rows));
}

QStringList memberNames(const api::Group& group) {
    QHash<QString, int> uses;
    for (const auto& member : group.members)
        ++uses[qs(member.clientId)];
    QHash<QString, int> given;
    QStringList names;
    for (const auto& member : group.members) {
        auto name = qs(member.clientId);
        if (!member.instanceId.empty())
            name = qs(member.instanceId);
        else if (name.isEmpty())
            name = qs(member.memberId).left(8);
        else if (uses.value(name) > 1)
            name = QStringLiteral("%1 #%2").arg(name).arg(++given[name]);
        names << name;
    }
    return names;
}

int readerOf(const api::Group& group, const TopicPartition& partition) {
    for (std::size_t i = 0; i < group.members.size(); ++i)
        for (const auto& assigned : group.members[i].assignment)
            if (assigned == partition)
                return static_cast<int>(i);
    return -1;
}

QString idleReason(const api::Group& group, const api::GroupMember& member,
                   const api::ClusterSnapshot& snapshot) {
    if (group.state != "Stable")
        return GroupsWords::tr("waiting for the rebalance to end");
    int partitions = 0;
    bool missing = false;
    for (const auto& name : member.subscription) {
        const auto* topic = findTopic(snapshot, qs(name));
        missing |= !topic;
        partitions += topic ? static_cast<int>(topic->partitions.size()) : 0;
    }
    if (missing && partitions == 0)
        return GroupsWords::tr("its topic does not exist");
    return GroupsWords::tr("%1: %2 partitions, %3 members")
        .arg(group.protocol.empty() ? GroupsWords::tr("assignor") : qs(group.protocol))
        .arg(partitions)
        .arg(group.members.size());
}

}  // namespace odradek::models
