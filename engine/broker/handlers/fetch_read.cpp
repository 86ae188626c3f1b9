// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/fetch_read.h"

#include <algorithm>

#include "engine/broker/core.h"
#include "engine/broker/handlers/leader_hints.h"

namespace odradek::broker {
namespace {

using protocol::FetchResponse;
using protocol::KafkaError;
using PartitionData = FetchResponse::PartitionData;

/// Clients may read from followers since KIP-392 told them how (version 11); others only from the
/// leader.
bool needsLeader(const PendingFetch& fetch) {
    return fetch.follower || fetch.ticket.version < 11;
}

KafkaError checkAccess(const PendingFetch& fetch, const FetchPart& part,
                       const Partition* partition) {
    if (partition == nullptr)
        return KafkaError::UnknownTopicOrPartition;
    if (part.currentLeaderEpoch >= 0 && part.currentLeaderEpoch < partition->leaderEpoch.value)
        return KafkaError::FencedLeaderEpoch;
    if (part.currentLeaderEpoch > partition->leaderEpoch.value)
        return KafkaError::UnknownLeaderEpoch;
    if (partition->failed)
        return KafkaError::KafkaStorageError;
    if (partition->role == ReplicaRole::Offline || (needsLeader(fetch) && !partition->isLeader()))
        return KafkaError::NotLeaderOrFollower;
    if (fetch.follower && partition->lead.follower(fetch.replica) == nullptr)
        return part.currentLeaderEpoch >= 0 ? KafkaError::UnknownLeaderEpoch
                                            : KafkaError::NotLeaderOrFollower;
    return KafkaError::None;
}

/// Item 16: does the reader's log agree with ours up to where it wants to go on?
KafkaError checkDivergence(const Partition& partition, const FetchPart& part, PartitionData& data) {
    if (part.lastFetchedEpoch < 0)
        return KafkaError::None;
    const auto end = partition.log.endOffsetForEpoch(LeaderEpoch(part.lastFetchedEpoch));
    if (!end.defined() || end.epoch.value < 0 || part.offset < partition.log.logStart())
        return KafkaError::OffsetOutOfRange;
    if (end.epoch.value < part.lastFetchedEpoch || end.end < part.offset) {
        data.divergingEpoch.epoch = end.epoch.value;
        data.divergingEpoch.endOffset = end.end.value;
    }
    return KafkaError::None;
}

struct Limits {
    std::uint64_t left = 0;
    bool atLeastOne = true;
};

/// Reads one partition; returns the bytes found. Sets part.cold when they must come from the disk.
std::uint64_t readOne(Step& s, PendingFetch& fetch, FetchPart& part, Limits& limits,
                      FetchOutcome& outcome) {
    auto& data = fetch.response.responses[part.topicAt].partitions[part.partAt];
    Partition* partition = s.core.partitions.at(part.partition);
    const auto index = data.partitionIndex;
    data = PartitionData{};
    data.partitionIndex = index;
    data.records.emplace();
    const auto refuse = [&](KafkaError error) {
        outcome.atOnce = true;
        failPart(s, fetch, part, code(error));
        return std::uint64_t{0};
    };
    if (const auto error = checkAccess(fetch, part, partition); error != KafkaError::None)
        return refuse(error);
    if (const auto error = checkDivergence(*partition, part, data); error != KafkaError::None)
        return refuse(error);
    if (!fetch.committedOnly)
        data.abortedTransactions.reset();
    data.highWatermark = partition->highWatermark.value;
    data.lastStableOffset = fetch.follower ? -1 : partition->highWatermark.value;
    data.logStartOffset = partition->log.logStart().value;
    if (data.divergingEpoch.epoch >= 0) {
        outcome.atOnce = true;
        return 0;
    }
    const Offset upTo = fetch.follower ? partition->log.logEnd() : partition->highWatermark;
    const auto most = std::min<std::uint64_t>(
        static_cast<std::uint64_t>(std::max(part.maxBytes, 0)), limits.left);
    auto plan = partition->log.read(part.offset, upTo, most, limits.atLeastOne);
    if (!plan)
        return refuse(plan.error());
    if (auto* found = std::get_if<storage::FetchData>(&*plan)) {
        const auto size = found->records.size();
        data.records = std::move(found->records);
        return size;
    }
    part.cold = std::get<storage::ColdRead>(std::move(*plan));
    ++outcome.cold;
    return std::max<std::uint64_t>(std::min(most, part.cold->size), 1);
}

}  // namespace

void failPart(Step& s, PendingFetch& fetch, const FetchPart& part, std::int16_t error) {
    auto& data = fetch.response.responses[part.topicAt].partitions[part.partAt];
    const auto index = data.partitionIndex;
    data = PartitionData{};
    data.partitionIndex = index;
    data.errorCode = error;
    data.highWatermark = -1;
    data.abortedTransactions.reset();
    data.records.emplace();
    const bool placeWrong = error == code(KafkaError::NotLeaderOrFollower) ||
                            error == code(KafkaError::FencedLeaderEpoch);
    const Partition* partition = s.core.partitions.at(part.partition);
    if (placeWrong && fetch.ticket.version >= 16 && partition != nullptr)
        hintLeader(s.core, partition->topicId, partition->index, data.currentLeader,
                   fetch.response.nodeEndpoints);
}

FetchOutcome readAll(Step& s, PendingFetch& fetch) {
    FetchOutcome outcome;
    Limits limits{static_cast<std::uint64_t>(std::max(fetch.maxBytes, 0)), true};
    fetch.response.nodeEndpoints.clear();
    for (auto& part : fetch.parts) {
        part.cold.reset();
        const auto size = readOne(s, fetch, part, limits, outcome);
        outcome.bytes += size;
        limits.left -= std::min(limits.left, size);
        if (size > 0)
            limits.atLeastOne = false;
    }
    return outcome;
}

}  // namespace odradek::broker
