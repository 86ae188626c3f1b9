// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <vector>

#include "engine/api/commands.h"
#include "engine/api/snapshot.h"

/// Every change to a cluster as something to look at before it is made: what is now, what will be,
/// the effect in words, and Kafka's own command line that does the same. Pure functions; the ui
/// shows them and submits `command`.
namespace odradek::models {

struct ChangeItem {
    QString item;
    QString before;
    QString after;
    bool operator==(const ChangeItem&) const = default;
};

struct Change {
    QString title;  ///< "Add partitions to new_orders"
    std::vector<ChangeItem> items;
    QString effect;          ///< what it means, in one or two sentences
    QString commandLine;     ///< kafka-topics.sh ...
    QString verb;            ///< on the button: "Add partitions"
    bool dangerous = false;  ///< data is lost
    QStringList problems;    ///< why it cannot be done; empty = can be done
    api::Command command;
};

Change changeCreateTopic(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                         const api::CreateTopic& wish);
Change changeDeleteTopics(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                          const QStringList& names);
Change changeAddPartitions(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                           const QString& topic, int newTotal);
Change changeConfigs(const QString& bootstrap, api::ResourceKind kind, const QString& name,
                     const std::vector<api::ConfigValue>& current,
                     const std::vector<api::ConfigChange>& changes);
Change changeDeleteRecords(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                           const QString& topic, const std::vector<std::pair<int, qint64>>& before);
Change changeResetOffsets(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                          const QString& group,
                          const std::vector<std::pair<TopicPartition, qint64>>& to);
Change changeDeleteGroup(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                         const QString& group);

/// A word for a POSIX shell, quoted only where needed.
QString shellWord(const QString& word);

/// Why a topic name is not legal, or empty: Kafka allows 1-249 of [a-zA-Z0-9._-], not "." or "..".
QString topicNameProblem(const QString& name);

}  // namespace odradek::models
