// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/config.h"

#include <charconv>

namespace odradek::broker {
namespace {

/// Reads settings one by one, remembering the first one that does not parse.
class Reader {
public:
    explicit Reader(const metadata::ConfigMap& settings) : m_settings(settings) {}

    template <class T>
    bool number(const char* name, T& into, std::int64_t low, std::int64_t high) {
        const auto found = m_settings.find(name);
        if (found == m_settings.end())
            return false;
        std::int64_t value = 0;
        const auto& text = found->second;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || value < low ||
            value > high) {
            complain(name, text);
            return false;
        }
        into = static_cast<T>(value);
        return true;
    }
    void flag(const char* name, bool& into) {
        const auto found = m_settings.find(name);
        if (found == m_settings.end())
            return;
        if (found->second == "true")
            into = true;
        else if (found->second == "false")
            into = false;
        else
            complain(name, found->second);
    }
    const std::string* text(const char* name) const {
        const auto found = m_settings.find(name);
        return found == m_settings.end() ? nullptr : &found->second;
    }
    const std::string& problem() const { return m_problem; }

private:
    void complain(const char* name, const std::string& value) {
        if (m_problem.empty())
            m_problem = std::string("invalid value '") + value + "' for configuration " + name;
    }
    const metadata::ConfigMap& m_settings;
    std::string m_problem;
};

void readTimes(Reader& in, BrokerConfig& c) {
    in.number("broker.heartbeat.interval.ms", c.heartbeatIntervalMs, 1, INT32_MAX);
    in.number("broker.session.timeout.ms", c.sessionTimeoutMs, 1, INT32_MAX);
    in.number("replica.fetch.backoff.ms", c.replicaFetchBackoffMs, 0, INT32_MAX);
    in.number("replica.fetch.wait.max.ms", c.replicaFetchWaitMaxMs, 0, INT32_MAX);
    in.number("replica.lag.time.max.ms", c.replicaLagTimeMaxMs, 1, INT64_MAX);
    in.number("replica.socket.timeout.ms", c.replicaSocketTimeoutMs, 1, INT32_MAX);
    in.number("replica.high.watermark.checkpoint.interval.ms", c.highWatermarkCheckpointMs, 1,
              INT64_MAX);
    in.number("log.flush.offset.checkpoint.interval.ms", c.flushOffsetCheckpointMs, 1, INT32_MAX);
    in.number("log.flush.start.offset.checkpoint.interval.ms", c.logStartCheckpointMs, 1,
              INT32_MAX);
    in.number("log.retention.check.interval.ms", c.retentionCheckMs, 1, INT64_MAX);
    in.number("log.segment.delete.delay.ms", c.segmentDeleteDelayMs, 0, INT64_MAX);
    in.number("producer.id.expiration.ms", c.producerIdExpirationMs, 1, INT32_MAX);
    in.number("connections.max.idle.ms", c.connectionsMaxIdleMs, -1, INT64_MAX);
}

void readSizes(Reader& in, BrokerConfig& c) {
    in.number("num.partitions", c.numPartitions, 1, INT32_MAX);
    in.number("default.replication.factor", c.defaultReplicationFactor, 1, INT16_MAX);
    in.number("fetch.max.bytes", c.fetchMaxBytes, 1024, INT32_MAX);
    in.number("replica.fetch.max.bytes", c.replicaFetchMaxBytes, 0, INT32_MAX);
    in.number("replica.fetch.min.bytes", c.replicaFetchMinBytes, 0, INT32_MAX);
    in.number("replica.fetch.response.max.bytes", c.replicaFetchResponseMaxBytes, 0, INT32_MAX);
    in.number("log.flush.interval.messages", c.flushIntervalMessages, 1, INT64_MAX);
    in.number("max.incremental.fetch.session.cache.slots", c.fetchSessionSlots, 0, INT32_MAX);
    in.number("max.connections", c.maxConnections, 0, INT32_MAX);
    in.number("max.connections.per.ip", c.maxConnectionsPerIp, 0, INT32_MAX);
    in.number("socket.request.max.bytes", c.maxRequestBytes, 1, INT32_MAX);
    in.number("max.request.partition.size.limit", c.maxRequestPartitionSizeLimit, 1, INT32_MAX);
    in.number("offsets.topic.num.partitions", c.offsetsTopicPartitions, 1, INT32_MAX);
    in.number("offsets.topic.replication.factor", c.offsetsTopicReplication, 1, INT16_MAX);
    in.number("offsets.topic.segment.bytes", c.offsetsTopicSegmentBytes, 1, INT32_MAX);
}

}  // namespace

Result<BrokerConfig> BrokerConfig::fromSettings(metadata::ConfigMap settings) {
    BrokerConfig c;
    c.settings = std::move(settings);
    // Either name of the id stands for both, as in Kafka.
    if (const auto id = c.settings.find("node.id"); id != c.settings.end())
        c.settings.try_emplace("broker.id", id->second);
    Reader in(c.settings);
    if (!in.number("node.id", c.node.value, 0, INT32_MAX))
        in.number("broker.id", c.node.value, 0, INT32_MAX);
    in.flag("auto.create.topics.enable", c.autoCreateTopics);
    in.flag("controlled.shutdown.enable", c.controlledShutdown);
    readTimes(in, c);
    readSizes(in, c);
    if (const auto* rack = in.text("broker.rack"))
        c.rack = *rack;
    if (const auto* folder = in.text("log.dirs"))
        c.logDir = *folder;
    else if (const auto* single = in.text("log.dir"))
        c.logDir = *single;
    if (!in.problem().empty())
        return fail(ErrorCode::Invalid, in.problem());
    return c;
}

}  // namespace odradek::broker
