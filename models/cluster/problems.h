// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <vector>

#include "engine/api/snapshot.h"
#include "models/common/roles.h"
#include "models/series/series_store.h"

namespace odradek::models {

/// Something wrong with the cluster now, in words, with the place to look at.
struct Problem {
    int harm = 0;  ///< the larger, the more harmful; the list is sorted by it
    Health health = Health::Warning;
    QString title;    ///< "customer_returns-2 cannot be written"
    QString detail;   ///< cause and effect in one or two sentences
    QString subject;  ///< "topic:NAME/2", "group:ID", "broker:3", "disk"
    QString action;   ///< words of the link: "Show partition"
    bool operator==(const Problem&) const = default;
};

/// What is wrong, most harmful first: offline partitions, partitions under min.insync.replicas,
/// brokers down, full disks, under-replicated partitions, groups that fall behind or have nobody,
/// consumers without work. `series` gives trends (lag growing); it may be empty.
std::vector<Problem> findProblems(const api::ClusterSnapshot& snapshot, const SeriesStore& series);

/// The health of the whole cluster in a few words for the chip at the top.
struct HealthSummary {
    Health health = Health::Ok;
    QString words;  ///< "1 partition offline, 4 under-replicated", "All partitions in sync"
    bool operator==(const HealthSummary&) const = default;
};
HealthSummary summarize(const api::ClusterSnapshot& snapshot, const std::vector<Problem>& problems);

}  // namespace odradek::models
