// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/controller_link.h"

#include <algorithm>
#include <utility>

#include "engine/broker/controller_answers.h"
#include "engine/broker/core.h"
#include "engine/broker/metadata_reaction.h"
#include "engine/broker/metadata_snapshot.h"
#include "engine/metadata/features.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/alter_partition.h"
#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/fetch_snapshot.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;
using Line = ControllerLink::Line;

constexpr std::int64_t kFirstRedialMs = 10;
constexpr std::int64_t kLongestRedialMs = 1000;
/// With several controllers another one can be tried soon.
constexpr std::int64_t kLongestRedialAmongManyMs = 40;
constexpr std::int64_t kRegisterAgainMs = 100;
constexpr std::int64_t kFirstResendMs = 5;
constexpr std::int64_t kLongestResendMs = 100;
constexpr std::int64_t kNotLeaderAgainMs = 10;
constexpr std::int64_t kFailedForMs = 200;
constexpr int kNotLeadersMax = 5;
constexpr std::int32_t kMetadataWaitMs = 500;
constexpr std::int32_t kMetadataMaxBytes = 8 << 20;

void fetchMetadata(Step& s);

std::string clientName(const BrokerCore& core) {
    return "broker-" + std::to_string(core.config.node.value) + "-to-controller";
}

const std::vector<BrokerId>& controllers(const BrokerCore& core) {
    return core.config.controllerNodes;
}
bool hasMany(const BrokerCore& core) {
    return controllers(core).size() > 1;
}

/// How long a controller may take to answer: a part of the session, so that another one is found
/// before it ends.
Milliseconds patience(const BrokerCore& core) {
    return Milliseconds(std::clamp<std::int64_t>(core.config.sessionTimeoutMs / 3, 100, 2000));
}

BrokerId targetOf(BrokerCore& core) {
    auto& link = core.link;
    if (link.target)
        return *link.target;
    const auto& all = controllers(core);
    if (all.empty()) {
        link.target = core.config.controllerNode;
    } else {
        // The one on this node first: it is sure to be there and knows the leader.
        const auto own = std::find(all.begin(), all.end(), core.config.node);
        const auto first = static_cast<std::size_t>(own == all.end() ? 0 : own - all.begin());
        link.target = all[(first + link.turns) % all.size()];
    }
    return *link.target;
}

void dial(Step& s, Line& line, ConnectionId& connection) {
    line = Line::Dialing;
    connection = s.core.nextDial();
    s.out.push_back(io::Dial{connection, targetOf(s.core), io::Listener::Controller});
}

void send(Step& s, std::int32_t correlation, ControllerRequest& request) {
    request.sent = true;
    request.sentAt = s.now.at;
    s.out.push_back(io::SendFrame{s.core.link.requestConnection,
                                  protocol::requestFrame(request.api, request.version, correlation,
                                                         clientName(s.core), request.body)});
}

void requestLineDown(BrokerCore& core) {
    auto& link = core.link;
    link.requestLine = Line::Down;
    link.heartbeatInFlight = false;
    link.heartbeatAgain = false;
    link.resendAt = Instant::never();
    std::erase_if(link.waiting, [](const auto& entry) {
        return entry.second.call == ControllerCall::Register ||
               entry.second.call == ControllerCall::Heartbeat;
    });
    for (auto& [correlation, request] : link.waiting)
        request.sent = false;
}

void metadataLineDown(BrokerCore& core) {
    auto& link = core.link;
    link.metadataLine = Line::Down;
    link.fetchInFlight = false;
    link.download.reset();
}

/// Leaves both connections; the next dial goes to `next`, or to whoever's turn it is.
void moveOn(Step& s, std::optional<BrokerId> next) {
    auto& link = s.core.link;
    if (link.requestLine != Line::Down)
        s.out.push_back(io::CloseConnection{link.requestConnection});
    if (link.metadataLine != Line::Down)
        s.out.push_back(io::CloseConnection{link.metadataConnection});
    requestLineDown(s.core);
    metadataLineDown(s.core);
    ++link.turns;
    link.target = next;
}

/// The controller we talk to is gone or silent: the next one, at once the first time.
void giveUp(Step& s) {
    auto& link = s.core.link;
    link.failed = targetOf(s.core);
    link.failedUntil = s.now.at + Milliseconds(kFailedForMs);
    moveOn(s, std::nullopt);
}

/// Somebody who does not lead says who does (or does not know).
void seekLeader(Step& s, std::int32_t leader) {
    auto& link = s.core.link;
    const bool known = leader >= 0 && BrokerId(leader) != targetOf(s.core) &&
                       !(link.failed == BrokerId(leader) && s.now.at < link.failedUntil);
    // It may be cut off from those who know: not too often the same.
    const bool stuck = hasMany(s.core) && ++link.notLeaders >= kNotLeadersMax;
    if (!known && !stuck) {
        link.fetchAgainAt = s.now.at + Milliseconds(kNotLeaderAgainMs);
        return;
    }
    link.notLeaders = 0;
    moveOn(s, known ? std::optional(BrokerId(leader)) : std::nullopt);
    link.redialAt = s.now.at;
    startControllerLink(s);
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
    core.link.inTouchUntil =
        unfenced ? request.sentAt + Milliseconds(core.config.sessionTimeoutMs) : s.now.at;
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

/// Asks for the next piece of the snapshot that the controller has sent us to.
void fetchSnapshot(Step& s) {
    auto& link = s.core.link;
    protocol::FetchSnapshotRequest request;
    request.clusterId = s.core.identity.clusterId;
    request.replicaId = s.core.config.node.value;
    request.maxBytes = kMetadataMaxBytes;
    auto& topic = request.topics.emplace_back();
    topic.name = metadata::kClusterMetadataTopic;
    protocol::FetchSnapshotRequest::PartitionSnapshot piece;
    piece.currentLeaderEpoch = -1;
    piece.snapshotId = {link.download->endOffset, link.download->epoch};
    piece.position = static_cast<std::int64_t>(link.download->data.size());
    topic.partitions.push_back(piece);
    link.fetchInFlight = true;
    link.fetchCorrelation = link.nextCorrelation++;
    link.fetchDeadline = s.now.at + patience(s.core);
    s.out.push_back(io::SendFrame{
        link.metadataConnection,
        protocol::encodeRequest(request, protocol::FetchSnapshotRequest::kInfo.maxVersion,
                                link.fetchCorrelation, clientName(s.core))});
}

/// A piece of the snapshot came; the last one is applied.
void onSnapshot(Step& s, const Bytes& frame) {
    using Response = protocol::FetchSnapshotResponse;
    auto& link = s.core.link;
    const auto answer = protocol::decodeResponse<Response>(frame, Response::kInfo.maxVersion,
                                                           link.fetchCorrelation);
    link.fetchInFlight = false;
    const Response::PartitionSnapshot* piece = nullptr;
    if (answer && answer->errorCode == 0 && answer->topics.size() == 1 &&
        answer->topics.front().partitions.size() == 1)
        piece = &answer->topics.front().partitions.front();
    auto& download = *link.download;
    const bool fits = piece != nullptr && piece->errorCode == 0 &&
                      piece->position == static_cast<std::int64_t>(download.data.size()) &&
                      !piece->unalignedRecords.empty();
    if (!fits) {
        link.download.reset();  // an ordinary fetch will say what to do
        if (piece != nullptr &&
            static_cast<KafkaError>(piece->errorCode) == KafkaError::NotLeaderOrFollower)
            seekLeader(s, piece->currentLeader.leaderId);
        else
            link.fetchAgainAt = s.now.at + Milliseconds(50);
        fetchMetadata(s);
        return;
    }
    const auto bytes = piece->unalignedRecords.flatten();
    download.data.insert(download.data.end(), bytes.data(), bytes.data() + bytes.size());
    if (static_cast<std::int64_t>(download.data.size()) >= piece->size) {
        const auto whole = std::exchange(link.download, std::nullopt);
        if (!takeMetadataSnapshot(s, whole->endOffset, whole->epoch, Bytes::copy(ByteSpan(whole->data))))
            link.fetchAgainAt = s.now.at + Milliseconds(50);
    }
    fetchMetadata(s);
}

void fetchMetadata(Step& s) {
    auto& core = s.core;
    auto& link = core.link;
    if (link.fetchInFlight || link.metadataLine != Line::Up || s.now.at < link.fetchAgainAt)
        return;
    if (link.download) {
        fetchSnapshot(s);
        return;
    }
    protocol::FetchRequest request;
    request.clusterId = core.identity.clusterId;
    request.replicaState.replicaId = core.config.node.value;
    const auto wait = hasMany(core) ? std::min<std::int64_t>(kMetadataWaitMs, patience(core).count())
                                    : kMetadataWaitMs;
    request.maxWaitMs = static_cast<std::int32_t>(wait);
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
    link.fetchDeadline = s.now.at + Milliseconds(wait) + patience(core);
    const auto version = protocol::FetchRequest::kInfo.maxVersion;
    s.out.push_back(io::SendFrame{
        link.metadataConnection,
        protocol::encodeRequest(request, version, link.fetchCorrelation, clientName(core))});
}

/// Whether the answer came from a controller that does not lead (any more).
bool isFromOther(KafkaError error) {
    return error == KafkaError::NotLeaderOrFollower || error == KafkaError::FencedLeaderEpoch ||
           error == KafkaError::UnknownLeaderEpoch || error == KafkaError::BrokerNotAvailable;
}

void onMetadata(Step& s, const Bytes& frame) {
    auto& link = s.core.link;
    if (!link.fetchInFlight)
        return;
    if (link.download) {
        onSnapshot(s, frame);
        return;
    }
    const auto version = protocol::FetchRequest::kInfo.maxVersion;
    const auto answer =
        protocol::decodeResponse<protocol::FetchResponse>(frame, version, link.fetchCorrelation);
    link.fetchInFlight = false;
    const bool good = answer && answer->errorCode == 0 && answer->responses.size() == 1 &&
                      answer->responses.front().partitions.size() == 1;
    if (!good) {
        link.fetchAgainAt = s.now.at + Milliseconds(50);
        return;
    }
    const auto& data = answer->responses.front().partitions.front();
    if (isFromOther(static_cast<KafkaError>(data.errorCode))) {
        seekLeader(s, data.currentLeader.leaderId);
        return;
    }
    link.failed.reset();
    link.notLeaders = 0;
    if (data.errorCode == 0 && data.snapshotId.epoch >= 0)
        link.download = MetadataDownload{data.snapshotId.endOffset, data.snapshotId.epoch, {}};
    else if (!takeMetadata(s, data))
        link.fetchAgainAt = s.now.at + Milliseconds(50);
    fetchMetadata(s);
}

/// Requests that a controller answers at once if it can answer at all.
bool isTimed(const ControllerRequest& request) {
    return request.call == ControllerCall::Register || request.call == ControllerCall::Heartbeat;
}

template <class Response>
bool saysNotController(const ControllerRequest& request, const Bytes& body) {
    const auto answer = protocol::decode<Response>(body, request.version);
    return answer && static_cast<KafkaError>(answer->errorCode) == KafkaError::NotController;
}

/// Whether the controller answered that it is not the active one, so that the request has not been
/// looked at.
bool isMisdirected(const ControllerRequest& request, const Bytes& body) {
    switch (request.call) {
        case ControllerCall::Register:
            return saysNotController<protocol::BrokerRegistrationResponse>(request, body);
        case ControllerCall::Heartbeat:
            return saysNotController<protocol::BrokerHeartbeatResponse>(request, body);
        case ControllerCall::AlterPartition:
            return saysNotController<protocol::AlterPartitionResponse>(request, body);
        case ControllerCall::AllocateProducerIds:
            return saysNotController<protocol::AllocateProducerIdsResponse>(request, body);
        case ControllerCall::Forward:
            return saysNotController<protocol::EnvelopeResponse>(request, body);
        case ControllerCall::CreateTopics:
            break;
    }
    const auto answer = protocol::decode<protocol::CreateTopicsResponse>(body, request.version);
    return answer && !answer->topics.empty() &&
           static_cast<KafkaError>(answer->topics.front().errorCode) == KafkaError::NotController;
}

/// Keeps a misdirected request for the active controller. The metadata line finds that one; until
/// then, or until this one has taken over, it is tried again a little later.
void keepForLeader(Step& s, std::int32_t correlation, ControllerRequest request) {
    auto& link = s.core.link;
    link.resendDelayMs = std::clamp(link.resendDelayMs * 2, kFirstResendMs, kLongestResendMs);
    const auto again = s.now.at + Milliseconds(link.resendDelayMs);
    if (request.call == ControllerCall::Register) {
        link.registerAt = again;
    } else if (request.call == ControllerCall::Heartbeat) {
        link.heartbeatInFlight = false;
        link.heartbeatAt = again;
    } else {
        request.sent = false;
        link.waiting.emplace(correlation, std::move(request));
        link.resendAt = std::min(link.resendAt, again);
    }
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
    const auto longest = hasMany(s.core) ? kLongestRedialAmongManyMs : kLongestRedialMs;
    link.redialDelayMs =
        link.redialDelayMs == 0 ? kFirstRedialMs : std::min(link.redialDelayMs * 2, longest);
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
    if (hasMany(s.core)) {
        giveUp(s);
    } else if (id == link.metadataConnection && link.metadataLine != Line::Down) {
        metadataLineDown(s.core);
    } else if (id == link.requestConnection && link.requestLine != Line::Down) {
        requestLineDown(s.core);
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
    if (split && isMisdirected(request, split->body)) {
        keepForLeader(s, static_cast<std::int32_t>(correlation), std::move(request));
        return;
    }
    link.resendDelayMs = 0;
    answerCall(s, request, split ? &split->body : nullptr);
}

namespace {

/// Whether something that was sent is overdue.
bool isSilent(const BrokerCore& core, Instant now) {
    const auto& link = core.link;
    if (link.metadataLine == Line::Up && link.fetchInFlight && link.fetchDeadline <= now)
        return true;
    return link.requestLine == Line::Up &&
           std::any_of(link.waiting.begin(), link.waiting.end(), [&](const auto& entry) {
               return entry.second.sent && isTimed(entry.second) &&
                      entry.second.sentAt + patience(core) <= now;
           });
}

}  // namespace

void controllerTick(Step& s) {
    auto& link = s.core.link;
    if (isSilent(s.core, s.now.at)) {
        giveUp(s);
        lineDown(s);
    }
    if (link.requestLine == Line::Up && link.resendAt <= s.now.at) {
        link.resendAt = Instant::never();
        for (auto& [correlation, request] : link.waiting)
            if (!request.sent)
                send(s, correlation, request);
    }
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

Instant controllerWake(const BrokerCore& core) {
    const auto& link = core.link;
    const auto patience = broker::patience(core);
    Instant wake = Instant::never();
    if (link.requestLine == Line::Down || link.metadataLine == Line::Down)
        wake = std::min(wake, link.redialAt);
    if (link.metadataLine == Line::Up)
        wake = std::min(wake, link.fetchInFlight ? link.fetchDeadline : link.fetchAgainAt);
    if (link.requestLine == Line::Up) {
        wake = std::min(wake, link.resendAt);
        for (const auto& [correlation, request] : link.waiting)
            if (request.sent && isTimed(request))
                wake = std::min(wake, request.sentAt + patience);
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
