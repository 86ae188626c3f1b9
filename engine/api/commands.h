// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/api/snapshot.h"
#include "engine/base/bytes.h"
#include "engine/base/fault.h"

/// What a window can ask of a source. Commands, their results and the records that browsing brings are values; a
/// command is named by the id that Source::submit returned.
namespace odradek::api {

using CommandId = std::uint64_t;

struct CreateTopic {
    std::string name;
    std::int32_t partitions = -1;         ///< -1 = the cluster's default
    std::int16_t replicationFactor = -1;  ///< -1 = the cluster's default
    std::map<std::string, std::string> configs;
    bool validateOnly = false;
};

struct DeleteTopics {
    std::vector<std::string> names;
};

struct AddPartitions {
    std::string topic;
    std::int32_t newTotal = 0;
    bool validateOnly = false;
};

enum class ResourceKind : std::uint8_t { Topic, Broker };

/// Reads all configs of a topic (by name) or broker (by id; empty = the cluster-wide default).
struct DescribeConfigs {
    ResourceKind kind = ResourceKind::Topic;
    std::string name;
};

struct ConfigChange {
    std::string name;
    std::optional<std::string> value;  ///< nullopt = back to the default
};
struct AlterConfigs {
    ResourceKind kind = ResourceKind::Topic;
    std::string name;
    std::vector<ConfigChange> changes;
    bool validateOnly = false;
};

/// Moves the log start up to `before` (-1 = the high watermark).
struct DeleteRecords {
    std::vector<std::pair<TopicPartition, std::int64_t>> before;
};

/// Sets committed offsets of an empty group.
struct ResetOffsets {
    std::string group;
    std::vector<std::pair<TopicPartition, std::int64_t>> to;
};

struct DeleteGroup {
    std::string group;
};

struct OutgoingRecord {
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    std::vector<std::pair<std::string, std::optional<Bytes>>> headers;
    std::optional<std::int32_t> partition;  ///< nullopt = the partitioner decides (murmur2; sticky without key)
};
/// Produces with acks=all; the result names partition and offset of each.
struct Produce {
    std::string topic;
    std::vector<OutgoingRecord> records;
};

/// Where browsing begins in each partition.
struct SeekEarliest {};
struct SeekLatest {
    std::int64_t lastRecords = 0;  ///< this many records before the end of each partition
};
struct SeekOffset {
    std::int64_t offset = 0;
};
struct SeekTime {
    WallMs at = 0;
};
using Seek = std::variant<SeekEarliest, SeekLatest, SeekOffset, SeekTime>;

/// Reads records of a topic until `limit`, the ends seen at the start, or, with `follow`, for ever. Records come as
/// BrowseChunks under this command's id until one says `done`. Stops with StopBrowse.
struct StartBrowse {
    std::string topic;
    std::vector<std::int32_t> partitions;  ///< empty = all
    Seek from = SeekLatest{100};
    std::int64_t limit = 10'000;  ///< records; with `follow` there is none
    bool follow = false;
};
struct StopBrowse {
    CommandId browse = 0;
};

// Retail platform (embedded cluster only).
struct SetWorkloadRate {
    std::int32_t recordsPerSecond = 0;  ///< 0 = paused; up to 50,000
};
struct AddConsumer {
    std::string application;
};
struct SlowConsumer {
    std::uint64_t client = 0;
    std::int32_t perRecordMs = 0;  ///< 0 = full speed again
};
struct StopConsumer {
    std::uint64_t client = 0;
    bool crash = false;  ///< without leaving the group: the coordinator has to notice
};

// Brokers of the embedded cluster. A broker that is not running lasts as a fault until it is started again.
struct KillBroker {
    std::int32_t broker = 0;  ///< as `kill -9`: what was written stays
};
/// As KillBroker, and what its disk has not synced is lost.
struct PowerCut {
    std::int32_t broker = 0;
};
/// Controlled shutdown: leaders move first.
struct StopBroker {
    std::int32_t broker = 0;
};
/// As SIGSTOP: it handles nothing, its connections stay open.
struct PauseBroker {
    std::int32_t broker = 0;
};
struct ResumeBroker {
    std::int32_t broker = 0;
};
/// Starts one that is down; one that runs is stopped first (a paused one: killed).
struct RestartBroker {
    std::int32_t broker = 0;
};
/// Empties its disk and lets it rejoin. Refused for the only controller.
struct WipeBroker {
    std::int32_t broker = 0;
};

/// Sets a fault of a link, a disk or a clock. The result names its id. One of the same kind at the same place is
/// replaced; jumps of one clock add up.
struct SetFault {
    Fault fault;  ///< without id and sinceMs
};
/// Flips one bit of a record batch of this broker's replica, on its disk. Done at once and not a lasting fault.
struct FlipBit {
    std::int32_t broker = 0;
    TopicPartition partition;
};
/// Ends one fault by its id in the snapshot; a broker that is down starts, a paused one goes on.
struct HealFault {
    std::uint64_t fault = 0;
};
/// Ends all of them.
struct HealAll {};

using Command =
    std::variant<CreateTopic, DeleteTopics, AddPartitions, DescribeConfigs, AlterConfigs, DeleteRecords, ResetOffsets,
                 DeleteGroup, Produce, StartBrowse, StopBrowse, SetWorkloadRate, AddConsumer, SlowConsumer,
                 StopConsumer, KillBroker, PowerCut, StopBroker, PauseBroker, ResumeBroker, RestartBroker, WipeBroker,
                 SetFault, FlipBit, HealFault, HealAll>;

/// One config as Kafka describes it.
struct ConfigValue {
    std::string name;
    std::optional<std::string> value;  ///< nullopt = null, or hidden because sensitive
    std::string source;                ///< Kafka's word: DYNAMIC_TOPIC_CONFIG, STATIC_BROKER_CONFIG, DEFAULT_CONFIG...
    std::string type;                  ///< LONG, INT, STRING, LIST, BOOLEAN, DOUBLE, PASSWORD...
    bool readOnly = false;
    bool sensitive = false;
    struct Synonym {
        std::string name;
        std::optional<std::string> value;
        std::string source;
        bool operator==(const Synonym&) const = default;
    };
    std::vector<Synonym> synonyms;
    bool operator==(const ConfigValue&) const = default;
};

/// What became of one part of a command (a topic, a partition, a config resource, a record).
struct ItemResult {
    std::string item;
    std::string error;    ///< Kafka's error name; empty = done
    std::string message;  ///< the broker's words, or what was done ("partition 1, offset 52")
};

/// The end of a command. `error` is set when nothing could be done at all (no connection, read-only, bad input).
struct CommandResult {
    CommandId id = 0;
    std::string error;
    std::vector<ItemResult> items;
    std::vector<ConfigValue> configs;  ///< of DescribeConfigs
    bool ok() const {
        if (!error.empty())
            return false;
        for (const auto& item : items)
            if (!item.error.empty())
                return false;
        return true;
    }
};

/// One record as read. Bytes share the batch they came in.
struct ReadRecord {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    WallMs timestamp = -1;
    bool logAppendTime = false;
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    std::vector<std::pair<std::string, std::optional<Bytes>>> headers;
    std::int64_t producerId = -1;
    std::int32_t sizeInBytes = 0;    ///< of the record alone, uncompressed
    std::string compression;         ///< of its batch: none, gzip, snappy, lz4, zstd
};

/// What a browse did in one partition so far: the raw material of the coverage statement.
struct BrowseProgress {
    std::int32_t partition = 0;
    std::int64_t from = -1;      ///< first offset wanted
    std::int64_t next = -1;      ///< next offset to read
    std::int64_t end = -1;       ///< where it stops (exclusive); -1 = follows
    std::string error;           ///< Kafka's error name when this partition failed
};

struct BrowseChunk {
    CommandId browse = 0;
    std::vector<ReadRecord> records;  ///< in offset order per partition
    std::vector<BrowseProgress> progress;
    bool done = false;
    std::string error;  ///< the whole browse failed
};

}  // namespace odradek::api
