// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "engine/client/core/metadata_cache.h"
#include "engine/client/core/network.h"
#include "engine/io/core.h"
#include "engine/protocol/codec/record_batch.h"

namespace odradek::client {

struct ClientOptions {
    NetworkOptions network;
    std::vector<Address> bootstrap;
    Milliseconds metadataMaxAge{30'000};  ///< refreshed at least so often while topics are watched
    Milliseconds metadataRetry{50};       ///< at most so often after an error
    bool idempotent = true;               ///< of the producer; acks are always all
    Milliseconds deliveryTimeout{
        120'000};  ///< a record neither acked nor refused by then fails with REQUEST_TIMED_OUT
    std::int32_t batchRecords = 1'000;  ///< most records of one batch
    std::int32_t batchBytes = 262'144;  ///< wished size of one batch
    protocol::Compression compression = protocol::Compression::None;
    std::int32_t fetchMaxWaitMs = 500;
    std::int32_t fetchPartitionBytes = 1 << 20;
    std::int32_t fetchMaxBytes = 16 << 20;
};

using Token = std::uint64_t;

/// What became of one record given to produce(). `error` 0 = acked by all in-sync replicas.
struct Produced {
    Token token = 0;
    TopicPartition partition;
    std::int64_t offset =
        -1;  ///< -1 with DUPLICATE_SEQUENCE_NUMBER: it is there, the broker does not say where
    std::int16_t error = 0;  ///< Kafka's code
};

/// Whole batches of an assigned partition, in order, starting at the batch that holds the position
/// asked for.
struct Fetched {
    TopicPartition partition;
    std::vector<Bytes> batches;
    std::int64_t position =
        0;  ///< where reading was: records before it in the first batch are not wanted
    std::int64_t highWatermark = -1;
    std::int64_t logStart = -1;
    std::int16_t error = 0;  ///< OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC_OR_PARTITION...: reading stops
                             ///< until assigned anew
};

/// What a client has for its owner since the last take.
struct Outcomes {
    std::vector<Produced> produced;
    std::vector<Fetched> fetched;
    std::vector<Reply> replies;  ///< of call()
    bool metadataChanged = false;
};

/// A Kafka client without sockets or threads: metadata, any request, an idempotent producer
/// (acks=all, one batch in flight per partition, so order and no duplicates hold), and readers of
/// assigned partitions.
///
/// Lifecycle: constructed with bootstrap addresses; works as soon as it is stepped. Every produced
/// record and every call ends in exactly one outcome. The owner steps it as an io::Core and calls
/// the methods below between steps, with the effects to be performed; outcomes() hands over what
/// came. Thread: its owner's. A copyable value.
class Client final : public io::Core {
public:
    explicit Client(ClientOptions options);

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override { return std::make_unique<Client>(*this); }

    /// Sends any request to a node (or Network::kAnyNode); its Reply comes as an outcome.
    CallId call(Now now, std::int32_t node, RequestPtr request, io::Effects& effects,
                std::optional<Milliseconds> timeout = std::nullopt);

    /// Keeps metadata of all topics fresh instead of those produced to or read.
    void watchAllTopics(Now now, io::Effects& effects);
    /// Keeps metadata of these topics fresh too, beside those produced to or read.
    void watchTopics(const std::set<std::string>& names, Now now, io::Effects& effects);
    /// Asks for metadata soon.
    void refreshMetadata(Now now);
    const MetadataCache& metadata() const { return m_metadata; }
    bool connected() const { return m_network.connected(); }
    const std::string& lastProblem() const { return m_network.lastProblem(); }
    const Network& network() const { return m_network; }

    /// Queues one record for a partition.
    Token produce(Now now, const TopicPartition& partition, protocol::Record record,
                  io::Effects& effects);
    /// Records queued or in flight.
    std::size_t unacked() const;

    /// Reads a partition from `offset` on until unassigned.
    void assign(Now now, const TopicPartition& partition, std::int64_t offset,
                io::Effects& effects);
    void unassign(const TopicPartition& partition);
    /// A paused partition is not fetched (backpressure).
    void setPaused(Now now, const TopicPartition& partition, bool paused, io::Effects& effects);

    /// Closes all connections; calls and records not answered get no outcome any more.
    void shutdown(io::Effects& effects);

    Outcomes outcomes() { return std::exchange(m_outcomes, {}); }

private:
    struct Waiting {
        Token token = 0;
        protocol::Record record;
        Instant deadline;
    };
    struct Batch {
        std::vector<Token> tokens;
        Bytes bytes;
        Instant deadline;
    };
    struct Outbox {
        std::deque<Waiting> waiting;
        std::optional<Batch> batch;  ///< built with its sequence; kept until answered
        bool inFlight = false;
        Instant retryAt;
        std::int32_t nextSequence = 0;
    };
    struct Reading {
        std::int64_t position = 0;
        bool paused = false;
        bool stopped = false;  ///< after an error the owner must handle
        bool inFlight = false;
        Instant retryAt;
    };
    struct MetadataCall {
        bool all = false;
    };
    struct InitCall {};
    struct ProduceCall {
        std::vector<TopicPartition> partitions;
    };
    struct FetchCall {
        std::int32_t node = 0;
        std::set<TopicPartition> partitions;  ///< all the node may answer for
        bool full = false;
    };
    /// What a broker's fetch session holds of us (KIP-227), so that a fetch names only what is new.
    struct FetchSession {
        struct Named {
            Uuid topicId;
            std::int64_t position = 0;
            std::int32_t leaderEpoch = -1;
            bool operator==(const Named&) const = default;
        };
        std::int32_t id = 0;
        std::int32_t epoch = 0;  ///< of the next fetch; 0 = a full one
        std::map<TopicPartition, Named> named;
    };
    struct UserCall {};
    using Purpose = std::variant<UserCall, MetadataCall, InitCall, ProduceCall, FetchCall>;

    void advance(Now now, io::Effects& effects);
    void takeReply(Now now, Reply reply, io::Effects& effects);
    void maybeAskMetadata(Now now, io::Effects& effects);
    void takeMetadata(Now now, const Reply& reply, bool all, io::Effects& effects);
    void takeInit(Now now, const Reply& reply);
    void buildBatch(TopicPartition partition, Outbox& box);
    void sendBatches(Now now, io::Effects& effects);
    void takeProduce(Now now, const Reply& reply, const ProduceCall& call);
    void endBatch(const TopicPartition& partition, Outbox& box, std::int64_t baseOffset,
                  std::int16_t error);
    void retryBatch(Now now, Outbox& box);
    void takeBatchError(Now now, const TopicPartition& partition, Outbox& box, std::int16_t error);
    void expireRecords(Now now);
    void sendFetches(Now now, io::Effects& effects);
    void sendFetch(Now now, std::int32_t node,
                   const std::map<TopicPartition, FetchSession::Named>& wanted,
                   io::Effects& effects);
    bool takeSession(FetchSession& session, const FetchCall& call, std::int16_t error,
                     std::int32_t id);
    void takeFetch(Now now, const Reply& reply, const FetchCall& call);
    void takePartition(Now now, const TopicPartition& partition, std::int16_t error,
                       std::int64_t highWatermark, std::int64_t logStart, const Bytes& records);

    ClientOptions m_options;
    Network m_network;
    MetadataCache m_metadata;
    std::map<CallId, Purpose> m_calls;
    std::set<std::string> m_topics;
    bool m_allTopics = false;
    bool m_metadataAsked = false;
    bool m_metadataWanted = true;
    Instant m_metadataAt{INT64_MIN / 2};  ///< of the last answer
    Instant m_metadataNotBefore{INT64_MIN / 2};
    std::int64_t m_producerId = -1;
    std::int16_t m_producerEpoch = -1;
    bool m_initAsked = false;
    Instant m_initNotBefore{INT64_MIN / 2};
    std::map<TopicPartition, Outbox> m_outboxes;
    std::map<TopicPartition, Reading> m_readings;
    std::set<std::int32_t> m_fetching;  ///< nodes with a fetch in flight
    std::map<std::int32_t, FetchSession> m_sessions;  ///< by node
    Token m_nextToken = 1;
    Instant m_due = Instant::never();
    Outcomes m_outcomes;
};

}  // namespace odradek::client
