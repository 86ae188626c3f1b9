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

/// A client in a session with broker 1 over partitions 0 and 1 of "t", its next fetch out.
struct SessionRig : FetchRig {
    static constexpr std::int32_t kSession = 77;
    Sent next;

    SessionRig() {
        assign(0, 0);
        assign(0, 1);
        bringUp({1, 1});
        comeUp();
        const auto full = takeSent(kFetch);
        EXPECT_EQ(full.as<protocol::FetchRequest>().sessionEpoch, 0);
        answerIn(full, kSession, {0, 1});
        next = takeSent(kFetch);
    }
    /// Answers with nothing new for these partitions.
    void answerIn(const Sent& to, std::int32_t session, std::vector<std::int32_t> partitions,
                  std::int16_t error = 0, std::vector<Bytes> batches = {}) {
        protocol::FetchResponse answered;
        answered.sessionId = session;
        answered.errorCode = error;
        if (!partitions.empty())
            answered.responses.emplace_back().topicId = kTopicId;
        for (const auto index : partitions) {
            auto& one = answered.responses[0].partitions.emplace_back();
            one.partitionIndex = index;
            one.records = Chain();
            for (const auto& batch : batches)
                one.records->append(batch);
        }
        answer(to, answered);
    }
    static std::size_t named(const protocol::FetchRequest& request) {
        return request.topics.empty() ? 0 : request.topics[0].partitions.size();
    }
};

TEST(ClientFetchSession, NamesOnlyWhatMoved) {
    SessionRig rig;
    const auto second = rig.next.as<protocol::FetchRequest>();
    EXPECT_EQ(second.sessionId, SessionRig::kSession);
    EXPECT_EQ(second.sessionEpoch, 1);
    EXPECT_EQ(SessionRig::named(second), 0u);
    rig.answerIn(rig.next, SessionRig::kSession, {1}, 0, {ClientRig::batch(0, 4)});
    const auto third = rig.takeSent(kFetch).as<protocol::FetchRequest>();
    EXPECT_EQ(third.sessionEpoch, 2);
    ASSERT_EQ(SessionRig::named(third), 1u);
    EXPECT_EQ(third.topics[0].partitions[0].partition, 1);
    EXPECT_EQ(third.topics[0].partitions[0].fetchOffset, 4);
}

TEST(ClientFetchSession, PausedAndUnassignedPartitionsAreForgotten) {
    SessionRig rig;
    rig.client.unassign({"t", 0});
    rig.answerIn(rig.next, SessionRig::kSession, {});
    const auto sent = rig.takeSent(kFetch);
    const auto request = sent.as<protocol::FetchRequest>();
    EXPECT_EQ(SessionRig::named(request), 0u);
    ASSERT_EQ(request.forgottenTopicsData.size(), 1u);
    EXPECT_EQ(request.forgottenTopicsData[0].topicId, ClientRig::kTopicId);
    EXPECT_EQ(request.forgottenTopicsData[0].partitions, std::vector<std::int32_t>{0});
    rig.assign(9, 0);
    rig.answerIn(sent, SessionRig::kSession, {});
    const auto back = rig.takeSent(kFetch).as<protocol::FetchRequest>();
    ASSERT_EQ(SessionRig::named(back), 1u);
    EXPECT_EQ(back.topics[0].partitions[0].fetchOffset, 9);
}

TEST(ClientFetchSession, ASessionTheBrokerDoesNotKnowIsOpenedAnewAtOnce) {
    for (const auto error :
         {KafkaError::FetchSessionIdNotFound, KafkaError::InvalidFetchSessionEpoch,
          KafkaError::FetchSessionTopicIdError}) {
        SessionRig rig;
        rig.answerIn(rig.next, 0, {}, code(error));
        const auto full = rig.takeSent(kFetch).as<protocol::FetchRequest>();
        EXPECT_EQ(full.sessionEpoch, 0);
        EXPECT_EQ(full.sessionId,
                  error == KafkaError::FetchSessionIdNotFound ? 0 : SessionRig::kSession)
            << "an old one is closed";
        EXPECT_EQ(SessionRig::named(full), 2u);
        EXPECT_TRUE(rig.outcomes.fetched.size() <= 2u);
    }
}

TEST(ClientFetchSession, ALostConnectionStartsOver) {
    SessionRig rig;
    rig.connectionLost(rig.next.connection);
    rig.pass(Milliseconds(60));
    rig.comeUp();
    const auto full = rig.takeSent(kFetch).as<protocol::FetchRequest>();
    EXPECT_EQ(full.sessionEpoch, 0);
    EXPECT_EQ(full.sessionId, SessionRig::kSession) << "closes the old one";
    EXPECT_EQ(SessionRig::named(full), 2u);
}

TEST(ClientFetchSession, ADeclinedSessionMeansFullFetches) {
    SessionRig rig;
    rig.answerIn(rig.next, 0, {});
    const auto full = rig.takeSent(kFetch);
    EXPECT_EQ(full.as<protocol::FetchRequest>().sessionEpoch, 0);
    rig.answerIn(full, 0, {0, 1});
    const auto again = rig.takeSent(kFetch).as<protocol::FetchRequest>();
    EXPECT_EQ(again.sessionEpoch, 0);
    EXPECT_EQ(again.sessionId, 0);
    EXPECT_EQ(SessionRig::named(again), 2u);
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
