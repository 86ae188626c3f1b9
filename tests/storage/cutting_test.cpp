// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/storage/log_rig.h"

using namespace odradek;
using namespace odradek::test;
using protocol::KafkaError;

namespace {

void fill(LogRig& rig, int batches, std::int64_t timestampMs = 1000) {
    for (int i = 0; i < batches; ++i)
        ASSERT_TRUE(rig.append({.records = 2, .value = std::string(200, 'x'), .timestampMs = timestampMs}));
}

}  // namespace

// ---- Truncation ---------------------------------------------------------------------------------------------

TEST(Truncate, inMemoryAtABorderAndInsideABatch) {
    LogRig rig;
    rig.create();
    fill(rig, 10);
    rig.pump();
    rig.truncate(12);
    EXPECT_FALSE(rig.log->truncating());
    EXPECT_EQ(rig.log->logEnd(), Offset(12));
    EXPECT_EQ(rig.log->writtenEnd(), Offset(12));
    rig.truncate(9);
    EXPECT_EQ(rig.log->logEnd(), Offset(8)) << "a batch that straddles the offset goes whole";
    rig.pump();
    EXPECT_EQ(rig.disk.content(rig.path(0)).size(), rig.log->sizeInBytes());
    fill(rig, 1);
    rig.pump();
    EXPECT_EQ(rig.log->writtenEnd(), Offset(10));
    EXPECT_EQ(headersOf(rig.fetchAll(0)).size(), 5u);
}

TEST(Truncate, ofWhatWasNeverWrittenTouchesNoFile) {
    LogRig rig;
    rig.create();
    rig.pump();
    fill(rig, 10);  // the first is on its way, nine wait
    rig.truncate(6);
    rig.disk.submit(rig.effects);
    EXPECT_EQ(rig.disk.queued(), 1u);
    rig.pump();
    EXPECT_EQ(rig.log->writtenEnd(), Offset(6));
    EXPECT_EQ(rig.log->unwrittenBytes(), 0u);
}

TEST(Truncate, aLateWriteCompletionDoesNotRaiseTheEndAgain) {
    LogRig rig;
    rig.config.flushMessages = 1;
    rig.create();
    rig.pump();
    fill(rig, 1);
    rig.disk.submit(rig.effects);
    fill(rig, 4);
    rig.disk.submit(rig.effects);
    rig.truncate(0);
    rig.pump();
    EXPECT_EQ(rig.log->logEnd(), Offset(0));
    EXPECT_EQ(rig.log->writtenEnd(), Offset(0));
    EXPECT_EQ(rig.log->flushedEnd(), Offset(0));
    EXPECT_EQ(rig.log->unwrittenBytes(), 0u);
}

TEST(Truncate, belowMemoryLooksForThePlaceOnDisk) {
    LogRig rig;
    rig.config.segmentBytes = 50'000;
    rig.create();
    fill(rig, 600);
    rig.pump();
    rig.closeClean();
    rig.reopen(true);
    ASSERT_GT(rig.log->segments().size(), 3u);
    for (const std::int64_t at : {1101, 702, 700, 301}) {
        rig.truncate(at);
        if (rig.log->truncating()) {
            EXPECT_EQ(rig.append().error().error, KafkaError::NotLeaderOrFollower);
            EXPECT_TRUE(rig.follow(Chain(makeBatch())).stoppedBy.has_value());
        }
        rig.pump();
        ASSERT_FALSE(rig.log->failure().has_value()) << rig.log->failure()->message;
        EXPECT_FALSE(rig.log->truncating());
        EXPECT_EQ(rig.log->logEnd(), Offset(at / 2 * 2));
    }
    fill(rig, 50);
    rig.pump();
    const auto headers = headersOf(rig.fetchAll(0));
    EXPECT_EQ(headers.size(), 200u);
    rig.crash();
    EXPECT_EQ(rig.log->logEnd(), Offset(400));
    EXPECT_FALSE(rig.report.damaged);
}

TEST(Truncate, atASegmentBorderNeedsNoRead) {
    LogRig rig;
    rig.config.segmentBytes = 5'000;
    rig.create();
    fill(rig, 60);
    rig.pump();
    rig.closeClean();
    rig.reopen(true);
    const auto base = rig.log->segments()[2].base;
    rig.truncate(base.value);
    EXPECT_FALSE(rig.log->truncating());
    EXPECT_EQ(rig.log->logEnd(), base);
    rig.pump();
    EXPECT_FALSE(rig.log->failure().has_value());
}

TEST(Truncate, takesEpochsAndProducersBack) {
    LogRig rig;
    rig.create();
    const auto send = [&](std::int32_t sequence, std::int32_t epoch) {
        return rig.append({.producerId = 4, .producerEpoch = 0, .sequence = sequence}, epoch);
    };
    for (int i = 0; i < 12; ++i)
        ASSERT_TRUE(send(i, i / 4).has_value());
    rig.truncate(5);  // more than the five remembered batches go: memory tells what came before
    EXPECT_EQ(rig.log->latestEpoch(), LeaderEpoch(1));
    EXPECT_EQ(send(6, 3).error().error, KafkaError::OutOfOrderSequenceNumber);
    EXPECT_TRUE(send(4, 3)->duplicate);
    EXPECT_TRUE(send(5, 3).has_value());
    EXPECT_EQ(rig.log->endOffsetForEpoch(LeaderEpoch(2)), (EpochEnd{LeaderEpoch(1), Offset(5)}));
}

TEST(Truncate, fullyStartsAnewElsewhere) {
    LogRig rig;
    rig.create();
    fill(rig, 5);
    rig.pump();
    auto o = rig.out();
    rig.log->truncateFullyAndStartAt(rig.now(), Offset(77), o);
    EXPECT_EQ(rig.log->logStart(), Offset(77));
    EXPECT_EQ(rig.log->logEnd(), Offset(77));
    EXPECT_EQ(rig.log->stableEnd(), Offset(77));
    fill(rig, 1);
    rig.pump();
    EXPECT_FALSE(rig.disk.exists(rig.path(0)));
    EXPECT_EQ(headersOf(rig.fetch(77)).front().baseOffset, 77);
    rig.crash();
    EXPECT_EQ(rig.log->logStart(), Offset(77));
    EXPECT_EQ(rig.log->logEnd(), Offset(79));
}

// ---- Retention ----------------------------------------------------------------------------------------------

namespace {

/// Ten segments of one batch each (2 records), timestamps 1000, 2000, ...
LogRig tenSegments() {
    LogRig rig;
    rig.wallMs = 11'000;
    rig.config.segmentBytes = 600;
    rig.create();
    for (int i = 1; i <= 10; ++i)
        EXPECT_TRUE(rig.append({.records = 2, .value = std::string(200, 'x'), .timestampMs = i * 1000}));
    rig.pump();
    EXPECT_EQ(rig.log->segments().size(), 10u);
    return rig;
}

std::vector<DeletedSegment> retain(LogRig& rig, std::int64_t highWatermark) {
    auto o = rig.out();
    auto dropped = rig.log->enforceRetention(rig.now(), Offset(highWatermark), o);
    rig.pump();
    return dropped;
}

}  // namespace

TEST(Retention, byTimeDropsWholeOldestSegmentsNeverPastTheHighWatermark) {
    auto rig = tenSegments();
    rig.config.retentionMs = 5'000;
    rig.log->setConfig(rig.config);
    EXPECT_EQ(retain(rig, 5).size(), 2u) << "offsets 4 and 5 are not all below the high watermark";
    const auto dropped = retain(rig, 20);
    EXPECT_EQ(dropped.size(), 3u) << "a segment whose last record is exactly 5 s old, less 1 ms, stays";
    EXPECT_EQ(rig.log->logStart(), Offset(10));
    EXPECT_EQ(dropped[0].why, "retention.ms");
    EXPECT_FALSE(rig.disk.exists(rig.path(0)));
    EXPECT_FALSE(rig.disk.exists(rig.path(0, ".timeindex")));
}

TEST(Retention, futureTimestampsBlockIt) {
    auto rig = tenSegments();
    rig.wallMs = 500;
    rig.config.retentionMs = 1;
    rig.log->setConfig(rig.config);
    EXPECT_TRUE(retain(rig, 20).empty());
}

TEST(Retention, ofEverythingRollsFirst) {
    auto rig = tenSegments();
    rig.wallMs = 1'000'000;
    rig.config.retentionMs = 1;
    rig.log->setConfig(rig.config);
    EXPECT_EQ(retain(rig, 20).size(), 10u);
    EXPECT_EQ(rig.log->logStart(), Offset(20));
    EXPECT_EQ(rig.log->logEnd(), Offset(20));
    EXPECT_EQ(rig.log->sizeInBytes(), 0u);
    EXPECT_TRUE(rig.append().has_value());
    EXPECT_TRUE(rig.disk.exists(rig.path(20)));
    EXPECT_TRUE(retain(rig, 20).empty()) << "the new record is above the high watermark";
}

TEST(Retention, bySizeKeepsAtLeastWhatIsAsked) {
    auto rig = tenSegments();
    const auto one = rig.log->segments()[0].size;
    rig.config.retentionMs = -1;
    rig.config.retentionBytes = static_cast<std::int64_t>(one * 3 + one / 2);
    rig.log->setConfig(rig.config);
    const auto dropped = retain(rig, 20);
    EXPECT_EQ(dropped.size(), 6u) << "four segments stay: three would be less than retention.bytes";
    EXPECT_EQ(dropped[0].why, "retention.bytes");
    EXPECT_TRUE(retain(rig, 20).empty());
}

TEST(Retention, onlyWithTheDeletePolicy) {
    auto rig = tenSegments();
    rig.wallMs = 1'000'000;
    rig.config.retentionMs = 1;
    rig.config.deleteOld = false;
    rig.log->setConfig(rig.config);
    EXPECT_TRUE(retain(rig, 20).empty());
}

TEST(LogStart, risesByDeleteRecordsAndDropsSegmentsBelow) {
    auto rig = tenSegments();
    auto o = rig.out();
    EXPECT_EQ(rig.log->advanceLogStart(rig.now(), Offset(9), Offset(8), o).error(), KafkaError::OffsetOutOfRange);
    auto dropped = rig.log->advanceLogStart(rig.now(), Offset(9), Offset(20), o);
    ASSERT_TRUE(dropped.has_value());
    EXPECT_EQ(dropped->size(), 4u);
    EXPECT_EQ(rig.log->logStart(), Offset(9));
    rig.pump();
    EXPECT_EQ(rig.log->read(Offset(8), Offset(20), 100, true).error(), KafkaError::OffsetOutOfRange);
    EXPECT_EQ(headersOf(rig.fetch(9)).front().baseOffset, 8);
    EXPECT_EQ(rig.log->epochs().entries().front().start, Offset(9));
    EXPECT_TRUE(rig.log->advanceLogStart(rig.now(), Offset(3), Offset(20), o)->empty()) << "never falls";
    EXPECT_EQ(rig.log->logStart(), Offset(9));
    rig.logStart = rig.log->logStart();
    rig.crash();
    EXPECT_EQ(rig.log->logStart(), Offset(9)) << "from the checkpoint";
}

TEST(LogStart, ofTheActiveSegmentKeepsIt) {
    auto rig = tenSegments();
    auto o = rig.out();
    ASSERT_TRUE(rig.log->advanceLogStart(rig.now(), Offset(20), Offset(20), o).has_value());
    EXPECT_EQ(rig.log->segments().size(), 1u);
    EXPECT_EQ(rig.log->logStart(), Offset(20));
    EXPECT_TRUE(rig.append().has_value());
}

TEST(Producers, expireWithRetention) {
    LogRig rig;
    rig.create();
    ASSERT_TRUE(rig.append({.timestampMs = rig.wallMs, .producerId = 4, .producerEpoch = 0, .sequence = 0}));
    retain(rig, 0);
    EXPECT_FALSE(rig.log->producers().empty());
    rig.wallMs += rig.limits.producerExpirationMs;
    retain(rig, 0);
    EXPECT_TRUE(rig.log->producers().empty());
}

// ---- Lookups ------------------------------------------------------------------------------------------------

TEST(Lookup, byTimestampFromMemoryAndFromDisk) {
    for (const bool cold : {false, true}) {
        LogRig rig;
        rig.config.segmentBytes = 20'000;
        rig.config.indexIntervalBytes = 1'000;
        rig.create();
        for (int i = 0; i < 100; ++i)
            ASSERT_TRUE(rig.append({.records = 3,
                                    .value = std::string(300, 'x'),
                                    .timestampMs = 1000 + i * 10,
                                    .codec = i % 2 == 0 ? protocol::Compression::None : protocol::Compression::Gzip},
                                   i / 30));
        rig.pump();
        if (cold) {
            rig.closeClean();
            rig.reopen(true);
        }
        const auto at = [&](std::int64_t time) { return rig.lookUp(rig.log->lookUpTimestamp(time)); };
        EXPECT_EQ(at(0), (OffsetFound{Offset(0), 1000, LeaderEpoch(0)}));
        EXPECT_EQ(at(1001), (OffsetFound{Offset(1), 1001, LeaderEpoch(0)}));
        EXPECT_EQ(at(1503), (OffsetFound{Offset(153), 1510, LeaderEpoch(1)}));
        EXPECT_EQ(at(1992), (OffsetFound{Offset(299), 1992, LeaderEpoch(3)}));
        EXPECT_EQ(at(1993), std::nullopt);
        EXPECT_EQ(rig.lookUp(rig.log->lookUpMaxTimestamp()), (OffsetFound{Offset(299), 1992, LeaderEpoch(3)}));
        EXPECT_EQ(rig.coldReads > 0, cold);
    }
}

TEST(Lookup, theLargestTimestampNeedNotBeTheLast) {
    for (const bool cold : {false, true}) {
        LogRig rig;
        rig.create();
        for (const std::int64_t time : {10, 500, 400, 500, 20})
            ASSERT_TRUE(rig.append({.timestampMs = time}));
        rig.pump();
        if (cold) {
            rig.closeClean();
            rig.reopen(true);
        }
        EXPECT_EQ(rig.lookUp(rig.log->lookUpMaxTimestamp()), (OffsetFound{Offset(1), 500, LeaderEpoch(0)}));
        EXPECT_EQ(rig.lookUp(rig.log->lookUpTimestamp(450))->offset, Offset(1));
    }
}

TEST(Lookup, respectsLogStartAndEmptiness) {
    LogRig rig;
    rig.create();
    EXPECT_EQ(rig.lookUp(rig.log->lookUpMaxTimestamp()), std::nullopt);
    EXPECT_EQ(rig.lookUp(rig.log->lookUpTimestamp(0)), std::nullopt);
    ASSERT_TRUE(rig.append({.records = 5, .timestampMs = 100}));
    auto o = rig.out();
    ASSERT_TRUE(rig.log->advanceLogStart(rig.now(), Offset(3), Offset(5), o).has_value());
    EXPECT_EQ(rig.lookUp(rig.log->lookUpTimestamp(0))->offset, Offset(3));
}
