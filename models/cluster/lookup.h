// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "engine/api/snapshot.h"

namespace odradek::models {

/// The named thing in a snapshot, or null.
const api::Topic* findTopic(const api::ClusterSnapshot& snapshot, const QString& name);
const api::Broker* findBroker(const api::ClusterSnapshot& snapshot, std::int32_t id);
const api::Group* findGroup(const api::ClusterSnapshot& snapshot, const QString& id);

/// How many partitions a broker leads and holds.
struct BrokerLoad {
    int leaders = 0;
    int replicas = 0;
    int outOfSync = 0;
};
BrokerLoad loadOf(const api::ClusterSnapshot& snapshot, std::int32_t broker);

/// Broker ids of a partition's ISR and replicas, as Kafka lists them.
std::vector<std::int32_t> isrOf(const api::Partition& partition);
std::vector<std::int32_t> replicasOf(const api::Partition& partition);

/// Records a topic holds: sum of log end minus log start over partitions that are known.
std::int64_t recordsOf(const api::Topic& topic);
/// Bytes of the leaders' logs.
std::int64_t bytesOf(const api::Topic& topic);

}  // namespace odradek::models
