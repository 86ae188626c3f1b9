// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/view.h"

#include <algorithm>
#include <map>

#include "engine/broker/broker.h"
#include "engine/broker/core.h"

namespace odradek::broker {
namespace {

std::vector<BrokerId> ids(const std::vector<std::int32_t>& brokers) {
    std::vector<BrokerId> out;
    out.reserve(brokers.size());
    for (const auto broker : brokers)
        out.emplace_back(broker);
    return out;
}

std::vector<FollowerView> followers(const Partition& partition, Instant now) {
    std::vector<FollowerView> out;
    for (const auto& one : partition.lead.followers) {
        FollowerView view;
        view.broker = BrokerId(one.broker);
        view.logEnd = one.logEnd;
        view.lagRecords = partition.log.logEnd() - std::max(one.logEnd, Offset(0));
        view.inSync = partition.lead.inIsr(one.broker);
        const bool there = one.logEnd == partition.log.logEnd();
        const auto behind =
            std::chrono::duration_cast<Milliseconds>(now - one.lastCaughtUp).count();
        view.behindMs = there ? 0 : std::max<std::int64_t>(behind, 0);
        out.push_back(view);
    }
    return out;
}

PartitionView show(const BrokerCore& core, const Partition& partition, Instant now) {
    PartitionView view;
    view.topic = partition.topic;
    view.topicId = partition.topicId;
    view.partition = partition.index;
    view.role = partition.role;
    view.leader = BrokerId(partition.leader);
    view.leaderEpoch = partition.leaderEpoch;
    if (const auto* known = core.image.partition(partition.topicId, partition.index)) {
        view.partitionEpoch = known->partitionEpoch;
        view.replicas = ids(known->replicas);
        view.isr = ids(known->isr);
    }
    view.logStart = partition.log.logStart();
    view.logEnd = partition.log.logEnd();
    view.stableEnd = partition.log.stableEnd();
    view.highWatermark = partition.highWatermark;
    view.sizeBytes = partition.log.sizeInBytes();
    view.failed = partition.failed;
    view.messagesIn = partition.messagesIn;
    view.bytesIn = partition.bytesIn;
    view.bytesOut = partition.bytesOut;
    if (partition.isLeader()) {
        view.isr = ids(partition.lead.isr);
        view.followers = followers(partition, now);
    }
    for (const auto& segment : partition.log.segments())
        view.segments.push_back({segment.base, segment.size, segment.maxTimestampMs});
    return view;
}

ConnectionView show(const Connection& connection, Instant now) {
    ConnectionView view;
    view.id = connection.id;
    view.host = connection.host;
    view.clientId = connection.clientId;
    view.software = connection.software;
    view.inProcess = connection.inProcess;
    view.openMs = std::chrono::duration_cast<Milliseconds>(now - connection.opened).count();
    view.requests = connection.requests;
    view.bytesIn = connection.bytesIn;
    view.bytesOut = connection.bytesOut;
    view.inFlight = connection.slots.size();
    return view;
}

void sumTopics(BrokerView& view) {
    std::map<std::string, TopicTraffic> topics;
    for (const auto& partition : view.partitions) {
        auto& topic = topics[partition.topic];
        topic.topic = partition.topic;
        topic.messagesIn += partition.messagesIn;
        topic.bytesIn += partition.bytesIn;
        topic.bytesOut += partition.bytesOut;
    }
    for (auto& [name, topic] : topics)
        view.topics.push_back(std::move(topic));
}

}  // namespace

BrokerView Broker::inspect(Now now, std::uint64_t eventsSince) const {
    const BrokerCore& core = *m_core;
    BrokerView view;
    view.id = core.config.node;
    view.state = core.state;
    view.epoch = core.epoch;
    view.host = core.config.host;
    view.port = core.config.port;
    view.metadataOffset = core.image.offset();
    view.bytesIn = core.metrics.bytesIn;
    view.bytesOut = core.metrics.bytesOut;
    view.replicationBytesIn = core.metrics.replicationBytesIn;
    view.replicationBytesOut = core.metrics.replicationBytesOut;
    view.messagesIn = core.metrics.messagesIn;
    view.delayedFetches = core.fetches.size();
    view.delayedProduces = core.produces.size();
    core.partitions.each([&](const Partition& partition) {
        view.partitions.push_back(show(core, partition, now.at));
        view.logBytes += partition.log.sizeInBytes();
    });
    std::sort(view.partitions.begin(), view.partitions.end(),
              [](const PartitionView& a, const PartitionView& b) {
                  return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
              });
    sumTopics(view);
    for (const auto& [id, connection] : core.connections.all())
        view.connections.push_back(show(connection, now.at));
    for (const auto& [key, api] : core.metrics.apis)
        view.apis.push_back(api);
    view.groups = core.groups.inspect(now);
    view.events = core.events.after(eventsSince);
    view.lastEvent = core.events.last();
    return view;
}

}  // namespace odradek::broker
