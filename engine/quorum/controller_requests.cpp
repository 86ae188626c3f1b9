// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <fmt/format.h>

#include "engine/protocol/messages/alter_partition.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/begin_quorum_epoch.h"
#include "engine/protocol/messages/describe_quorum.h"
#include "engine/protocol/messages/end_quorum_epoch.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/fetch_snapshot.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "engine/protocol/messages/update_raft_voter.h"
#include "engine/protocol/messages/vote.h"
#include "engine/quorum/configuration_control.h"
#include "engine/quorum/controller_registration.h"
#include "engine/quorum/controller_state.h"
#include "engine/quorum/election_control.h"
#include "engine/quorum/feature_control.h"
#include "engine/quorum/producer_id_control.h"
#include "engine/quorum/reassignment_control.h"
#include "engine/quorum/refusals.h"
#include "engine/quorum/replication_control.h"
#include "engine/quorum/topic_control.h"

namespace odradek::quorum {
namespace {

using protocol::MessageInfo;
using protocol::RequestFrame;

/// More unanswered requests than this on one connection, and it is closed.
constexpr std::size_t kMaxOwed = 1000;

/// What the Controller listener serves, by API key.
constexpr std::array kServed{
    protocol::FetchRequest::kInfo,
    protocol::ApiVersionsRequest::kInfo,
    protocol::CreateTopicsRequest::kInfo,
    protocol::DeleteTopicsRequest::kInfo,
    protocol::CreatePartitionsRequest::kInfo,
    protocol::ElectLeadersRequest::kInfo,
    protocol::IncrementalAlterConfigsRequest::kInfo,
    protocol::AlterPartitionReassignmentsRequest::kInfo,
    protocol::ListPartitionReassignmentsRequest::kInfo,
    protocol::VoteRequest::kInfo,
    protocol::BeginQuorumEpochRequest::kInfo,
    protocol::EndQuorumEpochRequest::kInfo,
    protocol::DescribeQuorumRequest::kInfo,
    protocol::AlterPartitionRequest::kInfo,
    protocol::UpdateFeaturesRequest::kInfo,
    protocol::EnvelopeRequest::kInfo,
    protocol::FetchSnapshotRequest::kInfo,
    protocol::DescribeClusterRequest::kInfo,
    protocol::BrokerRegistrationRequest::kInfo,
    protocol::BrokerHeartbeatRequest::kInfo,
    protocol::UnregisterBrokerRequest::kInfo,
    protocol::AllocateProducerIdsRequest::kInfo,
    protocol::ControllerRegistrationRequest::kInfo,
    protocol::AddRaftVoterRequest::kInfo,
    protocol::RemoveRaftVoterRequest::kInfo,
    protocol::UpdateRaftVoterRequest::kInfo,
};

const MessageInfo* served(std::int16_t key) {
    for (const auto& info : kServed)
        if (info.key == key)
            return &info;
    return nullptr;
}

bool isServed(const RequestFrame& frame) {
    const auto* info = served(frame.apiKey);
    return info != nullptr && frame.apiVersion >= info->minVersion && frame.apiVersion <= info->maxVersion;
}

std::unexpected<Error> unsupported(const RequestFrame& frame) {
    return fail(ErrorCode::Unsupported,
                fmt::format("API key {} version {} is not served here", frame.apiKey, frame.apiVersion));
}

/// What a heartbeat that changed something was about.
Cause heartbeatCause(const protocol::BrokerHeartbeatRequest& request) {
    if (request.wantShutDown)
        return Cause::ControlledShutdown;
    return request.wantFence ? Cause::BrokerWish : Cause::CaughtUp;
}

constexpr auto always(Cause cause) {
    return [cause](const auto&) { return cause; };
}

}  // namespace

void Controller::State::onFrame(Now now, const io::FrameIn& in, io::Effects& effects) {
    const auto found = connections.find(in.connection);
    if (found == connections.end())
        return;
    const auto hangUp = [&](const std::string& why) {
        effects.push_back(io::Note{{LogLevel::Warning, "controller: closed a connection: " + why}});
        effects.push_back(io::CloseConnection{in.connection});
        connections.erase(in.connection);
        cluster.onClosed(in.connection);
    };
    if (found->second.size() >= kMaxOwed)
        return hangUp("too many requests at once");
    const auto frame = protocol::parseRequestFrame(in.frame);
    if (!frame)
        return hangUp(frame.error().message);
    if (frame->apiKey == protocol::FetchRequest::kInfo.key && isServed(*frame)) {
        auto owed = onFetch(now, *frame);
        return owed ? found->second.push_back(std::move(*owed)) : hangUp(owed.error().message);
    }
    auto answered = answer(now, in.connection, *frame, effects);
    if (!answered)
        return hangUp(answered.error().message);
    found->second.push_back(
        {std::move(answered->frame), answered->afterOffset, raft.stateSequence(), std::nullopt});
}

Result<OwedAnswer> Controller::State::onFetch(Now now, const RequestFrame& frame) {
    auto outcome = TRY(raft.onFetch(now, frame));
    if (outcome.frame)
        return OwedAnswer{.frame = std::move(*outcome.frame), .afterState = raft.stateSequence()};
    // Brokers fetch without a directory; what they ask for they have applied up to.
    if (outcome.replica.directory.isZero())
        cluster.onFetch(outcome.replica.id, outcome.parked.offset);
    return OwedAnswer{.afterState = raft.stateSequence(), .fetch = std::move(outcome.parked)};
}

template <class Request, class Control, class CauseOf>
Result<Answer> Controller::State::serve(Now now, const RequestFrame& frame, io::Effects& effects, Control control,
                                        CauseOf causeOf) {
    const auto request = TRY(protocol::decode<Request>(frame.body, frame.apiVersion));
    const auto outcome = control(context(now), request);
    commit(outcome.records, causeOf(request), now, effects);
    // Even an answer without records may rest on records that are not committed yet.
    return Answer{protocol::encodeResponse(outcome.response, frame.apiVersion, frame.correlationId),
                  raft.endOffset() - 1};
}

Answer Controller::State::answerApiVersions(const RequestFrame& frame) const {
    protocol::ApiVersionsResponse response;
    const auto& own = protocol::ApiVersionsRequest::kInfo;
    if (!isServed(frame)) {
        response.errorCode = protocol::code(KafkaError::UnsupportedVersion);
        response.apiKeys.push_back({own.key, own.minVersion, own.maxVersion});
        return {protocol::encodeResponse(response, 0, frame.correlationId), -1};
    }
    for (const auto& info : kServed)
        response.apiKeys.push_back({info.key, info.minVersion, info.maxVersion});
    describeFeatures(image, frame.apiVersion, response);
    return {protocol::encodeResponse(response, frame.apiVersion, frame.correlationId),
            isActive ? raft.endOffset() - 1 : -1};
}

Result<Answer> Controller::State::answer(Now now, ConnectionId from, const RequestFrame& frame, io::Effects& effects) {
    using enum protocol::ApiKey;
    const auto key = static_cast<protocol::ApiKey>(frame.apiKey);
    if (key == ApiVersions)
        return answerApiVersions(frame);
    if (!isServed(frame))
        return unsupported(frame);
    if (raft::Raft::serves(frame.apiKey))
        return answerRaft(now, frame, effects);
    if (key == DescribeCluster) {
        const auto request = TRY(protocol::decode<protocol::DescribeClusterRequest>(frame.body, frame.apiVersion));
        return Answer{protocol::encodeResponse(describeControllers(image, raft.voters(), config.clusterId,
                                                                   raft.leader(), request, frame.apiVersion),
                                               frame.apiVersion, frame.correlationId),
                      -1};
    }
    if (!isActive)
        return Answer{TRY(refusal(frame, KafkaError::NotController)), -1};
    switch (key) {
    case BrokerRegistration:
        return serve<protocol::BrokerRegistrationRequest>(
            now, frame, effects,
            [&](const ControlContext& c, const auto& r) { return cluster.registerBroker(c, r, from); },
            always(Cause::Registration));
    case BrokerHeartbeat:
        return serve<protocol::BrokerHeartbeatRequest>(
            now, frame, effects,
            [&](const ControlContext& c, const auto& r) { return cluster.heartbeat(c, r, from); }, heartbeatCause);
    case AlterPartition:
        return serve<protocol::AlterPartitionRequest>(now, frame, effects, alterPartition,
                                                      always(Cause::LeaderRequest));
    case AllocateProducerIds:
        return serve<protocol::AllocateProducerIdsRequest>(now, frame, effects, allocateProducerIds,
                                                           always(Cause::LeaderRequest));
    case ControllerRegistration:
        return serve<protocol::ControllerRegistrationRequest>(now, frame, effects, registerController,
                                                              always(Cause::Registration));
    case Envelope:
        return answerEnvelope(now, frame, effects);
    default:
        return answerAdmin(now, frame, effects);
    }
}

Result<Answer> Controller::State::answerRaft(Now now, const RequestFrame& frame, io::Effects& effects) {
    auto answered = TRY(raft.onRequest(now, frame, effects));
    if (isActive)
        image.skip(raft.endOffset() - 1);  // voters may have changed: a record of the quorum's own
    return Answer{std::move(answered.frame), answered.afterOffset};
}

Result<Answer> Controller::State::answerAdmin(Now now, const RequestFrame& frame, io::Effects& effects) {
    using enum protocol::ApiKey;
    const auto cause = always(Cause::ConfigChange);
    if (raft::Raft::serves(frame.apiKey))
        return answerRaft(now, frame, effects);
    switch (static_cast<protocol::ApiKey>(frame.apiKey)) {
    case CreateTopics:
        return serve<protocol::CreateTopicsRequest>(now, frame, effects, createTopics, cause);
    case CreatePartitions:
        return serve<protocol::CreatePartitionsRequest>(now, frame, effects, createPartitions, cause);
    case DeleteTopics:
        return serve<protocol::DeleteTopicsRequest>(
            now, frame, effects,
            [&](const ControlContext& c, const auto& r) { return deleteTopics(c, r, frame.apiVersion); }, cause);
    case ElectLeaders:
        return serve<protocol::ElectLeadersRequest>(now, frame, effects, electLeaders,
                                                    always(Cause::ElectionRequest));
    case AlterPartitionReassignments:
        return serve<protocol::AlterPartitionReassignmentsRequest>(now, frame, effects, alterReassignments,
                                                                   always(Cause::Reassignment));
    case ListPartitionReassignments:
        return serve<protocol::ListPartitionReassignmentsRequest>(now, frame, effects, listReassignments, cause);
    case UnregisterBroker:
        return serve<protocol::UnregisterBrokerRequest>(
            now, frame, effects, [&](const ControlContext& c, const auto& r) { return cluster.unregister(c, r); },
            always(Cause::Unregistration));
    case UpdateFeatures:
        return serve<protocol::UpdateFeaturesRequest>(
            now, frame, effects,
            [&](const ControlContext& c, const auto& r) { return updateFeatures(c, r, frame.apiVersion); }, cause);
    case IncrementalAlterConfigs: {
        auto answered =
            serve<protocol::IncrementalAlterConfigsRequest>(now, frame, effects, alterConfigs, cause);
        // An unclean election may have become allowed.
        commit(electForLeaderless(context(now), std::nullopt), Cause::ConfigChange, now, effects);
        return answered;
    }
    default:
        return unsupported(frame);
    }
}

Result<Answer> Controller::State::answerEnvelope(Now now, const RequestFrame& frame, io::Effects& effects) {
    const auto envelope = TRY(protocol::decode<protocol::EnvelopeRequest>(frame.body, frame.apiVersion));
    const auto wrap = [&](KafkaError error, std::optional<Bytes> data, std::int64_t afterOffset) {
        const protocol::EnvelopeResponse response{.responseData = std::move(data),
                                                  .errorCode = protocol::code(error)};
        return Answer{protocol::encodeResponse(response, frame.apiVersion, frame.correlationId), afterOffset};
    };
    const auto inner = protocol::parseRequestFrame(envelope.requestData);
    if (!inner)
        return wrap(KafkaError::InvalidRequest, std::nullopt, -1);
    if (!isServed(*inner))
        return wrap(KafkaError::UnsupportedVersion, std::nullopt, -1);
    auto answered = answerAdmin(now, *inner, effects);
    if (!answered)
        return wrap(KafkaError::InvalidRequest, std::nullopt, -1);
    return wrap(KafkaError::None, answered->frame.flatten(), answered->afterOffset);
}

}  // namespace odradek::quorum
