// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/base/check.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "engine/protocol/messages/update_raft_voter.h"
#include "engine/quorum/raft/raft.h"
#include "engine/quorum/raft/snapshot_file.h"

namespace odradek::raft {
namespace {

using protocol::ApiKey;
using protocol::KafkaError;

/// A new voter has to have been caught up within this time (Kafka: one hour).
constexpr std::int64_t kCaughtUpWithinMs = 3'600'000;

template <class Listeners>
std::vector<Endpoint> endpointsOf(const Listeners& listeners) {
    std::vector<Endpoint> endpoints;
    for (const auto& listener : listeners)
        endpoints.push_back({listener.name, listener.host, listener.port});
    return endpoints;
}

template <class Response>
Response answerOf(KafkaError error, std::string message = {}) {
    Response response;
    response.errorCode = protocol::code(error);
    if (message.empty())
        response.errorMessage.reset();
    else
        response.errorMessage = std::move(message);
    return response;
}

}  // namespace

/// Kafka changes the voters one at a time, and not before the leader knows what is committed.
KafkaError Raft::mayChangeVoters() const {
    if (!isLeader())
        return KafkaError::NotLeaderOrFollower;
    if (kraftVersion() < 1)
        return KafkaError::UnsupportedVersion;
    if (!isActive() || m_history.votersOffset() >= m_highWatermark)
        return KafkaError::RequestTimedOut;
    return KafkaError::None;
}

std::int64_t Raft::appendVoters(const VoterSet& set, Now now, io::Effects& effects) {
    const auto offset = endOffset();
    const std::vector<protocol::Record> records{
        controlRecord(protocol::ControlType::KRaftVoters, set.toRecord(), offset, now.wallMs)};
    const auto batch = protocol::buildBatch(records, {.baseOffset = offset, .leaderEpoch = epoch(), .control = true});
    ODRADEK_CHECK(batch.has_value(), "a batch of voters can always be built");
    m_store.append(*batch, effects);
    noteControl(m_store.batches().back());
    votersChanged(now);
    advanceHighWatermark();
    return offset;
}

/// Brings roles and progress in line with the newest voters; a leader that was removed goes once that is committed.
void Raft::votersChanged(Now now) {
    if (isLeader()) {
        for (const auto& [id, voter] : voters().all()) {
            if (id == m_config.node || (m_progress.contains(id) && m_progress[id].key == voter.key))
                continue;
            Progress progress{.key = voter.key, .lastFetch = now.at};
            if (const auto seen = m_observers.find(voter.key); seen != m_observers.end())
                progress = seen->second;
            m_progress[id] = progress;
        }
        std::erase_if(m_progress, [&](const auto& entry) { return voters().find(entry.first) == nullptr; });
    } else if (!isVoter() && (m_role == Role::Prospective || m_role == Role::Candidate)) {
        becomeUnattached(now, epoch(), Reason::NotVoter);
    } else if (isVoter() && m_role == Role::Unattached && m_electionAt == Instant::never()) {
        m_electionAt = now.at + m_config.electionTimeout + jitter(m_config.electionTimeout);
    }
}

Result<Raft::RaftAnswer> Raft::onVoterChange(Now now, const protocol::RequestFrame& frame, io::Effects& effects) {
    const auto reply = [&](const auto& response, std::int64_t afterOffset = -1) {
        return RaftAnswer{protocol::encodeResponse(response, frame.apiVersion, frame.correlationId), afterOffset};
    };
    const auto isForeign = [&](const auto& request) {
        return request.clusterId && *request.clusterId != m_config.clusterId;
    };
    const auto may = mayChangeVoters();
    switch (static_cast<ApiKey>(frame.apiKey)) {
    case ApiKey::AddRaftVoter: {
        using Response = protocol::AddRaftVoterResponse;
        const auto request = TRY(protocol::decode<protocol::AddRaftVoterRequest>(frame.body, frame.apiVersion));
        const ReplicaKey key{request.voterId, request.voterDirectoryId};
        if (isForeign(request))
            return reply(answerOf<Response>(KafkaError::InconsistentClusterId));
        if (may != KafkaError::None)
            return reply(answerOf<Response>(may));
        if (voters().find(key.id) != nullptr)
            return reply(answerOf<Response>(KafkaError::DuplicateVoter,
                                            "The voter id is already part of the set of voters"));
        if (key.id < 0 || key.directory.isZero() || request.listeners.empty())
            return reply(answerOf<Response>(KafkaError::InvalidRequest));
        const auto seen = m_observers.find(key);
        if (seen == m_observers.end() || seen->second.lastCaughtUpWallMs + kCaughtUpWithinMs < now.wallMs)
            return reply(answerOf<Response>(KafkaError::RequestTimedOut,
                                            "Aborted add voter operation because the voter is not caught up"));
        const auto offset =
            appendVoters(voters().with({key, endpointsOf(request.listeners)}), now, effects);
        const bool waits = frame.apiVersion < 1 || request.ackWhenCommitted;
        return reply(answerOf<Response>(KafkaError::None), waits ? offset : -1);
    }
    case ApiKey::RemoveRaftVoter: {
        using Response = protocol::RemoveRaftVoterResponse;
        const auto request = TRY(protocol::decode<protocol::RemoveRaftVoterRequest>(frame.body, frame.apiVersion));
        const auto* voter = voters().find(request.voterId);
        if (isForeign(request))
            return reply(answerOf<Response>(KafkaError::InconsistentClusterId));
        if (may != KafkaError::None)
            return reply(answerOf<Response>(may));
        if (voter == nullptr || voter->key.directory != request.voterDirectoryId)
            return reply(answerOf<Response>(KafkaError::VoterNotFound));
        if (voters().size() == 1)
            return reply(answerOf<Response>(KafkaError::InvalidRequest, "The last voter cannot be removed"));
        return reply(answerOf<Response>(KafkaError::None),
                     appendVoters(voters().without(request.voterId), now, effects));
    }
    default: {
        using Response = protocol::UpdateRaftVoterResponse;
        const auto request = TRY(protocol::decode<protocol::UpdateRaftVoterRequest>(frame.body, frame.apiVersion));
        Response response;
        response.currentLeader.leaderId = leader();
        response.currentLeader.leaderEpoch = epoch();
        const auto* voter = voters().find(request.voterId);
        if (isForeign(request))
            response.errorCode = protocol::code(KafkaError::InconsistentClusterId);
        else if (request.currentLeaderEpoch < epoch())
            response.errorCode = protocol::code(KafkaError::FencedLeaderEpoch);
        else if (request.currentLeaderEpoch > epoch())
            response.errorCode = protocol::code(KafkaError::UnknownLeaderEpoch);
        else if (may != KafkaError::None)
            response.errorCode = protocol::code(may);
        else if (voter == nullptr || voter->key.directory != request.voterDirectoryId)
            response.errorCode = protocol::code(KafkaError::VoterNotFound);
        if (response.errorCode != 0)
            return reply(response);
        Voter updated{.key = voter->key,
                      .endpoints = endpointsOf(request.listeners),
                      .minKraftVersion = request.kRaftVersionFeature.minSupportedVersion,
                      .maxKraftVersion = request.kRaftVersionFeature.maxSupportedVersion};
        return reply(response, appendVoters(voters().with(updated), now, effects));
    }
    }
}

}  // namespace odradek::raft
