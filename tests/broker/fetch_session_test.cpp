// SPDX-License-Identifier: GPL-3.0-or-later
// Fetch sessions (KIP-227): what a client sees of them, and who gives way when the cache is full.
#include <gtest/gtest.h>

#include "engine/broker/fetch_sessions.h"
#include "engine/protocol/messages/delete_topics.h"
#include "tests/support/cluster_client.h"

namespace odradek::test {
namespace {

using broker::FetchAsk;
using broker::FetchKey;
using broker::FetchSession;
using broker::FetchSessionCache;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::KafkaError;
using protocol::ProduceResponse;

constexpr int kPartitions = 5;

FetchRequest none(const FetchResponse& opened, std::int32_t epoch, std::int32_t maxWaitMs = 0) {
    FetchRequest request;
    request.maxWaitMs = maxWaitMs;
    request.minBytes = 1;
    request.sessionId = opened.sessionId;
    request.sessionEpoch = epoch;
    return request;
}

std::size_t partitionsIn(const FetchResponse& answer) {
    std::size_t count = 0;
    for (const auto& topic : answer.responses)
        count += topic.partitions.size();
    return count;
}

/// One broker, so that it leads all.
struct Sessions : testing::Test {
    ClusterHarness cluster{1, {{"max.incremental.fetch.session.cache.slots", "3"}}};
    Uuid topic;
    void SetUp() override {
        ASSERT_TRUE(cluster.start());
        topic = createTopic(cluster, "orders", kPartitions, 1);
        cluster.run(5);
    }
    void produce(int partition, const std::string& value) {
        ClusterClient client(cluster, 1);
        const auto answer =
            client.call<ProduceResponse>(produceOf(topic, partition, batchOf({value})));
        ASSERT_EQ(answer.responses.at(0).partitionResponses.at(0).errorCode, 0);
    }
    FetchRequest all(std::int32_t epoch = 0) const {
        auto request = fetchOf(topic, 0, 0);
        request.sessionEpoch = epoch;
        for (int i = 1; i < kPartitions; ++i) {
            auto one = request.topics[0].partitions[0];
            one.partition = i;
            request.topics[0].partitions.push_back(one);
        }
        return request;
    }
    FetchRequest naming(const FetchResponse& opened, std::int32_t epoch, int partition,
                        std::int64_t offset, std::int32_t maxWaitMs = 0) const {
        auto request = fetchOf(topic, partition, offset, maxWaitMs);
        request.sessionId = opened.sessionId;
        request.sessionEpoch = epoch;
        return request;
    }
};

TEST_F(Sessions, AnAnswerHoldsOnlyWhatChanged) {
    ClusterClient client(cluster, 1);
    const auto opened = client.call<FetchResponse>(all());
    ASSERT_NE(opened.sessionId, 0);
    EXPECT_EQ(partitionsIn(opened), std::size_t{kPartitions});
    EXPECT_EQ(partitionsIn(client.call<FetchResponse>(none(opened, 1))), 0u);
    produce(3, "a");
    const auto changed = client.call<FetchResponse>(none(opened, 2));
    EXPECT_EQ(changed.sessionId, opened.sessionId);
    ASSERT_EQ(partitionsIn(changed), 1u);
    const auto& data = changed.responses[0].partitions[0];
    EXPECT_EQ(data.partitionIndex, 3);
    EXPECT_EQ(data.highWatermark, 1);
    EXPECT_EQ(valuesIn(data.records), std::vector<std::string>{"a"});
}

TEST_F(Sessions, WhatWasNotTakenIsToldAgainUntilTheOffsetMoves) {
    produce(2, "a");
    ClusterClient client(cluster, 1);
    const auto opened = client.call<FetchResponse>(all());
    EXPECT_EQ(partitionsIn(client.call<FetchResponse>(none(opened, 1))), 1u);
    EXPECT_EQ(partitionsIn(client.call<FetchResponse>(none(opened, 2))), 1u);
    EXPECT_EQ(partitionsIn(client.call<FetchResponse>(naming(opened, 3, 2, 1))), 0u);
    EXPECT_EQ(partitionsIn(client.call<FetchResponse>(none(opened, 4))), 0u);
    EXPECT_EQ(partitionsIn(client.call<FetchResponse>(naming(opened, 5, 2, 0))), 1u) << "a seek";
}

TEST_F(Sessions, LongPollEndsWithARecordInAnyOfItsPartitions) {
    ClusterClient client(cluster, 1);
    const auto opened = client.call<FetchResponse>(all());
    const auto waiting = client.send(none(opened, 1, 5000));
    cluster.run(200);
    EXPECT_EQ(client.waiting(), 0u);
    const auto before = cluster.elapsedMs();
    produce(4, "x");
    const auto answer = client.take<FetchResponse>(waiting, 18);
    EXPECT_LE(cluster.elapsedMs() - before, 10);
    ASSERT_EQ(partitionsIn(answer), 1u);
    EXPECT_EQ(answer.responses[0].partitions[0].partitionIndex, 4);
    const auto empty = client.call<FetchResponse>(naming(opened, 2, 4, 1, 700));
    EXPECT_EQ(partitionsIn(empty), 0u);
    EXPECT_EQ(empty.sessionId, opened.sessionId);
}

TEST_F(Sessions, MinBytesGathersOverPartitions) {
    ClusterClient client(cluster, 1);
    const auto opened = client.call<FetchResponse>(all());
    auto patient = none(opened, 1, 10000);
    patient.minBytes = static_cast<std::int32_t>(batchOf({std::string(200, 'x')}).size()) + 1;
    const auto waiting = client.send(patient);
    produce(1, std::string(200, 'x'));
    cluster.run(100);
    EXPECT_EQ(client.waiting(), 0u);
    produce(2, std::string(200, 'y'));
    EXPECT_EQ(partitionsIn(client.take<FetchResponse>(waiting, 18, 10)), 2u);
}

TEST_F(Sessions, WhatTheLimitLeftOutComesNext) {
    for (int i = 0; i < kPartitions; ++i)
        produce(i, std::string(5000, 'z'));
    ClusterClient client(cluster, 1);
    auto full = all();
    full.maxBytes = 6000;
    const auto opened = client.call<FetchResponse>(full);
    EXPECT_EQ(partitionsIn(opened), std::size_t{kPartitions}) << "a full answer names all";
    std::set<std::int32_t> got;
    const auto note = [&](const FetchResponse& answer) {
        for (const auto& topicOf : answer.responses)
            for (const auto& one : topicOf.partitions)
                if (one.records && !one.records->empty())
                    got.insert(one.partitionIndex);
    };
    note(opened);
    for (std::int32_t epoch = 1; epoch < kPartitions; ++epoch) {
        auto next = none(opened, epoch);
        next.maxBytes = 6000;
        for (const auto index : got) {
            auto named = naming(opened, epoch, index, 1);
            if (next.topics.empty())
                next.topics = named.topics;
            else
                next.topics[0].partitions.push_back(named.topics[0].partitions[0]);
        }
        note(client.call<FetchResponse>(next));
    }
    EXPECT_EQ(got.size(), std::size_t{kPartitions});
}

TEST_F(Sessions, EpochsAndIdsAreChecked) {
    ClusterClient client(cluster, 1);
    const auto opened = client.call<FetchResponse>(all());
    const auto late = client.call<FetchResponse>(none(opened, 2));
    EXPECT_EQ(late.errorCode, code(KafkaError::InvalidFetchSessionEpoch));
    EXPECT_EQ(late.sessionId, 0);
    auto unknown = none(opened, 1);
    unknown.sessionId = opened.sessionId == 1 ? 2 : 1;
    EXPECT_EQ(client.call<FetchResponse>(unknown).errorCode,
              code(KafkaError::FetchSessionIdNotFound));
    EXPECT_EQ(client.call<FetchResponse>(none(opened, 1), 12).errorCode,
              code(KafkaError::FetchSessionTopicIdError));
    EXPECT_EQ(client.call<FetchResponse>(none(opened, 1)).errorCode, 0) << "errors cost no epoch";
}

TEST_F(Sessions, TwoAtOnceEndTheOlder) {
    ClusterClient one(cluster, 1);
    ClusterClient two(cluster, 1);
    const auto opened = one.call<FetchResponse>(all());
    const auto waiting = one.send(none(opened, 1, 5000));
    cluster.run(10);
    EXPECT_EQ(two.call<FetchResponse>(none(opened, 2)).errorCode, 0);
    const auto answer = one.take<FetchResponse>(waiting, 18);
    EXPECT_EQ(answer.errorCode, code(KafkaError::InvalidFetchSessionEpoch));
    EXPECT_EQ(answer.sessionId, opened.sessionId);
}

TEST_F(Sessions, ForgottenPartitionsAreSilentAndTheLastOneEndsTheSession) {
    ClusterClient client(cluster, 1);
    const auto opened = client.call<FetchResponse>(all());
    auto less = none(opened, 1);
    less.forgottenTopicsData.push_back({{}, topic, {0, 1, 2, 3}});
    EXPECT_EQ(client.call<FetchResponse>(less).sessionId, opened.sessionId);
    produce(1, "forgotten");
    EXPECT_EQ(partitionsIn(client.call<FetchResponse>(none(opened, 2))), 0u);
    auto nothing = none(opened, 3, 5000);
    nothing.forgottenTopicsData.push_back({{}, topic, {4}});
    const auto before = cluster.elapsedMs();
    EXPECT_EQ(client.call<FetchResponse>(nothing).sessionId, 0);
    EXPECT_EQ(cluster.elapsedMs(), before) << "nothing to wait for";
    EXPECT_EQ(client.call<FetchResponse>(none(opened, 4)).errorCode,
              code(KafkaError::FetchSessionIdNotFound));
}

TEST_F(Sessions, AFullFetchClosesTheSessionItNames) {
    ClusterClient client(cluster, 1);
    const auto opened = client.call<FetchResponse>(all());
    auto last = all(-1);
    last.sessionId = opened.sessionId;
    const auto closed = client.call<FetchResponse>(last);
    EXPECT_EQ(closed.sessionId, 0);
    EXPECT_EQ(partitionsIn(closed), std::size_t{kPartitions});
    EXPECT_EQ(client.call<FetchResponse>(none(opened, 1)).errorCode,
              code(KafkaError::FetchSessionIdNotFound));
}

TEST_F(Sessions, ErrorsAreToldEachTimeAndDeletedTopicsTooAndThenNewOnes) {
    ClusterClient client(cluster, 1);
    auto request = fetchOf(topic, 0, 99);
    request.sessionEpoch = 0;
    const auto opened = client.call<FetchResponse>(request);
    EXPECT_EQ(opened.responses.at(0).partitions.at(0).errorCode,
              code(KafkaError::OffsetOutOfRange));
    for (std::int32_t epoch = 1; epoch <= 2; ++epoch)
        EXPECT_EQ(client.call<FetchResponse>(none(opened, epoch))
                      .responses.at(0)
                      .partitions.at(0)
                      .errorCode,
                  code(KafkaError::OffsetOutOfRange));
    const auto waiting = client.send(naming(opened, 3, 0, 0, 20000));
    cluster.run(10);
    protocol::DeleteTopicsRequest gone;
    gone.topics.push_back({std::nullopt, topic});
    ClusterClient admin(cluster, 1);
    EXPECT_EQ(admin.call<protocol::DeleteTopicsResponse>(gone).responses.at(0).errorCode, 0);
    const auto before = cluster.elapsedMs();
    const auto told = client.take<FetchResponse>(waiting, 18);
    EXPECT_LE(cluster.elapsedMs() - before, 100) << "the wait ended with the partition";
    EXPECT_NE(told.responses.at(0).partitions.at(0).errorCode, 0);
    EXPECT_EQ(
        client.call<FetchResponse>(none(opened, 4)).responses.at(0).partitions.at(0).errorCode,
        code(KafkaError::UnknownTopicId));
}

TEST_F(Sessions, NamedTopicsAreFoundOnceTheyExist) {
    ClusterClient client(cluster, 1);
    FetchRequest request = fetchOf({}, 0, 0);
    request.topics[0].topic = "later";
    request.sessionEpoch = 0;
    const auto opened = client.call<FetchResponse>(request, 12);
    EXPECT_EQ(opened.responses.at(0).partitions.at(0).errorCode,
              code(KafkaError::UnknownTopicOrPartition));
    topic = createTopic(cluster, "later", 1, 1);
    produce(0, "now");
    const auto answer = client.call<FetchResponse>(none(opened, 1), 12);
    ASSERT_EQ(partitionsIn(answer), 1u);
    EXPECT_EQ(answer.responses[0].topic, "later");
    EXPECT_EQ(valuesIn(answer.responses[0].partitions[0].records), std::vector<std::string>{"now"});
}

TEST_F(Sessions, AFullCacheDeclines) {
    ClusterClient client(cluster, 1);
    std::vector<FetchResponse> opened;
    for (int i = 0; i < 3; ++i) {
        opened.push_back(client.call<FetchResponse>(all()));
        cluster.run(10);
    }
    EXPECT_NE(opened.back().sessionId, 0);
    EXPECT_EQ(client.call<FetchResponse>(all()).sessionId, 0);
    cluster.run(121'000);
    EXPECT_NE(client.call<FetchResponse>(all()).sessionId, 0) << "the oldest was not used";
    EXPECT_EQ(client.call<FetchResponse>(none(opened[0], 1)).errorCode,
              code(KafkaError::FetchSessionIdNotFound));
}

FetchSession& filled(FetchSessionCache& cache, Prng& random, bool privileged, int parts,
                     Instant at) {
    auto& session = cache.create(privileged, true, at, random);
    for (int i = 0; i < parts; ++i)
        session.put({Uuid{{1}}, {}, i}, FetchAsk{});
    return session;
}

TEST(FetchSessionCache, FollowersReplaceClientsAndLargeOldSessionsSmallOnes) {
    FetchSessionCache cache;
    cache.setLimit(2);
    Prng random(7);
    const Instant start{1'000'000'000};
    auto& client = filled(cache, random, false, 2, start);
    auto& follower = filled(cache, random, true, 3, start);
    EXPECT_EQ(cache.victimFor(false, 100, start), std::nullopt) << "both are young";
    EXPECT_EQ(cache.victimFor(true, 1, start), client.id);
    // Both in use for longer than the protected time.
    const Instant later = start + Milliseconds(130'000);
    client.lastUsed = follower.lastUsed = later;
    EXPECT_EQ(cache.victimFor(false, 1, later), std::nullopt) << "smaller than the smallest";
    EXPECT_EQ(cache.victimFor(false, 3, later), client.id);
    const auto first = client.id;
    cache.remove(first);
    EXPECT_EQ(cache.victimFor(false, 3, later), 0) << "there is room";
    filled(cache, random, true, 9, later);
    EXPECT_EQ(cache.victimFor(false, 100, later), std::nullopt) << "followers are worth more";
    const Instant idle = later + Milliseconds(121'000);
    EXPECT_NE(cache.victimFor(false, 1, idle), std::nullopt) << "nobody used them";
}

TEST(FetchSession, ChangedSlotsAreTakenOnceInOrderAndPutBackInFront) {
    FetchSession session;
    const FetchKey a{Uuid{{1}}, {}, 0};
    const FetchKey b{Uuid{{1}}, {}, 1};
    const FetchKey c{Uuid{{1}}, {}, 2};
    const auto slotA = session.put(a, {});
    const auto slotB = session.put(b, {});
    const auto slotC = session.put(c, {});
    session.put(a, {Offset(5)});
    EXPECT_EQ(session.takeChanged(), (std::vector{slotA, slotB, slotC}));
    EXPECT_TRUE(session.takeChanged().empty());
    session.markChanged(slotC);
    session.putBack({slotB, slotA});
    EXPECT_EQ(session.takeChanged(), (std::vector{slotB, slotA, slotC}));
    session.markChanged(slotB);
    EXPECT_TRUE(session.forget(b));
    EXPECT_FALSE(session.forget(b));
    EXPECT_EQ(session.put({Uuid{{2}}, {}, 0}, {}), slotB) << "a free slot is used again";
    EXPECT_EQ(session.takeChanged(), std::vector{slotB});
    EXPECT_EQ(session.size(), 3u);
}

TEST(FetchSession, EpochsWrapToOne) {
    EXPECT_EQ(FetchSession::nextEpoch(0), 1);
    EXPECT_EQ(FetchSession::nextEpoch(INT32_MAX), 1);
    EXPECT_EQ(FetchSession::nextEpoch(-1), -1);
}

}  // namespace
}  // namespace odradek::test
