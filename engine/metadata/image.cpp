// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metadata/image.h"

#include <algorithm>

namespace odradek::metadata {
namespace {

bool contains(const std::vector<std::int32_t>& list, std::int32_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

const ConfigMap kNoConfigs;

}  // namespace

bool Partition::isReplica(std::int32_t broker) const {
    return contains(replicas, broker);
}

bool Partition::inIsr(std::int32_t broker) const {
    return contains(isr, broker);
}

bool operator==(const Topic& a, const Topic& b) {
    return a.name == b.name && a.id == b.id &&
           std::equal(a.partitions.begin(), a.partitions.end(), b.partitions.begin(), b.partitions.end(),
                      [](const PartitionPtr& x, const PartitionPtr& y) { return x == y || *x == *y; });
}

const Endpoint* BrokerRegistration::endpoint(std::string_view listener) const {
    for (const auto& endpoint : endpoints)
        if (endpoint.listener == listener)
            return &endpoint;
    return nullptr;
}

bool Delta::empty() const {
    return createdTopics.empty() && deletedTopics.empty() && partitions.empty() && brokers.empty() &&
           configs.empty() && features.empty() && !producerIds && !controller;
}

void Delta::merge(const Delta& later) {
    for (const auto& id : later.createdTopics)
        createdTopics.insert(id);
    for (const auto& [key, before] : later.partitions)
        partitions.emplace(key, before);
    for (const auto& [id, topic] : later.deletedTopics) {
        const auto first = partitions.lower_bound(TopicIdPartition{id, INT32_MIN});
        const auto last = partitions.upper_bound(TopicIdPartition{id, INT32_MAX});
        partitions.erase(first, last);
        if (createdTopics.erase(id) == 0)
            deletedTopics.emplace(id, topic);
    }
    for (const auto& [id, before] : later.brokers)
        brokers.emplace(id, before);
    configs.insert(later.configs.begin(), later.configs.end());
    features.insert(later.features.begin(), later.features.end());
    producerIds = producerIds || later.producerIds;
    controller = controller || later.controller;
}

const Topic* Image::topic(std::string_view name) const {
    const auto found = m_topicIds.find(name);
    return found == m_topicIds.end() ? nullptr : topic(found->second);
}

const Topic* Image::topic(const Uuid& id) const {
    const auto found = m_topics.find(id);
    return found == m_topics.end() ? nullptr : found->second.get();
}

TopicPtr Image::topicPtr(const Uuid& id) const {
    const auto found = m_topics.find(id);
    return found == m_topics.end() ? nullptr : found->second;
}

std::optional<Uuid> Image::topicId(std::string_view name) const {
    const auto found = m_topicIds.find(name);
    return found == m_topicIds.end() ? std::nullopt : std::optional(found->second);
}

const Partition* Image::partition(const Uuid& topicId, std::int32_t index) const {
    const auto* found = topic(topicId);
    return found == nullptr ? nullptr : found->partition(index);
}

const Partition* Image::partition(std::string_view name, std::int32_t index) const {
    const auto* found = topic(name);
    return found == nullptr ? nullptr : found->partition(index);
}

const BrokerRegistration* Image::broker(std::int32_t id) const {
    const auto found = m_brokers.find(id);
    return found == m_brokers.end() ? nullptr : &found->second;
}

bool Image::isUnfenced(std::int32_t id) const {
    const auto* registration = broker(id);
    return registration != nullptr && !registration->fenced;
}

const ConfigMap& Image::configs(const ConfigResource& resource) const {
    const auto found = m_configs.find(resource);
    return found == m_configs.end() ? kNoConfigs : *found->second;
}

std::int16_t Image::featureLevel(std::string_view name) const {
    const auto found = m_features.find(std::string(name));
    return found == m_features.end() ? std::int16_t{0} : found->second;
}

bool operator==(const Image& a, const Image& b) {
    const auto sameTopics = [](const auto& x, const auto& y) {
        return x.first == y.first && (x.second == y.second || *x.second == *y.second);
    };
    return a.m_topicIds == b.m_topicIds && a.m_brokers == b.m_brokers && a.m_features == b.m_features &&
           a.m_controllers == b.m_controllers && a.m_partitionCount == b.m_partitionCount &&
           a.m_nextProducerId == b.m_nextProducerId && a.m_controllerId == b.m_controllerId &&
           a.m_controllerEpoch == b.m_controllerEpoch && a.m_offset == b.m_offset &&
           std::equal(a.m_topics.begin(), a.m_topics.end(), b.m_topics.begin(), b.m_topics.end(), sameTopics) &&
           std::equal(a.m_configs.begin(), a.m_configs.end(), b.m_configs.begin(), b.m_configs.end(), sameTopics);
}

}  // namespace odradek::metadata
