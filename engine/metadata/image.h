// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/types.h"
#include "engine/metadata/record_codec.h"

/// What the metadata log says once applied: topics, brokers, configurations, features. Numbers stand as in the records
/// they came from (plain broker ids and epochs), so that handlers copy them into answers without conversions.
namespace odradek::metadata {

inline constexpr std::int32_t kNoLeader = -1;
/// Kafka's name, partition count (1) and fixed topic id (AAAAAAAAAAAAAAAAAAAAAQ) of the metadata log.
inline constexpr std::string_view kClusterMetadataTopic = "__cluster_metadata";
inline constexpr Uuid kClusterMetadataTopicId{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
/// Directory ids with a meaning of their own (KIP-858).
inline constexpr Uuid kUnassignedDirectory{};
inline constexpr Uuid kLostDirectory{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
inline constexpr Uuid kMigratingDirectory{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};

/// A partition as the controller decided it. Immutable once in an image.
struct Partition {
    std::vector<std::int32_t> replicas;  ///< in order of preference
    std::vector<Uuid> directories;       ///< one per replica
    std::vector<std::int32_t> isr;
    std::vector<std::int32_t> removingReplicas;
    std::vector<std::int32_t> addingReplicas;
    std::vector<std::int32_t> elr;           ///< eligible leader replicas (KIP-966)
    std::vector<std::int32_t> lastKnownElr;
    std::int32_t leader = kNoLeader;
    std::int8_t leaderRecoveryState = 0;  ///< 0 recovered, 1 recovering (after an unclean election)
    std::int32_t leaderEpoch = 0;         ///< +1 whenever a record sets the leader
    std::int32_t partitionEpoch = 0;      ///< +1 with every change

    bool hasLeader() const { return leader != kNoLeader; }
    bool isReplica(std::int32_t broker) const;
    bool inIsr(std::int32_t broker) const;
    std::int32_t preferredReplica() const { return replicas.empty() ? kNoLeader : replicas.front(); }
    bool operator==(const Partition&) const = default;
};
using PartitionPtr = std::shared_ptr<const Partition>;

/// A topic; `partitions[i]` is partition i, never null in a finished image.
struct Topic {
    std::string name;
    Uuid id;
    std::vector<PartitionPtr> partitions;

    /// Null when there is no such partition.
    const Partition* partition(std::int32_t index) const {
        return index < 0 || static_cast<std::size_t>(index) >= partitions.size()
                   ? nullptr
                   : partitions[static_cast<std::size_t>(index)].get();
    }
};
using TopicPtr = std::shared_ptr<const Topic>;
bool operator==(const Topic& a, const Topic& b);

struct Endpoint {
    std::string listener;  ///< Kafka's listener name, such as PLAINTEXT
    std::string host;
    std::uint16_t port = 0;
    std::int16_t securityProtocol = 0;  ///< 0 = PLAINTEXT
    bool operator==(const Endpoint&) const = default;
};

struct VersionRange {
    std::int16_t min = 0;
    std::int16_t max = 0;
    bool operator==(const VersionRange&) const = default;
};

/// A broker's registration. Its epoch is the offset of the record that registered it.
struct BrokerRegistration {
    std::int32_t id = 0;
    std::int64_t epoch = -1;
    Uuid incarnation;
    std::vector<Endpoint> endpoints;
    std::map<std::string, VersionRange> features;
    std::optional<std::string> rack;
    std::vector<Uuid> directories;
    std::vector<Uuid> cordonedDirectories;
    bool fenced = true;
    bool inControlledShutdown = false;

    bool isActive() const { return !fenced && !inControlledShutdown; }
    const Endpoint* endpoint(std::string_view listener) const;
    bool operator==(const BrokerRegistration&) const = default;
};

/// What a configuration belongs to; the numbers are Kafka's ConfigResource types.
enum class ResourceType : std::int8_t {
    Unknown = 0,
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
    ClientMetrics = 16,
    Group = 32,
};

struct ConfigResource {
    ResourceType type = ResourceType::Unknown;
    std::string name;  ///< topic name, or node id as text; "" with Broker = the default of all brokers

    auto operator<=>(const ConfigResource&) const = default;
};
using ConfigMap = std::map<std::string, std::string, std::less<>>;
using ConfigMapPtr = std::shared_ptr<const ConfigMap>;

/// What one or several applied records changed, so that a broker reacts to no more than that. Deltas of successive
/// applies can be merged; "before" then means before the first.
struct Delta {
    std::set<Uuid> createdTopics;
    std::map<Uuid, TopicPtr> deletedTopics;  ///< as they were before
    /// Partitions created or changed (not those of deleted topics), with their former state; null = new.
    std::map<TopicIdPartition, PartitionPtr> partitions;
    /// Brokers registered, changed or unregistered, with their former registration.
    std::map<std::int32_t, std::optional<BrokerRegistration>> brokers;
    std::set<ConfigResource> configs;
    std::set<std::string> features;
    bool producerIds = false;
    bool controller = false;

    bool empty() const;
    void merge(const Delta& later);
};

/// The metadata of the cluster at one offset of its log. A value: copying shares topics, partitions and configuration
/// maps (which are immutable), so a copy costs O(topics) pointers and may be read by another thread. One owner applies
/// records; readers take copies. Everything iterates in a defined order.
class Image {
public:
    // ---- reading
    const std::map<std::string, Uuid, std::less<>>& topicNames() const { return m_topicIds; }
    const std::map<Uuid, TopicPtr>& topics() const { return m_topics; }
    /// Null when unknown. The pointer is good until the next apply; keep topicPtr's to hold on.
    const Topic* topic(std::string_view name) const;
    const Topic* topic(const Uuid& id) const;
    TopicPtr topicPtr(const Uuid& id) const;
    std::optional<Uuid> topicId(std::string_view name) const;
    const Partition* partition(const Uuid& topic, std::int32_t index) const;
    const Partition* partition(std::string_view topic, std::int32_t index) const;
    std::size_t partitionCount() const { return m_partitionCount; }

    const std::map<std::int32_t, BrokerRegistration>& brokers() const { return m_brokers; }
    const BrokerRegistration* broker(std::int32_t id) const;
    /// Registered and not fenced (it may be in controlled shutdown).
    bool isUnfenced(std::int32_t broker) const;

    /// Dynamic configurations set on the resource; empty when none.
    const ConfigMap& configs(const ConfigResource& resource) const;
    const std::map<ConfigResource, ConfigMapPtr>& allConfigs() const { return m_configs; }

    /// Finalized features with a level above 0.
    const std::map<std::string, std::int16_t>& features() const { return m_features; }
    std::int16_t featureLevel(std::string_view name) const;
    std::int64_t nextProducerId() const { return m_nextProducerId; }

    /// Controllers as they registered (KIP-919).
    const std::map<std::int32_t, protocol::RegisterControllerRecord>& controllers() const { return m_controllers; }

    /// The quorum's leader as of the last leader change read; -1 = none.
    std::int32_t controllerId() const { return m_controllerId; }
    std::int32_t controllerEpoch() const { return m_controllerEpoch; }
    /// Offset of the last record applied, control records included; -1 = nothing yet.
    std::int64_t offset() const { return m_offset; }

    // ---- applying
    /// Applies one record. Invalid when it contradicts the image (unknown topic, broker, partition); the image may
    /// then be used no longer than to report it.
    Result<Delta> apply(const MetadataRecord& record, std::int64_t offset);
    /// Applies records at successive offsets from `firstOffset`; much cheaper than one by one for big topics.
    Result<Delta> apply(std::span<const MetadataRecord> records, std::int64_t firstOffset);
    /// A LeaderChange control record.
    Delta applyLeaderChange(std::int32_t leader, std::int32_t epoch, std::int64_t offset);
    /// Any other control record: only moves the offset.
    void skip(std::int64_t offset) { m_offset = offset; }
    /// Applies one whole batch of the metadata log: control batches, and data batches record by record.
    Result<Delta> applyBatch(const Bytes& batch);

    /// Equal content, down to each partition.
    friend bool operator==(const Image& a, const Image& b);

private:
    friend class ImageApplier;
    std::map<std::string, Uuid, std::less<>> m_topicIds;
    std::map<Uuid, TopicPtr> m_topics;
    std::map<std::int32_t, BrokerRegistration> m_brokers;
    std::map<ConfigResource, ConfigMapPtr> m_configs;
    std::map<std::string, std::int16_t> m_features;
    std::map<std::int32_t, protocol::RegisterControllerRecord> m_controllers;
    std::size_t m_partitionCount = 0;
    std::int64_t m_nextProducerId = 0;
    std::int32_t m_controllerId = -1;
    std::int32_t m_controllerEpoch = -1;
    std::int64_t m_offset = -1;
};

/// The partition after a change record, as brokers and controller both compute it: partitionEpoch + 1, leaderEpoch + 1
/// when the record sets a leader (PartitionRegistration.merge in Kafka).
Partition applyChange(const Partition& before, const protocol::PartitionChangeRecord& change);

}  // namespace odradek::metadata
