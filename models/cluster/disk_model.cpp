// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster/disk_model.h"

#include <QCoreApplication>

#include <algorithm>

#include "models/cluster/lookup.h"
#include "models/cluster/topics_model.h"
#include "models/common/text.h"

namespace odradek::models {
namespace {

/// The words of this file, in their own translation context.
struct DiskWords {
    Q_DECLARE_TR_FUNCTIONS(Disk)
};

qint64 allReplicaBytes(const api::Topic& topic) {
    qint64 sum = 0;
    for (const auto& partition : topic.partitions)
        for (const auto& replica : partition.replicas)
            sum += replica.bytes.value_or(partition.bytes.value_or(0));
    return sum;
}

QString ruleWords(const api::Topic& topic) {
    if (topic.cleanupPolicy == "compact")
        return DiskWords::tr("keeps the latest record of each key");
    QStringList rules;
    if (topic.retentionMs && *topic.retentionMs >= 0)
        rules << DiskWords::tr("older than %1").arg(duration(*topic.retentionMs));
    if (topic.retentionBytes && *topic.retentionBytes >= 0)
        rules << DiskWords::tr("over %1").arg(bytes(*topic.retentionBytes));
    if (!topic.retentionMs && !topic.retentionBytes)
        return QStringLiteral("–");
    return rules.isEmpty() ? DiskWords::tr("keeps everything")
                           : DiskWords::tr("deletes %1").arg(rules.join(DiskWords::tr(" or ")));
}

QString nextWords(const api::Topic& topic, const NextDeletion& next) {
    if (next.inMs < 0)
        return topic.cleanupPolicy == "compact" ? QStringLiteral("–")
                                                : DiskWords::tr("nothing yet");
    const auto what = bytes(next.bytes);
    return next.inMs == 0 ? DiskWords::tr("%1 now").arg(what)
                          : DiskWords::tr("%1 in %2").arg(what, duration(next.inMs));
}

}  // namespace

NextDeletion nextDeletion(const api::Topic& topic, api::WallMs now) {
    NextDeletion next;
    if (topic.cleanupPolicy == "compact")
        return next;
    constexpr qint64 kSameMomentMs = 60'000;
    for (const auto& partition : topic.partitions) {
        if (partition.segments.size() < 2)
            continue;  // the active segment is never deleted
        const auto& oldest = partition.segments.front();
        qint64 due = -1;
        bool bySize = false;
        if (topic.retentionMs && *topic.retentionMs >= 0 && oldest.newest >= 0)
            due = std::max<qint64>(0, oldest.newest + *topic.retentionMs - now);
        if (topic.retentionBytes && *topic.retentionBytes >= 0) {
            qint64 total = 0;
            for (const auto& segment : partition.segments)
                total += segment.bytes;
            if (total - oldest.bytes >= *topic.retentionBytes) {
                due = 0;
                bySize = true;
            }
        }
        if (due < 0)
            continue;
        if (next.inMs < 0 || due + kSameMomentMs < next.inMs)
            next = {due, oldest.bytes, bySize};
        else if (due <= next.inMs + kSameMomentMs)
            next.bytes += oldest.bytes;
    }
    return next;
}

DiskModel::DiskModel(QObject* parent)
    : RowModel<DiskRow>(
          {
              {DiskWords::tr("Topic"), [](const DiskRow& r) { return r.topic; }, {}, {}, {}},
              {DiskWords::tr("Share"),
               [](const DiskRow& r) { return DiskWords::tr("%1 %").arg(r.share * 100, 0, 'f', 1); },
               [](const DiskRow& r) { return r.share; },
               {},
               {{kFractionRole, [](const DiskRow& r) { return r.share; }}}},
              {DiskWords::tr("All replicas"),
               [](const DiskRow& r) { return models::bytes(r.bytes); },
               [](const DiskRow& r) { return r.bytes; },
               [](const DiskRow& r) { return DiskWords::tr("%1 bytes").arg(number(r.bytes)); },
               {}},
              {DiskWords::tr("Partitions"),
               [](const DiskRow& r) { return number(r.partitions); },
               [](const DiskRow& r) { return r.partitions; },
               {},
               {}},
              {DiskWords::tr("Growth /h"),
               [](const DiskRow& r) {
                   return r.growthKnown ? models::bytes(static_cast<qint64>(r.growthPerHour))
                                        : QStringLiteral("–");
               },
               [](const DiskRow& r) { return r.growthPerHour; },
               {},
               {}},
              {DiskWords::tr("Retention"),
               [](const DiskRow& r) { return r.retention; },
               {},
               {},
               {}},
              {DiskWords::tr("Next to go"),
               [](const DiskRow& r) { return r.deletesNext; },
               [](const DiskRow& r) { return r.nextDeletionMs < 0 ? INT64_MAX : r.nextDeletionMs; },
               {},
               {}},
          },
          [](const DiskRow& r) { return r.topic; },
          [](const DiskRow& a, const DiskRow& b) { return a.topic < b.topic; }, parent) {}

void DiskModel::update(const api::ClusterSnapshot& snapshot, const SeriesStore& series) {
    std::vector<DiskRow> rows;
    qint64 total = 0;
    for (const auto& topic : snapshot.topics) {
        DiskRow row;
        row.topic = qs(topic.name);
        row.bytes = allReplicaBytes(topic);
        row.leaderBytes = bytesOf(topic);
        row.partitions = static_cast<int>(topic.partitions.size());
        if (const auto growth = series.growth(QStringLiteral("topic.%1.bytes").arg(row.topic))) {
            row.growthKnown = true;
            row.growthPerHour = *growth * 3600 * std::max<int>(1, topic.replicationFactor);
        }
        row.retention = ruleWords(topic);
        const auto next = nextDeletion(topic, snapshot.at);
        row.nextDeletionMs = next.inMs;
        row.deletesNext = nextWords(topic, next);
        total += row.bytes;
        rows.push_back(std::move(row));
    }
    for (auto& row : rows)
        row.share = total > 0 ? static_cast<double>(row.bytes) / static_cast<double>(total) : 0;
    setRows(std::move(rows));
}

std::optional<double> daysToFull(const api::Broker& broker, const SeriesStore& series) {
    const auto growth = series.growth(QStringLiteral("broker.%1.disk").arg(broker.id));
    if (!growth || *growth <= 0 || !broker.diskUsable)
        return std::nullopt;
    return static_cast<double>(*broker.diskUsable) / *growth / 86400.0;
}

CapacityPlan planCapacity(const CapacityInput& input) {
    CapacityPlan plan;
    plan.bytesPerSecond = input.messagesPerMinute * input.bytesPerMessage / 60.0;
    plan.bytesPerDay = plan.bytesPerSecond * 86400.0;
    plan.storedBytes = plan.bytesPerSecond * 3600.0 * input.retentionHours * input.replicas;
    plan.storedPerBroker = input.brokers > 0 ? plan.storedBytes / input.brokers : 0;
    plan.replicationBytesPerSecond = plan.bytesPerSecond * std::max(0, input.replicas - 1);
    return plan;
}

MeasuredLoad measureLoad(const api::ClusterSnapshot& snapshot, const SeriesStore& series) {
    MeasuredLoad load;
    const auto* ring = series.find(QStringLiteral("messages.in"));
    if (!ring || ring->empty())
        return load;
    const auto values = ring->tail(60);
    double sum = 0;
    for (double v : values)
        sum += v;
    qint64 records = 0, size = 0;
    for (const auto& topic : snapshot.topics)
        if (!topic.isInternal) {
            records += recordsOf(topic);
            size += bytesOf(topic);
        }
    if (records <= 0)
        return load;
    load.messagesPerMinute = sum / static_cast<double>(values.size()) * 60;
    load.bytesPerMessage = static_cast<double>(size) / static_cast<double>(records);
    load.known = true;
    return load;
}

}  // namespace odradek::models
