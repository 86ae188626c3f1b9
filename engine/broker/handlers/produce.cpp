// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/produce.h"

#include <optional>
#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/handlers/leader_hints.h"
#include "engine/broker/handlers/merge_topics.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/replication/leader.h"
#include "engine/protocol/messages/produce.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using PartResponse = ProduceResponse::PartitionProduceResponse;

void refuse(PartResponse& part, KafkaError error, std::optional<std::string> message = {}) {
    part.errorCode = code(error);
    part.baseOffset = -1;
    part.logAppendTimeMs = -1;
    part.logStartOffset = -1;
    part.errorMessage = std::move(message);
}

/// Kafka tells the log start with refusals that concern the records, not with those that concern
/// the place.
bool tellsLogStart(KafkaError error) {
    switch (error) {
        case KafkaError::UnknownTopicOrPartition:
        case KafkaError::UnknownTopicId:
        case KafkaError::NotLeaderOrFollower:
        case KafkaError::MessageTooLarge:
        case KafkaError::RecordListTooLarge:
        case KafkaError::CorruptMessage:
        case KafkaError::KafkaStorageError:
            return false;
        default:
            return true;
    }
}

enum class NextBatch { None, Whole, Corrupt };
/// What Kafka's batch iterator finds at the front of `bytes`; a batch that is not all there counts
/// as none.
NextBatch nextBatch(const Bytes& bytes) {
    constexpr std::size_t kUpToMagic = 17;
    constexpr std::int32_t kSmallestRecord = 14;
    if (bytes.size() < kUpToMagic)
        return NextBatch::None;
    std::uint32_t length = 0;
    for (std::size_t i = 8; i < 12; ++i)
        length = (length << 8) | bytes[i];
    if (static_cast<std::int32_t>(length) < kSmallestRecord || bytes[16] > 2)
        return NextBatch::Corrupt;
    return protocol::kBatchLengthEnd + length > bytes.size() ? NextBatch::None : NextBatch::Whole;
}

/// What ProduceRequest.validateRecords asks before the partition is looked at (item 6): one batch,
/// format 2.
std::optional<std::pair<KafkaError, std::string>> checkShape(const Bytes& records,
                                                             std::int16_t version) {
    const std::string said = "Produce requests with version " + std::to_string(version);
    const auto first = nextBatch(records);
    if (first == NextBatch::Corrupt)
        return std::pair(KafkaError::CorruptMessage,
                         "the record batch has an impossible size or magic");
    if (first == NextBatch::None)
        return std::pair(KafkaError::InvalidRecord,
                         said + " must have exactly one record batch per partition");
    if (records[16] != 2)
        return std::pair(KafkaError::InvalidRecord,
                         said + " are only allowed to contain record batches with magic version 2");
    const auto header = protocol::readBatchHeader(records);
    if (!header)
        return std::pair(KafkaError::CorruptMessage, header.error().message);
    const int codec = header->attributes & 7;
    if (codec > static_cast<int>(protocol::Compression::Zstd) && version < 7)
        return std::pair(KafkaError::UnknownServerError,
                         "unknown compression type " + std::to_string(codec));
    if (codec == static_cast<int>(protocol::Compression::Zstd) && version < 7)
        return std::pair(KafkaError::UnsupportedCompressionType,
                         said + " are not allowed to use ZStandard compression");
    switch (nextBatch(records.slice(header->sizeInBytes()))) {
        case NextBatch::Corrupt:
            return std::pair(KafkaError::CorruptMessage, "the bytes behind the batch are no batch");
        case NextBatch::Whole:
            return std::pair(KafkaError::InvalidRecord,
                             said + " must have exactly one record batch per partition");
        case NextBatch::None:
            break;
    }
    if (header->isTransactional())
        return std::pair(KafkaError::InvalidTxnState,
                         "transactions are not served by this cluster");
    return std::nullopt;
}

/// Transactional records without a transactional id: the whole request is refused, as by Kafka.
bool nobodysTransaction(const ProduceRequest& request) {
    if (request.transactionalId)
        return false;
    for (const auto& topic : request.topicData)
        for (const auto& part : topic.partitionData)
            if (part.records && !part.records->empty()) {
                const auto header = protocol::readBatchHeader(part.records->parts().front());
                if (header && header->isTransactional())
                    return true;
            }
    return false;
}

/// One produce request while it is handled.
struct Produce {
    Step& s;
    const Ticket& ticket;
    const ProduceRequest& request;
    bool internalAllowed = false;
    bool nobodysTransaction = false;
    PendingProduce pending{};

    void partition(const metadata::Topic* topic, const ProduceRequest::PartitionProduceData& data,
                   std::uint32_t topicAt, std::uint32_t partAt);
    void append(Partition& partition, const Bytes& records, PartResponse& part,
                std::uint32_t topicAt, std::uint32_t partAt);
    void notLeader(const metadata::Topic& topic, PartResponse& part);
};

void Produce::notLeader(const metadata::Topic& topic, PartResponse& part) {
    if (topic.partition(part.index) == nullptr) {
        refuse(part, KafkaError::UnknownTopicOrPartition);
        return;
    }
    refuse(part, KafkaError::NotLeaderOrFollower);
    if (ticket.version >= 10)
        hintLeader(s.core, topic.id, part.index, part.currentLeader,
                   pending.response.nodeEndpoints);
}

void Produce::partition(const metadata::Topic* topic,
                        const ProduceRequest::PartitionProduceData& data, std::uint32_t topicAt,
                        std::uint32_t partAt) {
    auto& part = pending.response.responses[topicAt].partitionResponses[partAt];
    part.index = data.index;
    if (nobodysTransaction) {
        refuse(part, KafkaError::TransactionalIdAuthorizationFailed);
        return;
    }
    if (topic == nullptr) {
        refuse(part, ticket.version >= 13 ? KafkaError::UnknownTopicId
                                          : KafkaError::UnknownTopicOrPartition);
        return;
    }
    const Bytes records = data.records ? data.records->flatten() : Bytes();
    if (auto bad = checkShape(records, ticket.version)) {
        refuse(part, bad->first, std::move(bad->second));
        return;
    }
    if (request.acks < -1 || request.acks > 1) {
        refuse(part, KafkaError::InvalidRequiredAcks);
        return;
    }
    if (isInternalTopic(topic->name) && !internalAllowed) {
        refuse(part, KafkaError::InvalidTopicException,
               "Cannot append to internal topic " + topic->name);
        return;
    }
    Partition* partition = s.core.partitions.find(topic->id, data.index);
    if (partition != nullptr && partition->failed) {
        refuse(part, ticket.version >= 4 ? KafkaError::KafkaStorageError
                                         : KafkaError::NotLeaderOrFollower);
        return;
    }
    if (partition == nullptr || !partition->isLeader()) {
        notLeader(*topic, part);
        return;
    }
    append(*partition, records, part, topicAt, partAt);
}

void Produce::append(Partition& partition, const Bytes& records, PartResponse& part,
                     std::uint32_t topicAt, std::uint32_t partAt) {
    if (request.acks == -1 && partition.lead.underMinIsr(partition.minInsync)) {
        refuse(part, KafkaError::NotEnoughReplicas,
               "The size of the current ISR is insufficient to satisfy the min.isr requirement");
        part.logStartOffset = partition.log.logStart().value;
        return;
    }
    auto disk = s.disk();
    const Offset oldEnd = partition.log.logEnd();
    auto appended = partition.log.appendAsLeader(s.now, records, partition.leaderEpoch,
                                                 storage::AppendOrigin::Client, disk);
    if (!appended) {
        auto& rejected = appended.error();
        refuse(part, rejected.error, std::move(rejected.message));
        if (tellsLogStart(rejected.error))
            part.logStartOffset = partition.log.logStart().value;
        for (auto& one : rejected.recordErrors)
            part.recordErrors.push_back({one.batchIndex, std::move(one.message)});
        return;
    }
    part.baseOffset = appended->base.value;
    part.logAppendTimeMs = appended->logAppendTimeMs;
    part.logStartOffset = appended->logStart.value;
    const Offset required = appended->last + 1;
    if (!appended->duplicate) {
        leaderAppended(s, partition, oldEnd);
        partition.messagesIn += static_cast<std::uint64_t>(appended->recordCount);
        partition.bytesIn += appended->bytes;
        s.core.appendedBytes += appended->bytes;
        s.core.metrics.messagesIn += static_cast<std::uint64_t>(appended->recordCount);
        s.touch(partition).logEnd = true;
        advanceHighWatermark(
            s, partition);  // moves when the disk is instant or the log already holds a duplicate
    }
    if (request.acks == -1 && required > partition.highWatermark &&
        !s.core.config.hasMutant(Mutant::AckBeforeIsr)) {
        pending.parts.push_back({partition.ref, topicAt, partAt, false});
        partition.produceWaiters.push_back({required, s.core.lastPending + 1});
    }
}

void finish(Step& s, const Ticket& ticket, const ProduceResponse& response) {
    bool error = false;
    for (const auto& topic : response.responses)
        for (const auto& part : topic.partitionResponses)
            error = error || part.errorCode != 0;
    respond(s, ticket, response, error);
}

void answerGroups(Step& s, PendingProduce& pending, KafkaError error) {
    groupAppendDone(s, *pending.groupToken, error, pending.groupBase);
}

}  // namespace

bool isInternalTopic(std::string_view topic) {
    return topic == "__consumer_offsets" || topic == "__transaction_state" ||
           topic == "__share_group_state";
}

void handleProduce(Step& s, const Ticket& ticket, const Bytes& body) {
    auto request = readRequest<ProduceRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    mergeTopics(request->topicData, &ProduceRequest::TopicProduceData::partitionData,
                &ProduceRequest::PartitionProduceData::index,
                [](const auto& topic) { return std::pair(topic.topicId, topic.name); });
    const Connection* connection = s.core.connections.find(ticket.connection);
    Produce produce{s, ticket, *request,
                    connection != nullptr && connection->clientId == "__admin_client",
                    nobodysTransaction(*request)};
    auto& responses = produce.pending.response.responses;
    responses.resize(request->topicData.size());
    for (std::uint32_t i = 0; i < request->topicData.size(); ++i) {
        const auto& asked = request->topicData[i];
        const bool byId = ticket.version >= 13;
        responses[i].name = asked.name;
        responses[i].topicId = asked.topicId;
        responses[i].partitionResponses.resize(asked.partitionData.size());
        const auto* topic =
            byId ? s.core.image.topic(asked.topicId) : s.core.image.topic(asked.name);
        for (std::uint32_t j = 0; j < asked.partitionData.size(); ++j)
            produce.partition(topic, asked.partitionData[j], i, j);
    }
    bool error = false;
    for (const auto& topic : responses)
        for (const auto& part : topic.partitionResponses)
            error = error || part.errorCode != 0;
    if (request->acks == 0) {
        if (error)
            dropConnection(s, ticket, "a produce with acks=0 failed");
        else
            s.answer(ticket, {});
        return;
    }
    if (produce.pending.parts.empty()) {
        respond(s, ticket, produce.pending.response, error);
        return;
    }
    auto& pending = produce.pending;
    pending.ticket = ticket;
    pending.remaining = pending.parts.size();
    pending.deadline = s.now.at + Milliseconds(std::max(request->timeoutMs, 0));
    const PendingId id = s.core.nextPending();
    s.core.deadlines.add(pending.deadline, id);
    s.core.produces.add(id, std::move(pending));
}

void producePartitionDone(Step& s, PendingId id, const Partition& partition, KafkaError error) {
    PendingProduce* pending = s.core.produces.find(id);
    if (pending == nullptr)
        return;
    // After the append the ISR may have become too small: the record stays, but the promise was not
    // kept (item 20).
    if (error == KafkaError::None && partition.lead.underMinIsr(partition.minInsync) &&
        !pending->groupToken)
        error = KafkaError::NotEnoughReplicasAfterAppend;
    for (auto& one : pending->parts) {
        if (one.partition != partition.ref || one.done)
            continue;
        one.done = true;
        --pending->remaining;
        if (error != KafkaError::None && !pending->groupToken) {
            auto& part = pending->response.responses[one.topicAt].partitionResponses[one.partAt];
            refuse(part, error);
            if (error == KafkaError::NotLeaderOrFollower && pending->ticket.version >= 10)
                hintLeader(s.core, partition.topicId, partition.index, part.currentLeader,
                           pending->response.nodeEndpoints);
        }
        break;
    }
    if (pending->remaining > 0)
        return;
    PendingProduce done = s.core.produces.take(id);
    s.core.deadlines.remove(done.deadline, id);
    if (done.groupToken)
        answerGroups(s, done, error);
    else
        finish(s, done.ticket, done.response);
}

void produceExpired(Step& s, PendingId id) {
    PendingProduce done = s.core.produces.take(id);
    for (const auto& one : done.parts)
        if (!one.done)
            refuse(done.response.responses[one.topicAt].partitionResponses[one.partAt],
                   KafkaError::RequestTimedOut);
    finish(s, done.ticket, done.response);
}

void appendForGroups(Step& s, Partition& partition, std::uint64_t token, const Bytes& batch) {
    if (!partition.isLeader()) {
        groupAppendDone(s, token, KafkaError::NotLeaderOrFollower, Offset(-1));
        return;
    }
    if (partition.lead.underMinIsr(partition.minInsync)) {
        groupAppendDone(s, token, KafkaError::NotEnoughReplicas, Offset(-1));
        return;
    }
    auto disk = s.disk();
    const Offset oldEnd = partition.log.logEnd();
    auto appended = partition.log.appendAsLeader(s.now, batch, partition.leaderEpoch,
                                                 storage::AppendOrigin::Internal, disk);
    if (!appended) {
        groupAppendDone(s, token, appended.error().error, Offset(-1));
        return;
    }
    leaderAppended(s, partition, oldEnd);
    s.touch(partition).logEnd = true;
    PendingProduce pending;
    pending.groupToken = token;
    pending.groupBase = appended->base;
    pending.remaining = 1;
    pending.deadline = Instant::never();
    pending.parts.push_back({partition.ref, 0, 0, false});
    const PendingId id = s.core.nextPending();
    s.core.produces.add(id, std::move(pending));
    partition.produceWaiters.push_back({appended->last + 1, id});
    advanceHighWatermark(s, partition);
    // The mark may stand there already (a disk that is instant): the waiters are looked at when
    // this step ends.
    if (partition.highWatermark >= appended->last + 1)
        s.touch(partition).highWatermark = true;
}

}  // namespace odradek::broker
