// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "tests/quorum/quorum_world.h"

namespace odradek::quorum {
namespace {

using protocol::KafkaError;

bool allAt(QuorumWorld& world, std::int64_t end) {
    for (const auto id : world.ids())
        if (!world.isUp(id) || world.core(id).raft().highWatermark() < end)
            return false;
    return true;
}
bool elects(QuorumWorld& world, int notThis = 0) {
    return world.runUntil([&] { return world.active() != 0 && world.active() != notThis; });
}
/// Writes and waits until everybody has it.
bool agrees(QuorumWorld& world) {
    const auto leader = world.active();
    if (leader == 0 || !world.write(leader))
        return false;
    const auto end = world.core(leader).raft().endOffset();
    return world.runUntil([&] { return allAt(world, end); });
}

TEST(Quorum, ElectsOneLeaderAndAgrees) {
    for (const int voters : {1, 3, 5}) {
        QuorumWorld world({.voters = voters});
        ASSERT_TRUE(elects(world)) << world.violation();
        ASSERT_TRUE(agrees(world)) << world.violation();
        for (const auto id : world.ids()) {
            EXPECT_EQ(world.core(id).isActive(), id == world.active());
            EXPECT_EQ(world.core(id).raft().leader(), world.active());
            EXPECT_EQ(world.core(id).image().controllerId(), world.active());
            EXPECT_EQ(world.core(id).image(), world.core(world.active()).image());
            EXPECT_EQ(world.core(id).raft().kraftVersion(), 1);
        }
    }
}

TEST(Quorum, TheFirstLeaderIsThereSoon) {
    QuorumWorld world({.voters = 3, .networkUsMax = 200, .diskUsMax = 200});
    EXPECT_TRUE(world.runUntil([&] { return world.active() != 0; }, Milliseconds(60)))
        << "without waiting for timeouts";
    EXPECT_EQ(world.active(), 1);
    EXPECT_EQ(world.core(1).raft().epoch(), 1);
}

TEST(Quorum, AnotherLeadsWhenTheLeaderDies) {
    QuorumWorld world({.voters = 3});
    ASSERT_TRUE(elects(world));
    ASSERT_TRUE(agrees(world));
    const auto old = world.active();
    const auto before = world.core(old).image();
    const auto died = world.now().at;
    world.crash(old, true);
    ASSERT_TRUE(elects(world));
    EXPECT_LT(world.now().at - died, Milliseconds(100))
        << "broken connections are noticed before timeouts";
    EXPECT_EQ(world.core(world.active()).image().allConfigs().size(), before.allConfigs().size());
    world.boot(old);
    ASSERT_TRUE(agrees(world)) << world.violation();
    EXPECT_FALSE(world.core(old).isActive());
    EXPECT_EQ(world.core(old).raft().epoch(), 2) << "its return disturbs nobody";
}

TEST(Quorum, ACutOffLeaderResignsAndForgetsWhatWasNotCommitted) {
    QuorumWorld world({.voters = 3});
    ASSERT_TRUE(elects(world));
    ASSERT_TRUE(agrees(world));
    const auto old = world.active();
    const auto mark = world.core(old).raft().highWatermark();
    const auto image = world.core(old).image();
    world.isolate(old);
    world.answers(old).clear();
    world.write(old);
    EXPECT_GT(world.core(old).raft().endOffset(), mark);
    ASSERT_TRUE(elects(world, old));
    ASSERT_TRUE(world.runUntil([&] { return !world.core(old).isActive(); }));
    EXPECT_TRUE(world.answers(old).empty()) << "nothing was acknowledged";
    EXPECT_EQ(world.core(old).image(), image);
    world.heal();
    ASSERT_TRUE(agrees(world)) << world.violation();
    EXPECT_EQ(world.core(old).image(), world.core(world.active()).image());
}

TEST(Quorum, ACutOffFollowerDisturbsNobody) {
    QuorumWorld world({.voters = 3});
    ASSERT_TRUE(elects(world));
    const auto leader = world.active();
    const auto epoch = world.core(leader).raft().epoch();
    const auto one = leader == 3 ? 2 : 3;
    world.isolate(one);
    world.run(Milliseconds(2000));
    EXPECT_EQ(world.core(one).raft().role(), raft::Role::Prospective);
    EXPECT_EQ(world.core(one).raft().epoch(), epoch) << "pre-votes keep the epoch";
    world.heal();
    ASSERT_TRUE(agrees(world)) << world.violation();
    EXPECT_EQ(world.active(), leader);
    EXPECT_EQ(world.core(leader).raft().epoch(), epoch);
}

TEST(Quorum, WithoutAMajorityNothingIsCommitted) {
    QuorumWorld world({.voters = 3});
    ASSERT_TRUE(elects(world));
    const auto leader = world.active();
    for (const auto id : world.ids())
        if (id != leader)
            world.crash(id, false);
    world.answers(leader).clear();
    world.write(leader);
    world.run(Milliseconds(2000));
    EXPECT_EQ(world.active(), 0);
    EXPECT_TRUE(world.answers(leader).empty());
}

TEST(Quorum, OnlyTheActiveControllerAnswers) {
    QuorumWorld world({.voters = 3});
    ASSERT_TRUE(elects(world));
    ASSERT_TRUE(agrees(world));
    const auto other = world.active() == 1 ? 2 : 1;
    world.write(other);
    ASSERT_EQ(world.answers(other).size(), 1u);
    const auto frame = protocol::parseResponseFrame(44, 1, world.answers(other).back());
    const auto answer = protocol::decode<protocol::IncrementalAlterConfigsResponse>(frame->body, 1);
    EXPECT_EQ(answer->responses.at(0).errorCode, protocol::code(KafkaError::NotController));
}

TEST(Quorum, ShutdownInGoodOrderHandsOverAtOnce) {
    QuorumWorld world({.voters = 3, .networkUsMax = 200, .diskUsMax = 200});
    ASSERT_TRUE(elects(world));
    ASSERT_TRUE(agrees(world));
    const auto old = world.active();
    world.shutDown(old);
    EXPECT_TRUE(world.runUntil([&] { return world.active() != 0 && world.active() != old; },
                               Milliseconds(30)));
}

TEST(Quorum, WhoIsFarBehindGetsASnapshot) {
    QuorumWorld world(
        {.voters = 3, .settings = {{"metadata.log.max.record.bytes.between.snapshots", "1500"}}});
    ASSERT_TRUE(elects(world));
    ASSERT_TRUE(agrees(world));
    const auto leader = world.active();
    const auto one = leader == 3 ? 2 : 3;
    world.crash(one, true);
    for (int i = 0; i < 60; ++i) {
        world.write(leader);
        world.run(Milliseconds(10));
    }
    ASSERT_EQ(world.active(), leader);
    EXPECT_GT(world.core(leader).raft().store().startOffset(), 0)
        << "the log begins behind a snapshot";
    EXPECT_LE(world.core(leader).raft().store().snapshots().size(), 2u);
    world.boot(one);
    ASSERT_TRUE(agrees(world)) << world.violation();
    EXPECT_GT(world.core(one).raft().store().startOffset(), 0);
    EXPECT_EQ(world.core(one).image(), world.core(leader).image());
    // And all of it can be read again from the disks.
    for (const auto id : world.ids())
        world.crash(id, true);
    for (const auto id : world.ids())
        world.boot(id);
    ASSERT_TRUE(elects(world)) << world.violation();
    ASSERT_TRUE(agrees(world)) << world.violation();
    EXPECT_EQ(world.core(one).raft().kraftVersion(), 1);
    EXPECT_EQ(world.core(one).raft().voters().size(), 3u);
}

TEST(Quorum, VotersCanBeAddedAndRemoved) {
    QuorumWorld world({.voters = 3});
    world.addObserver(4);
    ASSERT_TRUE(elects(world));
    ASSERT_TRUE(agrees(world)) << "an observer follows, too";
    EXPECT_FALSE(world.core(4).raft().isVoter());
    world.run(Milliseconds(200));  // the leader has seen it at the end of the log
    auto leader = world.active();
    world.answers(leader).clear();
    protocol::AddRaftVoterRequest add{.clusterId = "cluster", .voterId = 4};
    add.voterDirectoryId = world.directoryOf(4);
    add.listeners.push_back({"CONTROLLER", "127.0.0.1", 9004});
    world.request(leader, add);
    ASSERT_TRUE(world.runUntil([&] { return !world.answers(leader).empty(); }));
    EXPECT_EQ(protocol::decode<protocol::AddRaftVoterResponse>(
                  protocol::parseResponseFrame(80, 1, world.answers(leader).back())->body, 1)
                  ->errorCode,
              0);
    EXPECT_TRUE(world.core(4).raft().isVoter());
    EXPECT_EQ(world.core(leader).raft().voters().size(), 4u);
    ASSERT_TRUE(agrees(world));

    world.answers(leader).clear();
    protocol::RemoveRaftVoterRequest remove{.clusterId = "cluster", .voterId = leader};
    remove.voterDirectoryId = world.directoryOf(leader);
    world.request(leader, remove);
    const auto old = leader;
    ASSERT_TRUE(world.runUntil([&] { return world.active() != 0 && world.active() != old; }))
        << world.violation();
    leader = world.active();
    EXPECT_EQ(world.core(leader).raft().voters().size(), 3u);
    EXPECT_EQ(world.core(leader).raft().voters().find(old), nullptr);
    ASSERT_TRUE(agrees(world)) << world.violation();
}

TEST(Quorum, AWipedVoterJoinsAnew) {
    QuorumWorld world({.voters = 3, .settings = {{"controller.quorum.auto.join.enable", "true"}}});
    ASSERT_TRUE(elects(world));
    ASSERT_TRUE(agrees(world));
    for (const int id : {3, 2, 1, 1}) {
        const auto before = world.core(id).raft().config().directory;
        world.crash(id, true);
        world.wipe(id);
        world.boot(id);
        ASSERT_TRUE(world.runUntil([&] { return world.core(id).raft().isVoter(); }))
            << id << world.violation();
        EXPECT_NE(world.core(id).raft().voters().find(id)->key.directory, before);
        EXPECT_EQ(world.core(id).raft().voters().size(), 3u);
        ASSERT_TRUE(elects(world));
        ASSERT_TRUE(agrees(world)) << world.violation();
    }
}

}  // namespace
}  // namespace odradek::quorum
