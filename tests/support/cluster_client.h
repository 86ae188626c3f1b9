// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/produce.h"
#include "tests/support/cluster_harness.h"

namespace odradek::test {

/// The request type's counterpart.
template <class Request>
struct ResponseOf;
#define ODRADEK_RESPONSE_OF(name)                \
    template <>                                  \
    struct ResponseOf<protocol::name##Request> { \
        using Type = protocol::name##Response;   \
    }

/// A client of one broker of a ClusterHarness: asks by frames, waits in virtual time.
class ClusterClient {
public:
    ClusterClient(ClusterHarness& cluster, int node, std::string clientId = "test")
        : m_cluster(cluster),
          m_connection(cluster.connect(node)),
          m_clientId(std::move(clientId)) {}

    /// Sends a request; its response is the next one not yet taken.
    template <class Request>
    std::int32_t send(const Request& request, std::int16_t version = Request::kInfo.maxVersion) {
        const auto correlation = ++m_correlation;
        m_cluster.send(
            m_connection,
            protocol::encodeRequest(request, version, correlation, m_clientId).flatten());
        return correlation;
    }
    /// Takes the response to `send` of the same type, which must be the next in line. Fails the
    /// test when it does not come within `ms` of virtual time.
    template <class Response>
    Response take(std::int32_t correlation, std::int16_t version, std::int64_t ms = 60000) {
        m_cluster.runUntil([&] { return m_taken < received().size() || !open(); }, ms);
        if (m_taken >= received().size()) {
            ADD_FAILURE() << "no response; connection " << (open() ? "open" : "closed");
            return {};
        }
        const auto split =
            protocol::parseResponseFrame(Response::kInfo.key, version, received()[m_taken++]);
        if (!split || split->correlationId != correlation) {
            ADD_FAILURE() << "a response to another request";
            return {};
        }
        auto body = protocol::decode<Response>(split->body, version);
        if (!body) {
            ADD_FAILURE() << "unreadable response: " << body.error().message;
            return {};
        }
        return *body;
    }
    template <class Response, class Request>
    Response call(const Request& request, std::int16_t version = Request::kInfo.maxVersion,
                  std::int64_t ms = 60000) {
        const auto correlation = send(request, version);
        return take<Response>(correlation, version, ms);
    }
    void sendRaw(Bytes frame) { m_cluster.send(m_connection, std::move(frame)); }
    bool open() { return m_cluster.client(m_connection).open; }
    std::size_t waiting() { return received().size() - m_taken; }
    std::vector<Bytes>& received() { return m_cluster.client(m_connection).received; }
    std::uint64_t connection() const { return m_connection; }

private:
    ClusterHarness& m_cluster;
    std::uint64_t m_connection;
    std::string m_clientId;
    std::int32_t m_correlation = 0;
    std::size_t m_taken = 0;
};

/// A batch of records with these values (and keys "k0", "k1", ...), timestamps around the harness's
/// start.
inline Bytes batchOf(const std::vector<std::string>& values, protocol::BatchOptions options = {},
                     std::int64_t timestampMs = 1'790'000'000'000) {
    std::vector<protocol::Record> records;
    for (std::size_t i = 0; i < values.size(); ++i) {
        protocol::Record record;
        record.offset = options.baseOffset + static_cast<std::int64_t>(i);
        record.timestampMs = timestampMs + static_cast<std::int64_t>(i);
        record.key = Bytes::copy("k" + std::to_string(i));
        record.value = Bytes::copy(values[i]);
        records.push_back(std::move(record));
    }
    auto batch = protocol::buildBatch(records, options);
    ODRADEK_CHECK(batch.has_value(), "test batches are good");
    return *batch;
}

inline protocol::ProduceRequest produceOf(const Uuid& topic, int partition, Bytes batch,
                                          std::int16_t acks = -1, std::int32_t timeoutMs = 30000) {
    protocol::ProduceRequest request;
    request.acks = acks;
    request.timeoutMs = timeoutMs;
    auto& data = request.topicData.emplace_back();
    data.topicId = topic;
    data.partitionData.push_back({partition, Chain(std::move(batch))});
    return request;
}

inline protocol::FetchRequest fetchOf(const Uuid& topic, int partition, std::int64_t offset,
                                      std::int32_t maxWaitMs = 0, std::int32_t minBytes = 1,
                                      std::int32_t maxBytes = 1 << 20) {
    protocol::FetchRequest request;
    request.maxWaitMs = maxWaitMs;
    request.minBytes = minBytes;
    request.maxBytes = maxBytes;
    auto& data = request.topics.emplace_back();
    data.topicId = topic;
    protocol::FetchRequest::FetchPartition one;
    one.partition = partition;
    one.fetchOffset = offset;
    one.partitionMaxBytes = maxBytes;
    data.partitions.push_back(one);
    return request;
}

/// All records of a fetch answer's batches.
inline std::vector<protocol::Record> recordsIn(const std::optional<Chain>& chain) {
    std::vector<protocol::Record> all;
    const Bytes bytes = chain ? chain->flatten() : Bytes();
    for (std::size_t at = 0; at < bytes.size();) {
        const auto header = protocol::readBatchHeader(bytes.slice(at));
        if (!header)
            break;
        auto records = protocol::readRecords(bytes.slice(at, header->sizeInBytes()));
        if (!records) {
            ADD_FAILURE() << records.error().message;
            break;
        }
        all.insert(all.end(), records->begin(), records->end());
        at += header->sizeInBytes();
    }
    return all;
}

inline std::vector<std::string> valuesIn(const std::optional<Chain>& chain) {
    std::vector<std::string> values;
    for (const auto& record : recordsIn(chain))
        values.push_back(record.value ? record.value->toString() : "<null>");
    return values;
}

/// Creates a topic through broker `node` and waits until its leaders lead and all replicas are in
/// sync. Returns its id.
inline Uuid createTopic(ClusterHarness& cluster, const std::string& name, int partitions = 1,
                        int replicas = 3, const std::map<std::string, std::string>& configs = {},
                        int node = 1) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.numPartitions = partitions;
    topic.replicationFactor = static_cast<std::int16_t>(replicas);
    for (const auto& [key, value] : configs)
        topic.configs.push_back({key, value});
    ClusterClient client(cluster, node);
    const auto answer = client.call<protocol::CreateTopicsResponse>(request);
    if (answer.topics.size() != 1 || answer.topics.front().errorCode != 0) {
        ADD_FAILURE() << "topic " << name << " was not created: "
                      << (answer.topics.empty() ? "no answer"
                                                : answer.topics.front().errorMessage.value_or("?"));
        return {};
    }
    const bool led = cluster.runUntil(
        [&] {
            for (int i = 0; i < partitions; ++i)
                if (cluster.leaderOf(name, i) == 0)
                    return false;
            return true;
        },
        2000);
    EXPECT_TRUE(led) << "no leaders for " << name;
    return answer.topics.front().topicId;
}

}  // namespace odradek::test
