// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/common/desk.h"

#include <fmt/format.h>

#include "engine/base/partitioner.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_groups.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/find_coordinator.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/messages/offset_commit.h"

namespace odradek::source {

using client::Network;
using client::request;

namespace {

constexpr Milliseconds kUnconnectedPatience{5'000};
constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kBrokerResource = 4;
constexpr std::int8_t kOpSet = 0;
constexpr std::int8_t kOpDelete = 1;
constexpr std::int32_t kAdminTimeoutMs = 30'000;
constexpr int kCoordinatorTries = 40;
constexpr Milliseconds kMetadataPatience{5'000};

/// An item's result from Kafka's code and words; the name of the code alone when there are no
/// words.
api::ItemResult item(std::string name, std::int16_t error, const std::optional<std::string>& words,
                     std::string done = {}) {
    if (error == 0)
        return {std::move(name), {}, std::move(done)};
    return {std::move(name), std::string(protocol::errorName(error)), words.value_or("")};
}

std::int8_t resourceOf(api::ResourceKind kind) {
    return kind == api::ResourceKind::Topic ? kTopicResource : kBrokerResource;
}

/// Broker configs are asked of that broker; all else of any.
std::int32_t nodeFor(api::ResourceKind kind, const std::string& name) {
    if (kind == api::ResourceKind::Topic || name.empty())
        return Network::kAnyNode;
    std::int32_t id = 0;
    for (char c : name) {
        if (c < '0' || c > '9' || id > 100'000'000)
            return Network::kAnyNode;
        id = id * 10 + (c - '0');
    }
    return id;
}

template <class M>
Result<M> decodeReply(const client::Reply& reply) {
    if (!reply.body)
        return std::unexpected(reply.body.error());
    return protocol::decode<M>(*reply.body, reply.version);
}

}  // namespace

std::string configSourceName(std::int8_t source) {
    switch (source) {
        case 1:
            return "DYNAMIC_TOPIC_CONFIG";
        case 2:
            return "DYNAMIC_BROKER_CONFIG";
        case 3:
            return "DYNAMIC_DEFAULT_BROKER_CONFIG";
        case 4:
            return "STATIC_BROKER_CONFIG";
        case 5:
            return "DEFAULT_CONFIG";
        case 6:
            return "DYNAMIC_BROKER_LOGGER_CONFIG";
        case 7:
            return "DYNAMIC_CLIENT_METRICS_CONFIG";
        case 8:
            return "DYNAMIC_GROUP_CONFIG";
        default:
            return "UNKNOWN";
    }
}

std::string configTypeName(std::int8_t type) {
    static constexpr const char* kNames[] = {"UNKNOWN", "BOOLEAN", "STRING", "INT",   "SHORT",
                                             "LONG",    "DOUBLE",  "LIST",   "CLASS", "PASSWORD"};
    return type >= 0 && type <= 9 ? kNames[type] : "UNKNOWN";
}

std::uint64_t Desk::add(api::CommandId id, const api::Command& command) {
    const auto job = m_nextJob++;
    auto& j = m_jobs[job];
    j.id = id;
    j.command = command;
    j.result.id = id;
    return job;
}

void Desk::submit(Now now, api::CommandId id, const api::Command& command, client::Client& client,
                  io::Effects& effects) {
    const auto job = add(id, command);
    std::visit([&](const auto& c) { begin(now, job, c, client, effects); }, command);
    finishIfDone(job);
}

void Desk::send(Now now, std::uint64_t job, std::int32_t node, client::RequestPtr request,
                client::Client& client, io::Effects& effects, Step step) {
    ++m_jobs[job].open;
    // Nobody waits half a minute to be told that the cluster is still not there.
    const auto patience = client.connected() ? std::nullopt : std::optional(kUnconnectedPatience);
    m_calls[client.call(now, node, std::move(request), effects, patience)] = {job, step};
}

void Desk::fail(std::uint64_t job, std::string why) {
    m_jobs[job].result.error = std::move(why);
}

void Desk::finishIfDone(std::uint64_t job) {
    const auto found = m_jobs.find(job);
    if (found == m_jobs.end() || found->second.open > 0)
        return;
    m_results.push_back(std::move(found->second.result));
    m_jobs.erase(found);
}

// ---- Beginnings
// ------------------------------------------------------------------------------------------------

void Desk::begin(Now now, std::uint64_t job, const api::CreateTopic& c, client::Client& client,
                 io::Effects& effects) {
    protocol::CreateTopicsRequest ask;
    auto& topic = ask.topics.emplace_back();
    topic.name = c.name;
    topic.numPartitions = c.partitions;
    topic.replicationFactor = c.replicationFactor;
    for (const auto& [name, value] : c.configs)
        topic.configs.push_back({name, value});
    ask.timeoutMs = kAdminTimeoutMs;
    ask.validateOnly = c.validateOnly;
    send(now, job, Network::kAnyNode, request(std::move(ask)), client, effects);
}

void Desk::begin(Now now, std::uint64_t job, const api::DeleteTopics& c, client::Client& client,
                 io::Effects& effects) {
    protocol::DeleteTopicsRequest ask;
    for (const auto& name : c.names)
        ask.topicNames.push_back(name);
    ask.timeoutMs = kAdminTimeoutMs;
    // Version 6 names topics in another field; 5 says all we need.
    send(now, job, Network::kAnyNode, request(std::move(ask), 1, 5), client, effects);
}

void Desk::begin(Now now, std::uint64_t job, const api::AddPartitions& c, client::Client& client,
                 io::Effects& effects) {
    protocol::CreatePartitionsRequest ask;
    auto& topic = ask.topics.emplace_back();
    topic.name = c.topic;
    topic.count = c.newTotal;
    topic.assignments = std::nullopt;
    ask.timeoutMs = kAdminTimeoutMs;
    ask.validateOnly = c.validateOnly;
    send(now, job, Network::kAnyNode, request(std::move(ask)), client, effects);
}

void Desk::begin(Now now, std::uint64_t job, const api::DescribeConfigs& c, client::Client& client,
                 io::Effects& effects) {
    protocol::DescribeConfigsRequest ask;
    auto& resource = ask.resources.emplace_back();
    resource.resourceType = resourceOf(c.kind);
    resource.resourceName = c.name;
    resource.configurationKeys = std::nullopt;
    ask.includeSynonyms = true;
    send(now, job, nodeFor(c.kind, c.name), request(std::move(ask)), client, effects);
}

void Desk::begin(Now now, std::uint64_t job, const api::AlterConfigs& c, client::Client& client,
                 io::Effects& effects) {
    protocol::IncrementalAlterConfigsRequest ask;
    auto& resource = ask.resources.emplace_back();
    resource.resourceType = resourceOf(c.kind);
    resource.resourceName = c.name;
    for (const auto& change : c.changes)
        resource.configs.push_back({change.name, change.value ? kOpSet : kOpDelete, change.value});
    ask.validateOnly = c.validateOnly;
    send(now, job, nodeFor(c.kind, c.name), request(std::move(ask)), client, effects);
}

void Desk::begin(Now now, std::uint64_t job, const api::DeleteRecords& c, client::Client& client,
                 io::Effects& effects) {
    std::map<
        std::int32_t,
        std::map<std::string, std::vector<protocol::DeleteRecordsRequest::DeleteRecordsPartition>>>
        byLeader;
    for (const auto& [partition, offset] : c.before) {
        const auto leader = client.metadata().leaderOf(partition);
        if (!leader)
            m_jobs[job].result.items.push_back(
                {fmt::format("{}-{}", partition.topic, partition.partition), "LEADER_NOT_AVAILABLE",
                 "it has no leader now"});
        else
            byLeader[*leader][partition.topic].push_back({partition.partition, offset});
    }
    for (auto& [leader, topics] : byLeader) {
        protocol::DeleteRecordsRequest ask;
        ask.timeoutMs = kAdminTimeoutMs;
        for (auto& [name, partitions] : topics)
            ask.topics.push_back({name, std::move(partitions)});
        send(now, job, leader, request(std::move(ask)), client, effects);
    }
}

void Desk::begin(Now now, std::uint64_t job, const api::ResetOffsets& c, client::Client& client,
                 io::Effects& effects) {
    findCoordinator(now, job, c.group, client, effects);
}

void Desk::begin(Now now, std::uint64_t job, const api::DeleteGroup& c, client::Client& client,
                 io::Effects& effects) {
    findCoordinator(now, job, c.group, client, effects);
}

void Desk::begin(Now now, std::uint64_t job, const api::Produce& c, client::Client& client,
                 io::Effects& effects) {
    const auto* topic = client.metadata().findTopic(c.topic);
    if (!topic || topic->partitions.empty()) {
        // The window may know a topic before this client does: ask, and try again when the answer
        // is there.
        if (m_unknownTopic.emplace(job, now.at + kMetadataPatience).second)
            ++m_jobs[job].open;
        return client.refreshMetadata(now);
    }
    const auto partitions = static_cast<std::int32_t>(topic->partitions.size());
    const auto sticky =
        static_cast<std::int32_t>(m_keyless++ % static_cast<std::uint64_t>(partitions));
    auto& j = m_jobs[job];
    j.result.items.resize(c.records.size());
    for (std::size_t i = 0; i < c.records.size(); ++i) {
        const auto& out = c.records[i];
        protocol::Record record;
        record.timestampMs = now.wallMs;
        record.key = out.key;
        record.value = out.value;
        for (const auto& [name, value] : out.headers)
            record.headers.push_back({name, value});
        const auto place = out.partition ? *out.partition
                           : out.key     ? partitionForKey(*out.key, partitions)
                                         : sticky;
        j.result.items[i].item = fmt::format("record {}", i + 1);
        if (place < 0 || place >= partitions) {
            j.result.items[i].error = "UNKNOWN_TOPIC_OR_PARTITION";
            j.result.items[i].message =
                fmt::format("{} has partitions 0 to {}", c.topic, partitions - 1);
            continue;
        }
        ++j.open;
        m_records[client.produce(now, {c.topic, place}, std::move(record), effects)] = {job, i};
    }
}

void Desk::findCoordinator(Now now, std::uint64_t job, const std::string& group,
                           client::Client& client, io::Effects& effects) {
    protocol::FindCoordinatorRequest ask;
    ask.key = group;
    ask.coordinatorKeys.push_back(group);
    send(now, job, Network::kAnyNode, request(std::move(ask)), client, effects,
         Step::FindCoordinator);
}

// ---- Answers
// ---------------------------------------------------------------------------------------------------

void Desk::take(Now now, std::vector<client::Reply>& replies,
                const std::vector<client::Produced>& produced, client::Client& client,
                io::Effects& effects) {
    retryUnknownTopics(now, client, effects);
    std::vector<client::Reply> others;
    for (auto& reply : replies) {
        const auto found = m_calls.find(reply.call);
        if (found == m_calls.end()) {
            others.push_back(std::move(reply));
            continue;
        }
        const auto call = found->second;
        m_calls.erase(found);
        --m_jobs[call.job].open;
        if (call.step == Step::FindCoordinator)
            takeCoordinator(now, call.job, reply, client, effects);
        else
            takeAnswer(call.job, reply);
        finishIfDone(call.job);
    }
    replies = std::move(others);
    for (const auto& record : produced) {
        const auto found = m_records.find(record.token);
        if (found == m_records.end())
            continue;
        const auto [job, index] = found->second;
        m_records.erase(found);
        auto& j = m_jobs[job];
        --j.open;
        auto& out = j.result.items[index];
        if (record.error != 0)
            out.error = std::string(protocol::errorName(record.error));
        else
            out.message =
                fmt::format("partition {}, offset {}", record.partition.partition, record.offset);
        finishIfDone(job);
    }
}

void Desk::retryUnknownTopics(Now now, client::Client& client, io::Effects& effects) {
    for (const auto& [job, until] : std::map(m_unknownTopic)) {
        const auto& produce = std::get<api::Produce>(m_jobs[job].command);
        const auto* topic = client.metadata().findTopic(produce.topic);
        const bool known = topic && !topic->partitions.empty();
        if (!known && now.at < until) {
            client.refreshMetadata(now);
            continue;
        }
        m_unknownTopic.erase(job);
        --m_jobs[job].open;
        if (known)
            begin(now, job, api::Produce(produce), client, effects);
        else
            fail(job, fmt::format("there is no topic {}", produce.topic));
        finishIfDone(job);
    }
}

void Desk::takeCoordinator(Now now, std::uint64_t job, const client::Reply& reply,
                           client::Client& client, io::Effects& effects) {
    const auto answer = decodeReply<protocol::FindCoordinatorResponse>(reply);
    if (!answer)
        return fail(job, answer.error().message);
    const bool batched = reply.version >= 4 && !answer->coordinators.empty();
    const auto error = batched ? answer->coordinators.front().errorCode : answer->errorCode;
    const auto node = batched ? answer->coordinators.front().nodeId : answer->nodeId;
    const auto& command = m_jobs[job].command;
    const auto group = std::holds_alternative<api::ResetOffsets>(command)
                           ? std::get<api::ResetOffsets>(command).group
                           : std::get<api::DeleteGroup>(command).group;
    if (error != 0) {
        // The offsets topic may be in the making: ask again a few times, each after a round trip.
        if (protocol::isRetriable(static_cast<protocol::KafkaError>(error)) &&
            ++m_jobs[job].tries < kCoordinatorTries)
            return findCoordinator(now, job, group, client, effects);
        return fail(job, std::string(protocol::errorName(error)));
    }
    if (std::holds_alternative<api::ResetOffsets>(command))
        return commitOffsets(now, job, node, client, effects);
    protocol::DeleteGroupsRequest ask;
    ask.groupsNames.push_back(group);
    send(now, job, node, request(std::move(ask)), client, effects);
}

void Desk::commitOffsets(Now now, std::uint64_t job, std::int32_t node, client::Client& client,
                         io::Effects& effects) {
    const auto& command = std::get<api::ResetOffsets>(m_jobs[job].command);
    protocol::OffsetCommitRequest ask;
    ask.groupId = command.group;
    ask.generationIdOrMemberEpoch = -1;
    std::map<std::string, std::vector<protocol::OffsetCommitRequest::OffsetCommitRequestPartition>>
        topics;
    for (const auto& [partition, offset] : command.to)
        topics[partition.topic].push_back({partition.partition, offset, -1, ""});
    for (auto& [name, partitions] : topics)
        ask.topics.push_back({name, {}, std::move(partitions)});
    // Version 10 names topics by id only; 9 says all we need.
    send(now, job, node, request(std::move(ask), 2, 9), client, effects);
}

void Desk::takeAnswer(std::uint64_t job, const client::Reply& reply) {
    auto& j = m_jobs[job];
    const auto with = [&]<class M>(Result<M> answer, auto use) {
        if (!answer)
            return fail(job, answer.error().message);
        use(*answer);
    };
    auto& items = j.result.items;
    if (std::holds_alternative<api::CreateTopic>(j.command)) {
        with(decodeReply<protocol::CreateTopicsResponse>(reply), [&](const auto& answer) {
            for (const auto& t : answer.topics)
                items.push_back(item(t.name, t.errorCode, t.errorMessage));
        });
    } else if (std::holds_alternative<api::DeleteTopics>(j.command)) {
        with(decodeReply<protocol::DeleteTopicsResponse>(reply), [&](const auto& answer) {
            for (const auto& t : answer.responses)
                items.push_back(item(t.name.value_or(""), t.errorCode, t.errorMessage));
        });
    } else if (std::holds_alternative<api::AddPartitions>(j.command)) {
        with(decodeReply<protocol::CreatePartitionsResponse>(reply), [&](const auto& answer) {
            for (const auto& t : answer.results)
                items.push_back(item(t.name, t.errorCode, t.errorMessage));
        });
    } else if (std::holds_alternative<api::DescribeConfigs>(j.command)) {
        with(decodeReply<protocol::DescribeConfigsResponse>(reply), [&](const auto& answer) {
            for (const auto& r : answer.results) {
                items.push_back(item(r.resourceName, r.errorCode, r.errorMessage));
                for (const auto& c : r.configs) {
                    api::ConfigValue value{c.name,
                                           c.value,
                                           configSourceName(c.configSource),
                                           configTypeName(c.configType),
                                           c.readOnly,
                                           c.isSensitive,
                                           {}};
                    for (const auto& s : c.synonyms)
                        value.synonyms.push_back({s.name, s.value, configSourceName(s.source)});
                    j.result.configs.push_back(std::move(value));
                }
            }
        });
    } else if (std::holds_alternative<api::AlterConfigs>(j.command)) {
        with(decodeReply<protocol::IncrementalAlterConfigsResponse>(reply),
             [&](const auto& answer) {
                 for (const auto& r : answer.responses)
                     items.push_back(item(r.resourceName, r.errorCode, r.errorMessage));
             });
    } else if (std::holds_alternative<api::DeleteRecords>(j.command)) {
        with(decodeReply<protocol::DeleteRecordsResponse>(reply), [&](const auto& answer) {
            for (const auto& t : answer.topics)
                for (const auto& p : t.partitions)
                    items.push_back(item(fmt::format("{}-{}", t.name, p.partitionIndex),
                                         p.errorCode, std::nullopt,
                                         fmt::format("starts at {}", p.lowWatermark)));
        });
    } else if (std::holds_alternative<api::ResetOffsets>(j.command)) {
        with(decodeReply<protocol::OffsetCommitResponse>(reply), [&](const auto& answer) {
            for (const auto& t : answer.topics)
                for (const auto& p : t.partitions)
                    items.push_back(item(fmt::format("{}-{}", t.name, p.partitionIndex),
                                         p.errorCode, std::nullopt));
        });
    } else if (std::holds_alternative<api::DeleteGroup>(j.command)) {
        with(decodeReply<protocol::DeleteGroupsResponse>(reply), [&](const auto& answer) {
            for (const auto& g : answer.results)
                items.push_back(item(g.groupId, g.errorCode, g.errorMessage));
        });
    }
}

}  // namespace odradek::source
