// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/controller_link.h"

#include <algorithm>
#include <utility>

#include "engine/broker/controller_answers.h"
#include "engine/broker/core.h"
#include "engine/broker/metadata_reaction.h"
#include "engine/metadata/features.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/fetch.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;
using Line = ControllerLink::Line;

constexpr std::int64_t kFirstRedialMs = 10;
constexpr std::int64_t kLongestRedialMs = 1000;
constexpr std::int64_t kRegisterAgainMs = 100;
constexpr std::int32_t kMetadataWaitMs = 500;
constexpr std::int32_t kMetadataMaxBytes = 8 << 20;

std::string clientName(const BrokerCore& core) {
    return "broker-" + std::to_string(core.config.node.value) + "-to-controller";
}

void dial(Step& s, Line& line, ConnectionId& connection) {
    line = Line::Dialing;
    connection = s.core.nextDial();
    s.out.push_back(io::Dial{connection, s.core.config.controllerNode, io::Listener::Controller});
}

void send(Step& s, std::int32_t correlation, ControllerRequest& request) {
    request.sent = true;
    s.out.push_back(io::SendFrame{s.core.link.requestConnection,
                                  protocol::requestFrame(request.api, request.version, correlation,
                                                         clientName(s.core), request.body)});
}

void sendRegistration(Step& s) {
    auto& core = s.core;
    protocol::BrokerRegistrationRequest request;
    request.brokerId = core.config.node.value;
    request.clusterId = core.identity.clusterId;
    request.incarnationId = core.incarnation;
    request.listeners.push_back({"PLAINTEXT", core.config.host, core.config.port, 0});
    for (const auto& feature : metadata::kFeatures)
        if (feature.maxSupported > 0)
            request.features.push_back(
                {std::string(feature.name), feature.minSupported, feature.maxSupported});
    request.rack = core.config.rack;
    request.logDirs.push_back(core.identity.directoryId);
    request.previousBrokerEpoch = core.previousEpoch.value;
    core.link.registerAt = Instant::never();
    ControllerRequest call;
    call.call = ControllerCall::Register;
    call.api = protocol::BrokerRegistrationRequest::kInfo.key;
    call.version = protocol::BrokerRegistrationRequest::kInfo.maxVersion;
    call.body = protocol::encode(request, call.version);
    callController(s, std::move(call));
}

void onRegistration(Step& s, const ControllerRequest& request, const Bytes& body) {
    auto& link = s.core.link;
    const auto answer =
        protocol::decode<protocol::BrokerRegistrationResponse>(body, request.version);
    if (!answer || answer->errorCode != 0) {
        const auto why =
            answer ? std::string(protocol::errorName(answer->errorCode)) : answer.error().message;
        if (!s.core.registrationComplained) {
            s.note(LogLevel::Warning, "the controller does not register this broker yet: " + why);
            s.core.registrationComplained = true;
        }
        link.registerAt = s.now.at + Milliseconds(kRegisterAgainMs);
        return;
    }
    s.core.registrationComplained = false;
    s.core.epoch = BrokerEpoch(answer->brokerEpoch);
    link.registered = true;
    link.unfenced = false;
    s.core.events.add(s.now.wallMs, EventKind::Registered, "", -1,
                      "registered with broker epoch " + std::to_string(answer->brokerEpoch));
    if (s.core.state == BrokerState::Starting)
        s.core.state = BrokerState::Fenced;
    link.heartbeatAt = s.now.at + Milliseconds(s.core.config.heartbeatIntervalMs);
    react(s, {});  // the metadata line may have brought the registration already
}

void onHeartbeat(Step& s, const ControllerRequest& request, const Bytes& body) {
    auto& core = s.core;
    core.link.heartbeatInFlight = false;
    core.link.heartbeatAt = s.now.at + Milliseconds(core.config.heartbeatIntervalMs);
    const auto answer = protocol::decode<protocol::BrokerHeartbeatResponse>(body, request.version);
    if (!answer)
        return;
    const auto error = static_cast<KafkaError>(answer->errorCode);
    if (error == KafkaError::StaleBrokerEpoch || error == KafkaError::BrokerIdNotRegistered) {
        // The controller lost us (or another incarnation took our place): ask to be let in again.
        core.link.registered = false;
        core.link.unfenced = false;
        core.link.registerAt = s.now.at + Milliseconds(kRegisterAgainMs);
        return;
    }
    if (error != KafkaError::None)
        return;
    const bool unfenced = !answer->isFenced;
    if (unfenced != core.link.unfenced) {
        core.events.add(s.now.wallMs, unfenced ? EventKind::Unfenced : EventKind::Fenced, "", -1,
                        unfenced ? "unfenced: serving" : "fenced by the controller");
        core.link.unfenced = unfenced;
    }
    if (answer->shouldShutDown && core.state == BrokerState::ControlledShutdown)
        core.link.shutdownAllowed = true;
    else if (core.state == BrokerState::ControlledShutdown)
        core.link.heartbeatAt =
            s.now.at + Milliseconds(std::min<std::int64_t>(20, core.config.heartbeatIntervalMs));
    if (std::exchange(core.link.heartbeatAgain, false))
        heartbeatNow(s);
}

void fetchMetadata(Step& s) {
    auto& core = s.core;
    auto& link = core.link;
    if (link.fetchInFlight || link.metadataLine != Line::Up || s.now.at < link.fetchAgainAt)
        return;
    protocol::FetchRequest request;
    request.clusterId = core.identity.clusterId;
    request.replicaState.replicaId = core.config.node.value;
    request.maxWaitMs = kMetadataWaitMs;
    request.maxBytes = kMetadataMaxBytes;
    auto& partition = request.topics.emplace_back();
    partition.topic = metadata::kClusterMetadataTopic;
    partition.topicId = metadata::kClusterMetadataTopicId;
    protocol::FetchRequest::FetchPartition one;
    one.fetchOffset = core.metadataFetchOffset;
    one.lastFetchedEpoch = core.metadataFetchEpoch;
    one.partitionMaxBytes = kMetadataMaxBytes;
    one.logStartOffset = 0;
    partition.partitions.push_back(one);
    link.fetchInFlight = true;
    link.fetchCorrelation = link.nextCorrelation++;
    const auto version = protocol::FetchRequest::kInfo.maxVersion;
    s.out.push_back(io::SendFrame{
        link.metadataConnection,
        protocol::encodeRequest(request, version, link.fetchCorrelation, clientName(core))});
}

void onMetadata(Step& s, const Bytes& frame) {
    auto& link = s.core.link;
    const auto version = protocol::FetchRequest::kInfo.maxVersion;
    const auto split =
        protocol::parseResponseFrame(protocol::FetchRequest::kInfo.key, version, frame);
    if (!split || split->correlationId != link.fetchCorrelation)
        return;
    link.fetchInFlight = false;
    auto answer = protocol::decode<protocol::FetchResponse>(split->body, version);
    const bool good = answer && answer->errorCode == 0 && answer->responses.size() == 1 &&
                      answer->responses.front().partitions.size() == 1;
    if (!good || !takeMetadata(s, answer->responses.front().partitions.front()))
        link.fetchAgainAt = s.now.at + Milliseconds(50);
    fetchMetadata(s);
}

void answerCall(Step& s, ControllerRequest& request, const Bytes* body) {
    switch (request.call) {
        case ControllerCall::Register:
            if (body != nullptr)
                onRegistration(s, request, *body);
            break;
        case ControllerCall::Heartbeat:
            if (body != nullptr)
                onHeartbeat(s, request, *body);
            break;
        case ControllerCall::AlterPartition:
            onAlterPartitionAnswer(s, request, body);
            break;
        case ControllerCall::AllocateProducerIds:
            onProducerIdsAnswer(s, request, body);
            break;
        case ControllerCall::Forward:
            onForwardAnswer(s, request, body);
            break;
        case ControllerCall::CreateTopics:
            onCreateTopicsAnswer(s, request, body);
            break;
    }
}

void lineDown(Step& s) {
    auto& link = s.core.link;
    link.redialDelayMs = link.redialDelayMs == 0
                             ? kFirstRedialMs
                             : std::min(link.redialDelayMs * 2, kLongestRedialMs);
    // Up to a quarter of jitter, so that brokers do not redial in step.
    const auto jitter = static_cast<std::int64_t>(
        s.core.random.below(static_cast<std::uint64_t>(link.redialDelayMs / 4 + 1)));
    link.redialAt = s.now.at + Milliseconds(link.redialDelayMs + jitter);
}

}  // namespace

void startControllerLink(Step& s) {
    auto& link = s.core.link;
    if (link.requestLine == Line::Down)
        dial(s, link.requestLine, link.requestConnection);
    if (link.metadataLine == Line::Down)
        dial(s, link.metadataLine, link.metadataConnection);
}

bool isControllerConnection(const ControllerLink& link, ConnectionId id) {
    return (link.requestLine != Line::Down && link.requestConnection == id) ||
           (link.metadataLine != Line::Down && link.metadataConnection == id);
}

void controllerConnected(Step& s, ConnectionId id) {
    auto& link = s.core.link;
    link.redialDelayMs = 0;
    if (link.metadataLine == Line::Dialing && id == link.metadataConnection) {
        link.metadataLine = Line::Up;
        link.fetchInFlight = false;
        link.fetchAgainAt = s.now.at;
        fetchMetadata(s);
        return;
    }
    if (link.requestLine != Line::Dialing || id != link.requestConnection)
        return;
    link.requestLine = Line::Up;
    if (!link.registered)
        sendRegistration(s);
    else
        heartbeatNow(s);
    for (auto& [correlation, request] : link.waiting)
        if (!request.sent)
            send(s, correlation, request);
}

void controllerClosed(Step& s, ConnectionId id) {
    auto& link = s.core.link;
    if (id == link.metadataConnection && link.metadataLine != Line::Down) {
        link.metadataLine = Line::Down;
        link.fetchInFlight = false;
    } else if (id == link.requestConnection && link.requestLine != Line::Down) {
        link.requestLine = Line::Down;
        link.heartbeatInFlight = false;
        link.heartbeatAgain = false;
        std::erase_if(link.waiting, [](const auto& entry) {
            return entry.second.call == ControllerCall::Register ||
                   entry.second.call == ControllerCall::Heartbeat;
        });
        for (auto& [correlation, request] : link.waiting)
            request.sent = false;
    }
    lineDown(s);
}

void controllerFrame(Step& s, ConnectionId id, const Bytes& frame) {
    auto& link = s.core.link;
    if (id == link.metadataConnection && link.metadataLine == Line::Up) {
        onMetadata(s, frame);
        return;
    }
    if (id != link.requestConnection || link.requestLine != Line::Up || frame.size() < 4)
        return;
    std::uint32_t correlation = 0;
    for (std::size_t i = 0; i < 4; ++i)
        correlation = (correlation << 8) | frame[i];
    const auto found = link.waiting.find(static_cast<std::int32_t>(correlation));
    if (found == link.waiting.end())
        return;
    ControllerRequest request = std::move(found->second);
    link.waiting.erase(found);
    const auto split = protocol::parseResponseFrame(request.api, request.version, frame);
    answerCall(s, request, split ? &split->body : nullptr);
}

void controllerTick(Step& s) {
    auto& link = s.core.link;
    if ((link.requestLine == Line::Down || link.metadataLine == Line::Down) &&
        s.now.at >= link.redialAt)
        startControllerLink(s);
    if (link.metadataLine == Line::Up && !link.fetchInFlight)
        fetchMetadata(s);
    if (link.requestLine == Line::Up && link.registerAt <= s.now.at)
        sendRegistration(s);
    if (link.requestLine == Line::Up && link.registered && link.heartbeatAt <= s.now.at)
        heartbeatNow(s);
    std::vector<std::int32_t> late;
    for (const auto& [correlation, request] : link.waiting)
        if (request.deadline <= s.now.at)
            late.push_back(correlation);
    for (const auto correlation : late) {
        ControllerRequest request = std::move(link.waiting.at(correlation));
        link.waiting.erase(correlation);
        answerCall(s, request, nullptr);
    }
}

Instant controllerWake(const ControllerLink& link) {
    Instant wake = Instant::never();
    if (link.requestLine == Line::Down || link.metadataLine == Line::Down)
        wake = std::min(wake, link.redialAt);
    if (link.metadataLine == Line::Up && !link.fetchInFlight)
        wake = std::min(wake, link.fetchAgainAt);
    if (link.requestLine == Line::Up) {
        wake = std::min(wake, link.registerAt);
        if (link.registered && !link.heartbeatInFlight)
            wake = std::min(wake, link.heartbeatAt);
    }
    for (const auto& [correlation, request] : link.waiting)
        wake = std::min(wake, request.deadline);
    return wake;
}

void callController(Step& s, ControllerRequest request) {
    auto& link = s.core.link;
    const std::int32_t correlation = link.nextCorrelation++;
    auto& kept = link.waiting.emplace(correlation, std::move(request)).first->second;
    if (link.requestLine == Line::Up)
        send(s, correlation, kept);
}

void heartbeatNow(Step& s) {
    auto& core = s.core;
    auto& link = core.link;
    if (!link.registered || link.requestLine != Line::Up)
        return;
    if (link.heartbeatInFlight) {
        link.heartbeatAgain = true;
        return;
    }
    protocol::BrokerHeartbeatRequest request;
    request.brokerId = core.config.node.value;
    request.brokerEpoch = core.epoch.value;
    request.currentMetadataOffset = core.image.offset();
    // Fenced until our own registration is in the image: before that we would serve with a view
    // from the past.
    request.wantFence = core.image.offset() < core.epoch.value || core.health.failed;
    if (core.health.failed)
        request.offlineLogDirs.push_back(core.identity.directoryId);
    request.wantShutDown = core.state == BrokerState::ControlledShutdown;
    link.heartbeatInFlight = true;
    link.heartbeatAt = s.now.at + Milliseconds(core.config.heartbeatIntervalMs);
    ControllerRequest call;
    call.call = ControllerCall::Heartbeat;
    call.api = protocol::BrokerHeartbeatRequest::kInfo.key;
    call.version = protocol::BrokerHeartbeatRequest::kInfo.maxVersion;
    call.body = protocol::encode(request, call.version);
    callController(s, std::move(call));
}

}  // namespace odradek::broker
