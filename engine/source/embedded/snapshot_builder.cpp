// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/embedded/snapshot_builder.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/metadata/config_resolution.h"
#include "engine/protocol/codec/message.h"

namespace odradek::source {
namespace {

using PartitionViews = std::map<std::pair<std::string, std::int32_t>, const broker::PartitionView*>;

api::ApiCounter counterOf(const broker::ApiView& view) {
    api::ApiCounter counter;
    counter.apiKey = view.api;
    counter.name = protocol::apiName(view.api);
    counter.requests = view.requests;
    counter.errors = view.errors;
    counter.p50Us = static_cast<std::int64_t>(view.latency.quantileMicros(500));
    counter.p99Us = static_cast<std::int64_t>(view.latency.quantileMicros(990));
    counter.maxUs = static_cast<std::int64_t>(view.latency.maxMicros);
    return counter;
}

api::Broker brokerOf(const ClusterSight& sight, const NodeSight& node, const quorum::ControllerView& controller) {
    const auto now = sight.at;
    api::Broker out;
    out.id = node.id;
    out.host = node.host;
    out.port = node.port;
    out.logDir = node.logDir;
    const auto seen = sight.controllers.find(node.id);
    out.isController = sight.controllers.empty() ? controller.image.controllerId() == node.id
                                                 : seen != sight.controllers.end() && seen->second.quorum.isActive;
    if (node.diskTotal >= 0)
        out.diskTotal = node.diskTotal;
    if (node.diskUsable >= 0)
        out.diskUsable = node.diskUsable;
    const auto* registration = controller.image.broker(node.id);
    if (registration) {
        out.epoch = registration->epoch;
        out.rack = registration->rack.value_or("");
    }
    if (!node.view) {
        out.state = api::BrokerState::Offline;
        return out;
    }
    const auto& view = *node.view;
    out.state = registration && registration->inControlledShutdown ? api::BrokerState::Stopping
                : registration && !registration->fenced            ? api::BrokerState::Online
                                                                   : api::BrokerState::Fenced;
    out.logBytes = static_cast<std::int64_t>(view.logBytes);
    out.messagesIn = view.messagesIn;
    out.bytesIn = view.bytesIn;
    out.bytesOut = view.bytesOut;
    out.apis.emplace();
    for (const auto& api : view.apis)
        out.apis->push_back(counterOf(api));
    out.connections.emplace();
    for (const auto& c : view.connections) {
        if (c.inProcess)
            continue;  // brokers among themselves
        out.connections->push_back({c.id.value, c.host, c.clientId, c.software, now - c.openMs, c.requests, c.bytesIn,
                                    c.bytesOut});
    }
    return out;
}

api::Partition partitionOf(const metadata::Topic& topic, std::int32_t index, const metadata::Partition& p,
                           const std::map<std::int32_t, PartitionViews>& views) {
    const auto viewOn = [&](std::int32_t broker) -> const broker::PartitionView* {
        const auto node = views.find(broker);
        if (node == views.end())
            return nullptr;
        const auto found = node->second.find({topic.name, index});
        return found == node->second.end() ? nullptr : found->second;
    };
    api::Partition out;
    out.index = index;
    out.leader = p.leader;
    out.leaderEpoch = p.leaderEpoch;
    const auto* leader = viewOn(p.leader);
    if (leader && leader->role == broker::ReplicaRole::Leader) {
        out.logStart = leader->logStart.value;
        out.highWatermark = leader->highWatermark.value;
        out.logEnd = leader->logEnd.value;
        out.bytes = static_cast<std::int64_t>(leader->sizeBytes);
        out.bytesIn = leader->bytesIn;
        for (const auto& segment : leader->segments)
            out.segments.push_back({segment.baseOffset.value, static_cast<std::int64_t>(segment.bytes),
                                    segment.newestMs});
    }
    for (auto id : p.replicas) {
        api::Replica replica;
        replica.broker = id;
        replica.inSync = p.inIsr(id);
        const auto* view = viewOn(id);
        replica.online = view != nullptr && !view->failed;
        if (view) {
            replica.logEnd = view->logEnd.value;
            replica.bytes = static_cast<std::int64_t>(view->sizeBytes);
            if (leader)
                replica.lag = std::max<std::int64_t>(0, leader->logEnd.value - view->logEnd.value);
        }
        if (leader)
            for (const auto& follower : leader->followers)
                if (follower.broker.value == id)
                    replica.caughtUpMs = follower.behindMs;
        out.replicas.push_back(std::move(replica));
    }
    return out;
}

void addTopics(const ClusterSight& sight, const quorum::ControllerView& controller, api::ClusterSnapshot& out) {
    std::map<std::int32_t, PartitionViews> views;
    for (const auto& node : sight.nodes)
        if (node.view)
            for (const auto& partition : node.view->partitions)
                views[node.id][{partition.topic, partition.partition}] = &partition;
    const auto& image = controller.image;
    const metadata::ConfigResolver resolver(image, sight.nodes.empty() ? 1 : sight.nodes.front().id, sight.settings);
    for (const auto& [name, id] : image.topicNames()) {
        const auto* topic = image.topic(id);
        if (!topic)
            continue;
        api::Topic t;
        t.id = id;
        t.name = name;
        t.isInternal = name == "__consumer_offsets" || name == "__transaction_state";
        t.retentionMs = resolver.topicNumber(name, "retention.ms");
        t.retentionBytes = resolver.topicNumber(name, "retention.bytes");
        t.segmentBytes = resolver.topicNumber(name, "segment.bytes");
        t.minInsync = static_cast<std::int32_t>(resolver.topicNumber(name, "min.insync.replicas"));
        t.cleanupPolicy = resolver.topicText(name, "cleanup.policy");
        t.changedConfigs =
            static_cast<std::int32_t>(image.configs({metadata::ResourceType::Topic, std::string(name)}).size());
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            const auto& p = *topic->partitions[i];
            t.replicationFactor = static_cast<std::int16_t>(p.replicas.size());
            t.partitions.push_back(partitionOf(*topic, static_cast<std::int32_t>(i), p, views));
        }
        out.topics.push_back(std::move(t));
    }
}

void addGroups(const ClusterSight& sight, api::ClusterSnapshot& out) {
    std::map<TopicPartition, std::int64_t> highWatermarks;
    for (const auto& topic : out.topics)
        for (const auto& p : topic.partitions)
            highWatermarks[{topic.name, p.index}] = p.highWatermark;
    std::map<std::string, api::Group> groups;
    for (const auto& node : sight.nodes) {
        if (!node.view)
            continue;
        for (const auto& g : node.view->groups) {
            api::Group group;
            group.id = g.groupId;
            group.state = broker::groupStateName(g.state);
            group.protocolType = g.protocolType;
            group.protocol = g.protocolName;
            group.generation = g.generation;
            group.coordinator = node.id;
            group.leaderMember = g.leaderId;
            for (const auto& m : g.members)
                group.members.push_back({m.memberId, m.instanceId.value_or(""), m.clientId, m.clientHost, m.topics,
                                         m.assignment, m.lastHeartbeatAgeMs, std::nullopt});
            for (const auto& o : g.offsets) {
                const auto mark = highWatermarks.find(o.partition);
                group.offsets.push_back({o.partition, o.offset, mark == highWatermarks.end() ? -1 : mark->second,
                                         o.commitTimeMs, o.metadata});
            }
            groups[g.groupId] = std::move(group);
        }
    }
    for (auto& [id, group] : groups)
        out.groups.push_back(std::move(group));
}

std::string causeWords(quorum::Cause cause) {
    switch (cause) {
        case quorum::Cause::Registration: return "registration";
        case quorum::Cause::SessionTimeout: return "its session timed out";
        case quorum::Cause::BrokerWish: return "it asked to be fenced";
        case quorum::Cause::ControlledShutdown: return "controlled shutdown";
        case quorum::Cause::CaughtUp: return "caught up with the metadata";
        case quorum::Cause::LeaderRequest: return "asked by the leader";
        case quorum::Cause::PreferredBalance: return "back to the preferred replica";
        case quorum::Cause::ConfigChange: return "a setting changed";
        case quorum::Cause::Startup: return "start-up";
        case quorum::Cause::Quorum: return "the metadata quorum";
        case quorum::Cause::Reassignment: return "replicas are being moved";
        case quorum::Cause::ElectionRequest: return "an election was asked for";
        case quorum::Cause::Unregistration: return "it was unregistered";
    }
    return "unknown";
}

/// Words for one event of the controller.
struct ControllerWords {
    api::Event& out;
    std::string cause;

    void operator()(const quorum::BrokerStateChanged& e) const {
        out.kind = api::EventKind::Cluster;
        out.subject = fmt::format("broker:{}", e.broker);
        using State = quorum::BrokerStateChanged::State;
        switch (e.state) {
            case State::Registered: out.text = fmt::format("Broker {} registered", e.broker); return;
            case State::Fenced:
                out.severity = api::Severity::Warning;
                out.text = fmt::format("Broker {} fenced: {}", e.broker, cause);
                return;
            case State::Unfenced:
                out.severity = api::Severity::Ok;
                out.text = fmt::format("Broker {} is online", e.broker);
                return;
            case State::ShuttingDown: out.text = fmt::format("Broker {} is shutting down", e.broker); return;
            case State::ShutDown: out.text = fmt::format("Broker {} has shut down", e.broker); return;
        }
    }
    void operator()(const quorum::LeaderElected& e) const {
        out.kind = api::EventKind::Leader;
        out.subject = fmt::format("topic:{}/{}", e.topicName, e.partition);
        if (e.after < 0) {
            out.severity = api::Severity::Offline;
            out.text = fmt::format("{}-{} has no leader: {}", e.topicName, e.partition, cause);
            return;
        }
        out.severity = e.unclean ? api::Severity::Error : api::Severity::Info;
        out.text = fmt::format("Leader of {}-{}: {} → {}, epoch {} ({}{})", e.topicName, e.partition,
                               e.before < 0 ? "none" : std::to_string(e.before), e.after, e.leaderEpoch,
                               e.unclean ? "unclean, " : "", cause);
    }
    void operator()(const quorum::IsrChanged& e) const {
        const bool shrank = e.after.size() < e.before.size();
        out.kind = api::EventKind::Isr;
        out.severity = shrank ? api::Severity::Warning : api::Severity::Ok;
        out.subject = fmt::format("topic:{}/{}", e.topicName, e.partition);
        out.text = fmt::format("ISR of {}-{} {}: {} → {} ({})", e.topicName, e.partition,
                               shrank ? "shrank" : "expanded", fmt::join(e.before, ", "), fmt::join(e.after, ", "),
                               cause);
    }
    void operator()(const quorum::ControllerElected& e) const {
        out.kind = api::EventKind::Cluster;
        out.subject = fmt::format("broker:{}", e.node);
        out.text = fmt::format("Node {} is the controller, epoch {}", e.node, e.epoch);
    }
    void operator()(const quorum::QuorumRoleChanged& e) const {
        out.kind = api::EventKind::Quorum;
        out.subject = fmt::format("broker:{}", e.node);
        const bool isLoss = e.reason == raft::Reason::QuorumLost || e.reason == raft::Reason::FetchTimeout ||
                            e.reason == raft::Reason::LeaderUnreachable;
        out.severity = isLoss                          ? api::Severity::Warning
                       : e.role == raft::Role::Leader ? api::Severity::Ok
                                                      : api::Severity::Info;
        out.text = fmt::format("Quorum: node {} is {}, epoch {}{}: {}", e.node, raft::name(e.role), e.epoch,
                               e.leader < 0 ? "" : fmt::format(", leader {}", e.leader), raft::words(e.reason));
    }
};

api::QuorumNode quorumNodeOf(const quorum::QuorumView& view) {
    api::QuorumNode node{.id = view.node, .isVoter = view.isVoter};
    node.role = !view.isVoter && view.role != raft::Role::Leader ? "observer" : std::string(raft::name(view.role));
    node.epoch = view.epoch;
    node.leader = view.leader;
    node.votedFor = view.votedFor;
    node.logStart = view.logStart;
    node.logEnd = view.logEnd;
    node.flushedEnd = view.flushedEnd;
    node.highWatermark = view.highWatermark;
    if (view.snapshotOffset >= 0)
        node.snapshot = view.snapshotOffset;
    return node;
}

/// The quorum from what its nodes say: the leader's word counts for those that do not answer.
std::optional<api::Quorum> quorumOf(const ClusterSight& sight) {
    if (sight.controllers.empty())
        return std::nullopt;
    api::Quorum out;
    const quorum::QuorumView* leader = nullptr;
    const quorum::QuorumView* latest = nullptr;
    std::map<std::int32_t, api::QuorumNode> nodes;
    for (const auto& [id, view] : sight.controllers) {
        nodes[id] = quorumNodeOf(view.quorum);
        if (latest == nullptr || view.quorum.epoch > latest->epoch)
            latest = &view.quorum;
        if (view.quorum.role == raft::Role::Leader && (leader == nullptr || view.quorum.epoch > leader->epoch))
            leader = &view.quorum;
    }
    if (leader != nullptr)
        latest = leader;
    out.epoch = latest->epoch;
    out.logEnd = latest->logEnd;
    out.highWatermark = latest->highWatermark;
    out.kraftVersion = latest->kraftVersion;
    for (const auto id : latest->voters) {
        const auto [found, isNew] = nodes.try_emplace(id);
        if (isNew)
            found->second = {.id = id, .isVoter = true, .isOnline = false, .role = "offline"};
    }
    if (leader != nullptr) {
        out.leader = leader->node;
        for (const auto& replica : leader->replicas) {
            const auto found = nodes.find(replica.key.id);
            if (found == nodes.end() || !(replica.isVoter || !found->second.isVoter))
                continue;
            auto& node = found->second;
            if (replica.logEnd >= 0 && !node.isOnline)
                node.logEnd = replica.logEnd;
            if (replica.logEnd >= 0)
                node.lag = std::max<std::int64_t>(leader->logEnd - replica.logEnd, 0);
            if (replica.lastFetchWallMs >= 0)
                node.lastFetch = replica.lastFetchWallMs;
            if (replica.lastCaughtUpWallMs >= 0)
                node.lastCaughtUp = replica.lastCaughtUpWallMs;
        }
    }
    for (const bool voters : {true, false})
        for (auto& [id, node] : nodes)
            if (node.isVoter == voters)
                out.nodes.push_back(std::move(node));
    return out;
}

}  // namespace

api::ClusterSnapshot buildSnapshot(const ClusterSight& sight, const quorum::ControllerView& controller) {
    api::ClusterSnapshot out;
    out.at = sight.at;
    out.clusterId = sight.clusterId;
    out.connection = api::Connection::Live;
    out.quorum = quorumOf(sight);
    out.controller = out.quorum ? out.quorum->leader : controller.image.controllerId();
    for (const auto& node : sight.nodes)
        out.brokers.push_back(brokerOf(sight, node, controller));
    addTopics(sight, controller, out);
    addGroups(sight, out);
    return out;
}

std::uint64_t EventTranslator::brokerCursor(std::int32_t broker) const {
    const auto found = m_brokers.find(broker);
    return found == m_brokers.end() ? 0 : found->second;
}

std::uint64_t EventTranslator::controllerCursor(std::int32_t node) const {
    const auto found = m_controllers.find(node);
    return found == m_controllers.end() ? 0 : found->second;
}

void EventTranslator::forgetNode(std::int32_t node) {
    m_brokers.erase(node);
    m_controllers.erase(node);
}

std::vector<api::Event> EventTranslator::translate(const ClusterSight& sight) {
    std::vector<api::Event> out;
    for (const auto& [id, controller] : sight.controllers) {
        for (const auto& e : controller.events) {
            api::Event event;
            event.at = e.wallMs;
            std::visit(ControllerWords{event, causeWords(e.cause)}, e.what);
            out.push_back(std::move(event));
        }
        m_controllers[id] = controller.lastEvent;
    }
    for (const auto& node : sight.nodes) {
        if (!node.view)
            continue;
        for (const auto& e : node.view->events) {
            // Leaders, ISR and fencing are the controller's to tell; a broker adds what only it knows.
            const bool log = e.kind == broker::EventKind::Truncated || e.kind == broker::EventKind::RetentionDeleted ||
                             e.kind == broker::EventKind::LogFailed;
            if (!log)
                continue;
            api::Event event;
            event.at = e.wallMs;
            event.kind = api::EventKind::Log;
            event.severity = e.kind == broker::EventKind::LogFailed ? api::Severity::Error : api::Severity::Info;
            event.text = fmt::format("Broker {}: {}", node.id, e.text);
            event.subject = e.topic.empty() ? fmt::format("broker:{}", node.id)
                                            : fmt::format("topic:{}/{}", e.topic, e.partition);
            out.push_back(std::move(event));
        }
        m_brokers[node.id] = node.view->lastEvent;
        takeGroups(*node.view, out);
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return out;
}

void EventTranslator::takeGroups(const broker::BrokerView& view, std::vector<api::Event>& out) {
    for (const auto& group : view.groups) {
        auto& told = m_rebalances[group.groupId];
        for (const auto& r : group.rebalances) {
            const bool ended = r.durationMs >= 0;
            if (r.sequence < told.first || (r.sequence == told.first && (told.second || !ended)))
                continue;
            told = {r.sequence, ended};
            if (!ended)
                continue;  // told once, when it is over, with what it led to
            api::Event event;
            event.at = r.startedMs + r.durationMs;
            event.kind = api::EventKind::Group;
            event.subject = "group:" + group.groupId;
            event.text = fmt::format("{} generation {}: {}; {} member{} after {} ms", group.groupId, r.generation,
                                     r.cause, r.members, r.members == 1 ? "" : "s", r.durationMs);
            out.push_back(std::move(event));
        }
    }
}

}  // namespace odradek::source
