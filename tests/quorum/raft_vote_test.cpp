// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/metadata/image.h"
#include "engine/quorum/raft/raft.h"
#include "engine/quorum/raft/snapshot_file.h"
#include "tests/support/memory_disk.h"

namespace odradek::raft {
namespace {

using protocol::KafkaError;

Uuid directoryOf(std::int32_t id) {
    return Uuid{{7, static_cast<std::uint8_t>(id)}};
}

/// Node 1 of three voters, talked to by requests; nodes 2 and 3 are whoever the test says.
class OneOfThree {
public:
    OneOfThree() {
        std::vector<Voter> voters;
        for (std::int32_t id = 1; id <= 3; ++id)
            voters.push_back({.key = {id, directoryOf(id)}});
        m_disk.put(std::string(kMetadataFolder) + "/" + snapshotName({0, 0}),
                   buildBootstrapSnapshot(VoterSet(voters), 0));
        boot();
    }
    void boot() {
        auto booted = Raft::boot({.node = 1, .directory = directoryOf(1), .clusterId = "c", .seed = 4}, m_disk);
        ASSERT_TRUE(booted.has_value()) << booted.error().message;
        m_raft = std::make_unique<Raft>(std::move(*booted));
        io::Effects effects;
        m_raft->start(m_now, effects);
        end(effects);
    }
    /// Ends a step; with `disk`, all effects are performed.
    std::vector<Outgoing> end(io::Effects& effects, bool disk = true) {
        std::vector<Outgoing> out;
        m_raft->pump(m_now, out, effects);
        m_disk.submit(effects);
        while (disk && m_disk.queued() > 0)
            if (const auto done = m_disk.step()) {
                io::Effects more;
                m_raft->onDisk(m_now, *done, more);
                m_raft->pump(m_now, out, more);
                m_disk.submit(more);
            }
        if (!out.empty())
            m_last = out;
        return out;
    }
    /// What was sent last.
    const std::vector<Outgoing>& last() const { return m_last; }
    template <class Response, class Request>
    Response call(const Request& request, bool disk = true) {
        const auto version = Request::kInfo.maxVersion;
        const auto frame = protocol::parseRequestFrame(protocol::encodeRequest(request, version, 9, "t").flatten());
        io::Effects effects;
        auto answer = m_raft->onRequest(m_now, *frame, effects);
        EXPECT_TRUE(answer.has_value());
        end(effects, disk);
        return *protocol::decodeResponse<Response>(answer->frame.flatten(), version, 9);
    }
    protocol::VoteResponse::PartitionData vote(std::int32_t candidate, std::int32_t epoch, OffsetAndEpoch log = {},
                                               bool pre = false, bool disk = true) {
        protocol::VoteRequest request{.clusterId = "c", .voterId = 1};
        auto& topic = request.topics.emplace_back();
        topic.topicName = metadata::kClusterMetadataTopic;
        topic.partitions.push_back({.replicaEpoch = epoch,
                                    .replicaId = candidate,
                                    .replicaDirectoryId = directoryOf(candidate),
                                    .voterDirectoryId = directoryOf(1),
                                    .lastOffsetEpoch = log.epoch,
                                    .lastOffset = log.offset,
                                    .preVote = pre});
        return call<protocol::VoteResponse>(request, disk).topics.at(0).partitions.at(0);
    }
    protocol::BeginQuorumEpochResponse::PartitionData begin(std::int32_t leader, std::int32_t epoch) {
        protocol::BeginQuorumEpochRequest request{.clusterId = "c", .voterId = 1};
        auto& topic = request.topics.emplace_back();
        topic.topicName = metadata::kClusterMetadataTopic;
        topic.partitions.push_back({.voterDirectoryId = directoryOf(1), .leaderId = leader, .leaderEpoch = epoch});
        return call<protocol::BeginQuorumEpochResponse>(request).topics.at(0).partitions.at(0);
    }
    std::vector<Outgoing> pass(Milliseconds time) {
        m_now.at = m_now.at + time;
        io::Effects effects;
        m_raft->tick(m_now, effects);
        return end(effects);
    }
    /// Answers what node 1 asked of a peer.
    template <class Response>
    std::vector<Outgoing> answer(const Outgoing& asked, const Response& response) {
        const auto frame = protocol::parseRequestFrame(asked.frame.flatten());
        io::Effects effects;
        m_raft->onPeerFrame(m_now, asked.peer,
                            protocol::encodeResponse(response, frame->apiVersion, frame->correlationId).flatten(),
                            effects);
        return end(effects);
    }
    Raft& raft() { return *m_raft; }
    test::MemoryDisk& disk() { return m_disk; }
    Now now() const { return m_now; }

private:
    test::MemoryDisk m_disk{3};
    std::unique_ptr<Raft> m_raft;
    Now m_now{Instant{1'000'000'000}, 1'700'000'000'000};
    std::vector<Outgoing> m_last;
};

protocol::VoteResponse ballot(std::int32_t epoch, bool granted, std::int32_t leader = -1) {
    protocol::VoteResponse response;
    auto& topic = response.topics.emplace_back();
    topic.topicName = metadata::kClusterMetadataTopic;
    topic.partitions.push_back({0, 0, leader, epoch, granted});
    return response;
}

protocol::VoteRequest asked(const Outgoing& out) {
    const auto frame = protocol::parseRequestFrame(out.frame.flatten());
    EXPECT_EQ(frame->apiKey, protocol::VoteRequest::kInfo.key);
    return *protocol::decode<protocol::VoteRequest>(frame->body, frame->apiVersion);
}

TEST(RaftVote, IsGivenOncePerEpochAndRemembered) {
    OneOfThree one;
    EXPECT_TRUE(one.vote(2, 5).voteGranted);
    EXPECT_FALSE(one.vote(3, 5).voteGranted) << "the vote of epoch 5 is given";
    EXPECT_TRUE(one.vote(2, 5).voteGranted) << "asked again by the same";
    one.disk().powerCut();
    one.boot();
    EXPECT_EQ(one.raft().epoch(), 5);
    EXPECT_FALSE(one.vote(3, 5).voteGranted);
    EXPECT_TRUE(one.vote(3, 6).voteGranted) << "a new epoch, a new vote";
}

TEST(RaftVote, MustNotLeaveBeforeItIsOnDisk) {
    OneOfThree one;
    EXPECT_TRUE(one.vote(2, 5, {}, false, false).voteGranted);
    EXPECT_LT(one.raft().durableState(), one.raft().stateSequence()) << "the answer is to be held back";
    io::Effects none;
    one.end(none);
    EXPECT_EQ(one.raft().durableState(), one.raft().stateSequence());
    EXPECT_EQ(one.disk().content("__cluster_metadata-0/quorum-state").view(),
              R"({"leaderId":-1,"leaderEpoch":5,"votedId":2,"votedDirectoryId":"BwIAAAAAAAAAAAAAAAAAAA","data_version":1})");
}

TEST(RaftVote, IsRefusedToOldEpochsShorterLogsAndStrangers) {
    OneOfThree one;
    EXPECT_TRUE(one.vote(2, 5).voteGranted);
    EXPECT_EQ(one.vote(3, 4).errorCode, protocol::code(KafkaError::FencedLeaderEpoch));
    protocol::VoteRequest request{.clusterId = "other"};
    EXPECT_EQ(one.call<protocol::VoteResponse>(request).errorCode,
              protocol::code(KafkaError::InconsistentClusterId));
    request.clusterId = "c";
    EXPECT_EQ(one.call<protocol::VoteResponse>(request).errorCode, protocol::code(KafkaError::InvalidRequest));
    request.voterId = 2;  // not this node
    auto& topic = request.topics.emplace_back();
    topic.topicName = metadata::kClusterMetadataTopic;
    topic.partitions.push_back({.replicaEpoch = 9, .replicaId = 3, .lastOffsetEpoch = 0});
    const auto answer = one.call<protocol::VoteResponse>(request).topics.at(0).partitions.at(0);
    EXPECT_EQ(answer.errorCode, protocol::code(KafkaError::InvalidVoterKey));
    EXPECT_FALSE(answer.voteGranted);
}

TEST(RaftVote, APreVoteChangesNothing) {
    OneOfThree one;
    EXPECT_TRUE(one.vote(2, 0, {}, true).voteGranted);
    EXPECT_TRUE(one.vote(3, 0, {}, true).voteGranted);
    EXPECT_EQ(one.raft().epoch(), 0);
    EXPECT_EQ(one.raft().votedFor(), -1);
    EXPECT_FALSE(one.disk().exists("__cluster_metadata-0/quorum-state"));
}

TEST(RaftVote, AnElectionIsAPreVoteAndAVote) {
    OneOfThree one;
    auto out = one.pass(Milliseconds(0));
    EXPECT_EQ(one.raft().role(), Role::Prospective) << "the first of the voters asks at once";
    ASSERT_EQ(out.size(), 2u);
    EXPECT_TRUE(asked(out[0]).topics.at(0).partitions.at(0).preVote);
    EXPECT_EQ(asked(out[0]).topics.at(0).partitions.at(0).replicaEpoch, 0);
    out = one.answer(out[0], ballot(0, true));
    EXPECT_EQ(one.raft().role(), Role::Candidate);
    EXPECT_EQ(one.raft().epoch(), 1);
    ASSERT_EQ(out.size(), 2u) << "sent once the own vote is on disk";
    EXPECT_FALSE(asked(out[0]).topics.at(0).partitions.at(0).preVote);
    out = one.answer(out[1], ballot(1, true));
    EXPECT_EQ(one.raft().role(), Role::Leader);
    EXPECT_FALSE(one.raft().isActive()) << "nobody has its first record yet";
    EXPECT_EQ(one.raft().endOffset(), 3) << "leader change, kraft.version, voters";
    EXPECT_EQ(one.raft().highWatermark(), 0);
    EXPECT_FALSE(one.vote(3, 1).voteGranted);
    EXPECT_TRUE(one.vote(3, 2, {3, 1}).voteGranted) << "a later epoch ends it";
    EXPECT_EQ(one.raft().role(), Role::Unattached);
    EXPECT_FALSE(one.vote(2, 3, {2, 1}).voteGranted) << "a shorter log";
}

TEST(RaftVote, ALostPreVoteLeavesTheEpoch) {
    OneOfThree one;
    auto out = one.pass(Milliseconds(0));
    one.answer(out[0], ballot(0, false));
    one.answer(out[1], ballot(0, false));
    EXPECT_EQ(one.raft().role(), Role::Unattached);
    EXPECT_EQ(one.raft().epoch(), 0);
    one.pass(Milliseconds(1100));
    EXPECT_EQ(one.raft().role(), Role::Prospective) << "tried again after a backoff";
}

TEST(RaftVote, WhoeverHearsOfALeaderFollows) {
    OneOfThree one;
    auto out = one.pass(Milliseconds(0));
    one.answer(out[0], ballot(4, false, 3));
    EXPECT_EQ(one.raft().role(), Role::Follower);
    EXPECT_EQ(one.raft().leader(), 3);
    EXPECT_EQ(one.raft().epoch(), 4);
    EXPECT_EQ(one.begin(2, 3).errorCode, protocol::code(KafkaError::FencedLeaderEpoch));
    EXPECT_EQ(one.begin(2, 4).errorCode, protocol::code(KafkaError::InvalidRequest)) << "two leaders of an epoch";
    EXPECT_EQ(one.begin(2, 5).errorCode, 0);
    EXPECT_EQ(one.raft().leader(), 2);
    EXPECT_FALSE(one.vote(3, 5, {9, 5}).voteGranted) << "the epoch has a leader";
}

TEST(RaftVote, WhoHearsTheLeaderHelpsNobodyToDeposeIt) {
    OneOfThree one;
    EXPECT_EQ(one.begin(2, 5).errorCode, 0);
    EXPECT_TRUE(one.vote(3, 5, {}, true).voteGranted) << "it has not heard from the leader yet";
    const auto asked = one.last();
    ASSERT_EQ(asked.size(), 1u) << "it fetches from the leader";
    protocol::FetchResponse answer;
    answer.responses.emplace_back().partitions.push_back({.currentLeader = {2, 5}});
    one.answer(asked.back(), answer);
    EXPECT_FALSE(one.vote(3, 5, {}, true).voteGranted);
    one.pass(Milliseconds(2001));
    EXPECT_EQ(one.raft().role(), Role::Prospective) << "controller.quorum.fetch.timeout.ms is over";
    EXPECT_TRUE(one.vote(3, 5, {}, true).voteGranted);
}

TEST(RaftVote, ALeaderWithoutAMajorityResigns) {
    OneOfThree one;
    auto out = one.pass(Milliseconds(0));
    out = one.answer(out[0], ballot(0, true));
    out = one.answer(out[0], ballot(1, true));
    ASSERT_EQ(one.raft().role(), Role::Leader);
    one.pass(Milliseconds(2999));
    EXPECT_EQ(one.raft().role(), Role::Leader);
    out = one.pass(Milliseconds(1));
    EXPECT_EQ(one.raft().role(), Role::Resigned);
    EXPECT_EQ(one.raft().leader(), -1);
    EXPECT_FALSE(one.vote(3, 1, {9, 1}).voteGranted) << "it voted for itself in this epoch";
}

}  // namespace
}  // namespace odradek::raft
