// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/metadata/image.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/records/leader_change_message.h"

namespace odradek::metadata {
namespace {

constexpr std::int32_t kLeaderUnchanged = -2;
constexpr std::int16_t kLeaderChangeType = 2;

std::unexpected<Error> contradiction(std::string words) {
    return fail(ErrorCode::Invalid, "metadata log: " + std::move(words));
}

Partition toPartition(const protocol::PartitionRecord& record) {
    Partition partition{.replicas = record.replicas,
                        .directories = record.directories,
                        .isr = record.isr,
                        .removingReplicas = record.removingReplicas,
                        .addingReplicas = record.addingReplicas,
                        .elr = record.eligibleLeaderReplicas.value_or(std::vector<std::int32_t>{}),
                        .lastKnownElr = record.lastKnownElr.value_or(std::vector<std::int32_t>{}),
                        .leader = record.leader,
                        .leaderRecoveryState = record.leaderRecoveryState,
                        .leaderEpoch = record.leaderEpoch,
                        .partitionEpoch = record.partitionEpoch};
    if (partition.directories.size() != partition.replicas.size())
        partition.directories.assign(partition.replicas.size(), kMigratingDirectory);
    return partition;
}

/// The directories of a new replica list: kept for replicas that stay.
std::vector<Uuid> carryDirectories(const Partition& before, const std::vector<std::int32_t>& replicas) {
    std::vector<Uuid> directories;
    for (const auto replica : replicas) {
        const auto found = std::find(before.replicas.begin(), before.replicas.end(), replica);
        const auto index = static_cast<std::size_t>(found - before.replicas.begin());
        directories.push_back(index < before.directories.size() ? before.directories[index] : kUnassignedDirectory);
    }
    return directories;
}

}  // namespace

Partition applyChange(const Partition& before, const protocol::PartitionChangeRecord& change) {
    Partition after = before;
    if (change.replicas) {
        after.replicas = *change.replicas;
        after.directories = carryDirectories(before, *change.replicas);
    }
    if (change.directories && change.directories->size() == after.replicas.size())
        after.directories = *change.directories;
    if (change.isr)
        after.isr = *change.isr;
    if (change.removingReplicas)
        after.removingReplicas = *change.removingReplicas;
    if (change.addingReplicas)
        after.addingReplicas = *change.addingReplicas;
    if (change.eligibleLeaderReplicas)
        after.elr = *change.eligibleLeaderReplicas;
    if (change.lastKnownElr)
        after.lastKnownElr = *change.lastKnownElr;
    if (change.leaderRecoveryState >= 0)
        after.leaderRecoveryState = change.leaderRecoveryState;
    if (change.leader != kLeaderUnchanged) {
        after.leader = change.leader;
        ++after.leaderEpoch;
    }
    ++after.partitionEpoch;
    return after;
}

/// Applies a run of records to an image. Topics touched in the run are cloned once and then changed in place: nobody
/// can hold them before the run ends. Lives for one call.
class ImageApplier {
public:
    explicit ImageApplier(Image& image) : m_image(image) {}

    Result<void> apply(const MetadataRecord& record) {
        return std::visit([this](const auto& r) { return one(r); }, record);
    }
    Delta take() { return std::move(m_delta); }

private:
    /// The topic to change, cloned at its first touch; null when unknown.
    Topic* writable(const Uuid& id) {
        const auto fresh = m_fresh.find(id);
        if (fresh != m_fresh.end())
            return fresh->second.get();
        const auto found = m_image.m_topics.find(id);
        if (found == m_image.m_topics.end())
            return nullptr;
        auto copy = std::make_shared<Topic>(*found->second);
        found->second = copy;
        return m_fresh.emplace(id, std::move(copy)).first->second.get();
    }
    /// The registration to change, noted in the delta as it was.
    BrokerRegistration* registration(std::int32_t id, std::int64_t epoch) {
        const auto found = m_image.m_brokers.find(id);
        if (found == m_image.m_brokers.end() || found->second.epoch != epoch)
            return nullptr;
        m_delta.brokers.emplace(id, found->second);
        return &found->second;
    }

    Result<void> one(const protocol::TopicRecord& r) {
        if (m_image.m_topics.contains(r.topicId) || m_image.m_topicIds.contains(r.name))
            return contradiction("topic '" + r.name + "' is created twice");
        auto topic = std::make_shared<Topic>(Topic{.name = r.name, .id = r.topicId});
        m_image.m_topicIds.emplace(r.name, r.topicId);
        m_image.m_topics.emplace(r.topicId, topic);
        m_fresh.emplace(r.topicId, std::move(topic));
        m_delta.createdTopics.insert(r.topicId);
        return {};
    }

    Result<void> one(const protocol::RemoveTopicRecord& r) {
        const auto found = m_image.m_topics.find(r.topicId);
        if (found == m_image.m_topics.end())
            return contradiction("an unknown topic " + r.topicId.toString() + " is removed");
        const TopicPtr topic = found->second;
        const ConfigResource resource{ResourceType::Topic, topic->name};
        if (m_image.m_configs.erase(resource) != 0)
            m_delta.configs.insert(resource);
        m_image.m_partitionCount -= topic->partitions.size();
        m_image.m_topicIds.erase(topic->name);
        m_image.m_topics.erase(found);
        m_fresh.erase(r.topicId);
        Delta gone;
        gone.deletedTopics.emplace(r.topicId, topic);
        m_delta.merge(gone);
        return {};
    }

    Result<void> one(const protocol::PartitionRecord& r) {
        auto* topic = writable(r.topicId);
        if (topic == nullptr)
            return contradiction("a partition of the unknown topic " + r.topicId.toString());
        const auto next = static_cast<std::int32_t>(topic->partitions.size());
        if (r.partitionId < 0 || r.partitionId > next)
            return contradiction(fmt::format("partition {} of '{}' comes before {}", r.partitionId, topic->name, next));
        auto partition = std::make_shared<const Partition>(toPartition(r));
        PartitionPtr before;
        if (r.partitionId == next) {
            topic->partitions.push_back(std::move(partition));
            ++m_image.m_partitionCount;
        } else {
            before = std::exchange(topic->partitions[static_cast<std::size_t>(r.partitionId)], std::move(partition));
        }
        m_delta.partitions.emplace(TopicIdPartition{r.topicId, r.partitionId}, std::move(before));
        return {};
    }

    Result<void> one(const protocol::PartitionChangeRecord& r) {
        auto* topic = writable(r.topicId);
        if (topic == nullptr || topic->partition(r.partitionId) == nullptr)
            return contradiction(fmt::format("a change of the unknown partition {} of {}", r.partitionId,
                                             r.topicId.toString()));
        auto& slot = topic->partitions[static_cast<std::size_t>(r.partitionId)];
        m_delta.partitions.emplace(TopicIdPartition{r.topicId, r.partitionId}, slot);
        slot = std::make_shared<const Partition>(applyChange(*slot, r));
        return {};
    }

    Result<void> one(const protocol::RegisterBrokerRecord& r) {
        BrokerRegistration broker{.id = r.brokerId,
                                  .epoch = r.brokerEpoch,
                                  .incarnation = r.incarnationId,
                                  .rack = r.rack,
                                  .directories = r.logDirs,
                                  .cordonedDirectories = r.cordonedLogDirs.value_or(std::vector<Uuid>{}),
                                  .fenced = r.fenced,
                                  .inControlledShutdown = r.inControlledShutdown};
        for (const auto& e : r.endPoints)
            broker.endpoints.push_back({e.name, e.host, e.port, e.securityProtocol});
        for (const auto& f : r.features)
            broker.features[f.name] = {f.minSupportedVersion, f.maxSupportedVersion};
        const auto found = m_image.m_brokers.find(r.brokerId);
        m_delta.brokers.emplace(r.brokerId, found == m_image.m_brokers.end() ? std::nullopt
                                                                             : std::optional(found->second));
        m_image.m_brokers.insert_or_assign(r.brokerId, std::move(broker));
        return {};
    }

    Result<void> one(const protocol::UnregisterBrokerRecord& r) {
        if (registration(r.brokerId, r.brokerEpoch) == nullptr)
            return contradiction(fmt::format("unknown broker {} is unregistered", r.brokerId));
        m_image.m_brokers.erase(r.brokerId);
        return {};
    }

    Result<void> setFenced(std::int32_t id, std::int64_t epoch, bool fenced) {
        auto* broker = registration(id, epoch);
        if (broker == nullptr)
            return contradiction(fmt::format("fencing of the unknown broker {} with epoch {}", id, epoch));
        broker->fenced = fenced;
        return {};
    }
    Result<void> one(const protocol::FenceBrokerRecord& r) { return setFenced(r.id, r.epoch, true); }
    Result<void> one(const protocol::UnfenceBrokerRecord& r) { return setFenced(r.id, r.epoch, false); }

    Result<void> one(const protocol::BrokerRegistrationChangeRecord& r) {
        auto* broker = registration(r.brokerId, r.brokerEpoch);
        if (broker == nullptr)
            return contradiction(
                fmt::format("a change of the unknown broker {} with epoch {}", r.brokerId, r.brokerEpoch));
        if (r.fenced != 0)
            broker->fenced = r.fenced > 0;
        if (r.inControlledShutdown != 0)
            broker->inControlledShutdown = r.inControlledShutdown > 0;
        if (!r.logDirs.empty())
            broker->directories = r.logDirs;
        if (r.cordonedLogDirs)
            broker->cordonedDirectories = *r.cordonedLogDirs;
        return {};
    }

    Result<void> one(const protocol::ConfigRecord& r) {
        const ConfigResource resource{static_cast<ResourceType>(r.resourceType), r.resourceName};
        const auto found = m_image.m_configs.find(resource);
        ConfigMap configs = found == m_image.m_configs.end() ? ConfigMap{} : *found->second;
        if (r.value)
            configs[r.name] = *r.value;
        else
            configs.erase(r.name);
        m_delta.configs.insert(resource);
        if (configs.empty())
            m_image.m_configs.erase(resource);
        else
            m_image.m_configs[resource] = std::make_shared<const ConfigMap>(std::move(configs));
        return {};
    }

    Result<void> one(const protocol::FeatureLevelRecord& r) {
        if (r.featureLevel == 0)
            m_image.m_features.erase(r.name);
        else
            m_image.m_features[r.name] = r.featureLevel;
        m_delta.features.insert(r.name);
        return {};
    }

    Result<void> one(const protocol::ProducerIdsRecord& r) {
        m_image.m_nextProducerId = r.nextProducerId;
        m_delta.producerIds = true;
        return {};
    }

    Result<void> one(const protocol::RegisterControllerRecord& r) {
        m_image.m_controllers.insert_or_assign(r.controllerId, r);
        m_delta.controller = true;
        return {};
    }

    Result<void> one(const protocol::NoOpRecord&) { return {}; }
    // Metadata transactions (KIP-868) are never written by us, and a log of ours has no aborted one.
    Result<void> one(const protocol::BeginTransactionRecord&) { return {}; }
    Result<void> one(const protocol::EndTransactionRecord&) { return {}; }
    Result<void> one(const protocol::AbortTransactionRecord&) {
        return fail(ErrorCode::Unsupported, "metadata log: an aborted metadata transaction");
    }

    Image& m_image;
    Delta m_delta;
    std::map<Uuid, std::shared_ptr<Topic>> m_fresh;
};

Result<Delta> Image::apply(const MetadataRecord& record, std::int64_t offset) {
    return apply(std::span(&record, 1), offset);
}

Result<Delta> Image::apply(std::span<const MetadataRecord> records, std::int64_t firstOffset) {
    ImageApplier applier(*this);
    for (const auto& record : records) {
        TRY_OK(applier.apply(record));
        m_offset = firstOffset++;
    }
    return applier.take();
}

Delta Image::applyLeaderChange(std::int32_t leader, std::int32_t epoch, std::int64_t offset) {
    m_controllerId = leader;
    m_controllerEpoch = epoch;
    m_offset = offset;
    Delta delta;
    delta.controller = true;
    return delta;
}

Result<Delta> Image::applyBatch(const Bytes& batch) {
    const auto header = TRY(protocol::readBatchHeader(batch));
    const auto records = TRY(protocol::readRecords(batch));
    Delta delta;
    if (!header.isControl()) {
        ImageApplier applier(*this);
        for (const auto& record : records) {
            if (!record.value)
                return contradiction(fmt::format("no value at offset {}", record.offset));
            const auto decoded = TRY(decodeRecord(*record.value));
            TRY_OK(applier.apply(decoded));
            m_offset = record.offset;
        }
        return applier.take();
    }
    for (const auto& record : records) {
        if (!record.key || record.key->size() < 4)
            return contradiction(fmt::format("a control record without type at offset {}", record.offset));
        const auto type = static_cast<std::int16_t>((*record.key)[2] << 8 | (*record.key)[3]);
        if (type == kLeaderChangeType && record.value && record.value->size() >= 2) {
            const auto version = static_cast<std::int16_t>((*record.value)[0] << 8 | (*record.value)[1]);
            if (version < 0 || version > protocol::LeaderChangeMessage::kInfo.maxVersion)
                return fail(ErrorCode::Unsupported, fmt::format("metadata log: leader change version {}", version));
            const auto change = TRY(protocol::decode<protocol::LeaderChangeMessage>(*record.value, version));
            delta.merge(applyLeaderChange(change.leaderId, header.partitionLeaderEpoch, record.offset));
        } else {
            skip(record.offset);
        }
    }
    return delta;
}

}  // namespace odradek::metadata
