// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/storage/log_rig.h"

using namespace odradek;
using namespace odradek::test;

namespace {

void fill(LogRig& rig, int batches, std::int32_t epoch = 0) {
    for (int i = 0; i < batches; ++i)
        ASSERT_TRUE(rig.append({.records = 2, .value = std::string(200, 'x'), .timestampMs = 1000 + i}, epoch));
}

std::vector<std::uint8_t> bytesOf(LogRig& rig, std::int64_t base) {
    const Bytes content = rig.disk.content(rig.path(base));
    return {content.data(), content.data() + content.size()};
}

}  // namespace

TEST(Recovery, cleanStartReadsNextToNothing) {
    LogRig rig;
    rig.config.segmentBytes = 100'000;
    rig.config.flushMessages = 1;
    rig.create();
    for (int i = 0; i < 3; ++i)
        fill(rig, 400, i);
    rig.pump();
    const Bytes before = rig.fetchAll(0);
    const auto epochs = rig.log->epochs();
    const auto segments = rig.log->segments();
    rig.closeClean();
    EXPECT_EQ(rig.log->recoveryPoint(), rig.log->logEnd());
    const auto read = rig.disk.bytesRead();
    rig.reopen(true);
    EXPECT_FALSE(rig.report.scanned);
    EXPECT_TRUE(rig.report.words.empty());
    EXPECT_LT(rig.disk.bytesRead() - read, before.size() / 5);
    EXPECT_EQ(rig.log->logEnd(), Offset(2400));
    EXPECT_EQ(rig.log->stableEnd(), Offset(2400));
    EXPECT_EQ(rig.log->epochs(), epochs);
    ASSERT_EQ(rig.log->segments().size(), segments.size());
    for (std::size_t i = 0; i < segments.size(); ++i) {
        EXPECT_EQ(rig.log->segments()[i].base, segments[i].base);
        EXPECT_EQ(rig.log->segments()[i].size, segments[i].size);
        EXPECT_EQ(rig.log->segments()[i].maxTimestampMs, segments[i].maxTimestampMs);
    }
    EXPECT_EQ(rig.fetchAll(0), before);
    rig.pump();
    fill(rig, 1, 3);
    rig.pump();
    EXPECT_EQ(rig.log->stableEnd(), Offset(2402));
}

TEST(Recovery, ofAnEmptyLog) {
    for (const bool clean : {true, false}) {
        LogRig rig;
        rig.create();
        rig.pump();
        if (clean)
            rig.closeClean();
        rig.reopen(clean);
        EXPECT_EQ(rig.log->logEnd(), Offset(0));
        EXPECT_FALSE(rig.report.damaged);
        fill(rig, 1);
        rig.pump();
        EXPECT_EQ(rig.log->writtenEnd(), Offset(2));
    }
}

TEST(Recovery, afterKillFindsEverythingWrittenAndCallsPreallocationNoDamage) {
    LogRig rig;
    rig.config.segmentBytes = 30'000;
    rig.config.flushMessages = 1;
    rig.create();
    fill(rig, 200, 3);
    rig.pump();
    const Bytes before = rig.fetchAll(0);
    rig.crash();
    EXPECT_TRUE(rig.report.scanned);
    EXPECT_FALSE(rig.report.damaged);
    EXPECT_TRUE(rig.report.words.empty());
    EXPECT_EQ(rig.log->logEnd(), Offset(400));
    EXPECT_EQ(rig.log->latestEpoch(), LeaderEpoch(3));
    EXPECT_EQ(rig.fetchAll(0), before);
    EXPECT_EQ(rig.log->stableEnd(), Offset(0)) << "what was only in the page cache is not stable yet";
    rig.pump();
    EXPECT_EQ(rig.log->stableEnd(), Offset(400));
    EXPECT_EQ(rig.lookUp(rig.log->lookUpTimestamp(1150))->offset, Offset(299)) << "indexes were rebuilt";
}

TEST(Recovery, cutsAtTheFirstBadBatchAndSaysSo) {
    LogRig rig;
    rig.config.segmentBytes = 10'000;
    rig.create();
    fill(rig, 100);
    rig.pump();
    const auto third = rig.log->segments()[2];
    auto bytes = bytesOf(rig, third.base.value);
    const auto header = protocol::readBatchHeader(ByteSpan(bytes));
    bytes[header->sizeInBytes() * 3 + 100] ^= 0x10;
    rig.disk.put(rig.path(third.base.value), ByteSpan(bytes));
    rig.crash();
    EXPECT_TRUE(rig.report.damaged);
    EXPECT_EQ(rig.log->logEnd(), third.base + 6);
    EXPECT_EQ(rig.log->segments().size(), 3u);
    ASSERT_FALSE(rig.report.words.empty());
    EXPECT_NE(rig.report.words[0].find("fails its checksum"), std::string::npos);
    EXPECT_NE(rig.report.words[0].find("at offset " + std::to_string(third.base.value + 6)), std::string::npos);
    EXPECT_GT(rig.report.bytesCut, bytes.size() - header->sizeInBytes() * 3 - 1);
    rig.pump();
    EXPECT_EQ(rig.disk.content(rig.path(third.base.value)).size(), header->sizeInBytes() * 3);
    fill(rig, 5);
    rig.pump();
    rig.crash();
    EXPECT_FALSE(rig.report.damaged);
    EXPECT_EQ(rig.log->logEnd(), third.base + 16);
}

TEST(Recovery, demandsTheNextOffsetAndEpochsThatNeverFall) {
    for (const bool offset : {true, false}) {
        LogRig rig;
        rig.create();
        fill(rig, 4, 5);
        rig.pump();
        auto bytes = bytesOf(rig, 0);
        const auto size = protocol::readBatchHeader(ByteSpan(bytes))->sizeInBytes();
        // Both fields lie outside the CRC: only their order tells.
        bytes[size * 2 + (offset ? 7 : 15)] = offset ? 9 : 4;
        rig.disk.put(rig.path(0), ByteSpan(bytes));
        rig.crash();
        EXPECT_TRUE(rig.report.damaged);
        EXPECT_EQ(rig.log->logEnd(), Offset(4));
    }
}

TEST(Recovery, tornEndOfFile) {
    LogRig rig;
    rig.create();
    fill(rig, 4);
    rig.pump();
    auto bytes = bytesOf(rig, 0);
    const auto size = protocol::readBatchHeader(ByteSpan(bytes))->sizeInBytes();
    for (const std::size_t left : {size * 3 + 1, size * 3 + 60, size * 3 + 61, size * 4 - 1}) {
        bytes.resize(size * 4);
        rig.disk.put(rig.path(0), ByteSpan(bytes).first(left));
        rig.crash();
        EXPECT_EQ(rig.log->logEnd(), Offset(6)) << left;
        EXPECT_EQ(rig.report.damaged, left > size * 3 + 1) << "one zero byte may be preallocation";
        EXPECT_LE(rig.report.bytesCut, left - size * 3);
    }
}

TEST(Recovery, aMissingSegmentEndsTheLogBeforeIt) {
    LogRig rig;
    rig.config.segmentBytes = 2'000;
    rig.create();
    fill(rig, 30);
    rig.pump();
    const auto second = rig.log->segments()[1].base;
    rig.disk.erase(rig.path(second.value));
    rig.crash();
    EXPECT_TRUE(rig.report.damaged);
    EXPECT_EQ(rig.log->logEnd(), second);
    rig.pump();
    EXPECT_FALSE(rig.log->failure().has_value());
    rig.crash();
    EXPECT_EQ(rig.log->logEnd(), second);
    EXPECT_FALSE(rig.report.damaged);
}

TEST(Recovery, scansOnlyPastTheCheckpoint) {
    LogRig rig;
    rig.create();
    for (int i = 0; i < 500; ++i)
        ASSERT_TRUE(rig.append({.value = std::string(1000, 'x'), .timestampMs = 5'000 - i,
                                .producerId = i % 3, .producerEpoch = 0, .sequence = i / 3}));
    rig.pump();
    rig.checkpoint();
    EXPECT_EQ(rig.log->recoveryPoint(), Offset(500));
    EXPECT_EQ(rig.log->flushedEnd(), Offset(500));
    for (int i = 500; i < 550; ++i)
        ASSERT_TRUE(rig.append({.value = std::string(1000, 'x'), .timestampMs = 6'000 + i,
                                .producerId = i % 3, .producerEpoch = 0, .sequence = i / 3}));
    rig.pump();
    const Bytes before = rig.fetchAll(0);
    const auto segment = rig.log->segments()[0];
    const auto producers = rig.log->producers().producers();
    rig.crash();
    EXPECT_TRUE(rig.report.scanned);
    EXPECT_LE(rig.report.batchesScanned, 56);
    EXPECT_GE(rig.report.batchesScanned, 50);
    EXPECT_EQ(rig.log->logEnd(), Offset(550));
    EXPECT_EQ(rig.log->segments()[0].index, segment.index);
    EXPECT_EQ(rig.log->segments()[0].maxTimestampMs, segment.maxTimestampMs);
    EXPECT_EQ(rig.fetchAll(0), before);
    for (const auto& [id, entry] : producers)
        EXPECT_EQ(*rig.log->producers().producers().at(id).last(), *entry.last());
}

TEST(Recovery, aStaleCheckpointBeyondATruncationIsNotTrusted) {
    LogRig rig;
    rig.create();
    fill(rig, 300, 1);
    rig.pump();
    rig.checkpoint();
    rig.truncate(100);
    rig.pump();
    fill(rig, 300, 2);
    rig.pump();
    auto bytes = bytesOf(rig, 0);
    const auto size = protocol::readBatchHeader(ByteSpan(bytes))->sizeInBytes();
    bytes[size * 80 + 100] ^= 1;  // offset 160: below the stale recovery point of 600
    rig.disk.put(rig.path(0), ByteSpan(bytes));
    rig.recoveryPoint = Offset(600);
    rig.crash();
    EXPECT_TRUE(rig.report.damaged);
    EXPECT_EQ(rig.log->logEnd(), Offset(160));
}

TEST(Recovery, unreadableSideFilesAreRebuilt) {
    LogRig rig;
    rig.config.segmentBytes = 20'000;
    rig.create();
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(rig.append({.value = std::string(300, 'x'), .producerId = 1, .producerEpoch = 0, .sequence = i},
                               i / 50));
    rig.pump();
    const auto epochs = rig.log->epochs();
    const Bytes before = rig.fetchAll(0);
    rig.closeClean();
    const auto garbage = Bytes::copy(std::string_view("garbage"));
    for (const auto& path : rig.disk.paths())
        if (!path.ends_with(".log") && path.starts_with("orders-0/") && !path.ends_with(".metadata"))
            rig.disk.put(path, garbage);
    rig.reopen(true);
    EXPECT_TRUE(rig.report.scanned);
    EXPECT_FALSE(rig.report.damaged);
    EXPECT_FALSE(rig.report.words.empty());
    EXPECT_EQ(rig.log->epochs(), epochs);
    EXPECT_EQ(rig.fetchAll(0), before);
    EXPECT_EQ(rig.log->producers().producers().at(1).last()->lastSequence, 199);
    rig.pump();
    rig.closeClean();
    rig.reopen(true);
    EXPECT_FALSE(rig.report.scanned) << "everything was put in order";
    EXPECT_EQ(rig.log->producers().producers().at(1).last()->lastSequence, 199);
}

TEST(Recovery, logStartBeyondTheEndStartsAnew) {
    LogRig rig;
    rig.create();
    fill(rig, 5);
    rig.pump();
    rig.logStart = Offset(50);
    rig.crash();
    EXPECT_EQ(rig.log->logStart(), Offset(50));
    EXPECT_EQ(rig.log->logEnd(), Offset(50));
    rig.pump();
    fill(rig, 1);
    rig.pump();
    rig.crash();
    EXPECT_EQ(rig.log->logEnd(), Offset(52));
}

TEST(Recovery, largeBatchesAreReadPieceByPiece) {
    LogRig rig;
    rig.config.maxMessageBytes = 10 << 20;
    rig.create();
    for (int i = 0; i < 4; ++i)
        ASSERT_TRUE(rig.append({.value = std::string(3'000'000, static_cast<char>('a' + i))}));
    rig.pump();
    const Bytes before = rig.fetchAll(0);
    rig.crash();
    EXPECT_EQ(rig.log->logEnd(), Offset(4));
    EXPECT_EQ(rig.fetchAll(0), before);
}

// ---- Files --------------------------------------------------------------------------------------------------

/// With ODRADEK_DUMP_DIR set, the files are also written there, for kafka-dump-log.
TEST(Files, afterACleanCloseAreTrimmedAndWhole) {
    LogRig rig;
    rig.config.segmentBytes = 100'000;
    rig.create();
    for (int i = 0; i < 600; ++i)
        ASSERT_TRUE(rig.append({.records = 1 + i % 5,
                                .value = std::string(100 + i % 300, 'x'),
                                .timestampMs = 1'000'000 + (i * 37) % 500,
                                .producerId = i % 4,
                                .producerEpoch = 0,
                                .sequence = -1 + 1,
                                .codec = static_cast<protocol::Compression>(i % 5)},
                               i / 200, AppendOrigin::Internal));
    rig.pump();
    rig.closeClean();
    std::uint64_t bytes = 0;
    for (const auto& segment : rig.log->segments()) {
        EXPECT_EQ(rig.disk.content(rig.path(segment.base.value)).size(), segment.size);
        EXPECT_TRUE(rig.disk.exists(rig.path(segment.base.value, ".timeindex")));
        bytes += segment.size;
    }
    EXPECT_EQ(bytes, rig.log->sizeInBytes());
    EXPECT_TRUE(rig.disk.exists(rig.path(rig.log->logEnd().value, ".snapshot")));
    if (const char* folder = std::getenv("ODRADEK_DUMP_DIR"))
        for (const auto& path : rig.disk.paths()) {
            const auto target = std::filesystem::path(folder) / path;
            std::filesystem::create_directories(target.parent_path());
            std::ofstream(target, std::ios::binary) << rig.disk.content(path).view();
        }
}

/// The names of index files that a segment on disk lacks.
std::vector<std::string> missingIndexFiles(LogRig& rig) {
    std::vector<std::string> missing;
    for (const auto& path : rig.disk.paths())
        if (path.ends_with(".log"))
            for (const auto* suffix : {".index", ".timeindex"})
                if (const auto file = path.substr(0, path.size() - 4) + suffix; !rig.disk.exists(file))
                    missing.push_back(file);
    return missing;
}

TEST(Files, everySegmentHasBothIndexFilesAfterACleanClose) {
    const auto expectWhole = [](LogRig& rig, const char* how) {
        const auto end = rig.log->logEnd();
        rig.closeClean();
        EXPECT_EQ(missingIndexFiles(rig), std::vector<std::string>()) << how;
        rig.reopen(true);
        EXPECT_FALSE(rig.report.scanned) << how;
        EXPECT_EQ(rig.log->logEnd(), end) << how;
    };
    const auto small = [](LogRig& rig, int segments) {  // too small for an index entry each
        for (int i = 0; i < segments; ++i) {
            if (i > 0)
                rig.roll();
            fill(rig, 1);
        }
        rig.pump();
    };
    {
        LogRig rig;
        rig.create();
        small(rig, 3);
        expectWhole(rig, "rolled");
    }
    {
        LogRig rig;
        rig.create();
        small(rig, 3);
        rig.crash();
        rig.pump();
        expectWhole(rig, "recovered after a kill");
    }
    {
        LogRig rig;
        rig.create();
        small(rig, 3);
        rig.checkpoint();
        rig.crash();
        rig.pump();
        expectWhole(rig, "recovered from a checkpoint");
    }
    {
        LogRig rig;
        rig.create();
        small(rig, 3);
        rig.truncate(rig.log->segments().back().base.value);
        rig.pump();
        expectWhole(rig, "cut at a segment's border");
    }
    {
        LogRig rig;
        rig.create();
        small(rig, 3);
        rig.checkpoint();
        rig.truncate(rig.log->segments()[1].base.value);
        rig.pump();
        rig.checkpoint();
        expectWhole(rig, "cut below a checkpoint");
    }
    {
        LogRig rig;
        rig.create();
        small(rig, 2);
        rig.truncate(rig.log->segments()[1].base.value);
        rig.crash();
        rig.pump();
        expectWhole(rig, "an empty active segment, recovered");
    }
    {
        LogRig rig;
        rig.create(Offset(77));
        rig.pump();
        expectWhole(rig, "never written to");
    }
    {
        LogRig rig;
        rig.create();
        rig.log->assignEpoch(LeaderEpoch(3));
        rig.pump();
        expectWhole(rig, "empty but led");
    }
    {
        LogRig rig;
        rig.create();
        small(rig, 3);
        rig.closeClean();
        for (const auto& segment : rig.log->segments())
            rig.effects.push_back(io::DiskRemove{0, rig.path(segment.base.value, ".index")});
        rig.pump();
        rig.reopen(true);
        expectWhole(rig, "closed by a version that left them out");
    }
}

// ---- Power cuts ---------------------------------------------------------------------------------------------

TEST(PowerCut, keepsWhatWasStableWithSync) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        LogRig rig(seed);
        rig.config.flushMessages = 1;
        rig.config.segmentBytes = 8'000;
        rig.create();
        Prng random(seed);
        Bytes history;
        std::int64_t stable = 0;
        for (int round = 0; round < 6; ++round) {
            for (int i = 0; i < 30; ++i) {
                fill(rig, 1, round);
                rig.pump(random.below(5));
            }
            if (random.chance(1, 4))
                rig.checkpoint();
            stable = rig.log->stableEnd().value;
            history = rig.fetchAll(0);
            rig.powerCut();
            ASSERT_GE(rig.log->logEnd().value, stable) << "seed " << seed << " round " << round;
            const Bytes after = rig.fetchAll(0);
            ASSERT_EQ(after, history.slice(0, after.size())) << "seed " << seed << " round " << round;
            rig.pump();
            ASSERT_FALSE(rig.log->failure().has_value()) << rig.log->failure()->message;
        }
    }
}
