// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/fetch_read.h"

#include <algorithm>
#include <utility>

#include "engine/broker/core.h"

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
    if (part.ask.currentLeaderEpoch >= 0 && part.ask.currentLeaderEpoch < partition->leaderEpoch.value)
        return KafkaError::FencedLeaderEpoch;
    if (part.ask.currentLeaderEpoch > partition->leaderEpoch.value)
        return KafkaError::UnknownLeaderEpoch;
    if (partition->failed)
        return KafkaError::KafkaStorageError;
    if (partition->role == ReplicaRole::Offline || (needsLeader(fetch) && !partition->isLeader()))
        return KafkaError::NotLeaderOrFollower;
    if (fetch.follower && partition->lead.follower(fetch.replica) == nullptr)
        return part.ask.currentLeaderEpoch >= 0 ? KafkaError::UnknownLeaderEpoch
                                            : KafkaError::NotLeaderOrFollower;
    return KafkaError::None;
}

/// Item 16: does the reader's log agree with ours up to where it wants to go on?
KafkaError checkDivergence(const Partition& partition, const FetchPart& part, PartitionData& data) {
    if (part.ask.lastFetchedEpoch < 0)
        return KafkaError::None;
    const auto end = partition.log.endOffsetForEpoch(LeaderEpoch(part.ask.lastFetchedEpoch));
    if (!end.defined() || end.epoch.value < 0 || part.ask.offset < partition.log.logStart())
        return KafkaError::OffsetOutOfRange;
    if (end.epoch.value < part.ask.lastFetchedEpoch || end.end < part.ask.offset) {
        data.divergingEpoch.epoch = end.epoch.value;
        data.divergingEpoch.endOffset = end.end.value;
    }
    return KafkaError::None;
}

struct Limits {
    std::uint64_t left = 0;
    bool atLeastOne = true;
};

/// Reads one partition. Sets part.cold when its bytes must come from the disk.
void readOne(Step& s, PendingFetch& fetch, FetchPart& part, const Limits& limits,
             FetchOutcome& outcome) {
    auto& data = part.data;
    const Partition* partition = s.core.partitions.at(part.partition);
    data = PartitionData{};
    data.partitionIndex = part.key.index;
    data.records.emplace();
    const auto refuse = [&](KafkaError error) {
        outcome.atOnce = true;
        failPart(fetch, part, code(error));
    };
    if (const auto error = checkAccess(fetch, part, partition); error != KafkaError::None)
        return refuse(error);
    if (!s.core.config.hasMutant(Mutant::IgnoreDivergence))
        if (const auto error = checkDivergence(*partition, part, data); error != KafkaError::None)
            return refuse(error);
    if (!fetch.committedOnly)
        data.abortedTransactions.reset();
    data.highWatermark = partition->highWatermark.value;
    data.lastStableOffset = fetch.follower ? -1 : partition->highWatermark.value;
    data.logStartOffset = partition->log.logStart().value;
    if (data.divergingEpoch.epoch >= 0) {
        outcome.atOnce = true;
        return;
    }
    const bool all = fetch.follower || s.core.config.hasMutant(Mutant::ServeAboveHw);
    const Offset upTo = all ? partition->log.logEnd() : partition->highWatermark;
    const auto most = std::min<std::uint64_t>(
        static_cast<std::uint64_t>(std::max(part.ask.maxBytes, 0)), limits.left);
    auto plan = partition->log.read(part.ask.offset, upTo, most, limits.atLeastOne);
    if (!plan)
        return refuse(plan.error());
    if (auto* found = std::get_if<storage::FetchData>(&*plan)) {
        part.size = found->records.size();
        part.cutOff = part.size == 0 && part.ask.offset < upTo;
        data.records = std::move(found->records);
        return;
    }
    part.cold = std::get<storage::ColdRead>(std::move(*plan));
    ++outcome.cold;
    part.size = std::max<std::uint64_t>(std::min(most, part.cold->size), 1);
}

}  // namespace

void failPart(PendingFetch& fetch, FetchPart& part, std::int16_t error) {
    auto& data = part.data;
    data = PartitionData{};
    data.partitionIndex = part.key.index;
    data.errorCode = error;
    data.highWatermark = -1;
    data.abortedTransactions.reset();
    data.records.emplace();
    fetch.bytes -= std::min(fetch.bytes, std::exchange(part.size, 0));
}

FetchOutcome readParts(Step& s, PendingFetch& fetch) {
    FetchOutcome outcome;
    for (auto& part : fetch.parts)
        if (part.stale)
            fetch.bytes -= std::min(fetch.bytes, std::exchange(part.size, 0));
    const auto most = static_cast<std::uint64_t>(std::max(fetch.maxBytes, 0));
    for (auto& part : fetch.parts) {
        if (!part.stale)
            continue;
        const Limits limits{most - std::min(most, fetch.bytes), fetch.bytes == 0};
        if (limits.left == 0 && !limits.atLeastOne && fetch.kind == PendingFetch::Kind::Continues)
            break;
        part.stale = false;
        part.cutOff = false;
        part.cold.reset();
        if (part.partition == kNoPartition)
            continue;
        readOne(s, fetch, part, limits, outcome);
        fetch.bytes += part.size;
    }
    return outcome;
}

}  // namespace odradek::broker
