// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/remote/poller.h"

#include <algorithm>
#include <charconv>

#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/describe_groups.h"
#include "engine/protocol/messages/describe_log_dirs.h"
#include "engine/protocol/messages/describe_quorum.h"
#include "engine/protocol/messages/list_groups.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/offset_fetch.h"
#include "engine/protocol/records/consumer_protocol_assignment.h"
#include "engine/protocol/records/consumer_protocol_subscription.h"

namespace odradek::source {
namespace {

constexpr std::size_t kTopicsPerConfigRequest = 200;
constexpr std::size_t kGroupsPerRequest = 100;
constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kDynamicTopicConfig = 1;

template <class M>
Result<M> decodeReply(const client::Reply& reply) {
    if (!reply.body)
        return std::unexpected(reply.body.error());
    return protocol::decode<M>(*reply.body, reply.version);
}

std::optional<std::int64_t> numberIn(const std::optional<std::string>& text) {
    std::int64_t value = 0;
    if (!text ||
        std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc())
        return std::nullopt;
    return value;
}

/// Subscriptions and assignments are "int16 version, then the body in it" (ConsumerProtocol). What
/// cannot be read is another protocol's business and stays empty.
template <class M>
std::optional<M> embedded(const Bytes& bytes) {
    if (bytes.size() < 2)
        return std::nullopt;
    const auto version = static_cast<std::int16_t>((bytes[0] << 8) | bytes[1]);
    if (version < 0)
        return std::nullopt;
    auto decoded = protocol::decode<M>(bytes.slice(2), std::min(version, M::kInfo.maxVersion),
                                       protocol::Trailing::Ignore);
    return decoded ? std::optional<M>(std::move(*decoded)) : std::nullopt;
}

}  // namespace

void Poller::ask(Now now, Kind kind, std::int32_t node, client::RequestPtr request,
                 client::Client& client, io::Effects& effects) {
    m_calls[client.call(now, node, std::move(request), effects, Milliseconds(10'000))] = {kind,
                                                                                          node};
}

Instant Poller::nextWake(bool ready) const {
    return ready && m_calls.empty() ? m_roundAt + m_pace.round : Instant::never();
}

void Poller::advance(Now now, client::Client& client, io::Effects& effects) {
    if (!m_calls.empty() || client.metadata().brokers.empty() || m_roundAt + m_pace.round > now.at)
        return;
    m_roundAt = now.at;
    for (const auto& [id, broker] : client.metadata().brokers)
        m_everSeen.insert(id);
    askOffsets(now, client, effects);
    askConfigs(now, client, effects);
    if (m_logDirsAt + m_pace.logDirs <= now.at)
        askLogDirs(now, client, effects);
    if (m_groupsAt + m_pace.groups <= now.at)
        askGroups(now, client, effects);
    askQuorum(now, client, effects);
}

void Poller::askOffsets(Now now, client::Client& client, io::Effects& effects) {
    std::map<std::int32_t, protocol::ListOffsetsRequest> requests[2];
    static constexpr std::int64_t kTimestamps[] = {-2, -1};  // earliest, latest
    for (const auto& [name, topic] : client.metadata().topics)
        for (const auto& [index, partition] : topic.partitions) {
            if (partition.leader < 0 || !client.metadata().brokers.contains(partition.leader))
                continue;
            for (int i = 0; i < 2; ++i) {
                auto& request = requests[i][partition.leader];
                request.replicaId = -1;
                if (request.topics.empty() || request.topics.back().name != name)
                    request.topics.emplace_back().name = name;
                request.topics.back().partitions.push_back({index, -1, kTimestamps[i]});
            }
        }
    for (auto& [leader, request] : requests[0])
        ask(now, Kind::Start, leader, client::request(std::move(request)), client, effects);
    for (auto& [leader, request] : requests[1])
        ask(now, Kind::End, leader, client::request(std::move(request)), client, effects);
}

void Poller::askLogDirs(Now now, client::Client& client, io::Effects& effects) {
    m_logDirsAt = now.at;
    for (const auto& [id, broker] : client.metadata().brokers) {
        protocol::DescribeLogDirsRequest all;
        all.topics = std::nullopt;
        ask(now, Kind::LogDirs, id, client::request(std::move(all)), client, effects);
    }
}

void Poller::askGroups(Now now, client::Client& client, io::Effects& effects) {
    m_groupsAt = now.at;
    for (const auto& [id, broker] : client.metadata().brokers)
        ask(now, Kind::ListGroups, id, client::request(protocol::ListGroupsRequest{}), client,
            effects);
}

void Poller::askConfigs(Now now, client::Client& client, io::Effects& effects) {
    if (m_configsAt + m_pace.configs <= now.at) {
        m_configsAt = now.at;
        m_configsAsked.clear();
    }
    protocol::DescribeConfigsRequest request;
    for (const auto& [name, topic] : client.metadata().topics) {
        if (request.resources.size() >= kTopicsPerConfigRequest)
            break;  // the rest in the next rounds
        if (topic.error != 0 || !m_configsAsked.insert(name).second)
            continue;
        auto& resource = request.resources.emplace_back();
        resource.resourceType = kTopicResource;
        resource.resourceName = name;
        resource.configurationKeys = std::nullopt;
    }
    if (!request.resources.empty())
        ask(now, Kind::Configs, client::Network::kAnyNode, client::request(std::move(request)),
            client, effects);
}

void Poller::askQuorum(Now now, client::Client& client, io::Effects& effects) {
    protocol::DescribeQuorumRequest request;
    auto& topic = request.topics.emplace_back();
    topic.topicName = "__cluster_metadata";
    topic.partitions.emplace_back();
    ask(now, Kind::Quorum, client::Network::kAnyNode, client::request(std::move(request)), client,
        effects);
}

void Poller::take(Now now, std::vector<client::Reply>& replies, client::Client& client,
                  io::Effects& effects) {
    std::vector<client::Reply> others;
    for (auto& reply : replies) {
        const auto found = m_calls.find(reply.call);
        if (found == m_calls.end()) {
            others.push_back(std::move(reply));
            continue;
        }
        const auto call = found->second;
        m_calls.erase(found);
        if (reply.body)
            m_lastAnswer = now.at;
        takeOne(now, call, reply, client, effects);
        m_dirty = true;
    }
    replies = std::move(others);
}

void Poller::takeOne(Now now, const Call& call, const client::Reply& reply, client::Client& client,
                     io::Effects& effects) {
    switch (call.kind) {
        case Kind::Start:
        case Kind::End:
            return takeOffsets(call.kind, reply);
        case Kind::LogDirs:
            return takeLogDirs(call.node, reply);
        case Kind::ListGroups:
            return takeListed(now, call.node, reply, client, effects);
        case Kind::DescribeGroups:
            return takeDescribed(reply);
        case Kind::Offsets:
            return takeCommitted(reply);
        case Kind::Configs:
            return takeConfigs(reply);
        case Kind::Quorum: {
            const auto answer = decodeReply<protocol::DescribeQuorumResponse>(reply);
            if (answer && !answer->topics.empty() && !answer->topics[0].partitions.empty() &&
                answer->topics[0].partitions[0].errorCode == 0)
                m_quorumLeader = answer->topics[0].partitions[0].leaderId;
            return;
        }
    }
}

void Poller::takeOffsets(Kind kind, const client::Reply& reply) {
    const auto answer = decodeReply<protocol::ListOffsetsResponse>(reply);
    if (!answer)
        return;
    for (const auto& topic : answer->topics)
        for (const auto& p : topic.partitions)
            if (p.errorCode == 0)
                (kind == Kind::Start ? m_ends[{topic.name, p.partitionIndex}].start
                                     : m_ends[{topic.name, p.partitionIndex}].end) = p.offset;
}

void Poller::takeLogDirs(std::int32_t node, const client::Reply& reply) {
    const auto answer = decodeReply<protocol::DescribeLogDirsResponse>(reply);
    if (!answer || answer->errorCode != 0)
        return;
    LogDir all;
    for (const auto& dir : answer->results) {
        all.path += (all.path.empty() ? "" : ", ") + dir.logDir;
        if (dir.totalBytes >= 0)
            all.total = std::max<std::int64_t>(all.total, 0) + dir.totalBytes;
        if (dir.usableBytes >= 0)
            all.usable = std::max<std::int64_t>(all.usable, 0) + dir.usableBytes;
        for (const auto& topic : dir.topics)
            for (const auto& p : topic.partitions)
                if (!p.isFutureKey)
                    all.replicas[{topic.name, p.partitionIndex}] = {p.partitionSize, p.offsetLag};
    }
    m_logDirs[node] = std::move(all);
}

void Poller::takeListed(Now now, std::int32_t node, const client::Reply& reply,
                        client::Client& client, io::Effects& effects) {
    const auto answer = decodeReply<protocol::ListGroupsResponse>(reply);
    if (!answer || answer->errorCode != 0)
        return;
    std::set<std::string> names;
    for (const auto& listed : answer->groups) {
        names.insert(listed.groupId);
        auto& group = m_groups[listed.groupId];
        group.id = listed.groupId;
        group.coordinator = node;
        group.protocolType = listed.protocolType;
        if (!listed.groupState.empty())
            group.state = listed.groupState;
    }
    for (const auto& gone : m_groupsOf[node])
        if (const auto found = m_groups.find(gone);
            !names.contains(gone) && found != m_groups.end() && found->second.coordinator == node)
            m_groups.erase(found);
    m_groupsOf[node] = names;
    std::vector<std::string> batch;
    const auto flush = [&] {
        if (batch.empty())
            return;
        protocol::DescribeGroupsRequest describe;
        describe.groups = batch;
        ask(now, Kind::DescribeGroups, node, client::request(std::move(describe)), client, effects);
        protocol::OffsetFetchRequest offsets;
        for (const auto& name : batch) {
            auto& group = offsets.groups.emplace_back();
            group.groupId = name;
            group.topics = std::nullopt;
        }
        // Version 8 asks for many groups at once; 10 names topics by id only.
        ask(now, Kind::Offsets, node, client::request(std::move(offsets), 8, 9), client, effects);
        batch.clear();
    };
    for (const auto& name : names) {
        batch.push_back(name);
        if (batch.size() >= kGroupsPerRequest)
            flush();
    }
    flush();
}

void Poller::takeDescribed(const client::Reply& reply) {
    const auto answer = decodeReply<protocol::DescribeGroupsResponse>(reply);
    if (!answer)
        return;
    for (const auto& described : answer->groups) {
        const auto found = m_groups.find(described.groupId);
        if (found == m_groups.end() || described.errorCode != 0)
            continue;
        auto& group = found->second;
        group.state = described.groupState;
        group.protocolType = described.protocolType;
        group.protocol = described.protocolData;
        group.members.clear();
        for (const auto& m : described.members) {
            api::GroupMember member;
            member.memberId = m.memberId;
            member.instanceId = m.groupInstanceId.value_or("");
            member.clientId = m.clientId;
            member.host = m.clientHost.starts_with('/') ? m.clientHost.substr(1) : m.clientHost;
            if (const auto subscription =
                    embedded<protocol::ConsumerProtocolSubscription>(m.memberMetadata))
                member.subscription = subscription->topics;
            if (const auto assignment =
                    embedded<protocol::ConsumerProtocolAssignment>(m.memberAssignment))
                for (const auto& topic : assignment->assignedPartitions)
                    for (auto partition : topic.partitions)
                        member.assignment.push_back({topic.topic, partition});
            std::sort(member.assignment.begin(), member.assignment.end());
            group.members.push_back(std::move(member));
        }
        std::sort(group.members.begin(), group.members.end(),
                  [](const auto& a, const auto& b) { return a.memberId < b.memberId; });
    }
}

void Poller::takeCommitted(const client::Reply& reply) {
    const auto answer = decodeReply<protocol::OffsetFetchResponse>(reply);
    if (!answer)
        return;
    for (const auto& g : answer->groups) {
        const auto found = m_groups.find(g.groupId);
        if (found == m_groups.end() || g.errorCode != 0)
            continue;
        found->second.offsets.clear();
        for (const auto& topic : g.topics)
            for (const auto& p : topic.partitions) {
                if (p.errorCode != 0 || p.committedOffset < 0)
                    continue;
                api::CommittedOffset offset;
                offset.partition = {topic.name, p.partitionIndex};
                offset.offset = p.committedOffset;
                offset.metadata = p.metadata.value_or("");
                found->second.offsets.push_back(std::move(offset));
            }
        std::sort(found->second.offsets.begin(), found->second.offsets.end(),
                  [](const auto& a, const auto& b) { return a.partition < b.partition; });
    }
}

void Poller::takeConfigs(const client::Reply& reply) {
    const auto answer = decodeReply<protocol::DescribeConfigsResponse>(reply);
    if (!answer)
        return;
    for (const auto& resource : answer->results) {
        if (resource.errorCode != 0)
            continue;
        TopicSettings settings;
        for (const auto& config : resource.configs) {
            settings.changed += config.configSource == kDynamicTopicConfig;
            if (config.name == "retention.ms")
                settings.retentionMs = numberIn(config.value);
            else if (config.name == "retention.bytes")
                settings.retentionBytes = numberIn(config.value);
            else if (config.name == "segment.bytes")
                settings.segmentBytes = numberIn(config.value);
            else if (config.name == "min.insync.replicas")
                settings.minInsync = static_cast<std::int32_t>(numberIn(config.value).value_or(1));
            else if (config.name == "cleanup.policy")
                settings.cleanupPolicy = config.value.value_or("");
        }
        m_settings[resource.resourceName] = std::move(settings);
    }
}

api::ClusterSnapshot Poller::build(Now now, const client::MetadataCache& metadata) {
    m_dirty = false;
    api::ClusterSnapshot snapshot;
    snapshot.at = now.wallMs;
    snapshot.clusterId = metadata.clusterId;
    snapshot.controller = m_quorumLeader.value_or(-1);
    for (auto id : m_everSeen) {
        api::Broker broker;
        broker.id = id;
        if (const auto known = metadata.brokers.find(id); known != metadata.brokers.end()) {
            broker.host = known->second.address.host;
            broker.port = known->second.address.port;
            broker.rack = known->second.rack;
            broker.state = api::BrokerState::Online;
        }
        broker.isController = m_quorumLeader == id;
        if (const auto dir = m_logDirs.find(id); dir != m_logDirs.end()) {
            broker.logDir = dir->second.path;
            std::int64_t bytes = 0;
            for (const auto& [partition, replica] : dir->second.replicas)
                bytes += replica.first;
            broker.logBytes = bytes;
            if (dir->second.total >= 0)
                broker.diskTotal = dir->second.total;
            if (dir->second.usable >= 0)
                broker.diskUsable = dir->second.usable;
        }
        snapshot.brokers.push_back(std::move(broker));
    }
    for (const auto& [name, info] : metadata.topics) {
        api::Topic topic;
        topic.id = info.id;
        topic.name = name;
        topic.isInternal = info.isInternal;
        if (const auto s = m_settings.find(name); s != m_settings.end()) {
            topic.retentionMs = s->second.retentionMs;
            topic.retentionBytes = s->second.retentionBytes;
            topic.segmentBytes = s->second.segmentBytes;
            topic.minInsync = s->second.minInsync;
            topic.cleanupPolicy = s->second.cleanupPolicy;
            topic.changedConfigs = s->second.changed;
        }
        for (const auto& [index, p] : info.partitions) {
            api::Partition partition;
            partition.index = index;
            partition.leader = p.leader;
            partition.leaderEpoch = p.leaderEpoch;
            topic.replicationFactor = static_cast<std::int16_t>(p.replicas.size());
            if (const auto ends = m_ends.find({name, index}); ends != m_ends.end()) {
                partition.logStart = ends->second.start;
                partition.highWatermark = partition.logEnd = ends->second.end;
            }
            for (auto id : p.replicas) {
                api::Replica replica;
                replica.broker = id;
                replica.inSync = std::count(p.isr.begin(), p.isr.end(), id) > 0;
                replica.online = std::count(p.offline.begin(), p.offline.end(), id) == 0;
                if (const auto dir = m_logDirs.find(id); dir != m_logDirs.end())
                    if (const auto r = dir->second.replicas.find({name, index});
                        r != dir->second.replicas.end()) {
                        replica.bytes = r->second.first;
                        replica.lag = r->second.second;
                    }
                if (id == p.leader)
                    partition.bytes = replica.bytes;
                partition.replicas.push_back(std::move(replica));
            }
            topic.partitions.push_back(std::move(partition));
        }
        snapshot.topics.push_back(std::move(topic));
    }
    for (const auto& [id, known] : m_groups) {
        auto group = known;
        for (auto& offset : group.offsets)
            if (const auto ends = m_ends.find(offset.partition); ends != m_ends.end())
                offset.highWatermark = ends->second.end;
        snapshot.groups.push_back(std::move(group));
    }
    return snapshot;
}

}  // namespace odradek::source
