// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/api/commands.h"
#include "engine/api/snapshot.h"

/// Hand-made clusters for the tests of this folder.
namespace odradek::test {

inline std::optional<Bytes> some(std::string_view text) { return Bytes::copy(text); }

inline api::Replica replica(std::int32_t broker, bool inSync = true) {
    api::Replica r;
    r.broker = broker;
    r.inSync = inSync;
    r.online = inSync;
    return r;
}

inline api::Partition partition(std::int32_t index, std::int32_t leader, std::vector<api::Replica> replicas,
                                std::int64_t records = 100) {
    api::Partition p;
    p.index = index;
    p.leader = leader;
    p.replicas = std::move(replicas);
    p.logStart = 0;
    p.logEnd = p.highWatermark = records;
    p.bytes = records * 10;
    return p;
}

inline api::Topic topic(std::string name, std::vector<api::Partition> partitions, std::int32_t minInsync = 2) {
    api::Topic t;
    t.name = std::move(name);
    t.replicationFactor = 3;
    t.minInsync = minInsync;
    t.partitions = std::move(partitions);
    return t;
}

inline api::Broker broker(std::int32_t id, api::BrokerState state = api::BrokerState::Online) {
    api::Broker b;
    b.id = id;
    b.state = state;
    return b;
}

/// Three brokers that are well and one topic in sync everywhere.
inline api::ClusterSnapshot calm() {
    api::ClusterSnapshot s;
    s.at = 1'000'000;
    s.connection = api::Connection::Live;
    for (int id : {1, 2, 3})
        s.brokers.push_back(broker(id));
    s.topics.push_back(topic("new_orders", {partition(0, 1, {replica(1), replica(2), replica(3)}),
                                            partition(1, 2, {replica(2), replica(3), replica(1)})}));
    return s;
}

inline api::CommittedOffset committed(std::string topic, std::int32_t partition, std::int64_t offset,
                                      std::int64_t highWatermark) {
    api::CommittedOffset o;
    o.partition = {std::move(topic), partition};
    o.offset = offset;
    o.highWatermark = highWatermark;
    return o;
}

inline api::GroupMember member(std::string id, std::vector<TopicPartition> assignment) {
    api::GroupMember m;
    m.memberId = id + "-uuid";
    m.clientId = std::move(id);
    m.assignment = std::move(assignment);
    return m;
}

}  // namespace odradek::test
