// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/api/snapshot.h"
#include "models/common/row_model.h"
#include "models/series/series_store.h"

#include <optional>

namespace odradek::models {

/// What one topic takes on disk over all replicas, how it grows, and what retention will do.
struct DiskRow {
    QString topic;
    qint64 bytes = 0;  ///< all replicas
    qint64 leaderBytes = 0;
    int partitions = 0;
    double growthPerHour = 0;  ///< bytes/hour over all replicas
    bool growthKnown = false;
    QString retention;           ///< rule in words
    QString deletesNext;         ///< what goes next, and when
    qint64 nextDeletionMs = -1;  ///< from now; -1 = nothing planned
    double share = 0;            ///< 0..1 of all topics
    bool operator==(const DiskRow&) const = default;
};

class DiskModel : public RowModel<DiskRow> {
public:
    enum Column { Topic, Share, Bytes, Partitions, Growth, Retention, Next };
    explicit DiskModel(QObject* parent = nullptr);
    void update(const api::ClusterSnapshot& snapshot, const SeriesStore& series);
};

/// What retention will delete next in a topic, from the closed segments the snapshot knows.
struct NextDeletion {
    qint64 inMs = -1;  ///< from now; 0 = due; -1 = nothing planned
    qint64 bytes = 0;  ///< over the partitions where it is the same moment (within a minute)
    bool bySize = false;
};
NextDeletion nextDeletion(const api::Topic& topic, api::WallMs now);

/// Days until a broker's disk is full at the present growth; nothing when it does not grow or is
/// not known.
std::optional<double> daysToFull(const api::Broker& broker, const SeriesStore& series);

/// The capacity planner of the guide's chapter 4.
struct CapacityInput {
    double messagesPerMinute = 1'000'000;
    double bytesPerMessage = 1000;
    double retentionHours = 24;
    int replicas = 1;
    int brokers = 3;
};
struct CapacityPlan {
    double bytesPerSecond = 0;  ///< written by producers
    double bytesPerDay = 0;     ///< one copy
    double storedBytes = 0;     ///< all copies over the retention time
    double storedPerBroker = 0;
    double replicationBytesPerSecond = 0;  ///< between brokers
};
/// Pure arithmetic: messages per minute x size x retention x replicas (1,000,000 x 1 KB = 1.44 TB a
/// day).
CapacityPlan planCapacity(const CapacityInput& input);

/// What the cluster measures now, to check a plan against: messages per minute and average size of
/// a message on disk.
struct MeasuredLoad {
    double messagesPerMinute = 0;
    double bytesPerMessage = 0;
    bool known = false;
};
MeasuredLoad measureLoad(const api::ClusterSnapshot& snapshot, const SeriesStore& series);

}  // namespace odradek::models
