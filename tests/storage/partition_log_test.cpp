// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/storage/log_rig.h"

using namespace odradek;
using namespace odradek::test;
using protocol::KafkaError;

TEST(PartitionLog, stampsOffsetsAndEpochAndServesThemFromMemoryAtOnce) {
    LogRig rig;
    rig.create();
    const auto first = rig.append({.records = 3}, 4);
    const auto second = rig.append({.records = 2}, 5);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->base, Offset(0));
    EXPECT_EQ(first->last, Offset(2));
    EXPECT_EQ(second->base, Offset(3));
    EXPECT_EQ(rig.log->logEnd(), Offset(5));
    EXPECT_EQ(rig.log->writtenEnd(), Offset(0)) << "nothing has reached the disk yet";
    const auto headers = headersOf(rig.fetch(0));
    ASSERT_EQ(headers.size(), 2u);
    EXPECT_EQ(headers[0].partitionLeaderEpoch, 4);
    EXPECT_EQ(headers[1].baseOffset, 3);
    EXPECT_EQ(headers[1].partitionLeaderEpoch, 5);
    EXPECT_EQ(rig.coldReads, 0);
}

TEST(PartitionLog, writesTheSameBytesItServes) {
    LogRig rig;
    rig.limits.writePieceBytes = 10'000;
    rig.create();
    for (int i = 0; i < 50;
         ++i)  // small ones are copied into blocks, large ones shared behind a new front
        ASSERT_TRUE(rig.append(
            {.records = 1 + i % 3, .value = std::string(i % 7 == 0 ? 25'000 : 90, 'x')}));
    rig.pump();
    EXPECT_EQ(rig.log->writtenEnd(), rig.log->logEnd());
    EXPECT_EQ(rig.log->unwrittenBytes(), 0u);
    const Bytes served = rig.fetchAll(0);
    const Bytes file = rig.disk.content(rig.path(0));
    ASSERT_GE(file.size(), served.size());
    EXPECT_EQ(file.slice(0, served.size()), served);
    EXPECT_EQ(rig.log->sizeInBytes(), served.size());
}

TEST(PartitionLog, coalescesWhatQueuesBehindOneWrite) {
    LogRig rig;
    rig.create();
    rig.pump();
    const auto before = rig.disk.performed();
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(rig.append());
    rig.pump();
    EXPECT_EQ(rig.disk.performed() - before, 2u) << "the first batch, then the other 99 together";
}

TEST(PartitionLog, filesGrowGeometrically) {
    LogRig rig;
    rig.create();
    ASSERT_TRUE(rig.append());
    rig.pump();
    EXPECT_EQ(rig.disk.content(rig.path(0)).size(), 64u << 10);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(rig.append({.value = std::string(30'000, 'x')}));
    rig.pump();
    EXPECT_EQ(rig.disk.content(rig.path(0)).size(), 128u << 10);
}

TEST(PartitionLog, stableEndFollowsTheFlushPolicy) {
    LogRig lazy;
    lazy.create();
    ASSERT_TRUE(lazy.append());
    lazy.pump();
    EXPECT_EQ(lazy.log->stableEnd(), Offset(1));
    EXPECT_EQ(lazy.log->flushedEnd(), Offset(0));

    LogRig sync;
    sync.config.flushMessages = 1;
    sync.create();
    sync.pump();
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(sync.append());
    sync.pump(1);
    EXPECT_EQ(sync.log->writtenEnd(), Offset(1));
    EXPECT_EQ(sync.log->stableEnd(), Offset(0));
    sync.pump();
    EXPECT_EQ(sync.log->stableEnd(), Offset(5));
}

TEST(PartitionLog, flushCoversWhatWasAppendedBefore) {
    LogRig rig;
    rig.create();
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(rig.append());
    auto o = rig.out();
    rig.log->flush(o);
    rig.pump();
    EXPECT_EQ(rig.log->flushedEnd(), Offset(5));
}

TEST(PartitionLog, aFailedWriteOrFlushStopsTheLog) {
    for (const bool flush : {false, true}) {
        LogRig rig;
        rig.config.flushMessages = 1;
        rig.create();
        rig.pump();
        if (flush)
            rig.disk.failNext<io::DiskFlush>(".log");
        else
            rig.disk.failNext<io::DiskWrite>(".log");
        ASSERT_TRUE(rig.append());
        rig.pump();
        ASSERT_TRUE(rig.log->failure().has_value());
        EXPECT_EQ(rig.log->stableEnd(), Offset(0));
        const auto refused = rig.append();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().error, KafkaError::KafkaStorageError);
        EXPECT_EQ(rig.log->logEnd(), Offset(1));
    }
}

// ---- Fetch
// --------------------------------------------------------------------------------------------------

TEST(PartitionLogFetch, neverReachesTheBoundAndCutsAtWholeBatches) {
    LogRig rig;
    rig.create();
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(rig.append({.records = 10}));
    EXPECT_EQ(headersOf(rig.fetch(0, 100)).size(), 10u);
    EXPECT_EQ(headersOf(rig.fetch(0, 35)).size(), 3u)
        << "a batch that reaches past the bound stays away";
    EXPECT_EQ(headersOf(rig.fetch(0, 40)).size(), 4u);
    EXPECT_EQ(rig.fetch(0, 5).size(), 0u);
    EXPECT_EQ(rig.fetch(100, 100).size(), 0u);
    const auto headers = headersOf(rig.fetch(47, 100));
    EXPECT_EQ(headers.front().baseOffset, 40) << "the batch that holds the offset comes whole";
    const auto size = headers.front().sizeInBytes();
    EXPECT_EQ(headersOf(rig.fetch(0, 100, size * 3)).size(), 3u);
    EXPECT_EQ(headersOf(rig.fetch(0, 100, size * 3 - 1)).size(), 2u);
    EXPECT_EQ(headersOf(rig.fetch(0, 100, 1)).size(), 1u) << "at least one";
    EXPECT_EQ(rig.fetch(0, 100, 1, false).size(), 0u);
}

TEST(PartitionLogFetch, outOfRangeBelowStartAndAboveEnd) {
    LogRig rig;
    rig.create(Offset(50));
    ASSERT_TRUE(rig.append());
    EXPECT_EQ(rig.log->read(Offset(49), Offset(99), 1, true).error(), KafkaError::OffsetOutOfRange);
    EXPECT_EQ(rig.log->read(Offset(52), Offset(99), 1, true).error(), KafkaError::OffsetOutOfRange);
    EXPECT_TRUE(rig.log->read(Offset(51), Offset(99), 1, true).has_value());
}

TEST(PartitionLogFetch, coldAndWarmGiveTheSameBytes) {
    LogRig rig;
    rig.limits.tailBytes = 20'000;
    rig.config.segmentBytes = 60'000;
    rig.create();
    for (int i = 0; i < 300; ++i) {
        ASSERT_TRUE(rig.append(
            {.records = 1 + i % 4, .value = std::string(i % 50 == 0 ? 12'000 : 200, 'x')}));
        rig.pump();
    }
    EXPECT_GT(rig.log->segments().size(), 3u);
    EXPECT_GT(rig.log->tailStart(), Offset(0));
    EXPECT_LE(rig.log->tailBytes(), 20'000u + 65'536);
    const auto end = rig.log->logEnd().value;
    std::int64_t expected = 0;
    for (const auto& header : headersOf(rig.fetchAll(0))) {
        EXPECT_EQ(header.baseOffset, expected);
        expected = header.nextOffset();
    }
    EXPECT_EQ(expected, end);
    EXPECT_GT(rig.coldReads, 0);
    for (std::int64_t from = 0; from < end; from += 7) {
        const auto headers = headersOf(rig.fetch(from, end, 500));
        ASSERT_FALSE(headers.empty());
        EXPECT_LE(headers.front().baseOffset, from);
        EXPECT_GE(headers.front().lastOffset(), from);
    }
}

TEST(PartitionLogFetch, aColdReadRefusesRottenBytes) {
    LogRig rig;
    rig.limits.tailBytes = 0;
    rig.create();
    ASSERT_TRUE(rig.append({.value = std::string(100, 'x')}));
    rig.pump();
    auto bytes = rig.disk.content(rig.path(0));
    std::vector<std::uint8_t> rotten(bytes.data(), bytes.data() + bytes.size());
    rotten[100] ^= 1;
    const auto plan = rig.log->read(Offset(0), Offset(1), 1000, true);
    ASSERT_TRUE(plan && std::holds_alternative<ColdRead>(*plan));
    const auto& cold = std::get<ColdRead>(*plan);
    EXPECT_TRUE(finishColdRead(cold, bytes.slice(cold.position, cold.size)).has_value());
    const auto bad =
        finishColdRead(cold, Bytes::take(std::move(rotten)).slice(cold.position, cold.size));
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::Corrupt);
}

TEST(PartitionLogFetch, whatIsGoodBeforeRottenBytesIsStillRead) {
    LogRig rig;
    rig.limits.tailBytes = 0;
    rig.create();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(rig.append({.value = std::string(100, 'x')}));
        rig.pump();
    }
    const auto bytes = rig.disk.content(rig.path(0));
    const std::size_t size = protocol::readBatchHeader(bytes)->sizeInBytes();
    for (const std::size_t at : {2 * size + 100, 2 * size + 16, 2 * size + 11}) {  // a value, the magic, the length
        std::vector<std::uint8_t> rotten(bytes.data(), bytes.data() + bytes.size());
        rotten[at] ^= 0x40;
        rig.disk.put(rig.path(0), rotten);
        EXPECT_EQ(headersOf(rig.fetch(0)).size(), 2u) << at;
        const auto plan = rig.log->read(Offset(2), Offset(3), 1000, true);
        ASSERT_TRUE(plan && std::holds_alternative<ColdRead>(*plan));
        const auto& cold = std::get<ColdRead>(*plan);
        const auto bad = finishColdRead(cold, *rig.disk.read(cold.path, cold.position, cold.size));
        ASSERT_FALSE(bad) << at;
        EXPECT_EQ(bad.error().code, ErrorCode::Corrupt) << at;
    }
}

// ---- Followers
// ----------------------------------------------------------------------------------------------

TEST(PartitionLogFollower, appendsUnchangedAcrossSliceBorders) {
    LogRig leader;
    leader.create();
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(leader.append({.records = 2, .value = std::string(i * 700, 'v')}, i / 7));
    const Bytes all = leader.fetchAll(0);
    LogRig follower;
    follower.create();
    Chain chopped;
    for (std::size_t at = 0; at < all.size(); at += 333)
        chopped.append(all.slice(at, 333));
    const auto done = follower.follow(chopped);
    EXPECT_FALSE(done.stoppedBy.has_value());
    EXPECT_EQ(done.batches, 20);
    EXPECT_EQ(done.records, 40);
    EXPECT_EQ(follower.fetchAll(0), all);
    EXPECT_EQ(follower.log->epochs().entries(), leader.log->epochs().entries());
}

TEST(PartitionLogFollower, ignoresACutBatchAtTheEndAndRefusesGapsOldEpochsAndRot) {
    LogRig rig;
    rig.create();
    const Bytes first = makeBatch({.epoch = 3});
    const Bytes second = makeBatch({.baseOffset = 1, .epoch = 3});
    Chain cut(first);
    cut.append(second.slice(0, second.size() - 1));
    auto done = rig.follow(cut);
    EXPECT_EQ(done.batches, 1);
    EXPECT_FALSE(done.stoppedBy.has_value());
    EXPECT_TRUE(rig.follow(Chain(first)).stoppedBy.has_value()) << "offset 0 again";
    EXPECT_TRUE(rig.follow(Chain(makeBatch({.baseOffset = 5, .epoch = 3}))).stoppedBy.has_value());
    EXPECT_TRUE(rig.follow(Chain(makeBatch({.baseOffset = 1, .epoch = 2}))).stoppedBy.has_value());
    std::vector<std::uint8_t> rotten(second.data(), second.data() + second.size());
    rotten.back() ^= 1;
    done = rig.follow(Chain(Bytes::take(std::move(rotten))));
    ASSERT_TRUE(done.stoppedBy.has_value());
    EXPECT_EQ(done.stoppedBy->code, ErrorCode::Corrupt);
    EXPECT_EQ(rig.log->logEnd(), Offset(1));
    EXPECT_EQ(rig.follow(Chain(second)).batches, 1);
}

TEST(PartitionLogFollower, takesControlBatchesThatClientsMayNotSend) {
    LogRig rig;
    rig.create();
    EXPECT_FALSE(rig.append({.control = true}).has_value());
    ASSERT_TRUE(rig.append({.control = true}, 0, AppendOrigin::Internal).has_value());
    EXPECT_EQ(rig.follow(Chain(makeBatch({.control = true, .baseOffset = 1, .epoch = 0}))).batches,
              1);
    EXPECT_TRUE(headersOf(rig.fetch(0)).back().isControl());
}

// ---- Rolling
// ------------------------------------------------------------------------------------------------

TEST(PartitionLogRoll, bySizeWithKafkasNamesAndTrimmedFiles) {
    LogRig rig;
    rig.config.segmentBytes = 1000;
    rig.create();
    for (int i = 0; i < 12; ++i)
        ASSERT_TRUE(rig.append({.value = std::string(300, 'x')}));
    rig.pump();
    ASSERT_EQ(rig.log->segments().size(), 6u) << "two batches of about 370 bytes each";
    EXPECT_TRUE(rig.disk.exists("orders-0/00000000000000000004.log"));
    for (std::size_t i = 0; i + 1 < 6; ++i) {
        const auto& segment = rig.log->segments()[i];
        EXPECT_EQ(rig.disk.content(rig.path(segment.base.value)).size(), segment.size);
        EXPECT_EQ(segment.next, rig.log->segments()[i + 1].base);
    }
}

TEST(PartitionLogRoll, byTimeOfTheMessagesLessJitter) {
    LogRig rig;
    rig.config.segmentMs = 1000;
    rig.config.segmentJitterMs = 100;
    rig.create();
    ASSERT_TRUE(rig.append({.timestampMs = 5000}));
    ASSERT_TRUE(rig.append({.timestampMs = 5900}));
    EXPECT_EQ(rig.log->segments().size(), 1u);
    ASSERT_TRUE(rig.append({.timestampMs = 5901}));
    EXPECT_EQ(rig.log->segments().size(), 2u);
}

TEST(PartitionLogRoll, whenAnIndexIsFull) {
    LogRig rig;
    rig.config.indexIntervalBytes = 0;
    rig.config.segmentIndexBytes = 8 * 5;
    rig.create();
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(rig.append({.timestampMs = 7}));  // equal times: the time index does not fill
    EXPECT_GT(rig.log->segments().size(), 1u);
    EXPECT_LE(rig.log->segments()[0].index.offsets().size(), 5u);
}

TEST(PartitionLogRoll, indexFilesHoldKafkasEntries) {
    LogRig rig;
    rig.config.indexIntervalBytes = 500;
    rig.create();
    for (int i = 0; i < 30; ++i)
        ASSERT_TRUE(rig.append(
            {.records = 2, .value = std::string(100, 'x'), .timestampMs = 1000 + i * 10}));
    rig.roll();
    rig.pump();
    const Bytes log = rig.disk.content(rig.path(0));
    const auto index =
        SegmentIndex::fromFiles(rig.disk.content(rig.path(0, ".index")),
                                rig.disk.content(rig.path(0, ".timeindex")), log.size());
    ASSERT_TRUE(index.has_value());
    ASSERT_GT(index->offsets().size(), 5u);
    for (const auto& entry : index->offsets()) {
        const auto header = protocol::readBatchHeader(log.slice(entry.position));
        ASSERT_TRUE(header.has_value());
        EXPECT_EQ(header->lastOffset(), entry.relativeOffset);
    }
    EXPECT_EQ(index->times().back().timestampMs, 1000 + 29 * 10 + 1)
        << "the last entry is the largest time";
    EXPECT_EQ(index->times().back().relativeOffset, 59u);
}

// ---- Producers
// ----------------------------------------------------------------------------------------------

TEST(PartitionLogProducers, duplicatesGetTheirOriginalOffsets) {
    LogRig rig;
    rig.create();
    const auto send = [&](std::int32_t sequence, std::int16_t epoch = 0) {
        return rig.append({.records = 2,
                           .timestampMs = 70 + sequence,
                           .producerId = 9,
                           .producerEpoch = epoch,
                           .sequence = sequence});
    };
    for (int i = 0; i < 6; ++i)
        ASSERT_TRUE(send(i * 2).has_value());
    const auto again = send(4);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->duplicate);
    EXPECT_EQ(again->base, Offset(4));
    EXPECT_EQ(again->last, Offset(5));
    EXPECT_EQ(again->logAppendTimeMs, 75) << "the duplicate's own time, as Kafka answers";
    EXPECT_EQ(rig.log->logEnd(), Offset(12));
    EXPECT_EQ(send(0).error().error, KafkaError::OutOfOrderSequenceNumber)
        << "the sixth last is forgotten";
    EXPECT_EQ(send(14).error().error, KafkaError::OutOfOrderSequenceNumber);
    EXPECT_EQ(send(3, 1).error().error, KafkaError::OutOfOrderSequenceNumber)
        << "a new epoch begins at 0";
    ASSERT_TRUE(send(0, 1).has_value());
    EXPECT_EQ(send(12, 0).error().error, KafkaError::InvalidProducerEpoch);
}

TEST(PartitionLogProducers, survivesRestartsCleanAndUnclean) {
    for (const bool clean : {true, false}) {
        LogRig rig;
        rig.create();
        ASSERT_TRUE(rig.append({.producerId = 9, .producerEpoch = 0, .sequence = 0}));
        ASSERT_TRUE(rig.append({.producerId = 9, .producerEpoch = 0, .sequence = 1}));
        rig.pump();
        if (clean) {
            rig.closeClean();
            rig.reopen(true);
        } else {
            rig.crash();
        }
        EXPECT_EQ(rig.report.scanned, !clean);
        const auto again = rig.append({.producerId = 9, .producerEpoch = 0, .sequence = 1});
        ASSERT_TRUE(again.has_value());
        EXPECT_TRUE(again->duplicate);
        EXPECT_EQ(rig.append({.producerId = 9, .producerEpoch = 0, .sequence = 3}).error().error,
                  KafkaError::OutOfOrderSequenceNumber);
        EXPECT_TRUE(rig.append({.producerId = 9, .producerEpoch = 0, .sequence = 2}).has_value());
    }
}

// ---- Value
// --------------------------------------------------------------------------------------------------

TEST(PartitionLog, aCopyGoesOnByItself) {
    LogRig rig;
    rig.create();
    ASSERT_TRUE(rig.append({.value = "before"}));
    LogRig fork = rig;
    ASSERT_TRUE(rig.append({.value = "here"}));
    ASSERT_TRUE(fork.append({.value = "there"}));
    const auto valueOf = [](LogRig& r) {
        const Bytes batch = r.fetch(1);
        return protocol::readRecords(batch)->front().value->toString();
    };
    EXPECT_EQ(valueOf(rig), "here");
    EXPECT_EQ(valueOf(fork), "there");
    rig.pump();
    fork.pump();
    EXPECT_EQ(rig.log->writtenEnd(), Offset(2));
    EXPECT_EQ(fork.log->writtenEnd(), Offset(2));
}
