// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/client/core/client.h"

#include <algorithm>

#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/metadata.h"

namespace odradek::client {

Client::Client(ClientOptions options)
    : m_options(std::move(options)), m_network(m_options.network) {
    m_network.setBootstrap(m_options.bootstrap);
}

void Client::step(Now now, const io::Event& event, io::Effects& effects) {
    std::vector<Reply> replies;
    if (std::holds_alternative<io::Tick>(event))
        m_network.tick(now, effects, replies);
    else
        m_network.onEvent(now, event, effects, replies);
    for (auto& reply : replies)
        takeReply(now, std::move(reply), effects);
    advance(now, effects);
}

Instant Client::nextWake() const {
    return std::min(m_due, m_network.nextWake());
}

/// Does all that can be done now, and notes in m_due when there is more.
void Client::advance(Now now, io::Effects& effects) {
    m_due = Instant::never();
    expireRecords(now);
    maybeAskMetadata(now, effects);
    sendBatches(now, effects);
    sendFetches(now, effects);
}

CallId Client::call(Now now, std::int32_t node, RequestPtr request, io::Effects& effects,
                    std::optional<Milliseconds> timeout) {
    const auto id = m_network.call(now, node, std::move(request), effects, timeout);
    m_calls[id] = UserCall{};
    return id;
}

void Client::watchAllTopics(Now now, io::Effects& effects) {
    m_allTopics = true;
    m_metadataWanted = true;
    advance(now, effects);
}

void Client::watchTopics(const std::set<std::string>& names, Now now, io::Effects& effects) {
    m_topics.insert(names.begin(), names.end());
    m_metadataWanted = true;
    advance(now, effects);
}

void Client::shutdown(io::Effects& effects) {
    std::vector<Reply> dropped;
    m_network.shutdown(effects, dropped);
    m_calls.clear();
    m_readings.clear();
    m_outboxes.clear();
    m_topics.clear();
    m_allTopics = false;
}

void Client::refreshMetadata(Now now) {
    m_metadataWanted = true;
    if (!m_metadataAsked)
        m_due = std::min(m_due, std::max(now.at, m_metadataNotBefore));
}

void Client::takeReply(Now now, Reply reply, io::Effects& effects) {
    const auto found = m_calls.find(reply.call);
    if (found == m_calls.end())
        return;
    const auto purpose = std::move(found->second);
    m_calls.erase(found);
    if (const auto* metadata = std::get_if<MetadataCall>(&purpose))
        takeMetadata(now, reply, metadata->all, effects);
    else if (std::holds_alternative<InitCall>(purpose))
        takeInit(now, reply);
    else if (const auto* produce = std::get_if<ProduceCall>(&purpose))
        takeProduce(now, reply, *produce);
    else if (const auto* fetch = std::get_if<FetchCall>(&purpose))
        takeFetch(now, reply, *fetch);
    else
        m_outcomes.replies.push_back(std::move(reply));
}

void Client::maybeAskMetadata(Now now, io::Effects& effects) {
    if (m_metadataAsked || (!m_allTopics && m_topics.empty()))
        return;
    const auto oldest = m_metadataAt + m_options.metadataMaxAge;
    if (!m_metadataWanted && oldest > now.at) {
        m_due = std::min(m_due, oldest);
        return;
    }
    if (m_metadataNotBefore > now.at) {
        m_due = std::min(m_due, m_metadataNotBefore);
        return;
    }
    protocol::MetadataRequest ask;
    ask.allowAutoTopicCreation = false;
    if (m_allTopics) {
        ask.topics = std::nullopt;
    } else {
        for (const auto& name : m_topics) {
            protocol::MetadataRequest::MetadataRequestTopic topic;
            topic.name = name;
            ask.topics->push_back(std::move(topic));
        }
    }
    m_metadataAsked = true;
    m_metadataWanted = false;
    m_metadataNotBefore = now.at + m_options.metadataRetry;
    // From version 1 on null means all topics; version 4 lets us decline auto-creation.
    const auto id = m_network.call(now, Network::kAnyNode, request(std::move(ask), 4), effects,
                                   Milliseconds(5'000));
    m_calls[id] = MetadataCall{m_allTopics};
}

void Client::takeMetadata(Now now, const Reply& reply, bool all, io::Effects& effects) {
    m_metadataAsked = false;
    auto answer = reply.body
                      ? protocol::decode<protocol::MetadataResponse>(*reply.body, reply.version)
                      : Result<protocol::MetadataResponse>(std::unexpected(reply.body.error()));
    if (!answer) {
        m_metadataWanted = true;
        return;
    }
    m_metadataAt = now.at;
    m_metadata.update(*answer, all);
    m_network.setNodes(m_metadata.addresses(), effects);
    m_outcomes.metadataChanged = true;
    for (const auto& name : m_topics) {
        const auto* topic = m_metadata.findTopic(name);
        bool missing = !topic || topic->error != 0;
        if (topic)
            for (const auto& [index, partition] : topic->partitions)
                missing |= partition.leader < 0;
        if (missing && !all)
            m_metadataWanted = true;
    }
}

void Client::assign(Now now, const TopicPartition& partition, std::int64_t offset,
                    io::Effects& effects) {
    m_readings[partition] = Reading{offset, false, false, false, now.at};
    if (m_topics.insert(partition.topic).second)
        m_metadataWanted = true;
    advance(now, effects);
}

void Client::unassign(const TopicPartition& partition) {
    m_readings.erase(partition);
}

void Client::setPaused(Now now, const TopicPartition& partition, bool paused,
                       io::Effects& effects) {
    const auto found = m_readings.find(partition);
    if (found == m_readings.end() || found->second.paused == paused)
        return;
    found->second.paused = paused;
    advance(now, effects);
}

}  // namespace odradek::client
