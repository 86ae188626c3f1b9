// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/groups_link.h"

#include <algorithm>
#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/handlers/produce.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/operations.h"
#include "engine/protocol/codec/record_batch.h"

namespace odradek::broker {
namespace {

constexpr std::uint64_t kLoadPiece = 1 << 20;
constexpr std::int64_t kSizesEveryMs = 1000;

Partition* offsetsPartition(Step& s, std::int32_t index) {
    const auto topic = s.core.image.topicId(kOffsetsTopic);
    return topic ? s.core.partitions.find(*topic, index) : nullptr;
}

/// The records of whole batches, without control batches. Stops at the first batch that cannot be
/// read.
std::vector<protocol::Record> recordsOf(Step& s, const Bytes& batches) {
    std::vector<protocol::Record> all;
    std::size_t at = 0;
    while (batches.size() - at >= protocol::kBatchHeaderSize) {
        const auto header = protocol::readBatchHeader(batches.slice(at));
        if (!header || header->sizeInBytes() > batches.size() - at)
            break;
        if (!header->isControl()) {
            auto records = protocol::readRecords(batches.slice(at, header->sizeInBytes()));
            if (!records) {
                s.note(LogLevel::Error,
                       "an offsets batch cannot be read: " + records.error().message);
                break;
            }
            std::move(records->begin(), records->end(), std::back_inserter(all));
        }
        at += header->sizeInBytes();
    }
    return all;
}

void feed(Step& s, std::int32_t partition, GroupLoad& load, const storage::FetchData& data) {
    auto records = recordsOf(s, data.records.flatten());
    // The first batch may begin before what we asked for.
    std::erase_if(records,
                  [&](const protocol::Record& record) { return record.offset < load.next.value; });
    s.core.groups.feed(partition, records);
    load.next = data.next;
}

void readCold(Step& s, const Partition& partition, storage::ColdRead cold) {
    DiskWait wait;
    wait.kind = DiskWait::Kind::GroupLoad;
    wait.partition = partition.ref;
    wait.cold = std::move(cold);
    const io::OpId op = s.core.ops.next(0);
    s.out.push_back(io::DiskRead{op, wait.cold.path, wait.cold.position, wait.cold.size});
    s.core.diskWaits.emplace(op, std::move(wait));
}

/// Reads on until all is fed, the disk is needed, or the high watermark has to come further first.
void proceed(Step& s, Partition& partition) {
    const auto found = s.core.groupLoads.find(partition.index);
    if (found == s.core.groupLoads.end() || found->second.epoch != partition.leaderEpoch ||
        found->second.reading)
        return;
    GroupLoad& load = found->second;
    while (load.next < load.upTo) {
        const Offset upTo = std::min(load.upTo, partition.highWatermark);
        load.next = std::max(load.next, partition.log.logStart());
        if (load.next >= upTo)
            return;  // not replicated yet: goes on when the mark moves
        auto plan = partition.log.read(load.next, upTo, kLoadPiece, true);
        if (!plan) {
            s.note(LogLevel::Error,
                   "offsets partition " + std::to_string(partition.index) + " cannot be read");
            return;
        }
        if (auto* cold = std::get_if<storage::ColdRead>(&*plan)) {
            load.reading = true;
            readCold(s, partition, std::move(*cold));
            return;
        }
        const auto& data = std::get<storage::FetchData>(*plan);
        if (data.next <= load.next)
            return;
        feed(s, partition.index, load, data);
    }
    s.core.groupLoads.erase(found);
    GroupOutputs out;
    s.core.groups.onLoaded(s.now, partition.index, out);
    carryOut(s, out);
}

void append(Step& s, const GroupAppend& wish) {
    Partition* partition = offsetsPartition(s, wish.partition);
    if (partition == nullptr) {
        groupAppendDone(s, wish.appendToken, protocol::KafkaError::NotLeaderOrFollower, Offset(-1));
        return;
    }
    auto batch = protocol::buildBatch(wish.records, {});
    if (!batch) {
        groupAppendDone(s, wish.appendToken, protocol::KafkaError::UnknownServerError, Offset(-1));
        return;
    }
    appendForGroups(s, *partition, wish.appendToken, *batch);
}

void trim(Step& s, const GroupTrim& wish) {
    Partition* partition = offsetsPartition(s, wish.partition);
    if (partition == nullptr || !partition->isLeader())
        return;
    auto disk = s.disk();
    if (partition->log.advanceLogStart(s.now, wish.before, partition->highWatermark, disk))
        s.touch(*partition).logStart = true;
    logStartMoved(s);
}

}  // namespace

void carryOut(Step& s, GroupOutputs& outputs) {
    // Appends may end at once and call back into the coordinator with outputs of their own, so ours
    // are taken first.
    GroupOutputs mine = std::exchange(outputs, {});
    for (auto& line : mine.notes)
        s.out.push_back(io::Note{std::move(line)});
    for (auto& reply : mine.replies) {
        if (s.core.groupTickets.find(reply.token) == nullptr)
            continue;
        const Ticket ticket = s.core.groupTickets.take(reply.token);
        std::visit([&](const auto& response) { respond(s, ticket, response); }, reply.response);
    }
    for (const auto& one : mine.appends)
        append(s, one);
    for (const auto& one : mine.trims)
        trim(s, one);
}

void loadOffsets(Step& s, Partition& partition) {
    GroupOutputs out;
    s.core.groups.onLoad(s.now, partition.index, partition.leaderEpoch, out);
    carryOut(s, out);
    const auto end = s.core.config.hasMutant(Mutant::LoadOffsetsHalf)
                         ? std::max(partition.log.logStart(), partition.log.logEnd() - 3)
                         : partition.log.logEnd();
    s.core.groupLoads[partition.index] = {partition.leaderEpoch, partition.log.logStart(), end,
                                          false};
    proceed(s, partition);
}

void offsetsAdvanced(Step& s, Partition& partition) {
    if (s.core.groupLoads.contains(partition.index))
        proceed(s, partition);
}

void offsetsReadDone(Step& s, const DiskWait& wait, const Result<Bytes>& data) {
    Partition* partition = s.core.partitions.at(wait.partition);
    if (partition == nullptr)
        return;
    const auto found = s.core.groupLoads.find(partition->index);
    if (found == s.core.groupLoads.end())
        return;
    GroupLoad& load = found->second;
    load.reading = false;
    if (data) {
        auto plan = storage::finishColdRead(wait.cold, *data);
        if (!plan) {
            s.note(LogLevel::Error, "an offsets partition is damaged: " + plan.error().message);
            return;
        }
        if (auto* again = std::get_if<storage::ColdRead>(&*plan)) {
            load.reading = true;
            readCold(s, *partition, std::move(*again));
            return;
        }
        if (const auto& read = std::get<storage::FetchData>(*plan);
            wait.cold.from == load.next && read.next > load.next)
            feed(s, partition->index, load, read);
    }
    proceed(s, *partition);
}

void resignOffsets(Step& s, std::int32_t partition) {
    s.core.groupLoads.erase(partition);
    GroupOutputs out;
    s.core.groups.onResign(s.now, partition, out);
    carryOut(s, out);
}

void groupAppendDone(Step& s, std::uint64_t token, protocol::KafkaError error, Offset base) {
    GroupOutputs out;
    s.core.groups.onAppended(s.now, token, error, base, out);
    carryOut(s, out);
}

void topicsDeleted(Step& s, const std::vector<DeletedTopic>& topics) {
    GroupOutputs out;
    s.core.groups.onTopicsDeleted(s.now, topics, out);
    carryOut(s, out);
}

void offsetsTopicMayHaveChanged(Step& s) {
    if (const auto* topic = s.core.image.topic(kOffsetsTopic))
        s.core.groups.setOffsetsPartitions(static_cast<std::int32_t>(topic->partitions.size()));
}

void checkOffsetsSizes(Step& s) {
    s.core.groupSizesAt = s.now.at + Milliseconds(kSizesEveryMs);
    const auto* topic = s.core.image.topic(kOffsetsTopic);
    if (topic == nullptr)
        return;
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(topic->partitions.size()); ++i) {
        const Partition* partition = s.core.partitions.find(topic->id, i);
        if (partition == nullptr || !partition->isLeader())
            continue;
        GroupOutputs out;
        s.core.groups.maybeRewrite(s.now, i,
                                   static_cast<std::int64_t>(partition->log.sizeInBytes()), out);
        carryOut(s, out);
    }
}

GroupConfig groupConfigOf(const BrokerCore& core) {
    const auto resolver = core.resolver();
    const auto number = [&](std::string_view name) { return resolver.brokerNumber(name); };
    GroupConfig c;
    c.minSessionTimeout = Milliseconds(number("group.min.session.timeout.ms"));
    c.maxSessionTimeout = Milliseconds(number("group.max.session.timeout.ms"));
    c.initialRebalanceDelay = Milliseconds(number("group.initial.rebalance.delay.ms"));
    c.maxSize = static_cast<std::int32_t>(number("group.max.size"));
    c.offsetMetadataMaxSize = static_cast<std::int32_t>(number("offset.metadata.max.bytes"));
    c.offsetsRetention = Milliseconds(number("offsets.retention.minutes") * 60'000);
    c.retentionCheckInterval = Milliseconds(number("offsets.retention.check.interval.ms"));
    c.commitTimeout = Milliseconds(number("offsets.commit.timeout.ms"));
    c.offsetsPartitions = core.config.offsetsTopicPartitions;
    c.mutants = core.config.mutants;
    return c;
}

}  // namespace odradek::broker
