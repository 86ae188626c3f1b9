// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metadata/config_tables.h"

#include <limits>

namespace odradek::metadata {
namespace {

constexpr double kMax = std::numeric_limits<double>::max();

/// Sorted by name; facts of Apache Kafka 4.3.1 (LogConfig, ServerTopicConfigSynonyms).
std::vector<ConfigDef> make() {
    using enum ConfigType;
    using R = ConfigRule;
    return {
        {.name = "cleanup.policy", .type = List, .defaultValue = "delete", .rule = R::ListOf,
         .choices = {"compact", "delete"}, .synonyms = {"log.cleanup.policy"}},
        {.name = "compression.gzip.level", .type = Int, .defaultValue = "-1",
         .rule = R::RangeOrMinusOne, .min = 1, .max = 9, .synonyms = {"compression.gzip.level"}},
        {.name = "compression.lz4.level", .type = Int, .defaultValue = "9", .rule = R::Range,
         .min = 1, .max = 17, .synonyms = {"compression.lz4.level"}},
        {.name = "compression.type", .type = String, .defaultValue = "producer", .rule = R::OneOf,
         .choices = {"uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"},
         .synonyms = {"compression.type"}},
        {.name = "compression.zstd.level", .type = Int, .defaultValue = "3", .rule = R::Range,
         .min = -131072, .max = 22, .synonyms = {"compression.zstd.level"}},
        {.name = "delete.retention.ms", .type = Long, .defaultValue = "86400000", .rule = R::Range,
         .min = 0, .max = kMax, .synonyms = {"log.cleaner.delete.retention.ms"}},
        {.name = "file.delete.delay.ms", .type = Long, .defaultValue = "60000", .rule = R::Range,
         .min = 0, .max = kMax, .synonyms = {"log.segment.delete.delay.ms"}},
        {.name = "flush.messages", .type = Long, .defaultValue = "9223372036854775807",
         .rule = R::Range, .min = 1, .max = kMax, .synonyms = {"log.flush.interval.messages"}},
        {.name = "flush.ms", .type = Long, .defaultValue = "9223372036854775807", .rule = R::Range,
         .min = 0, .max = kMax,
         .synonyms = {"log.flush.interval.ms", "log.flush.scheduler.interval.ms"}},
        {.name = "follower.replication.throttled.replicas", .type = List, .defaultValue = "",
         .rule = R::ThrottledReplicas},
        {.name = "index.interval.bytes", .type = Int, .defaultValue = "4096", .rule = R::Range,
         .min = 0, .max = kMax, .synonyms = {"log.index.interval.bytes"}},
        {.name = "leader.replication.throttled.replicas", .type = List, .defaultValue = "",
         .rule = R::ThrottledReplicas},
        {.name = "local.retention.bytes", .type = Long, .defaultValue = "-2", .rule = R::Range,
         .min = -2, .max = kMax, .synonyms = {"log.local.retention.bytes"}},
        {.name = "local.retention.ms", .type = Long, .defaultValue = "-2", .rule = R::Range,
         .min = -2, .max = kMax, .synonyms = {"log.local.retention.ms"}},
        {.name = "max.compaction.lag.ms", .type = Long, .defaultValue = "9223372036854775807",
         .rule = R::Range, .min = 1, .max = kMax,
         .synonyms = {"log.cleaner.max.compaction.lag.ms"}},
        {.name = "max.message.bytes", .type = Int, .defaultValue = "1048588", .rule = R::Range,
         .min = 0, .max = kMax, .synonyms = {"message.max.bytes"}},
        {.name = "message.timestamp.after.max.ms", .type = Long, .defaultValue = "3600000",
         .rule = R::Range, .min = 0, .max = kMax,
         .synonyms = {"log.message.timestamp.after.max.ms"}},
        {.name = "message.timestamp.before.max.ms", .type = Long,
         .defaultValue = "9223372036854775807", .rule = R::Range, .min = 0, .max = kMax,
         .synonyms = {"log.message.timestamp.before.max.ms"}},
        {.name = "message.timestamp.type", .type = String, .defaultValue = "CreateTime",
         .rule = R::OneOf, .choices = {"CreateTime", "LogAppendTime"},
         .synonyms = {"log.message.timestamp.type"}},
        {.name = "min.cleanable.dirty.ratio", .type = Double, .defaultValue = "0.5",
         .rule = R::Range, .min = 0, .max = 1, .synonyms = {"log.cleaner.min.cleanable.ratio"}},
        {.name = "min.compaction.lag.ms", .type = Long, .defaultValue = "0", .rule = R::Range,
         .min = 0, .max = kMax, .synonyms = {"log.cleaner.min.compaction.lag.ms"}},
        {.name = "min.insync.replicas", .type = Int, .defaultValue = "1", .rule = R::Range,
         .min = 1, .max = kMax, .synonyms = {"min.insync.replicas"}},
        {.name = "preallocate", .type = Boolean, .defaultValue = "false",
         .synonyms = {"log.preallocate"}},
        {.name = "remote.log.copy.disable", .type = Boolean, .defaultValue = "false"},
        {.name = "remote.log.delete.on.disable", .type = Boolean, .defaultValue = "false"},
        {.name = "remote.storage.enable", .type = Boolean, .defaultValue = "false"},
        {.name = "retention.bytes", .type = Long, .defaultValue = "-1",
         .synonyms = {"log.retention.bytes"}},
        {.name = "retention.ms", .type = Long, .defaultValue = "604800000", .rule = R::Range,
         .min = -1, .max = kMax,
         .synonyms = {"log.retention.ms", "log.retention.minutes", "log.retention.hours"}},
        {.name = "segment.bytes", .type = Int, .defaultValue = "1073741824", .rule = R::Range,
         .min = 1048576, .max = kMax, .synonyms = {"log.segment.bytes"}},
        {.name = "segment.index.bytes", .type = Int, .defaultValue = "10485760", .rule = R::Range,
         .min = 4, .max = kMax, .synonyms = {"log.index.size.max.bytes"}},
        {.name = "segment.jitter.ms", .type = Long, .defaultValue = "0", .rule = R::Range,
         .min = 0, .max = kMax, .synonyms = {"log.roll.jitter.ms", "log.roll.jitter.hours"}},
        {.name = "segment.ms", .type = Long, .defaultValue = "604800000", .rule = R::Range,
         .min = 1, .max = kMax, .synonyms = {"log.roll.ms", "log.roll.hours"}},
        {.name = "unclean.leader.election.enable", .type = Boolean, .defaultValue = "false",
         .synonyms = {"unclean.leader.election.enable"}},
    };
}

}  // namespace

const std::vector<ConfigDef>& topicConfigTable() {
    static const std::vector<ConfigDef> table = make();
    return table;
}

}  // namespace odradek::metadata
