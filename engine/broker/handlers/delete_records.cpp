// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/delete_records.h"

#include <algorithm>
#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/handlers/merge_topics.h"
#include "engine/broker/handlers/produce.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/operations.h"
#include "engine/protocol/messages/delete_records.h"

namespace odradek::broker {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::KafkaError;
using PartResult = DeleteRecordsResponse::DeleteRecordsPartitionResult;

void refuse(PartResult& part, KafkaError error) {
    part.errorCode = code(error);
    part.lowWatermark = -1;
}

Offset lowWatermark(const Step& s, const Partition& partition) {
    return partition.lead.lowWatermark(partition.log.logStart(), [&s](std::int32_t broker) {
        return s.core.image.isUnfenced(broker);
    });
}

/// Deletes in one partition; returns how far every replica must get, or nullopt when the answer is
/// final.
std::optional<Offset> begin(Step& s, const metadata::Topic* topic,
                            const DeleteRecordsRequest::DeleteRecordsPartition& asked,
                            PartResult& part) {
    const auto no = [&](KafkaError error) {
        refuse(part, error);
        return std::nullopt;
    };
    if (topic == nullptr)
        return no(KafkaError::UnknownTopicOrPartition);
    if (isInternalTopic(topic->name))
        return no(KafkaError::InvalidTopicException);
    Partition* partition = s.core.partitions.find(topic->id, asked.partitionIndex);
    if (partition == nullptr && topic->partition(asked.partitionIndex) == nullptr)
        return no(KafkaError::UnknownTopicOrPartition);
    if (partition != nullptr && partition->failed)
        return no(KafkaError::KafkaStorageError);
    if (partition == nullptr || !partition->isLeader())
        return no(KafkaError::NotLeaderOrFollower);
    if (!partition->log.config().deleteOld)
        return no(KafkaError::PolicyViolation);
    const Offset target = asked.offset == -1 ? partition->highWatermark : Offset(asked.offset);
    if (target.value < 0 || target > partition->highWatermark)
        return no(KafkaError::OffsetOutOfRange);
    auto disk = s.disk();
    const auto moved =
        partition->log.advanceLogStart(s.now, target, partition->highWatermark, disk);
    if (!moved)
        return no(moved.error());
    logStartMoved(s);
    s.touch(*partition).logStart = true;  // followers in a long poll are to hear of it now
    return target;
}

void unlist(Step& s, PendingId id, const PendingDelete& pending) {
    s.core.deadlines.remove(pending.deadline, id);
    for (const auto& part : pending.parts)
        if (Partition* partition = s.core.partitions.at(part.partition))
            std::erase(partition->deleteWaiters, id);
}

/// Settles the parts that can be; true when all are.
bool settle(Step& s, PendingDelete& pending) {
    for (auto& part : pending.parts) {
        if (part.done)
            continue;
        auto& out = pending.response.topics[part.topicAt].partitions[part.partAt];
        const Partition* partition = s.core.partitions.at(part.partition);
        if (partition == nullptr || !partition->isLeader()) {
            refuse(out, KafkaError::NotLeaderOrFollower);
        } else if (const Offset low = lowWatermark(s, *partition); low >= part.target) {
            out.lowWatermark = low.value;
        } else {
            continue;
        }
        part.done = true;
        --pending.remaining;
    }
    return pending.remaining == 0;
}

void answer(Step& s, const PendingDelete& pending) {
    bool error = false;
    for (const auto& topic : pending.response.topics)
        for (const auto& part : topic.partitions)
            error = error || part.errorCode != 0;
    respond(s, pending.ticket, pending.response, error);
}

}  // namespace

void handleDeleteRecords(Step& s, const Ticket& ticket, const Bytes& body) {
    auto request = readRequest<DeleteRecordsRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    mergeTopics(request->topics, &DeleteRecordsRequest::DeleteRecordsTopic::partitions,
                &DeleteRecordsRequest::DeleteRecordsPartition::partitionIndex,
                [](const auto& topic) { return topic.name; });
    PendingDelete pending;
    pending.ticket = ticket;
    pending.deadline = s.now.at + Milliseconds(std::max(request->timeoutMs, 0));
    auto& topics = pending.response.topics;
    topics.resize(request->topics.size());
    for (std::uint32_t i = 0; i < request->topics.size(); ++i) {
        const auto& asked = request->topics[i];
        topics[i].name = asked.name;
        topics[i].partitions.resize(asked.partitions.size());
        const auto* topic = s.core.image.topic(asked.name);
        for (std::uint32_t j = 0; j < asked.partitions.size(); ++j) {
            auto& part = topics[i].partitions[j];
            part.partitionIndex = asked.partitions[j].partitionIndex;
            if (const auto target = begin(s, topic, asked.partitions[j], part))
                pending.parts.push_back({s.core.partitions.refOf(topic->id, part.partitionIndex), i,
                                         j, *target, false});
        }
    }
    pending.remaining = pending.parts.size();
    if (settle(s, pending)) {
        answer(s, pending);
        return;
    }
    const PendingId id = s.core.nextPending();
    for (const auto& part : pending.parts)
        s.core.partitions.at(part.partition)->deleteWaiters.push_back(id);
    s.core.deadlines.add(pending.deadline, id);
    s.core.deletes.add(id, std::move(pending));
}

void reconsiderDelete(Step& s, PendingId id) {
    PendingDelete* pending = s.core.deletes.find(id);
    if (pending == nullptr || !settle(s, *pending))
        return;
    const PendingDelete done = s.core.deletes.take(id);
    unlist(s, id, done);
    answer(s, done);
}

void deleteExpired(Step& s, PendingId id) {
    PendingDelete done = s.core.deletes.take(id);
    unlist(s, id, done);
    for (const auto& part : done.parts)
        if (!part.done)
            refuse(done.response.topics[part.topicAt].partitions[part.partAt],
                   KafkaError::RequestTimedOut);
    answer(s, done);
}

}  // namespace odradek::broker
