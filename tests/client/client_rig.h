// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/client/core/client.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/produce.h"

namespace odradek::client::test {

/// A request that the client has sent and the test has not answered yet.
struct Sent {
    ConnectionId connection;
    protocol::RequestFrame frame;
    template <class M>
    M as() const {
        auto decoded = protocol::decode<M>(frame.body, frame.apiVersion);
        EXPECT_TRUE(decoded.has_value()) << decoded.error().message;
        return decoded ? *decoded : M{};
    }
};

/// A client under test: the test plays network, clock and brokers, event by event.
struct ClientRig {
    static constexpr std::int16_t kVersionsSeen = 100;

    Client client;
    Instant at{1'000'000'000};
    std::vector<Sent> sent;
    std::vector<io::Dial> dials;
    std::vector<ConnectionId> closed;
    Outcomes outcomes;

    explicit ClientRig(ClientOptions options) : client(std::move(options)) {}

    static ClientOptions options(int bootstrap = 1) {
        ClientOptions o;
        o.network.requestTimeout = Milliseconds(1'000);
        o.network.connectTimeout = Milliseconds(500);
        for (int i = 1; i <= bootstrap; ++i)
            o.bootstrap.push_back({"boot" + std::to_string(i), 9092, -1});
        return o;
    }

    Now now() const { return {at, at.ns / 1'000'000}; }

    void take(io::Effects effects) {
        for (auto& effect : effects) {
            if (auto* dial = std::get_if<io::Dial>(&effect)) {
                dials.push_back(*dial);
            } else if (auto* out = std::get_if<io::SendFrame>(&effect)) {
                auto frame = protocol::parseRequestFrame(out->frame.flatten());
                ASSERT_TRUE(frame.has_value()) << frame.error().message;
                sent.push_back({out->connection, std::move(*frame)});
            } else if (auto* close = std::get_if<io::CloseConnection>(&effect)) {
                closed.push_back(close->connection);
            }
        }
        auto more = client.outcomes();
        const auto move = [](auto& from, auto& to) {
            for (auto& one : from)
                to.push_back(std::move(one));
        };
        move(more.produced, outcomes.produced);
        move(more.fetched, outcomes.fetched);
        move(more.replies, outcomes.replies);
    }
    template <class Call>
    auto with(Call call) {
        io::Effects effects;
        auto result = call(effects);
        take(std::move(effects));
        return result;
    }
    void event(const io::Event& one) {
        io::Effects effects;
        client.step(now(), one, effects);
        take(std::move(effects));
    }
    /// Lets time pass, with every tick the client asks for on the way.
    void pass(Milliseconds time) {
        const auto end = at + time;
        for (int ticks = 0; client.nextWake() <= end; ++ticks) {
            ASSERT_LT(ticks, 10'000) << "the client spins";
            at = std::max(at, client.nextWake());
            event(io::Tick{});
        }
        at = end;
    }
    void settle() { pass(Milliseconds(0)); }

    Sent takeSent(std::int16_t api) {
        settle();
        for (auto it = sent.begin(); it != sent.end(); ++it)
            if (it->frame.apiKey == api) {
                auto one = std::move(*it);
                sent.erase(it);
                return one;
            }
        ADD_FAILURE() << "no request of API " << api << " was sent";
        return {};
    }
    std::size_t countSent(std::int16_t api) {
        settle();
        std::size_t count = 0;
        for (const auto& one : sent)
            count += one.frame.apiKey == api ? 1 : 0;
        return count;
    }
    template <class M>
    void answer(const Sent& to, const M& message) {
        event(io::FrameIn{to.connection, protocol::encodeResponse(message, to.frame.apiVersion,
                                                                  to.frame.correlationId)
                                             .flatten()});
    }
    void connectionLost(ConnectionId id) { event(io::Closed{id}); }

    static protocol::ApiVersionsResponse versions() {
        protocol::ApiVersionsResponse all;
        all.apiKeys = {{0, 3, 13}, {1, 4, 17}, {3, 0, 13}, {18, 0, 4}, {22, 0, 5}, {2, 1, 11}};
        return all;
    }
    /// The newest dial comes up and shakes hands.
    ConnectionId comeUp(const protocol::ApiVersionsResponse& with = versions()) {
        settle();
        EXPECT_FALSE(dials.empty());
        const auto id = dials.back().connection;
        dials.pop_back();
        event(io::Connected{id});
        answer(takeSent(18), with);
        return id;
    }

    static constexpr Uuid kTopicId{{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}};
    /// Two brokers (1 and 2); one topic "t" with partitions led as told (-1 = none), at that epoch.
    static protocol::MetadataResponse metadata(std::vector<std::int32_t> leaders,
                                               std::int32_t epoch = 0) {
        protocol::MetadataResponse all;
        all.clusterId = "cluster";
        for (std::int32_t id = 1; id <= 2; ++id) {
            auto& broker = all.brokers.emplace_back();
            broker.nodeId = id;
            broker.host = "broker" + std::to_string(id);
            broker.port = 9092;
        }
        auto& topic = all.topics.emplace_back();
        topic.name = "t";
        topic.topicId = kTopicId;
        for (std::size_t i = 0; i < leaders.size(); ++i) {
            auto& partition = topic.partitions.emplace_back();
            partition.partitionIndex = static_cast<std::int32_t>(i);
            partition.leaderId = leaders[i];
            partition.leaderEpoch = epoch;
            partition.replicaNodes = {1, 2};
        }
        return all;
    }

    Token produce(const std::string& value, std::int32_t partition = 0) {
        return with([&](io::Effects& effects) {
            protocol::Record record;
            record.value = Bytes::copy(value);
            return client.produce(now(), {"t", partition}, std::move(record), effects);
        });
    }
    void assign(std::int64_t offset, std::int32_t partition = 0) {
        with([&](io::Effects& effects) {
            client.assign(now(), {"t", partition}, offset, effects);
            return 0;
        });
    }
    /// The client asked for something that needs metadata: brings it up to where it knows the
    /// leaders.
    void bringUp(std::vector<std::int32_t> leaders) {
        comeUp();
        answer(takeSent(3), metadata(std::move(leaders)));
        settle();
    }
    void answerInit(std::int64_t producerId) {
        protocol::InitProducerIdResponse answered;
        answered.producerId = producerId;
        answered.producerEpoch = 0;
        answer(takeSent(22), answered);
        settle();
    }
    /// The one batch of a produce request for a partition.
    static Bytes batchOf(const Sent& sent, std::int32_t partition = 0) {
        for (const auto& topic : sent.as<protocol::ProduceRequest>().topicData)
            for (const auto& one : topic.partitionData)
                if (one.index == partition && one.records)
                    return one.records->flatten();
        ADD_FAILURE() << "no batch for partition " << partition;
        return {};
    }
    void answerProduce(const Sent& to, std::int16_t error, std::int64_t base,
                       std::int32_t partition = 0) {
        protocol::ProduceResponse answered;
        auto& topic = answered.responses.emplace_back();
        topic.name = "t";
        topic.topicId = kTopicId;
        auto& one = topic.partitionResponses.emplace_back();
        one.index = partition;
        one.errorCode = error;
        one.baseOffset = base;
        answer(to, answered);
    }
    void answerFetch(const Sent& to, std::int16_t error, std::int64_t mark,
                     std::vector<Bytes> batches, std::int32_t partition = 0) {
        protocol::FetchResponse answered;
        auto& topic = answered.responses.emplace_back();
        topic.topic = "t";
        topic.topicId = kTopicId;
        auto& one = topic.partitions.emplace_back();
        one.partitionIndex = partition;
        one.errorCode = error;
        one.highWatermark = mark;
        one.logStartOffset = 0;
        one.records = Chain();
        for (auto& batch : batches)
            one.records->append(std::move(batch));
        answer(to, answered);
    }
    static Bytes batch(std::int64_t base, int records) {
        std::vector<protocol::Record> all;
        for (int i = 0; i < records; ++i) {
            auto& one = all.emplace_back();
            one.offset = base + i;
            one.value = Bytes::copy("v" + std::to_string(base + i));
        }
        protocol::BatchOptions options;
        options.baseOffset = base;
        return *protocol::buildBatch(all, options);
    }
};

inline constexpr std::int16_t kProduce = 0;
inline constexpr std::int16_t kFetch = 1;
inline constexpr std::int16_t kMetadata = 3;
inline constexpr std::int16_t kApiVersions = 18;
inline constexpr std::int16_t kInit = 22;

}  // namespace odradek::client::test
