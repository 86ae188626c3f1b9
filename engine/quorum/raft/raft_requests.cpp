// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <fmt/format.h>

#include "engine/metadata/image.h"
#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "engine/protocol/messages/update_raft_voter.h"
#include "engine/quorum/raft/raft.h"

namespace odradek::raft {
namespace {

using protocol::ApiKey;
using protocol::KafkaError;

/// The one partition a request of the quorum is about; null when it asks for anything else.
template <class Request>
const auto* onlyPartition(const Request& request) {
    using Partition = std::remove_reference_t<decltype(request.topics.front().partitions.front())>;
    const bool isOurs = request.topics.size() == 1 &&
                        request.topics.front().topicName == metadata::kClusterMetadataTopic &&
                        request.topics.front().partitions.size() == 1 &&
                        request.topics.front().partitions.front().partitionIndex == 0;
    return isOurs ? &request.topics.front().partitions.front() : static_cast<const Partition*>(nullptr);
}

template <class Response, class Partition>
Response answerOf(Partition partition) {
    Response response;
    auto& topic = response.topics.emplace_back();
    topic.topicName = metadata::kClusterMetadataTopic;
    topic.partitions.push_back(std::move(partition));
    return response;
}

template <class Response>
Response refuse(KafkaError error) {
    Response response;
    response.errorCode = code(error);
    return response;
}

}  // namespace

template <class Response>
void Raft::addEndpoints(Response& response) const {
    const auto* voter = voters().find(leader());
    if (voter != nullptr && !voter->endpoints.empty())
        response.nodeEndpoints.push_back(
            {voter->key.id, voter->endpoints.front().host, voter->endpoints.front().port});
}

bool Raft::serves(std::int16_t apiKey) {
    switch (static_cast<ApiKey>(apiKey)) {
    case ApiKey::Vote:
    case ApiKey::BeginQuorumEpoch:
    case ApiKey::EndQuorumEpoch:
    case ApiKey::FetchSnapshot:
    case ApiKey::DescribeQuorum:
    case ApiKey::AddRaftVoter:
    case ApiKey::RemoveRaftVoter:
    case ApiKey::UpdateRaftVoter: return true;
    default: return false;
    }
}

Result<Raft::RaftAnswer> Raft::onRequest(Now now, const protocol::RequestFrame& frame, io::Effects& effects) {
    const auto serve = [&]<class Request>(auto answer) -> Result<RaftAnswer> {
        const auto request = TRY(protocol::decode<Request>(frame.body, frame.apiVersion));
        return RaftAnswer{protocol::encodeResponse(answer(request), frame.apiVersion, frame.correlationId), -1};
    };
    switch (static_cast<ApiKey>(frame.apiKey)) {
    case ApiKey::Vote:
        return serve.operator()<protocol::VoteRequest>([&](const auto& r) { return onVote(now, r); });
    case ApiKey::BeginQuorumEpoch:
        return serve.operator()<protocol::BeginQuorumEpochRequest>([&](const auto& r) { return onBegin(now, r); });
    case ApiKey::EndQuorumEpoch:
        return serve.operator()<protocol::EndQuorumEpochRequest>([&](const auto& r) { return onEnd(now, r); });
    case ApiKey::FetchSnapshot:
        return serve.operator()<protocol::FetchSnapshotRequest>(
            [&](const auto& r) { return onFetchSnapshot(now, r); });
    case ApiKey::DescribeQuorum:
        return serve.operator()<protocol::DescribeQuorumRequest>([&](const auto& r) { return describe(r); });
    default: return onVoterChange(now, frame, effects);
    }
}

bool Raft::mayVoteFor(const ReplicaKey& candidate, bool isUpToDate, bool isPreVote) const {
    if ((m_config.mutants & static_cast<std::uint32_t>(Mutant::SkipLogCheck)) != 0)
        isUpToDate = true;
    if (isPreVote) {
        // Who hears from the leader helps nobody to depose it.
        const bool hearsLeader = m_role == Role::Follower && m_hasFetched && !m_isSuspect;
        return isUpToDate && m_role != Role::Leader && !hearsLeader;
    }
    if ((m_config.mutants & static_cast<std::uint32_t>(Mutant::DoubleVote)) != 0 && m_role != Role::Leader)
        return isUpToDate;
    if (m_role == Role::Leader || m_role == Role::Candidate || m_role == Role::Resigned)
        return false;
    if (m_state.votedId >= 0)
        return m_state.votedId == candidate.id && m_state.votedDirectoryId == candidate.directory;
    return leader() < 0 && isUpToDate;
}

protocol::VoteResponse Raft::onVote(Now now, const protocol::VoteRequest& request) {
    using Response = protocol::VoteResponse;
    if (request.clusterId && *request.clusterId != m_config.clusterId)
        return refuse<Response>(KafkaError::InconsistentClusterId);
    const auto* asked = onlyPartition(request);
    if (asked == nullptr || asked->replicaId < 0 || asked->replicaId == m_config.node || asked->lastOffset < 0 ||
        asked->lastOffsetEpoch < 0 || asked->lastOffsetEpoch > asked->replicaEpoch)
        return refuse<Response>(KafkaError::InvalidRequest);
    const auto answer = [&](KafkaError error, bool granted) {
        auto response =
            answerOf<Response>(Response::PartitionData{0, code(error), leader(), epoch(), granted});
        addEndpoints(response);
        return response;
    };
    if (asked->replicaEpoch < epoch())
        return answer(KafkaError::FencedLeaderEpoch, false);
    if (asked->replicaEpoch > epoch())
        becomeUnattached(now, asked->replicaEpoch, Reason::HigherEpoch);
    const bool isMeant = (request.voterId < 0 || request.voterId == m_config.node) &&
                         (asked->voterDirectoryId.isZero() || asked->voterDirectoryId == m_config.directory);
    if (!isMeant)
        return answer(KafkaError::InvalidVoterKey, false);
    const ReplicaKey candidate{asked->replicaId, asked->replicaDirectoryId};
    const bool isUpToDate =
        OffsetAndEpoch{asked->lastOffset, asked->lastOffsetEpoch}.isUpToDateWith(m_store.end());
    const bool granted = mayVoteFor(candidate, isUpToDate, asked->preVote);
    if (granted && !asked->preVote && m_state.votedId != candidate.id) {
        setState(epoch(), -1, candidate, true);
        if (m_role == Role::Prospective)
            changed(Role::Unattached, Reason::HigherEpoch);
        m_electionAt = now.at + m_config.electionTimeout + jitter(m_config.electionTimeout);
    }
    return answer(KafkaError::None, granted);
}

protocol::BeginQuorumEpochResponse Raft::onBegin(Now now, const protocol::BeginQuorumEpochRequest& request) {
    using Response = protocol::BeginQuorumEpochResponse;
    if (request.clusterId && *request.clusterId != m_config.clusterId)
        return refuse<Response>(KafkaError::InconsistentClusterId);
    const auto* begun = onlyPartition(request);
    if (begun == nullptr || begun->leaderId < 0 || begun->leaderId == m_config.node)
        return refuse<Response>(KafkaError::InvalidRequest);
    const auto answer = [&](KafkaError error) {
        auto response = answerOf<Response>(Response::PartitionData{0, code(error), leader(), epoch()});
        addEndpoints(response);
        return response;
    };
    if (begun->leaderEpoch < epoch())
        return answer(KafkaError::FencedLeaderEpoch);
    const bool isSameEpoch = begun->leaderEpoch == epoch();
    if (isSameEpoch && (isLeader() || m_role == Role::Resigned ||
                        (m_role == Role::Follower && leader() != begun->leaderId)))
        return answer(KafkaError::InvalidRequest);
    const bool isMeant = (request.voterId < 0 || request.voterId == m_config.node) &&
                         (begun->voterDirectoryId.isZero() || begun->voterDirectoryId == m_config.directory);
    becomeFollower(now, begun->leaderEpoch, begun->leaderId, Reason::LeaderFound);
    // The leader misses our fetches: try again now.
    m_fetchAt = now.at;
    m_peers[begun->leaderId].retryAt = now.at;
    return answer(isMeant ? KafkaError::None : KafkaError::InvalidVoterKey);
}

protocol::EndQuorumEpochResponse Raft::onEnd(Now now, const protocol::EndQuorumEpochRequest& request) {
    using Response = protocol::EndQuorumEpochResponse;
    if (request.clusterId && *request.clusterId != m_config.clusterId)
        return refuse<Response>(KafkaError::InconsistentClusterId);
    const auto* ended = onlyPartition(request);
    if (ended == nullptr || ended->leaderId < 0 || ended->leaderId == m_config.node)
        return refuse<Response>(KafkaError::InvalidRequest);
    const auto answer = [&](KafkaError error) {
        auto response = answerOf<Response>(Response::PartitionData{0, code(error), leader(), epoch()});
        addEndpoints(response);
        return response;
    };
    if (ended->leaderEpoch < epoch())
        return answer(KafkaError::FencedLeaderEpoch);
    learn(now, ended->leaderEpoch, ended->leaderId);
    if (m_role != Role::Follower || leader() != ended->leaderId || !isVoter())
        return answer(KafkaError::None);
    // The first named goes at once, the others step by step later, should it fail.
    std::int64_t place = -1;
    for (std::size_t i = 0; i < ended->preferredCandidates.size() && place < 0; ++i)
        if (ended->preferredCandidates[i].candidateId == m_config.node)
            place = static_cast<std::int64_t>(i);
    for (std::size_t i = 0; i < ended->preferredSuccessors.size() && place < 0; ++i)
        if (ended->preferredSuccessors[i] == m_config.node)
            place = static_cast<std::int64_t>(i);
    setState(epoch(), -1, {m_state.votedId, m_state.votedDirectoryId}, false);
    if (place == 0) {
        becomeProspective(now, Reason::LeaderResigned);
    } else {
        changed(Role::Unattached, Reason::LeaderResigned);
        const auto step = place < 0 ? m_config.electionTimeout : m_config.electionTimeout / 4 * place;
        m_electionAt = now.at + step + jitter(m_config.electionTimeout / 4);
    }
    return answer(KafkaError::None);
}

}  // namespace odradek::raft
