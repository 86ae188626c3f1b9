// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/replica_roles.h"

#include <algorithm>
#include <string>

#include "engine/broker/controller_answers.h"
#include "engine/broker/core.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/metadata_reaction.h"
#include "engine/broker/replication/fetcher.h"
#include "engine/broker/replication/follower.h"
#include "engine/broker/replication/leader.h"
#include "engine/broker/waiters.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;

void noLongerLeader(Step& s, Partition& partition) {
    partition.role = ReplicaRole::Follower;
    partition.lead.pending.reset();
    failProduceWaiters(s, partition,
                       s.core.config.hasMutant(Mutant::AckWhenDeposed)
                           ? KafkaError::None
                           : KafkaError::NotLeaderOrFollower);
    s.touch(partition).leadership = true;
    if (isOffsetsTopic(partition.topic))
        resignOffsets(s, partition.index);
}

void lead(Step& s, Partition& partition, const metadata::Partition& wanted) {
    const LeaderEpoch epoch(wanted.leaderEpoch);
    if (partition.isLeader() && partition.leaderEpoch == epoch) {
        if (wanted.partitionEpoch <= partition.lead.partitionEpoch)
            return;
        const auto before = partition.lead.isr;
        partition.lead.update(s.core.id(), wanted.replicas, wanted.isr, wanted.partitionEpoch,
                              s.now.at);
        if (before != partition.lead.isr)
            noteIsrChange(s, partition, before, partition.lead.isr.size() > before.size());
        noteOutsiders(s, partition);
        advanceHighWatermark(s, partition);
        return;
    }
    unfollow(s, partition.ref);
    partition.role = ReplicaRole::Leader;
    partition.leader = wanted.leader;
    partition.leaderEpoch = epoch;
    partition.log.assignEpoch(epoch);
    partition.lead.begin(s.core.id(), wanted.replicas, wanted.isr, wanted.partitionEpoch,
                         partition.log.logEnd(), s.now.at);
    noteOutsiders(s, partition);
    s.core.events.add(s.now.wallMs, EventKind::BecameLeader, partition.topic, partition.index,
                      "leads epoch " + std::to_string(epoch.value) + " from offset " +
                          std::to_string(partition.log.logEnd().value));
    s.touch(partition).leadership = true;
    advanceHighWatermark(s, partition);
    if (isOffsetsTopic(partition.topic))
        loadOffsets(s, partition);
}

void followLeader(Step& s, Partition& partition, const metadata::Partition& wanted) {
    const LeaderEpoch epoch(wanted.leaderEpoch);
    const bool same = partition.role == ReplicaRole::Follower && partition.leaderEpoch == epoch &&
                      partition.leader == wanted.leader;
    if (same)
        return;
    if (partition.isLeader())
        noLongerLeader(s, partition);
    partition.role = ReplicaRole::Follower;
    partition.leader = wanted.leader;
    partition.leaderEpoch = epoch;
    if (!wanted.hasLeader() || wanted.leader == s.core.id()) {
        unfollow(s, partition.ref);
        return;
    }
    // Without epochs there is nothing to compare with the leader's: only what is committed can be
    // trusted.
    if ((!partition.log.latestEpoch() || s.core.config.hasMutant(Mutant::TruncateToHw)) &&
        partition.log.logEnd() > partition.highWatermark)
        truncateFollower(s, partition, partition.highWatermark, "its leader epochs are not known");
    s.core.events.add(s.now.wallMs, EventKind::BecameFollower, partition.topic, partition.index,
                      "follows broker " + std::to_string(wanted.leader) + " in epoch " +
                          std::to_string(epoch.value));
    follow(s, partition);
}

Partition& create(Step& s, const metadata::Topic& topic, std::int32_t index,
                  const storage::LogConfig& config) {
    auto disk = s.disk();
    storage::LogIdentity identity{{topic.name, index}, topic.id, s.core.partitions.nextRef()};
    auto log = storage::PartitionLog::create(std::move(identity), config, logLimitsOf(s.core),
                                             s.now, disk);
    return s.core.partitions.add(topic.name, topic.id, index, std::move(log));
}

}  // namespace

void takeAssignment(Step& s, const metadata::Topic& topic, std::int32_t index) {
    const auto* wanted = topic.partition(index);
    const auto ref = s.core.partitions.refOf(topic.id, index);
    if (wanted == nullptr || !wanted->isReplica(s.core.id())) {
        if (ref != kNoPartition)
            dropReplica(s, ref, "moved to other brokers");
        return;
    }
    Partition* partition = s.core.partitions.at(ref);
    if (partition == nullptr || !partition->assigned) {
        const auto config = logConfigOf(s.core, topic.name);
        if (partition == nullptr)
            partition = &create(s, topic, index, config);
        partition->assigned = true;
        applyLogConfig(s, *partition, config);
    }
    if (partition->failed)
        return;
    if (wanted->leader == s.core.id())
        lead(s, *partition, *wanted);
    else
        followLeader(s, *partition, *wanted);
}

void dropReplica(Step& s, PartitionRef ref, std::string_view why) {
    Partition* partition = s.core.partitions.at(ref);
    if (partition == nullptr)
        return;
    unfollow(s, ref);
    if (partition->isLeader())
        noLongerLeader(s, *partition);
    partition->role = ReplicaRole::Offline;
    wakeWaiters(s, *partition);
    auto disk = s.disk();
    partition->log.remove(disk);
    s.core.groupLoads.erase(isOffsetsTopic(partition->topic) ? partition->index : -1);
    s.core.events.add(s.now.wallMs, EventKind::PartitionDeleted, partition->topic, partition->index,
                      "replica removed: " + std::string(why));
    s.core.partitions.remove(ref);
}

void applyLogConfig(Step& s, Partition& partition, const storage::LogConfig& config) {
    storage::LogConfig own = config;
    const auto jitter = s.core.resolver().topicNumber(partition.topic, "segment.jitter.ms");
    own.segmentJitterMs =
        jitter <= 0 ? 0 : s.core.random.between(0, std::min(jitter, own.segmentMs));
    partition.log.setConfig(own);
    partition.minInsync = static_cast<std::int32_t>(
        s.core.resolver().topicNumber(partition.topic, "min.insync.replicas"));
    advanceHighWatermark(s, partition);
}

void replicaFailed(Step& s, Partition& partition) {
    if (partition.failed)
        return;
    partition.failed = true;
    const std::string why = partition.log.failure() ? partition.log.failure()->message : "unknown";
    s.note(LogLevel::Error,
           partition.topic + "-" + std::to_string(partition.index) + ": the log failed: " + why);
    s.core.events.add(s.now.wallMs, EventKind::LogFailed, partition.topic, partition.index,
                      "the log failed: " + why);
    unfollow(s, partition.ref);
    if (partition.isLeader()) {
        failProduceWaiters(s, partition, KafkaError::KafkaStorageError);
        noLongerLeader(s, partition);
    }
    partition.role = ReplicaRole::Offline;
    s.touch(partition).leadership = true;
    diskHasFailed(s);
}

}  // namespace odradek::broker
