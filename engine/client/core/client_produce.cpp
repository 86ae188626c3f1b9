// SPDX-License-Identifier: GPL-3.0-or-later
// The producer half of client::Client: idempotent, acks=all, one batch in flight per partition.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/client/core/client.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/produce.h"

namespace odradek::client {

using protocol::code;
using protocol::KafkaError;

namespace {

constexpr Milliseconds kRetryPause{20};

std::int32_t sequenceAfter(std::int32_t sequence, std::size_t records) {
    // Sequences wrap from 2^31-1 to 0 (KIP-98).
    return static_cast<std::int32_t>((static_cast<std::int64_t>(sequence) + static_cast<std::int64_t>(records)) &
                                     0x7fffffff);
}

std::size_t sizeOf(const protocol::Record& record) {
    std::size_t size = 32;
    size += record.key ? record.key->size() : 0;
    size += record.value ? record.value->size() : 0;
    for (const auto& header : record.headers)
        size += header.key.size() + (header.value ? header.value->size() : 0) + 8;
    return size;
}

}  // namespace

Token Client::produce(Now now, const TopicPartition& partition, protocol::Record record, io::Effects& effects) {
    const auto token = m_nextToken++;
    auto& box = m_outboxes[partition];
    box.waiting.push_back({token, std::move(record), now.at + m_options.deliveryTimeout});
    if (m_topics.insert(partition.topic).second)
        m_metadataWanted = true;
    advance(now, effects);
    return token;
}

std::size_t Client::unacked() const {
    std::size_t count = 0;
    for (const auto& [partition, box] : m_outboxes)
        count += box.waiting.size() + (box.batch ? box.batch->tokens.size() : 0);
    return count;
}

void Client::buildBatch(TopicPartition partition, Outbox& box) {
    Batch batch;
    std::vector<protocol::Record> records;
    std::size_t size = 0;
    while (!box.waiting.empty() && static_cast<std::int32_t>(records.size()) < m_options.batchRecords) {
        auto& next = box.waiting.front();
        size += sizeOf(next.record);
        if (!records.empty() && size > static_cast<std::size_t>(m_options.batchBytes))
            break;
        next.record.offset = static_cast<std::int64_t>(records.size());
        records.push_back(std::move(next.record));
        batch.tokens.push_back(next.token);
        batch.deadline = next.deadline;
        box.waiting.pop_front();
    }
    protocol::BatchOptions options;
    options.compression = m_options.compression;
    if (m_options.idempotent) {
        options.producerId = m_producerId;
        options.producerEpoch = m_producerEpoch;
        options.baseSequence = box.nextSequence;
        box.nextSequence = sequenceAfter(box.nextSequence, records.size());
    }
    auto bytes = protocol::buildBatch(records, options);
    ODRADEK_CHECK(bytes.has_value(), "a batch of at least one record can be built");
    batch.bytes = std::move(*bytes);
    box.batch = std::move(batch);
    (void)partition;
}

void Client::sendBatches(Now now, io::Effects& effects) {
    const bool any = std::any_of(m_outboxes.begin(), m_outboxes.end(),
                                 [](const auto& b) { return b.second.batch || !b.second.waiting.empty(); });
    if (!any)
        return;
    if (m_options.idempotent && m_producerId < 0) {
        if (m_initAsked)
            return;
        if (m_initNotBefore > now.at) {
            m_due = std::min(m_due, m_initNotBefore);
            return;
        }
        protocol::InitProducerIdRequest ask;
        ask.transactionalId = std::nullopt;
        ask.transactionTimeoutMs = INT32_MAX;
        m_initAsked = true;
        m_calls[m_network.call(now, Network::kAnyNode, request(std::move(ask)), effects)] = InitCall{};
        return;
    }
    std::map<std::int32_t, std::vector<TopicPartition>> ready;
    for (auto& [partition, box] : m_outboxes) {
        if (box.inFlight || (!box.batch && box.waiting.empty()))
            continue;
        if (box.retryAt > now.at) {
            m_due = std::min(m_due, box.retryAt);
            continue;
        }
        const auto leader = m_metadata.leaderOf(partition);
        if (!leader) {
            m_metadataWanted = true;
            m_due = std::min(m_due, std::max(now.at + kRetryPause, m_metadataNotBefore));
            continue;
        }
        if (!box.batch)
            buildBatch(partition, box);
        ready[*leader].push_back(partition);
    }
    for (auto& [leader, partitions] : ready) {
        protocol::ProduceRequest ask;
        ask.acks = -1;
        ask.timeoutMs = 10'000;
        for (const auto& partition : partitions) {  // sorted by topic, so one entry per topic
            if (ask.topicData.empty() || ask.topicData.back().name != partition.topic) {
                auto& topic = ask.topicData.emplace_back();
                topic.name = partition.topic;
                topic.topicId = m_metadata.findTopic(partition.topic)->id;
            }
            auto& box = m_outboxes[partition];
            box.inFlight = true;
            ask.topicData.back().partitionData.push_back({partition.partition, Chain(box.batch->bytes)});
        }
        const auto id = m_network.call(now, leader, request(std::move(ask)), effects);
        m_calls[id] = ProduceCall{std::move(partitions)};
    }
}

void Client::takeInit(Now now, const Reply& reply) {
    m_initAsked = false;
    const auto answer = reply.body ? protocol::decode<protocol::InitProducerIdResponse>(*reply.body, reply.version)
                                   : Result<protocol::InitProducerIdResponse>(std::unexpected(reply.body.error()));
    if (!answer || answer->errorCode != 0) {
        m_initNotBefore = now.at + kRetryPause;
        return;
    }
    m_producerId = answer->producerId;
    m_producerEpoch = answer->producerEpoch;
    for (auto& [partition, box] : m_outboxes)
        box.nextSequence = 0;
}

void Client::takeProduce(Now now, const Reply& reply, const ProduceCall& call) {
    auto answer = reply.body ? protocol::decode<protocol::ProduceResponse>(*reply.body, reply.version)
                             : Result<protocol::ProduceResponse>(std::unexpected(reply.body.error()));
    std::map<TopicPartition, protocol::ProduceResponse::PartitionProduceResponse> results;
    if (answer)
        for (auto& topic : answer->responses) {
            const auto named = m_metadata.names.find(topic.topicId);
            const auto name = !topic.name.empty() || named == m_metadata.names.end() ? topic.name : named->second;
            for (auto& partition : topic.partitionResponses)
                results[{name, partition.index}] = std::move(partition);
        }
    for (const auto& partition : call.partitions) {
        auto& box = m_outboxes[partition];
        box.inFlight = false;
        if (!box.batch)
            continue;  // expired meanwhile
        const auto result = results.find(partition);
        if (result == results.end()) {
            // No answer: it may or may not be there. Sending the very same batch again is safe.
            m_metadataWanted = true;
            retryBatch(now, box);
        } else if (result->second.errorCode == 0) {
            endBatch(partition, box, result->second.baseOffset, 0);
        } else {
            takeBatchError(now, partition, box, result->second.errorCode);
        }
    }
}

void Client::takeBatchError(Now now, const TopicPartition& partition, Outbox& box, std::int16_t error) {
    const auto kind = static_cast<KafkaError>(error);
    if (kind == KafkaError::DuplicateSequenceNumber)
        return endBatch(partition, box, -1, 0);
    if (protocol::isRetriable(kind) || kind == KafkaError::UnknownTopicId) {
        m_metadataWanted = true;
        return retryBatch(now, box);
    }
    // The batch's sequence numbers are spent but not in the log: go on under a new producer id, which starts at 0.
    m_producerId = -1;
    endBatch(partition, box, -1, error);
}

void Client::retryBatch(Now now, Outbox& box) { box.retryAt = now.at + kRetryPause; }

void Client::endBatch(const TopicPartition& partition, Outbox& box, std::int64_t baseOffset, std::int16_t error) {
    std::int64_t offset = baseOffset;
    for (auto token : box.batch->tokens) {
        m_outcomes.produced.push_back({token, partition, offset, error});
        if (offset >= 0)
            ++offset;
    }
    box.batch.reset();
}

void Client::expireRecords(Now now) {
    for (auto& [partition, box] : m_outboxes) {
        if (box.batch && !box.inFlight) {
            if (box.batch->deadline <= now.at) {
                // Its sequence numbers are spent without knowing whether they were used: start over with a new id.
                endBatch(partition, box, -1, code(KafkaError::RequestTimedOut));
                m_producerId = -1;
            } else {
                m_due = std::min(m_due, box.batch->deadline);
            }
        }
        while (!box.waiting.empty() && box.waiting.front().deadline <= now.at) {
            m_outcomes.produced.push_back(
                {box.waiting.front().token, partition, -1, code(KafkaError::RequestTimedOut)});
            box.waiting.pop_front();
        }
        if (!box.waiting.empty())
            m_due = std::min(m_due, box.waiting.front().deadline);
    }
}

}  // namespace odradek::client
