// SPDX-License-Identifier: GPL-3.0-or-later
// The readers of a client: positions, cut-off batches, errors, seeking during a fetch, pausing; and
// its metadata.
#include <gtest/gtest.h>

#include "tests/client/client_rig.h"

namespace odradek::client::test {
namespace {

using protocol::code;
using protocol::KafkaError;

struct FetchRig : ClientRig {
    explicit FetchRig(ClientOptions options = ClientRig::options())
        : ClientRig(std::move(options)) {}

    Sent first(std::int64_t offset = 0) {
        assign(offset);
        bringUp({1});
        comeUp();
        return takeSent(kFetch);
    }
    static protocol::FetchRequest::FetchPartition asked(const Sent& sent, std::size_t index = 0) {
        return sent.as<protocol::FetchRequest>().topics.at(0).partitions.at(index);
    }
};

TEST(ClientFetch, ReadsOnFromWhereItStands) {
    FetchRig rig;
    const auto sent = rig.first(5);
    EXPECT_EQ(FetchRig::asked(sent).fetchOffset, 5);
    EXPECT_EQ(FetchRig::asked(sent).currentLeaderEpoch, 0);
    rig.answerFetch(sent, 0, 10, {ClientRig::batch(3, 4), ClientRig::batch(7, 3)});
    ASSERT_EQ(rig.outcomes.fetched.size(), 1u);
    EXPECT_EQ(rig.outcomes.fetched[0].batches.size(), 2u) << "the batch that holds 5 begins at 3";
    EXPECT_EQ(rig.outcomes.fetched[0].position, 5);
    EXPECT_EQ(rig.outcomes.fetched[0].highWatermark, 10);
    EXPECT_EQ(FetchRig::asked(rig.takeSent(kFetch)).fetchOffset, 10);
}

TEST(ClientFetch, LeavesOutACutOffBatchAndOnesBelowThePosition) {
    FetchRig rig;
    const auto sent = rig.first(5);
    const auto whole = ClientRig::batch(8, 5);
    rig.answerFetch(
        sent, 0, 20,
        {ClientRig::batch(0, 5), ClientRig::batch(5, 3), whole.slice(0, whole.size() - 1)});
    ASSERT_EQ(rig.outcomes.fetched.size(), 1u);
    EXPECT_EQ(rig.outcomes.fetched[0].batches.size(), 1u);
    EXPECT_EQ(FetchRig::asked(rig.takeSent(kFetch)).fetchOffset, 8);
}

TEST(ClientFetch, OutOfRangeStopsUntilAssignedAnew) {
    FetchRig rig;
    const auto sent = rig.first(99);
    rig.answerFetch(sent, code(KafkaError::OffsetOutOfRange), 10, {});
    ASSERT_EQ(rig.outcomes.fetched.size(), 1u);
    EXPECT_EQ(rig.outcomes.fetched[0].error, code(KafkaError::OffsetOutOfRange));
    rig.pass(Milliseconds(500));
    EXPECT_EQ(rig.countSent(kFetch), 0u);
    rig.assign(0);
    EXPECT_EQ(FetchRig::asked(rig.takeSent(kFetch)).fetchOffset, 0);
}

TEST(ClientFetch, RetriesWithFreshMetadataWhenTheLeaderMoved) {
    FetchRig rig;
    const auto sent = rig.first(3);
    rig.answerFetch(sent, code(KafkaError::NotLeaderOrFollower), -1, {});
    EXPECT_TRUE(rig.outcomes.fetched.empty());
    rig.pass(Milliseconds(60));
    rig.answer(rig.takeSent(kMetadata), ClientRig::metadata({2}, 1));
    if (rig.countSent(kFetch) > 0)
        rig.answerFetch(rig.takeSent(kFetch), code(KafkaError::NotLeaderOrFollower), -1, {});
    rig.pass(Milliseconds(30));
    ASSERT_FALSE(rig.dials.empty());
    EXPECT_EQ(rig.dials.back().host, "broker2");
    rig.comeUp();
    const auto again = rig.takeSent(kFetch);
    EXPECT_EQ(FetchRig::asked(again).fetchOffset, 3);
    EXPECT_EQ(FetchRig::asked(again).currentLeaderEpoch, 1);
}

TEST(ClientFetch, ASeekDuringAFetchMakesItsAnswerStale) {
    FetchRig rig;
    const auto sent = rig.first(0);
    rig.assign(40);
    rig.answerFetch(sent, 0, 50, {ClientRig::batch(0, 10)});
    EXPECT_TRUE(rig.outcomes.fetched.empty());
    const auto next = rig.takeSent(kFetch);
    EXPECT_EQ(FetchRig::asked(next).fetchOffset, 40);
    EXPECT_EQ(rig.countSent(kFetch), 0u) << "one fetch at a time per broker";
}

TEST(ClientFetch, UnassignedAndPausedPartitionsAreNotFetched) {
    FetchRig rig;
    rig.assign(0, 0);
    rig.assign(0, 1);
    rig.bringUp({1, 1});
    rig.comeUp();
    const auto both = rig.takeSent(kFetch);
    EXPECT_EQ(both.as<protocol::FetchRequest>().topics.at(0).partitions.size(), 2u);
    rig.with([&](io::Effects& effects) {
        rig.client.setPaused(rig.now(), {"t", 0}, true, effects);
        return 0;
    });
    rig.client.unassign({"t", 1});
    rig.answerFetch(both, 0, 10, {ClientRig::batch(0, 1)}, 1);
    EXPECT_TRUE(rig.outcomes.fetched.empty());
    EXPECT_EQ(rig.countSent(kFetch), 0u);
    rig.with([&](io::Effects& effects) {
        rig.client.setPaused(rig.now(), {"t", 0}, false, effects);
        return 0;
    });
    EXPECT_EQ(rig.countSent(kFetch), 1u);
}

TEST(ClientFetch, BytesThatAreNoBatchStopTheReader) {
    FetchRig rig;
    const auto sent = rig.first();
    auto broken = ClientRig::batch(0, 1).span();
    std::vector<std::uint8_t> bytes(broken.begin(), broken.end());
    bytes[16] = 9;  // magic
    rig.answerFetch(sent, 0, 10, {Bytes::take(std::move(bytes))});
    ASSERT_EQ(rig.outcomes.fetched.size(), 1u);
    EXPECT_EQ(rig.outcomes.fetched[0].error, code(KafkaError::CorruptMessage));
    rig.pass(Milliseconds(200));
    EXPECT_EQ(rig.countSent(kFetch), 0u);
}

TEST(ClientFetch, ALostConnectionIsFetchedFromAgain) {
    FetchRig rig;
    const auto sent = rig.first(7);
    rig.connectionLost(sent.connection);
    rig.pass(Milliseconds(60));
    rig.comeUp();
    EXPECT_EQ(FetchRig::asked(rig.takeSent(kFetch)).fetchOffset, 7);
}

TEST(ClientMetadata, EpochsDoNotGoBack) {
    MetadataCache cache;
    cache.update(ClientRig::metadata({1}, 5), false);
    cache.update(ClientRig::metadata({2}, 4), false);
    EXPECT_EQ(cache.leaderOf({"t", 0}), 1);
    cache.update(ClientRig::metadata({2}, 6), false);
    EXPECT_EQ(cache.leaderOf({"t", 0}), 2);
    auto recreated = ClientRig::metadata({1}, 0);
    recreated.topics[0].topicId = Uuid{{9}};
    cache.update(recreated, false);
    EXPECT_EQ(cache.leaderOf({"t", 0}), 1) << "another topic of the same name starts over";
}

TEST(ClientMetadata, NoLeaderMeansNowhereToGo) {
    MetadataCache cache;
    cache.update(ClientRig::metadata({-1, 9}, 5), false);
    EXPECT_FALSE(cache.leaderOf({"t", 0}));
    EXPECT_FALSE(cache.leaderOf({"t", 1})) << "a broker nobody has told of";
    EXPECT_FALSE(cache.leaderOf({"t", 2}));
    EXPECT_FALSE(cache.leaderOf({"other", 0}));
}

TEST(ClientMetadata, AllTopicsForgetsWhatIsGone) {
    MetadataCache cache;
    cache.update(ClientRig::metadata({1}), true);
    auto without = ClientRig::metadata({1});
    without.topics.clear();
    cache.update(without, false);
    EXPECT_NE(cache.findTopic("t"), nullptr);
    cache.update(without, true);
    EXPECT_EQ(cache.findTopic("t"), nullptr);
}

TEST(ClientMetadata, AsksAgainWhileATopicHasNoLeader) {
    FetchRig rig;
    rig.assign(0);
    rig.comeUp();
    rig.answer(rig.takeSent(kMetadata), ClientRig::metadata({-1}));
    EXPECT_EQ(rig.countSent(kMetadata), 0u) << "not at once";
    rig.pass(Milliseconds(60));
    EXPECT_EQ(rig.countSent(kMetadata), 1u);
}

}  // namespace
}  // namespace odradek::client::test
