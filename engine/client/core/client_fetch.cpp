// SPDX-License-Identifier: GPL-3.0-or-later
// The reading half of client::Client: one fetch in flight per broker over all partitions it leads.
#include <algorithm>

#include "engine/client/core/client.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/fetch.h"

namespace odradek::client {

using protocol::code;
using protocol::KafkaError;

namespace {
constexpr Milliseconds kRetryPause{20};
}

void Client::sendFetches(Now now, io::Effects& effects) {
    std::map<std::int32_t, FetchCall> ready;
    for (auto& [partition, reading] : m_readings) {
        if (reading.paused || reading.stopped || reading.inFlight)
            continue;
        if (reading.retryAt > now.at) {
            m_due = std::min(m_due, reading.retryAt);
            continue;
        }
        const auto leader = m_metadata.leaderOf(partition);
        if (!leader) {
            m_metadataWanted = true;
            m_due = std::min(m_due, std::max(now.at + kRetryPause, m_metadataNotBefore));
            continue;
        }
        if (!m_fetching.contains(*leader))
            ready[*leader].positions[partition] = reading.position;
    }
    for (auto& [node, call] : ready) {
        protocol::FetchRequest ask;
        ask.maxWaitMs = m_options.fetchMaxWaitMs;
        ask.minBytes = 1;
        ask.maxBytes = m_options.fetchMaxBytes;
        for (const auto& [partition, position] : call.positions) {
            if (ask.topics.empty() || ask.topics.back().topic != partition.topic) {
                auto& topic = ask.topics.emplace_back();
                topic.topic = partition.topic;
                topic.topicId = m_metadata.findTopic(partition.topic)->id;
            }
            auto& wanted = ask.topics.back().partitions.emplace_back();
            wanted.partition = partition.partition;
            wanted.fetchOffset = position;
            wanted.partitionMaxBytes = m_options.fetchPartitionBytes;
            wanted.currentLeaderEpoch = m_metadata.find(partition)->leaderEpoch;
            m_readings[partition].inFlight = true;
        }
        call.node = node;
        m_fetching.insert(node);
        const auto id =
            m_network.call(now, node, request(std::move(ask)), effects,
                           Milliseconds(m_options.fetchMaxWaitMs) + Milliseconds(10'000));
        m_calls[id] = std::move(call);
    }
}

void Client::takeFetch(Now now, const Reply& reply, const FetchCall& call) {
    m_fetching.erase(call.node);
    for (const auto& [partition, position] : call.positions)
        if (const auto reading = m_readings.find(partition); reading != m_readings.end())
            reading->second.inFlight = false;
    auto answer = reply.body ? protocol::decode<protocol::FetchResponse>(*reply.body, reply.version)
                             : Result<protocol::FetchResponse>(std::unexpected(reply.body.error()));
    if (!answer || answer->errorCode != 0) {
        m_metadataWanted = true;
        for (const auto& [partition, position] : call.positions)
            if (const auto reading = m_readings.find(partition); reading != m_readings.end())
                reading->second.retryAt = now.at + kRetryPause;
        return;
    }
    for (const auto& topic : answer->responses) {
        const auto named = m_metadata.names.find(topic.topicId);
        const auto name =
            !topic.topic.empty() || named == m_metadata.names.end() ? topic.topic : named->second;
        for (const auto& result : topic.partitions) {
            const TopicPartition partition{name, result.partitionIndex};
            const auto reading = m_readings.find(partition);
            const auto asked = call.positions.find(partition);
            // A seek since then makes the answer stale.
            if (reading == m_readings.end() || asked == call.positions.end() ||
                reading->second.position != asked->second)
                continue;
            takePartition(now, partition, result.errorCode, result.highWatermark,
                          result.logStartOffset,
                          result.records ? result.records->flatten() : Bytes());
        }
    }
}

void Client::takePartition(Now now, const TopicPartition& partition, std::int16_t error,
                           std::int64_t highWatermark, std::int64_t logStart,
                           const Bytes& records) {
    auto& reading = m_readings[partition];
    if (error != 0) {
        const auto kind = static_cast<KafkaError>(error);
        if (kind != KafkaError::OffsetOutOfRange &&
            (protocol::isRetriable(kind) || kind == KafkaError::UnknownTopicId)) {
            m_metadataWanted = true;
            reading.retryAt = now.at + kRetryPause;
            return;
        }
        reading.stopped = true;
        m_outcomes.fetched.push_back(
            {partition, {}, reading.position, highWatermark, logStart, error});
        return;
    }
    Fetched fetched{partition, {}, reading.position, highWatermark, logStart, 0};
    std::size_t at = 0;
    while (at + protocol::kBatchHeaderSize <= records.size()) {
        const auto header = protocol::readBatchHeader(records.span().subspan(at));
        if (!header) {
            // Bytes that are no batch would come back for ever: the owner has to decide.
            reading.stopped = true;
            fetched.error = code(KafkaError::CorruptMessage);
            break;
        }
        if (at + header->sizeInBytes() > records.size())
            break;  // the last batch may be cut off
        if (header->nextOffset() > reading.position) {
            fetched.batches.push_back(records.slice(at, header->sizeInBytes()));
            reading.position = header->nextOffset();
        }
        at += header->sizeInBytes();
    }
    m_outcomes.fetched.push_back(std::move(fetched));
}

}  // namespace odradek::client
