// SPDX-License-Identifier: GPL-3.0-or-later
// The producer of a client: order, retries with the same sequence, duplicates, expiry, new producer
// ids.
#include <gtest/gtest.h>

#include "tests/client/client_rig.h"

namespace odradek::client::test {
namespace {

using protocol::code;
using protocol::KafkaError;

struct ProducerRig : ClientRig {
    explicit ProducerRig(ClientOptions options = ClientRig::options())
        : ClientRig(std::move(options)) {}

    /// One record produced, leaders known, a producer id given; the connection to the leader is up.
    Sent first(std::vector<std::int32_t> leaders = {1}) {
        produce("first");
        bringUp(std::move(leaders));
        answerInit(4711);
        comeUp();
        return takeSent(kProduce);
    }
    static protocol::BatchHeader header(const Sent& sent, std::int32_t partition = 0) {
        return *protocol::readBatchHeader(batchOf(sent, partition));
    }
};

TEST(ClientProducer, SendsIdempotentlyWithAcksAll) {
    ProducerRig rig;
    const auto sent = rig.first();
    EXPECT_EQ(sent.as<protocol::ProduceRequest>().acks, -1);
    const auto header = ProducerRig::header(sent);
    EXPECT_EQ(header.producerId, 4711);
    EXPECT_EQ(header.baseSequence, 0);
    EXPECT_EQ(rig.client.unacked(), 1u);
    rig.answerProduce(sent, 0, 17);
    ASSERT_EQ(rig.outcomes.produced.size(), 1u);
    EXPECT_EQ(rig.outcomes.produced[0].offset, 17);
    EXPECT_EQ(rig.outcomes.produced[0].error, 0);
    EXPECT_EQ(rig.client.unacked(), 0u);
}

TEST(ClientProducer, OneBatchInFlightPerPartitionKeepsOrder) {
    ProducerRig rig;
    const auto first = rig.first();
    std::vector<Token> tokens;
    for (int i = 0; i < 5; ++i)
        tokens.push_back(rig.produce("more"));
    EXPECT_EQ(rig.countSent(kProduce), 0u);
    rig.answerProduce(first, 0, 0);
    const auto second = rig.takeSent(kProduce);
    EXPECT_EQ(ProducerRig::header(second).recordCount, 5);
    EXPECT_EQ(ProducerRig::header(second).baseSequence, 1);
    rig.answerProduce(second, 0, 1);
    ASSERT_EQ(rig.outcomes.produced.size(), 6u);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        EXPECT_EQ(rig.outcomes.produced[i + 1].token, tokens[i]);
        EXPECT_EQ(rig.outcomes.produced[i + 1].offset, static_cast<std::int64_t>(i + 1));
    }
}

TEST(ClientProducer, ARetriableErrorSendsTheVerySameBatchAgain) {
    ProducerRig rig;
    auto sent = rig.first();
    const auto batch = ClientRig::batchOf(sent);
    for (const auto error :
         {KafkaError::NotEnoughReplicas, KafkaError::NotEnoughReplicasAfterAppend,
          KafkaError::RequestTimedOut}) {
        rig.answerProduce(sent, code(error), -1);
        rig.produce("later");
        EXPECT_TRUE(rig.outcomes.produced.empty());
        rig.pass(Milliseconds(30));
        // Metadata may have been asked on the same connection; answers must come in order.
        if (rig.countSent(kMetadata) > 0)
            rig.answer(rig.takeSent(kMetadata), ClientRig::metadata({1}));
        sent = rig.takeSent(kProduce);
        EXPECT_EQ(ClientRig::batchOf(sent), batch);
    }
    rig.answerProduce(sent, 0, 3);
    ASSERT_EQ(rig.outcomes.produced.size(), 1u);
    EXPECT_EQ(ProducerRig::header(rig.takeSent(kProduce)).baseSequence, 1);
}

TEST(ClientProducer, ALostConnectionSendsTheVerySameBatchAgain) {
    ProducerRig rig;
    const auto sent = rig.first();
    rig.connectionLost(sent.connection);
    EXPECT_TRUE(rig.outcomes.produced.empty());
    rig.pass(Milliseconds(40));
    rig.comeUp();
    const auto again = rig.takeSent(kProduce);
    EXPECT_EQ(ClientRig::batchOf(again), ClientRig::batchOf(sent));
}

TEST(ClientProducer, ADuplicateCountsAsAckedWithoutOffset) {
    ProducerRig rig;
    const auto sent = rig.first();
    rig.answerProduce(sent, code(KafkaError::DuplicateSequenceNumber), -1);
    ASSERT_EQ(rig.outcomes.produced.size(), 1u);
    EXPECT_EQ(rig.outcomes.produced[0].error, 0);
    EXPECT_EQ(rig.outcomes.produced[0].offset, -1);
}

TEST(ClientProducer, FollowsTheLeader) {
    ProducerRig rig;
    const auto sent = rig.first();
    rig.answerProduce(sent, code(KafkaError::NotLeaderOrFollower), -1);
    rig.pass(Milliseconds(60));
    rig.answer(rig.takeSent(kMetadata), ClientRig::metadata({2}, 1));
    rig.pass(Milliseconds(30));
    // The batch may have gone once more to the old leader meanwhile; it refuses again.
    if (rig.countSent(kProduce) > 0) {
        const auto stray = rig.takeSent(kProduce);
        rig.answerProduce(stray, code(KafkaError::NotLeaderOrFollower), -1);
        rig.pass(Milliseconds(30));
    }
    ASSERT_FALSE(rig.dials.empty());
    EXPECT_EQ(rig.dials.back().host, "broker2");
    rig.comeUp();
    EXPECT_EQ(ClientRig::batchOf(rig.takeSent(kProduce)), ClientRig::batchOf(sent));
}

TEST(ClientProducer, AFatalErrorFailsTheBatchAndGoesOnUnderANewId) {
    ProducerRig rig;
    const auto sent = rig.first();
    rig.produce("next");
    rig.answerProduce(sent, code(KafkaError::OutOfOrderSequenceNumber), -1);
    ASSERT_EQ(rig.outcomes.produced.size(), 1u);
    EXPECT_EQ(rig.outcomes.produced[0].error, code(KafkaError::OutOfOrderSequenceNumber));
    rig.answerInit(4712);
    const auto next = ProducerRig::header(rig.takeSent(kProduce));
    EXPECT_EQ(next.producerId, 4712);
    EXPECT_EQ(next.baseSequence, 0);
}

TEST(ClientProducer, AnUnsentRecordExpires) {
    auto options = ClientRig::options();
    options.deliveryTimeout = Milliseconds(3'000);
    ProducerRig rig(options);
    rig.produce("lonely");
    rig.pass(Milliseconds(2'999));
    EXPECT_TRUE(rig.outcomes.produced.empty());
    rig.pass(Milliseconds(2));
    ASSERT_EQ(rig.outcomes.produced.size(), 1u);
    EXPECT_EQ(rig.outcomes.produced[0].error, code(KafkaError::RequestTimedOut));
    EXPECT_EQ(rig.client.unacked(), 0u);
}

TEST(ClientProducer, ABatchInFlightDoesNotExpireBeforeItsAnswer) {
    auto options = ClientRig::options();
    options.deliveryTimeout = Milliseconds(800);
    ProducerRig rig(options);
    const auto sent = rig.first();
    rig.pass(Milliseconds(900));
    EXPECT_TRUE(rig.outcomes.produced.empty()) << "it may well be in the log";
    rig.answerProduce(sent, 0, 5);
    ASSERT_EQ(rig.outcomes.produced.size(), 1u);
    EXPECT_EQ(rig.outcomes.produced[0].error, 0);
}

TEST(ClientProducer, AnExpiredBatchTakesItsProducerIdWithIt) {
    auto options = ClientRig::options();
    options.deliveryTimeout = Milliseconds(1'500);
    ProducerRig rig(options);
    const auto sent = rig.first();
    rig.connectionLost(sent.connection);
    // It may be queued for a connection that does not come up; that ends first.
    rig.pass(Milliseconds(2'600));
    ASSERT_GE(rig.outcomes.produced.size(), 1u);
    EXPECT_EQ(rig.outcomes.produced[0].error, code(KafkaError::RequestTimedOut));
    rig.produce("after");
    rig.pass(Milliseconds(1));
    EXPECT_EQ(rig.countSent(kInit), 1u) << "its sequence numbers may have been used";
}

TEST(ClientProducer, PartitionsGoTogetherToTheirLeader) {
    ProducerRig rig;
    rig.produce("zero", 0);
    rig.produce("one", 1);
    rig.bringUp({1, 1});
    rig.answerInit(1);
    rig.comeUp();
    const auto sent = rig.takeSent(kProduce);
    EXPECT_EQ(ProducerRig::header(sent, 0).baseSequence, 0);
    EXPECT_EQ(ProducerRig::header(sent, 1).baseSequence, 0) << "sequences count per partition";
}

TEST(ClientProducer, AFailedInitIsAskedAgain) {
    ProducerRig rig;
    rig.produce("x");
    rig.bringUp({1});
    protocol::InitProducerIdResponse busy;
    busy.errorCode = code(KafkaError::CoordinatorLoadInProgress);
    rig.answer(rig.takeSent(kInit), busy);
    EXPECT_EQ(rig.countSent(kInit), 0u);
    rig.pass(Milliseconds(30));
    EXPECT_EQ(rig.countSent(kInit), 1u);
}

}  // namespace
}  // namespace odradek::client::test
