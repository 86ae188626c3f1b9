// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/metadata_reaction.h"

#include <algorithm>

#include "engine/broker/core.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/replica_roles.h"
#include "engine/broker/replication/fetcher.h"
#include "engine/broker/replication/leader.h"
#include "engine/protocol/codec/record_batch.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;

/// Applies the whole batches that are committed; how far, the image's offset says.
Result<metadata::Delta> applyCommitted(BrokerCore& core, const Bytes& records,
                                       std::int64_t highWatermark) {
    metadata::Delta delta;
    std::size_t at = 0;
    while (records.size() - at >= protocol::kBatchHeaderSize) {
        const auto header = TRY(protocol::readBatchHeader(records.slice(at)));
        const auto size = header.sizeInBytes();
        if (size > records.size() - at || header.nextOffset() > highWatermark)
            break;
        if (header.nextOffset() > core.metadataFetchOffset) {
            const Bytes batch = records.slice(at, size);
            TRY_OK(protocol::checkBatchCrc(batch));
            delta.merge(TRY(core.image.applyBatch(batch)));
            core.metadataFetchOffset = header.nextOffset();
            core.metadataFetchEpoch = header.partitionLeaderEpoch;
        }
        at += size;
    }
    return delta;
}

storage::TopicCompression compressionOf(const std::string& name) {
    using storage::TopicCompression;
    if (name == "uncompressed")
        return TopicCompression::Uncompressed;
    if (name == "gzip")
        return TopicCompression::Gzip;
    if (name == "snappy")
        return TopicCompression::Snappy;
    if (name == "lz4")
        return TopicCompression::Lz4;
    if (name == "zstd")
        return TopicCompression::Zstd;
    return TopicCompression::Producer;
}

/// Gives every log of the changed topics (or all, after a change of broker configs) its new
/// settings.
void reconfigure(Step& s, const std::set<metadata::ConfigResource>& changed) {
    // Dynamic broker configs (KIP-226) stand behind topic configs and the coordinator's limits.
    const bool all = std::any_of(changed.begin(), changed.end(), [](const auto& resource) {
        return resource.type == metadata::ResourceType::Broker;
    });
    if (all)
        s.core.groups.setConfig(groupConfigOf(s.core));
    std::map<std::string, storage::LogConfig> configs;
    s.core.partitions.each([&](Partition& partition) {
        if (!all && !changed.contains({metadata::ResourceType::Topic, partition.topic}))
            return;
        auto [found, fresh] = configs.try_emplace(partition.topic);
        if (fresh)
            found->second = logConfigOf(s.core, partition.topic);
        applyLogConfig(s, partition, found->second);
    });
}

void reactToBrokers(Step& s, const metadata::Delta& delta) {
    for (const auto& [id, before] : delta.brokers) {
        const auto* now = s.core.image.broker(id);
        if (now != nullptr &&
            (!before || before->epoch != now->epoch || (before->fenced && !now->fenced)))
            leaderIsThere(s, id);
    }
    // Who is eligible for ISRs has changed: a mark that waited for a fenced outsider may go, and a
    // delete too.
    if (!delta.brokers.empty())
        s.core.partitions.each([&s](Partition& partition) {
            if (!partition.isLeader())
                return;
            advanceHighWatermark(s, partition);
            if (!partition.deleteWaiters.empty())
                s.touch(partition).logStart = true;
        });
}

/// The first look at a complete image: every partition assigned to us, and every folder that no
/// longer is.
void reactToAll(Step& s) {
    auto& core = s.core;
    std::vector<PartitionRef> strays;
    core.partitions.each([&](Partition& partition) {
        const auto* wanted = core.image.partition(partition.topicId, partition.index);
        if (wanted == nullptr || !wanted->isReplica(core.id()))
            strays.push_back(partition.ref);
    });
    for (const auto ref : strays)
        dropReplica(s, ref, "not assigned to this broker any more");
    for (const auto& [id, topic] : core.image.topics())
        for (std::size_t i = 0; i < topic->partitions.size(); ++i)
            takeAssignment(s, *topic, static_cast<std::int32_t>(i));
    offsetsTopicMayHaveChanged(s);
}

void reactToSome(Step& s, const metadata::Delta& delta) {
    auto& core = s.core;
    std::vector<DeletedTopic> deleted;
    for (const auto& [id, topic] : delta.deletedTopics) {
        deleted.push_back({topic->name, id});
        for (std::size_t i = 0; i < topic->partitions.size(); ++i)
            if (const auto ref = core.partitions.refOf(id, static_cast<std::int32_t>(i));
                ref != kNoPartition)
                dropReplica(s, ref, "topic deleted");
    }
    for (const auto& [key, before] : delta.partitions)
        if (const auto topic = core.image.topicPtr(key.topic))
            takeAssignment(s, *topic, key.partition);
    if (!delta.configs.empty())
        reconfigure(s, delta.configs);
    reactToBrokers(s, delta);
    if (!deleted.empty())
        topicsDeleted(s, deleted);
    if (!delta.createdTopics.empty() || !delta.partitions.empty())
        offsetsTopicMayHaveChanged(s);
}

}  // namespace

storage::LogConfig logConfigOf(const BrokerCore& core, const std::string& topic) {
    const auto resolver = core.resolver();
    const auto number = [&](std::string_view name) { return resolver.topicNumber(topic, name); };
    storage::LogConfig c;
    c.segmentBytes = static_cast<std::int32_t>(number("segment.bytes"));
    c.segmentMs = number("segment.ms");
    c.segmentIndexBytes = static_cast<std::int32_t>(number("segment.index.bytes"));
    c.indexIntervalBytes = static_cast<std::int32_t>(number("index.interval.bytes"));
    c.retentionMs = number("retention.ms");
    c.retentionBytes = number("retention.bytes");
    c.maxMessageBytes = static_cast<std::int32_t>(number("max.message.bytes"));
    c.flushMessages = number("flush.messages");
    c.timestampType = resolver.topicText(topic, "message.timestamp.type") == "LogAppendTime"
                          ? storage::TimestampType::LogAppendTime
                          : storage::TimestampType::CreateTime;
    c.timestampBeforeMaxMs = number("message.timestamp.before.max.ms");
    c.timestampAfterMaxMs = number("message.timestamp.after.max.ms");
    c.compression = compressionOf(resolver.topicText(topic, "compression.type"));
    const auto policy = resolver.topicList(topic, "cleanup.policy");
    c.compact = std::find(policy.begin(), policy.end(), "compact") != policy.end();
    c.deleteOld = std::find(policy.begin(), policy.end(), "delete") != policy.end();
    return c;
}

storage::LogLimits logLimitsOf(const BrokerCore& core) {
    storage::LogLimits limits;
    limits.producerExpirationMs = core.config.producerIdExpirationMs;
    limits.mutants = core.config.mutants;
    return limits;
}

bool takeMetadata(Step& s, const protocol::FetchResponse::PartitionData& data) {
    auto& core = s.core;
    if (data.errorCode != 0) {
        if (static_cast<KafkaError>(data.errorCode) == KafkaError::OffsetOutOfRange)
            s.note(LogLevel::Error,
                   "the metadata log of the controller ends before what this broker has read");
        return false;
    }
    if (data.divergingEpoch.epoch >= 0) {
        s.note(LogLevel::Error,
               "the controller has lost metadata that this broker has applied already");
        return false;
    }
    const Bytes records = data.records ? data.records->flatten() : Bytes();
    auto delta = applyCommitted(core, records, data.highWatermark);
    if (!delta) {
        s.note(LogLevel::Error, "metadata records cannot be applied: " + delta.error().message);
        return false;
    }
    if (!records.empty())
        react(s, *delta);
    return true;
}

void react(Step& s, const metadata::Delta& delta) {
    auto& core = s.core;
    const auto* self = core.image.broker(core.id());
    const bool current = core.link.registered && self != nullptr && self->epoch == core.epoch.value;
    if (!core.caughtUp) {
        if (!current)
            return;
        core.caughtUp = true;
        reactToAll(s);
    } else {
        reactToSome(s, delta);
    }
    if (!current)
        return;
    if (self->fenced)
        fenceSeen(s);
    if (!core.link.unfenced && self->fenced)
        heartbeatNow(s);  // says that we have caught up, and so asks to be unfenced
    if (core.state == BrokerState::Starting || core.state == BrokerState::Fenced ||
        core.state == BrokerState::Running)
        core.state = self->fenced ? BrokerState::Fenced : BrokerState::Running;
}

}  // namespace odradek::broker
