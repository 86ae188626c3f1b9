// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/client/core/metadata_cache.h"

namespace odradek::client {

void MetadataCache::update(const protocol::MetadataResponse& answer, bool all) {
    if (answer.clusterId)
        clusterId = *answer.clusterId;
    controller = answer.controllerId;
    if (!answer.brokers.empty()) {
        brokers.clear();
        for (const auto& b : answer.brokers)
            brokers[b.nodeId] = {{b.host, b.port, b.nodeId}, b.rack.value_or("")};
    }
    std::map<std::string, TopicInfo> fresh;
    for (const auto& t : answer.topics) {
        const auto name = t.name.value_or("");
        TopicInfo info;
        info.error = t.errorCode;
        info.id = t.topicId;
        info.isInternal = t.isInternal;
        const auto* known = findTopic(name);
        for (const auto& p : t.partitions) {
            PartitionInfo partition{p.errorCode, p.leaderId, p.leaderEpoch, p.replicaNodes, p.isrNodes,
                                    p.offlineReplicas};
            if (known && known->id == info.id) {
                const auto old = known->partitions.find(p.partitionIndex);
                if (old != known->partitions.end() && old->second.leaderEpoch > partition.leaderEpoch &&
                    partition.leaderEpoch >= 0)
                    partition = old->second;
            }
            info.partitions[p.partitionIndex] = std::move(partition);
        }
        fresh[name] = std::move(info);
    }
    if (all) {
        topics = std::move(fresh);
    } else {
        for (auto& [name, info] : fresh)
            topics[name] = std::move(info);
    }
    names.clear();
    for (const auto& [name, info] : topics)
        if (!info.id.isZero())
            names[info.id] = name;
}

std::optional<std::int32_t> MetadataCache::leaderOf(const TopicPartition& partition) const {
    const auto* info = find(partition);
    if (!info || info->leader < 0 || !brokers.contains(info->leader))
        return std::nullopt;
    return info->leader;
}

const PartitionInfo* MetadataCache::find(const TopicPartition& partition) const {
    const auto* topic = findTopic(partition.topic);
    if (!topic)
        return nullptr;
    const auto found = topic->partitions.find(partition.partition);
    return found == topic->partitions.end() ? nullptr : &found->second;
}

const TopicInfo* MetadataCache::findTopic(const std::string& name) const {
    const auto found = topics.find(name);
    return found == topics.end() ? nullptr : &found->second;
}

std::map<std::int32_t, Address> MetadataCache::addresses() const {
    std::map<std::int32_t, Address> all;
    for (const auto& [id, broker] : brokers)
        all[id] = broker.address;
    return all;
}

}  // namespace odradek::client
