// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/waiters.h"

#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/handlers/delete_records.h"
#include "engine/broker/handlers/fetch.h"
#include "engine/broker/handlers/produce.h"
#include "engine/broker/replication/fetcher.h"

namespace odradek::broker {
namespace {

void wakeProduces(Step& s, Partition& partition) {
    while (!partition.produceWaiters.empty() &&
           partition.produceWaiters.front().required <= partition.highWatermark) {
        const auto waiter = partition.produceWaiters.front();
        partition.produceWaiters.pop_front();
        producePartitionDone(s, waiter.pending, partition, protocol::KafkaError::None);
    }
}

}  // namespace

void wakeWaiters(Step& s, Partition& partition) {
    const Touched touched = std::exchange(partition.touched, {});
    if (touched.highWatermark) {
        wakeProduces(s, partition);
        if (isOffsetsTopic(partition.topic))
            offsetsAdvanced(s, partition);
    }
    wakeFetches(s, partition, touched);
    if (touched.logStart && partition.role == ReplicaRole::Follower)
        followedStartMoved(s, partition);
    if (!partition.deleteWaiters.empty() && (touched.logStart || touched.leadership)) {
        const auto waiting = partition.deleteWaiters;
        for (const auto id : waiting)
            reconsiderDelete(s, id);
    }
}

void wakeTouched(Step& s) {
    // Answering may touch further partitions (a group's append); they are looked at in the same
    // pass.
    for (std::size_t i = 0; i < s.core.touchedPartitions.size(); ++i)
        if (Partition* partition = s.core.partitions.at(s.core.touchedPartitions[i]))
            wakeWaiters(s, *partition);
    s.core.touchedPartitions.clear();
}

void failProduceWaiters(Step& s, Partition& partition, protocol::KafkaError error) {
    for (const auto& waiter : std::exchange(partition.produceWaiters, {}))
        producePartitionDone(s, waiter.pending, partition, error);
}

void expirePendings(Step& s) {
    while (const PendingId id = s.core.deadlines.takeDue(s.now.at)) {
        if (s.core.fetches.find(id) != nullptr)
            fetchExpired(s, id);
        else if (s.core.produces.find(id) != nullptr)
            produceExpired(s, id);
        else if (s.core.deletes.find(id) != nullptr)
            deleteExpired(s, id);
    }
}

}  // namespace odradek::broker
