// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/admin_app.h"

#include <fmt/format.h>

#include "engine/protocol/codec/message.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/incremental_alter_configs.h"

namespace odradek::sim {
namespace {

using protocol::KafkaError;

constexpr Milliseconds kCallTimeout{2'500};
constexpr std::int32_t kTimeoutMs = 2'000;
constexpr Nanoseconds kPause = std::chrono::milliseconds(100);
constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kSet = 0;

template <class Response>
std::optional<Response> read(const client::Reply& reply) {
    if (!reply.body)
        return std::nullopt;
    auto answer = protocol::decode<Response>(*reply.body, reply.version);
    return answer ? std::optional(std::move(*answer)) : std::nullopt;
}

}  // namespace

void AdminApp::step(Now now, const io::Event& event, io::Effects& effects) {
    m_client.step(now, event, effects);
    for (const auto& reply : m_client.outcomes().replies) {
        if (m_asked != reply.call)
            continue;
        m_asked.reset();
        const auto error = errorIn(reply);
        m_lastError = error.value_or(-1);
        const auto kind = static_cast<KafkaError>(m_lastError);
        const auto& wish = m_wishes.front();
        // A wish may have been carried out before, without our hearing of it.
        const bool isDone =
            kind == KafkaError::None ||
            (wish.kind == Wish::Kind::Create && kind == KafkaError::TopicAlreadyExists) ||
            (wish.kind == Wish::Kind::Delete && kind == KafkaError::UnknownTopicOrPartition) ||
            (wish.kind == Wish::Kind::Grow && kind == KafkaError::InvalidPartitions);
        if (isDone)
            m_wishes.pop_front();
        else if (error && !protocol::isRetriable(kind) &&
                 kind != KafkaError::InvalidReplicationFactor &&  // not all brokers are there yet
                 m_problems.size() < 20)
            m_problems.push_back(fmt::format("the administrator of {} was told {}", wish.topic,
                                             protocol::errorName(*error)));
        if (!m_wishes.empty())
            m_askAt = isDone ? now.at : now.at + kPause;
    }
    if (!m_asked && m_askAt <= now.at)
        ask(now, effects);
}

Instant AdminApp::nextWake() const {
    return std::min(m_client.nextWake(), m_askAt);
}

std::string AdminApp::waitsFor() const {
    if (m_wishes.empty())
        return "nothing";
    constexpr const char* kKinds[] = {"creation", "deletion", "growth", "configuration"};
    const auto& wish = m_wishes.front();
    return fmt::format("the {} of {} ({} partitions, {}={}); was told {}",
                       kKinds[static_cast<std::size_t>(wish.kind)], wish.topic, wish.partitions,
                       wish.key, wish.value, protocol::errorName(m_lastError));
}

void AdminApp::want(Now now, Wish wish, io::Effects& effects) {
    m_wishes.push_back(std::move(wish));
    if (!m_asked && m_askAt == Instant::never())
        ask(now, effects);
}

void AdminApp::createTopic(Now now, std::string name, std::int32_t partitions,
                           io::Effects& effects) {
    m_topics[name] = partitions;
    m_names.insert(name);
    want(now, {Wish::Kind::Create, std::move(name), partitions, {}, {}}, effects);
}

void AdminApp::deleteTopic(Now now, std::string name, io::Effects& effects) {
    m_topics.erase(name);
    std::erase_if(m_configs, [&](const auto& one) { return one.first.first == name; });
    want(now, {Wish::Kind::Delete, std::move(name), 0, {}, {}}, effects);
}

void AdminApp::growTopic(Now now, std::string name, std::int32_t partitions, io::Effects& effects) {
    m_topics[name] = partitions;
    want(now, {Wish::Kind::Grow, std::move(name), partitions, {}, {}}, effects);
}

void AdminApp::setConfig(Now now, std::string topic, std::string key, std::string value,
                         io::Effects& effects) {
    m_configs[{topic, key}] = value;
    want(now, {Wish::Kind::Config, std::move(topic), 0, std::move(key), std::move(value)}, effects);
}

void AdminApp::insist(Now now, io::Effects& effects) {
    for (const auto& name : m_names) {
        const auto wanted = m_topics.find(name);
        if (wanted == m_topics.end()) {
            want(now, {Wish::Kind::Delete, name, 0, {}, {}}, effects);
            continue;
        }
        want(now, {Wish::Kind::Create, name, wanted->second, {}, {}}, effects);
        want(now, {Wish::Kind::Grow, name, wanted->second, {}, {}}, effects);
    }
    for (const auto& [key, value] : m_configs)
        want(now, {Wish::Kind::Config, key.first, 0, key.second, value}, effects);
}

void AdminApp::ask(Now now, io::Effects& effects) {
    m_askAt = Instant::never();
    const auto& wish = m_wishes.front();
    client::RequestPtr request;
    switch (wish.kind) {
        case Wish::Kind::Create: {
            protocol::CreateTopicsRequest create;
            create.timeoutMs = kTimeoutMs;
            auto& topic = create.topics.emplace_back();
            topic.name = wish.topic;
            topic.numPartitions = wish.partitions;
            topic.replicationFactor = 3;
            request = client::request(std::move(create));
            break;
        }
        case Wish::Kind::Delete: {
            protocol::DeleteTopicsRequest remove;
            remove.timeoutMs = kTimeoutMs;
            remove.topicNames.push_back(wish.topic);
            request = client::request(std::move(remove), 1, 5);
            break;
        }
        case Wish::Kind::Grow: {
            protocol::CreatePartitionsRequest grow;
            grow.timeoutMs = kTimeoutMs;
            grow.topics.push_back({wish.topic, wish.partitions, std::nullopt});
            request = client::request(std::move(grow));
            break;
        }
        case Wish::Kind::Config: {
            protocol::IncrementalAlterConfigsRequest alter;
            auto& resource = alter.resources.emplace_back();
            resource.resourceType = kTopicResource;
            resource.resourceName = wish.topic;
            resource.configs.push_back({wish.key, kSet, wish.value});
            request = client::request(std::move(alter));
            break;
        }
    }
    m_asked =
        m_client.call(now, client::Network::kAnyNode, std::move(request), effects, kCallTimeout);
}

/// The error of the one thing asked for; nullopt when there was no answer.
std::optional<std::int16_t> AdminApp::errorIn(const client::Reply& reply) const {
    switch (m_wishes.front().kind) {
        case Wish::Kind::Create:
            if (const auto answer = read<protocol::CreateTopicsResponse>(reply);
                answer && !answer->topics.empty())
                return answer->topics.front().errorCode;
            break;
        case Wish::Kind::Delete:
            if (const auto answer = read<protocol::DeleteTopicsResponse>(reply);
                answer && !answer->responses.empty())
                return answer->responses.front().errorCode;
            break;
        case Wish::Kind::Grow:
            if (const auto answer = read<protocol::CreatePartitionsResponse>(reply);
                answer && !answer->results.empty())
                return answer->results.front().errorCode;
            break;
        case Wish::Kind::Config:
            if (const auto answer = read<protocol::IncrementalAlterConfigsResponse>(reply);
                answer && !answer->responses.empty())
                return answer->responses.front().errorCode;
            break;
    }
    return std::nullopt;
}

}  // namespace odradek::sim
