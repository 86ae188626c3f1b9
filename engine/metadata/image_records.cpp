// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metadata/image_records.h"

namespace odradek::metadata {
namespace {

protocol::RegisterBrokerRecord toRecord(const BrokerRegistration& broker) {
    protocol::RegisterBrokerRecord record{.brokerId = broker.id,
                                          .incarnationId = broker.incarnation,
                                          .brokerEpoch = broker.epoch,
                                          .rack = broker.rack,
                                          .fenced = broker.fenced,
                                          .inControlledShutdown = broker.inControlledShutdown,
                                          .logDirs = broker.directories};
    for (const auto& endpoint : broker.endpoints)
        record.endPoints.push_back({endpoint.listener, endpoint.host, endpoint.port, endpoint.securityProtocol});
    for (const auto& [name, range] : broker.features)
        record.features.push_back({name, range.min, range.max});
    if (!broker.cordonedDirectories.empty())
        record.cordonedLogDirs = broker.cordonedDirectories;
    return record;
}

protocol::PartitionRecord toRecord(const Uuid& topic, std::int32_t index, const Partition& partition) {
    protocol::PartitionRecord record{.partitionId = index,
                                     .topicId = topic,
                                     .replicas = partition.replicas,
                                     .isr = partition.isr,
                                     .removingReplicas = partition.removingReplicas,
                                     .addingReplicas = partition.addingReplicas,
                                     .leader = partition.leader,
                                     .leaderRecoveryState = partition.leaderRecoveryState,
                                     .leaderEpoch = partition.leaderEpoch,
                                     .partitionEpoch = partition.partitionEpoch,
                                     .directories = partition.directories};
    if (!partition.elr.empty())
        record.eligibleLeaderReplicas = partition.elr;
    if (!partition.lastKnownElr.empty())
        record.lastKnownElr = partition.lastKnownElr;
    return record;
}

void addTopicDifference(const Image& before, const Topic& topic, Delta& delta) {
    const auto* old = before.topic(topic.id);
    if (old == nullptr)
        delta.createdTopics.insert(topic.id);
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
        const auto was = old != nullptr && i < old->partitions.size() ? old->partitions[i] : PartitionPtr();
        if (was == nullptr || !(*was == *topic.partitions[i]))
            delta.partitions.emplace(TopicIdPartition{topic.id, static_cast<std::int32_t>(i)}, was);
    }
}

}  // namespace

std::vector<MetadataRecord> imageRecords(const Image& image) {
    std::vector<MetadataRecord> records;
    // metadata.version first: it says how the rest is to be read.
    if (const auto level = image.featureLevel("metadata.version"); level > 0)
        records.emplace_back(protocol::FeatureLevelRecord{.name = "metadata.version", .featureLevel = level});
    for (const auto& [name, level] : image.features())
        if (name != "metadata.version")
            records.emplace_back(protocol::FeatureLevelRecord{.name = name, .featureLevel = level});
    for (const auto& [id, broker] : image.brokers())
        records.emplace_back(toRecord(broker));
    for (const auto& [id, controller] : image.controllers())
        records.emplace_back(controller);
    for (const auto& [id, topic] : image.topics()) {
        records.emplace_back(protocol::TopicRecord{.name = topic->name, .topicId = id});
        for (std::size_t i = 0; i < topic->partitions.size(); ++i)
            records.emplace_back(toRecord(id, static_cast<std::int32_t>(i), *topic->partitions[i]));
    }
    for (const auto& [resource, configs] : image.allConfigs())
        for (const auto& [name, value] : *configs)
            records.emplace_back(protocol::ConfigRecord{.resourceType = static_cast<std::int8_t>(resource.type),
                                                        .resourceName = resource.name,
                                                        .name = name,
                                                        .value = value});
    if (image.nextProducerId() > 0) {
        protocol::ProducerIdsRecord ids;
        ids.brokerId = -1;
        ids.nextProducerId = image.nextProducerId();
        records.emplace_back(ids);
    }
    return records;
}

Delta difference(const Image& before, const Image& after) {
    Delta delta;
    for (const auto& [id, topic] : after.topics())
        addTopicDifference(before, *topic, delta);
    for (const auto& [id, topic] : before.topics())
        if (after.topic(id) == nullptr)
            delta.deletedTopics.emplace(id, topic);
    for (const auto& [id, broker] : after.brokers())
        if (const auto* was = before.broker(id); was == nullptr || !(*was == broker))
            delta.brokers.emplace(id, was == nullptr ? std::nullopt : std::optional(*was));
    for (const auto& [id, broker] : before.brokers())
        if (after.broker(id) == nullptr)
            delta.brokers.emplace(id, broker);
    for (const auto& [resource, configs] : after.allConfigs())
        if (!(before.configs(resource) == *configs))
            delta.configs.insert(resource);
    for (const auto& [resource, configs] : before.allConfigs())
        if (after.configs(resource).empty())
            delta.configs.insert(resource);
    for (const auto& [name, level] : after.features())
        if (before.featureLevel(name) != level)
            delta.features.insert(name);
    for (const auto& [name, level] : before.features())
        if (after.featureLevel(name) == 0)
            delta.features.insert(name);
    delta.producerIds = before.nextProducerId() != after.nextProducerId();
    delta.controller = before.controllerId() != after.controllerId() ||
                       before.controllerEpoch() != after.controllerEpoch() ||
                       !(before.controllers() == after.controllers());
    return delta;
}

}  // namespace odradek::metadata
