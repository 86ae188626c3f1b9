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
    std::map<std::int32_t, std::map<TopicPartition, FetchSession::Named>> ready;
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
            ready[*leader][partition] = {m_metadata.findTopic(partition.topic)->id,
                                         reading.position,
                                         m_metadata.find(partition)->leaderEpoch};
    }
    for (const auto& [node, wanted] : ready)
        sendFetch(now, node, wanted, effects);
}

/// Fetches `wanted` from a node: named is what its session does not know, struck from it what is
/// wanted no more.
void Client::sendFetch(Now now, std::int32_t node,
                       const std::map<TopicPartition, FetchSession::Named>& wanted,
                       io::Effects& effects) {
    auto& session = m_sessions[node];
    FetchCall call;
    call.node = node;
    call.full = session.epoch == 0;
    protocol::FetchRequest ask;
    ask.maxWaitMs = m_options.fetchMaxWaitMs;
    ask.minBytes = 1;
    ask.maxBytes = m_options.fetchMaxBytes;
    ask.sessionId = session.id;
    ask.sessionEpoch = session.epoch;
    if (call.full)
        session.named.clear();
    const auto strike = [&](const TopicPartition& partition, const Uuid& topicId) {
        auto& topics = ask.forgottenTopicsData;
        if (topics.empty() || topics.back().topicId != topicId ||
            topics.back().topic != partition.topic) {
            auto& topic = topics.emplace_back();
            topic.topic = partition.topic;
            topic.topicId = topicId;
        }
        topics.back().partitions.push_back(partition.partition);
    };
    std::erase_if(session.named, [&](const auto& entry) {
        const auto still = wanted.find(entry.first);
        const bool gone = still == wanted.end() || still->second.topicId != entry.second.topicId;
        if (gone)
            strike(entry.first, entry.second.topicId);
        return gone;
    });
    for (const auto& [partition, place] : wanted) {
        call.partitions.insert(partition);
        m_readings[partition].inFlight = true;
        const auto [known, fresh] = session.named.try_emplace(partition, place);
        if (!fresh && known->second == place)
            continue;
        known->second = place;
        if (ask.topics.empty() || ask.topics.back().topic != partition.topic) {
            auto& topic = ask.topics.emplace_back();
            topic.topic = partition.topic;
            topic.topicId = place.topicId;
        }
        auto& named = ask.topics.back().partitions.emplace_back();
        named.partition = partition.partition;
        named.fetchOffset = place.position;
        named.partitionMaxBytes = m_options.fetchPartitionBytes;
        named.currentLeaderEpoch = place.leaderEpoch;
    }
    m_fetching.insert(node);
    const auto id = m_network.call(now, node, request(std::move(ask)), effects,
                                   Milliseconds(m_options.fetchMaxWaitMs) + Milliseconds(10'000));
    m_calls[id] = std::move(call);
}

/// Takes over what an answer says about the session; false when the session was the fault.
bool Client::takeSession(FetchSession& session, const FetchCall& call, std::int16_t error,
                         std::int32_t id) {
    const auto kind = static_cast<KafkaError>(error);
    if (kind == KafkaError::FetchSessionIdNotFound || kind == KafkaError::InvalidFetchSessionEpoch ||
        kind == KafkaError::FetchSessionTopicIdError) {
        // What is left of it is closed by the next fetch, which names all.
        session.epoch = 0;
        if (kind == KafkaError::FetchSessionIdNotFound)
            session.id = 0;
        return false;
    }
    if (error != 0 || id == 0)
        session.epoch = 0;
    else
        session.epoch = call.full || session.epoch == INT32_MAX ? 1 : session.epoch + 1;
    if (error == 0)
        session.id = id;
    return true;
}

void Client::takeFetch(Now now, const Reply& reply, const FetchCall& call) {
    m_fetching.erase(call.node);
    for (const auto& partition : call.partitions)
        if (const auto reading = m_readings.find(partition); reading != m_readings.end())
            reading->second.inFlight = false;
    auto& session = m_sessions[call.node];
    auto answer = reply.body ? protocol::decode<protocol::FetchResponse>(*reply.body, reply.version)
                             : Result<protocol::FetchResponse>(std::unexpected(reply.body.error()));
    if (!answer)
        session.epoch = 0;  // whether it was heard is not known
    else if (!takeSession(session, call, answer->errorCode, answer->sessionId))
        return;  // asked again at once
    if (!answer || answer->errorCode != 0) {
        m_metadataWanted = true;
        for (const auto& partition : call.partitions)
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
            const auto from = session.named.find(partition);
            // A seek since then makes the answer stale.
            if (reading == m_readings.end() || from == session.named.end() ||
                reading->second.position != from->second.position)
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
