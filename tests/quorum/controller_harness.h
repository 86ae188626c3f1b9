// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/alter_partition.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/kafka_error.h"
#include "engine/quorum/controller.h"
#include "tests/support/memory_disk.h"

namespace odradek::quorum {

using protocol::KafkaError;

inline constexpr std::string_view kLogPath = "__cluster_metadata-0/00000000000000000000.log";

/// A controller on a disk in memory, talked to by frames as brokers do. Time stands still unless `pass` is called.
class ControllerHarness {
public:
    explicit ControllerHarness(metadata::ConfigMap settings = {}, std::uint64_t seed = 7)
        : m_disk(seed), m_settings(std::move(settings)), m_seed(seed) {
        boot();
    }

    // ---- life
    void boot() {
        auto booted = tryBoot();
        ASSERT_TRUE(booted.has_value()) << booted.error().message;
        m_controller = std::make_unique<Controller>(std::move(*booted));
        m_received.clear();
        m_closed.clear();
        step(io::Tick{});
    }
    Result<Controller> tryBoot() {
        return Controller::boot(
            {.node = BrokerId(1),
             .clusterId = "cluster",
             .directoryId = Uuid{{9}},
             .seed = m_seed,
             .settings = m_settings},
            m_disk, m_now);
    }
    void restart() {
        m_disk.kill();
        boot();
    }
    void powerCut() {
        m_disk.powerCut();
        boot();
    }
    /// Lets time pass; timers run at the end.
    void pass(Milliseconds time) {
        m_now.at = m_now.at + time;
        m_now.wallMs += time.count();
        step(io::Tick{});
    }
    /// While held, disk effects stay queued and nothing is committed.
    void holdDisk(bool hold) {
        m_holdDisk = hold;
        if (!hold)
            runDisk();
    }

    // ---- connections and frames
    ConnectionId connect() {
        const ConnectionId id(++m_lastConnection);
        step(io::Accepted{.connection = id, .listener = io::Listener::Controller, .peerHost = "127.0.0.1"});
        return id;
    }
    void close(ConnectionId id) { step(io::Closed{id}); }
    void sendRaw(ConnectionId id, Bytes frame) { step(io::FrameIn{id, std::move(frame)}); }
    template <class Request>
    std::int32_t send(ConnectionId id, const Request& request, std::int16_t version) {
        const auto correlation = ++m_lastCorrelation;
        sendRaw(id, protocol::encodeRequest(request, version, correlation, "test").flatten());
        return correlation;
    }
    /// The oldest answer not read yet; fails the test when there is none.
    Bytes take(ConnectionId id) {
        auto& frames = m_received[id];
        EXPECT_FALSE(frames.empty()) << "no answer came";
        if (frames.empty())
            return {};
        auto first = frames.front();
        frames.erase(frames.begin());
        return first;
    }
    std::size_t waiting(ConnectionId id) { return m_received[id].size(); }
    bool isClosed(ConnectionId id) const { return m_closed.contains(id); }
    template <class Response>
    Response read(ConnectionId id, std::int16_t version, std::int32_t correlation = -1) {
        const auto frame = protocol::parseResponseFrame(Response::kInfo.key, version, take(id));
        EXPECT_TRUE(frame.has_value());
        if (!frame)
            return {};
        if (correlation >= 0) {
            EXPECT_EQ(frame->correlationId, correlation);
        }
        auto response = protocol::decode<Response>(frame->body, version);
        EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().message);
        return response ? *response : Response{};
    }
    template <class Response, class Request>
    Response call(ConnectionId id, const Request& request, std::int16_t version = Request::kInfo.maxVersion) {
        const auto correlation = send(id, request, version);
        return read<Response>(id, version, correlation);
    }

    // ---- brokers
    struct Broker {
        std::int32_t id = 0;
        std::int64_t epoch = -1;
        ConnectionId connection;
        std::uint8_t incarnation = 1;
    };
    static protocol::BrokerRegistrationRequest registration(std::int32_t id, std::uint8_t incarnation,
                                                            std::optional<std::string> rack = std::nullopt) {
        protocol::BrokerRegistrationRequest request{
            .brokerId = id,
            .clusterId = "cluster",
            .incarnationId = Uuid{{1, incarnation, static_cast<std::uint8_t>(id)}},
            .rack = std::move(rack),
            .logDirs = {Uuid{{5, static_cast<std::uint8_t>(id)}}}};
        request.listeners.push_back({"PLAINTEXT", "127.0.0.1", static_cast<std::uint16_t>(9000 + id), 0});
        request.features.push_back({"metadata.version", 7, 30});
        return request;
    }
    /// Registers a broker and heartbeats it into service.
    Broker join(std::int32_t id, std::uint8_t incarnation = 1, std::optional<std::string> rack = std::nullopt) {
        Broker broker{.id = id, .connection = connect(), .incarnation = incarnation};
        const auto request = registration(id, incarnation, std::move(rack));
        const auto answer = call<protocol::BrokerRegistrationResponse>(broker.connection, request);
        EXPECT_EQ(answer.errorCode, 0);
        broker.epoch = answer.brokerEpoch;
        EXPECT_FALSE(beat(broker).isFenced);
        return broker;
    }
    protocol::BrokerHeartbeatResponse beat(const Broker& broker, bool wantFence = false, bool wantShutDown = false,
                                           std::int64_t offset = -2) {
        const auto applied = offset == -2 ? image().offset() : offset;
        const protocol::BrokerHeartbeatRequest request{.brokerId = broker.id,
                                                       .brokerEpoch = broker.epoch,
                                                       .currentMetadataOffset = applied,
                                                       .wantFence = wantFence,
                                                       .wantShutDown = wantShutDown};
        return call<protocol::BrokerHeartbeatResponse>(broker.connection, request);
    }

    // ---- topics
    protocol::CreateTopicsResponse createTopic(const std::string& name, std::int32_t partitions, std::int16_t factor) {
        protocol::CreateTopicsRequest request;
        request.topics.push_back({.name = name, .numPartitions = partitions, .replicationFactor = factor});
        return call<protocol::CreateTopicsResponse>(admin(), request);
    }
    /// Creates a topic with these replica lists; fails the test otherwise.
    Uuid createTopicOn(const std::string& name, const std::vector<std::vector<std::int32_t>>& replicas) {
        protocol::CreateTopicsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = name;
        topic.numPartitions = -1;
        topic.replicationFactor = -1;
        for (std::size_t i = 0; i < replicas.size(); ++i)
            topic.assignments.push_back({static_cast<std::int32_t>(i), replicas[i]});
        const auto answer = call<protocol::CreateTopicsResponse>(admin(), request).topics.at(0);
        EXPECT_EQ(answer.errorCode, 0) << answer.errorMessage.value_or("");
        return answer.topicId;
    }
    const metadata::Partition& partition(const std::string& topic, std::int32_t index) const {
        return *image().partition(topic, index);
    }

    // ---- the rest
    /// A connection for admin requests, opened when first needed.
    ConnectionId admin() {
        if (m_admin.value == 0 || m_closed.contains(m_admin) || m_adminOf != m_controller.get()) {
            m_adminOf = m_controller.get();
            m_admin = connect();
        }
        return m_admin;
    }
    protocol::FetchResponse fetch(ConnectionId id, std::int64_t offset, std::int32_t lastEpoch = -1,
                                  std::int32_t maxWaitMs = 0) {
        return call<protocol::FetchResponse>(id, fetchRequest(offset, lastEpoch, maxWaitMs), 17);
    }
    static protocol::FetchRequest fetchRequest(std::int64_t offset, std::int32_t lastEpoch, std::int32_t maxWaitMs) {
        protocol::FetchRequest request{.replicaState = {2, 5}, .maxWaitMs = maxWaitMs, .minBytes = 1};
        auto& topic = request.topics.emplace_back();
        topic.topicId = metadata::kClusterMetadataTopicId;
        topic.partitions.push_back(
            {.partition = 0, .fetchOffset = offset, .lastFetchedEpoch = lastEpoch, .partitionMaxBytes = 1 << 20});
        return request;
    }
    const metadata::Image& image() const { return m_controller->image(); }
    Controller& controller() { return *m_controller; }
    test::MemoryDisk& disk() { return m_disk; }
    Now now() const { return m_now; }

    void step(const io::Event& event) {
        io::Effects effects;
        m_controller->step(m_now, event, effects);
        m_disk.submit(effects);
        for (auto& effect : effects) {
            if (auto* sent = std::get_if<io::SendFrame>(&effect))
                m_received[sent->connection].push_back(sent->frame.flatten());
            else if (auto* closed = std::get_if<io::CloseConnection>(&effect))
                m_closed[closed->connection] = true;
        }
        if (!m_holdDisk)
            runDisk();
    }

private:
    void runDisk() {
        while (m_disk.queued() > 0)
            if (auto done = m_disk.step()) {
                const bool held = std::exchange(m_holdDisk, true);
                step(*done);
                m_holdDisk = held;
            }
    }

    test::MemoryDisk m_disk;
    metadata::ConfigMap m_settings;
    std::uint64_t m_seed;
    Now m_now{Instant{1'000'000'000}, 1'700'000'000'000};
    std::unique_ptr<Controller> m_controller;
    std::map<ConnectionId, std::vector<Bytes>> m_received;
    std::map<ConnectionId, bool> m_closed;
    std::uint64_t m_lastConnection = 0;
    std::int32_t m_lastCorrelation = 0;
    ConnectionId m_admin;
    const Controller* m_adminOf = nullptr;
    bool m_holdDisk = false;
};

/// One setting.
inline metadata::ConfigMap with(const std::string& name, const std::string& value) {
    return {{name, value}};
}

inline std::int16_t codeOf(KafkaError error) {
    return protocol::code(error);
}

}  // namespace odradek::quorum
