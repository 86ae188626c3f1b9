// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/crc32c.h"
#include "engine/storage/log/big_endian.h"
#include "tests/storage/log_rig.h"

using namespace odradek;
using namespace odradek::test;
using protocol::KafkaError;

// ---- Leader epochs
// ------------------------------------------------------------------------------------------

namespace {

EpochCache someEpochs() {
    EpochCache cache;
    cache.assign(LeaderEpoch(2), Offset(0));
    cache.assign(LeaderEpoch(4), Offset(10));
    cache.assign(LeaderEpoch(7), Offset(30));
    return cache;
}

}  // namespace

TEST(EpochCache, endOfAnEpochAsKip101And279Say) {
    const auto cache = someEpochs();
    const auto end = [&](int epoch) { return cache.endOf(LeaderEpoch(epoch), Offset(40)); };
    EXPECT_EQ(end(7), (EpochEnd{LeaderEpoch(7), Offset(40)}));
    EXPECT_EQ(end(4), (EpochEnd{LeaderEpoch(4), Offset(30)}));
    EXPECT_EQ(end(6), (EpochEnd{LeaderEpoch(4), Offset(30)})) << "the largest epoch not above";
    EXPECT_EQ(end(3), (EpochEnd{LeaderEpoch(2), Offset(10)}));
    EXPECT_EQ(end(1), (EpochEnd{LeaderEpoch(1), Offset(0)}));
    EXPECT_FALSE(end(8).defined());
    EXPECT_FALSE(end(-1).defined());
    EXPECT_FALSE(EpochCache().endOf(LeaderEpoch(0), Offset(0)).defined());
}

TEST(EpochCache, assignKeepsOrderAndReplacesEmptyEpochs) {
    auto cache = someEpochs();
    EXPECT_FALSE(cache.assign(LeaderEpoch(7), Offset(35)));
    EXPECT_FALSE(cache.assign(LeaderEpoch(3), Offset(35)));
    EXPECT_TRUE(cache.assign(LeaderEpoch(9), Offset(30))) << "epoch 7 had no records";
    EXPECT_EQ(cache.entries().size(), 3u);
    EXPECT_EQ(cache.epochAt(Offset(29)), LeaderEpoch(4));
    EXPECT_EQ(cache.epochAt(Offset(30)), LeaderEpoch(9));
    EXPECT_EQ(EpochCache().epochAt(Offset(0)), std::nullopt);
}

TEST(EpochCache, truncation) {
    auto cache = someEpochs();
    EXPECT_TRUE(cache.truncateFromEnd(Offset(30)));
    EXPECT_EQ(cache.latest(), LeaderEpoch(4));
    EXPECT_TRUE(cache.truncateFromStart(Offset(15)));
    ASSERT_EQ(cache.entries().size(), 1u);
    EXPECT_EQ(cache.entries()[0], (EpochStart{LeaderEpoch(4), Offset(15)}));
    EXPECT_FALSE(cache.truncateFromStart(Offset(15)));
}

TEST(EpochCache, file) {
    const auto cache = someEpochs();
    EXPECT_EQ(cache.toFile().view(), "0\n3\n2 0\n4 10\n7 30\n");
    EXPECT_EQ(*EpochCache::fromFile(cache.toFile()), cache);
    for (const std::string_view bad :
         {"", "1\n0\n", "0\n2\n1 0\n", "0\n1\n1\n", "0\n2\n3 0\n2 5\n", "0\n1\nx 0\n"})
        EXPECT_FALSE(EpochCache::fromFile(Bytes::copy(bad)).has_value()) << bad;
}

// ---- Producers
// ----------------------------------------------------------------------------------------------

namespace {

protocol::BatchHeader sent(std::int32_t sequence, std::int32_t records, std::int64_t offset,
                           std::int16_t epoch = 0) {
    protocol::BatchHeader header;
    header.baseOffset = offset;
    header.lastOffsetDelta = records - 1;
    header.recordCount = records;
    header.producerId = 42;
    header.producerEpoch = epoch;
    header.baseSequence = sequence;
    header.maxTimestamp = offset;
    return header;
}

}  // namespace

TEST(ProducerState, sequencesWrapFromTheLargestIntToZero) {
    ProducerState state;
    state.update(sent(INT32_MAX - 1, 1, 0));
    EXPECT_TRUE(state.check(sent(INT32_MAX, 3, 1)).has_value());
    state.update(sent(INT32_MAX, 3, 1));
    EXPECT_EQ(state.producers().at(42).last()->lastSequence, 1);
    EXPECT_EQ(state.producers().at(42).last()->firstSequence(), INT32_MAX);
    EXPECT_TRUE(state.check(sent(INT32_MAX, 3, 1))->has_value()) << "a duplicate across the wrap";
    EXPECT_FALSE(state.check(sent(2, 1, 4))->has_value());
    EXPECT_EQ(state.check(sent(1, 1, 4)).error(), KafkaError::OutOfOrderSequenceNumber);

    ProducerState atEdge;
    atEdge.update(sent(INT32_MAX, 1, 0));
    EXPECT_FALSE(atEdge.check(sent(0, 1, 1))->has_value());
}

TEST(ProducerState, unknownProducersMayBeginAnywhere) {
    EXPECT_FALSE(ProducerState().check(sent(1234, 1, 0))->has_value());
}

TEST(ProducerState, aDuplicateNeedsBothSequences) {
    ProducerState state;
    state.update(sent(0, 5, 0));
    EXPECT_TRUE(state.check(sent(0, 5, 9))->has_value());
    EXPECT_EQ(state.check(sent(0, 4, 9)).error(), KafkaError::OutOfOrderSequenceNumber);
}

TEST(ProducerState, snapshotRoundTripKeepsTheLastBatch) {
    ProducerState state;
    for (int i = 0; i < 7; ++i)
        state.update(sent(i * 3, 3, i * 3));
    const Bytes file = state.snapshot();
    EXPECT_EQ(loadBigEndian<std::int16_t>(file.data()), 1);
    EXPECT_EQ(loadBigEndian<std::uint32_t>(file.data() + 2), crc32c(file.span().subspan(6)));
    EXPECT_EQ(file.size(), 2u + 4 + 4 + 46) << "version, crc, count, one entry";
    const auto read = ProducerState::fromSnapshot(file);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read->producers().at(42).last(), *state.producers().at(42).last());
    EXPECT_TRUE(read->check(sent(18, 3, 0))->has_value());
    EXPECT_EQ(read->check(sent(15, 3, 0)).error(), KafkaError::OutOfOrderSequenceNumber)
        << "as in Kafka";
}

// ---- Checkpoint files
// ---------------------------------------------------------------------------------------

TEST(Checkpoints, roundTripsAndText) {
    const OffsetCheckpoint offsets{{{"a", 0}, Offset(5)}, {{"a-b", 12}, Offset(7)}};
    EXPECT_EQ(writeOffsetCheckpoint(offsets).view(), "0\n2\na 0 5\na-b 12 7\n");
    EXPECT_EQ(*readOffsetCheckpoint(writeOffsetCheckpoint(offsets)), offsets);
    Uuid id;
    id.bytes[3] = 9;
    EXPECT_EQ(*readPartitionMetadata(writePartitionMetadata(id)), id);
    const MetaProperties meta{"AAAAAAAAAAAAAAAAAAAAAQ", BrokerId(3), id};
    EXPECT_EQ(*readMetaProperties(writeMetaProperties(meta)), meta);
    const auto kafkas = Bytes::copy(
        std::string_view("#\r\n#Mon Jan 01 00:00:00 UTC "
                         "2026\r\nnode.id=1\r\ndirectory.id=JsOe7DiWSzOXNQVdvXEyEA\r\nversion="
                         "1\r\ncluster.id=x\\:y\r\n"));
    ASSERT_TRUE(readMetaProperties(kafkas).has_value());
    EXPECT_EQ(readMetaProperties(kafkas)->clusterId, "x:y");
    EXPECT_EQ(*readCleanShutdown(writeCleanShutdown(BrokerEpoch(77))), BrokerEpoch(77));
    EXPECT_EQ(
        *readCleanShutdown(Bytes::copy(std::string_view("{\"brokerEpoch\": 5, \"version\":0}"))),
        BrokerEpoch(5));
    for (const std::string_view bad :
         {"", "0\n1\n", "0\n1\na 0\n", "0\n1\na 0 x\n", "0\n-1\n", "0\n1\na -1 5\n"})
        EXPECT_FALSE(readOffsetCheckpoint(Bytes::copy(bad)).has_value()) << bad;
}

TEST(Checkpoints, partitionFolders) {
    EXPECT_EQ(parsePartitionFolder("new_orders-12"), (TopicPartition{"new_orders", 12}));
    EXPECT_EQ(parsePartitionFolder("a-b-0"), (TopicPartition{"a-b", 0}));
    for (const std::string_view bad : {"x", "-3", "a-", "a-b", "a--1"})
        EXPECT_TRUE(!parsePartitionFolder(bad) || bad == "a--1") << bad;
    EXPECT_EQ(parseSegmentFileName("00000000000000000042.log", ".log"), Offset(42));
    EXPECT_EQ(parseSegmentFileName("42.log", ".log"), std::nullopt);
    EXPECT_EQ(parseSegmentFileName("00000000000000000042.logx", ".log"), std::nullopt);
}

TEST(LogDir, loadsWhatIsThereAndTakesTheMarkerAway) {
    LogRig rig;
    rig.create();
    rig.pump();
    auto o = rig.out();
    const MetaProperties meta{"cluster", BrokerId(1), {}};
    writeFile(kMetaPropertiesFile, writeMetaProperties(meta), 0, o);
    writeFile(kCleanShutdownFile, writeCleanShutdown(BrokerEpoch(5)), 0, o);
    writeFile(kRecoveryPointFile, writeOffsetCheckpoint({{{"orders", 0}, Offset(3)}}), 0, o);
    writeFile(kLogStartFile, Bytes::copy(std::string_view("nonsense")), 0, o);
    writeFile("gone-0.00ff-delete/00000000000000000000.log", Bytes::copy(std::string_view("x")), 0,
              o);
    rig.pump();
    auto state = loadLogDir(rig.disk, o);
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->meta, meta);
    EXPECT_TRUE(state->cleanShutdown);
    EXPECT_EQ(state->cleanShutdownEpoch, BrokerEpoch(5));
    EXPECT_EQ(state->recoveryPoints.at({"orders", 0}), Offset(3));
    EXPECT_TRUE(state->logStarts.empty());
    EXPECT_EQ(state->words.size(), 1u);
    ASSERT_EQ(state->partitions.size(), 1u);
    EXPECT_EQ(state->partitions[0].partition, (TopicPartition{"orders", 0}));
    EXPECT_EQ(state->partitions[0].topicId, LogRig::identity().topicId);
    rig.pump();
    rig.disk.powerCut();
    const auto again = loadLogDir(rig.disk, o);
    EXPECT_FALSE(again->cleanShutdown) << "the marker cannot come back";
}

TEST(LogDir, removedPartitionsLeaveNothing) {
    LogRig rig;
    rig.create();
    ASSERT_TRUE(rig.append());
    rig.pump();
    auto o = rig.out();
    rig.log->remove(o);
    rig.pump();
    EXPECT_TRUE(rig.disk.paths().empty());
}

// ---- What clients may send
// ----------------------------------------------------------------------------------

namespace {

KafkaError verdict(const Bytes& records, LogConfig config = {}, std::int64_t nowMs = 10'000'000) {
    const auto valid = validateClientBatch(records, config, nowMs, {"orders", 0});
    return valid ? KafkaError::None : valid.error().error;
}

/// The batch with one byte range replaced and the CRC made good again.
Bytes patched(const Bytes& batch, std::size_t at, std::initializer_list<int> bytes) {
    std::vector<std::uint8_t> out(batch.data(), batch.data() + batch.size());
    for (const int b : bytes)
        out[at++] = static_cast<std::uint8_t>(b);
    storeBigEndian(out.data() + 17, crc32c(ByteSpan(out).subspan(21)));
    return Bytes::take(std::move(out));
}

}  // namespace

TEST(Validation, batchesThatAreNone) {
    const Bytes good = makeBatch({.records = 3});
    EXPECT_EQ(verdict(good), KafkaError::None);
    EXPECT_EQ(verdict({}), KafkaError::InvalidRecord);
    EXPECT_EQ(verdict(good.slice(0, good.size() - 1)), KafkaError::InvalidRecord)
        << "cut: no batch at all";
    Chain two(good);
    two.append(good);
    EXPECT_EQ(verdict(two.flatten()), KafkaError::InvalidRecord);
    Chain trailing(good);
    trailing.append(good.slice(0, 30));
    EXPECT_EQ(verdict(trailing.flatten()), KafkaError::None) << "a cut second batch is dropped";
    EXPECT_EQ(verdict(patched(good, 16, {1})), KafkaError::InvalidRecord);
    EXPECT_EQ(verdict(patched(good, 16, {3})), KafkaError::CorruptMessage);
    EXPECT_EQ(verdict(patched(good, 8, {0, 0, 0, 3})), KafkaError::CorruptMessage);
    std::vector<std::uint8_t> rotten(good.data(), good.data() + good.size());
    rotten[70] ^= 4;
    EXPECT_EQ(verdict(Bytes::take(std::move(rotten))), KafkaError::CorruptMessage);
}

TEST(Validation, headersThatLie) {
    const Bytes good = makeBatch({.records = 3});
    EXPECT_EQ(verdict(patched(good, 7, {1})), KafkaError::InvalidRecord) << "base offset";
    EXPECT_EQ(verdict(patched(good, 23, {0, 0, 0, 3})), KafkaError::InvalidRecord)
        << "last offset delta";
    EXPECT_EQ(verdict(patched(good, 23, {0xff, 0xff, 0xff, 0xff})), KafkaError::InvalidRecord);
    EXPECT_EQ(verdict(patched(good, 57, {0, 0, 0, 0})), KafkaError::InvalidRecord) << "count";
    EXPECT_EQ(verdict(patched(patched(good, 23, {0, 0, 0, 3}), 57, {0, 0, 0, 4})),
              KafkaError::InvalidRecord)
        << "fewer records than counted";
    EXPECT_EQ(verdict(makeBatch({.producerId = 5, .producerEpoch = 0, .sequence = -1})),
              KafkaError::InvalidRecord);
    EXPECT_EQ(verdict(makeBatch({.control = true})), KafkaError::InvalidRecord);
}

TEST(Validation, sizes) {
    LogConfig config;
    config.maxMessageBytes = 200;
    EXPECT_EQ(verdict(makeBatch({.value = std::string(200, 'x')}), config),
              KafkaError::MessageTooLarge);
    config.maxMessageBytes = 1000;
    config.segmentBytes = 100;
    EXPECT_EQ(verdict(makeBatch({.value = std::string(200, 'x')}), config),
              KafkaError::RecordListTooLarge);
}

TEST(Validation, compactedTopicsWantKeysAndNameTheRecords) {
    LogConfig config;
    config.compact = true;
    EXPECT_EQ(verdict(makeBatch({.records = 2}), config), KafkaError::None);
    const auto bad = validateClientBatch(makeBatch({.records = 2, .key = std::nullopt}), config, 0,
                                         {"orders", 0});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().error, KafkaError::InvalidRecord);
    ASSERT_EQ(bad.error().recordErrors.size(), 2u);
    EXPECT_EQ(bad.error().recordErrors[1].batchIndex, 1);
}

TEST(Validation, timestampsTooFarFromNow) {
    LogConfig config;
    config.timestampAfterMaxMs = 100;
    config.timestampBeforeMaxMs = 1000;
    EXPECT_EQ(verdict(makeBatch({.timestampMs = 5100}), config, 5000), KafkaError::None);
    EXPECT_EQ(verdict(makeBatch({.timestampMs = 5101}), config, 5000),
              KafkaError::InvalidTimestamp);
    EXPECT_EQ(verdict(makeBatch({.timestampMs = 4000}), config, 5000), KafkaError::None);
    EXPECT_EQ(verdict(makeBatch({.timestampMs = 3999}), config, 5000),
              KafkaError::InvalidTimestamp);
    config.timestampType = TimestampType::LogAppendTime;
    EXPECT_EQ(verdict(makeBatch({.timestampMs = 1}), config, 5000), KafkaError::None)
        << "not looked at";
}

TEST(Validation, logAppendTimeIsStampedIntoTheBatch) {
    LogConfig config;
    config.timestampType = TimestampType::LogAppendTime;
    const auto valid = validateClientBatch(makeBatch({.records = 2}), config, 777, {"orders", 0});
    ASSERT_TRUE(valid.has_value());
    EXPECT_EQ(valid->logAppendTimeMs, 777);
    const auto header = protocol::readBatchHeader(valid->batch);
    EXPECT_TRUE(header->isLogAppendTime());
    EXPECT_EQ(header->maxTimestamp, 777);
    EXPECT_TRUE(protocol::checkBatchCrc(valid->batch).has_value());
    EXPECT_EQ(verdict(valid->batch, config), KafkaError::InvalidTimestamp)
        << "clients may not set it themselves";
}

TEST(Validation, aWrongMaxTimestampIsPutRight) {
    const Bytes lying = patched(makeBatch({.timestampMs = 5}), 35, {0, 0, 0, 0, 0, 0, 0, 99});
    const auto valid = validateClientBatch(lying, {}, 777, {"orders", 0});
    ASSERT_TRUE(valid.has_value());
    EXPECT_EQ(protocol::readBatchHeader(valid->batch)->maxTimestamp, 5);
    EXPECT_TRUE(protocol::checkBatchCrc(valid->batch).has_value());
}

TEST(Validation, compressionTypeOfTheTopic) {
    LogConfig config;
    config.compression = TopicCompression::Gzip;
    const auto valid = validateClientBatch(
        makeBatch({.records = 3, .producerId = 5, .producerEpoch = 1, .sequence = 8}), config, 0,
        {"orders", 0});
    ASSERT_TRUE(valid.has_value());
    const auto header = protocol::readBatchHeader(valid->batch);
    EXPECT_EQ(header->compression(), protocol::Compression::Gzip);
    EXPECT_EQ(header->producerId, 5);
    EXPECT_EQ(header->baseSequence, 8);
    EXPECT_EQ(protocol::readRecords(valid->batch)->size(), 3u);
}

// ---- Readers of untrusted files
// -----------------------------------------------------------------------------

namespace {

/// Feeds one input to every reader of small files; they may refuse it, but must not fail otherwise.
/// What they accept must survive being written and read again.
void readEverything(const Bytes& input) {
    if (const auto epochs = EpochCache::fromFile(input)) {
        EXPECT_EQ(*EpochCache::fromFile(epochs->toFile()), *epochs);
    }
    if (const auto offsets = readOffsetCheckpoint(input)) {
        EXPECT_EQ(*readOffsetCheckpoint(writeOffsetCheckpoint(*offsets)), *offsets);
    }
    if (const auto id = readPartitionMetadata(input)) {
        EXPECT_EQ(*readPartitionMetadata(writePartitionMetadata(*id)), *id);
    }
    (void)readMetaProperties(input);
    (void)readCleanShutdown(input);
    if (const auto state = ProducerState::fromSnapshot(input)) {
        EXPECT_EQ(*ProducerState::fromSnapshot(state->snapshot()), *state);
    }
    if (const auto index = SegmentIndex::fromFiles(input, {}, 1 << 20)) {
        EXPECT_EQ(*SegmentIndex::fromFiles(index->offsetBytes(), {}, 1 << 20), *index);
    }
    (void)SegmentIndex::fromFiles({}, input, 1 << 20);
    (void)validateClientBatch(input, {}, 0, {"t", 0});
    ColdRead plan{.path = "",
                  .position = 0,
                  .size = input.size(),
                  .from = Offset(0),
                  .upTo = Offset(9),
                  .maxBytes = 100,
                  .atLeastOne = true,
                  .segmentEnd = input.size()};
    (void)finishColdRead(plan, input);
}

}  // namespace

TEST(Fuzz, smallFileReadersTakeAnything) {
    ProducerState producers;
    producers.update(sent(0, 1, 0));
    SegmentIndex index;
    for (unsigned i = 1; i < 20; ++i)
        index.add(i * 3, i * 5000, i * 7, i * 3);
    const std::vector<Bytes> seeds{someEpochs().toFile(),
                                   writeOffsetCheckpoint({{{"a", 0}, Offset(5)}}),
                                   writePartitionMetadata({}),
                                   writeMetaProperties({"c", BrokerId(1), {}}),
                                   writeCleanShutdown(BrokerEpoch(1)),
                                   producers.snapshot(),
                                   index.offsetBytes(),
                                   index.timeBytes(),
                                   makeBatch({.records = 3})};
    Prng random(20260722);
    for (int i = 0; i < 20'000; ++i) {
        const Bytes& seed = seeds[random.below(seeds.size())];
        std::vector<std::uint8_t> input(seed.data(), seed.data() + seed.size());
        for (auto edits = random.below(4); edits > 0 && !input.empty(); --edits) {
            const auto at = random.below(input.size());
            switch (random.below(4)) {
                case 0:
                    input[at] = static_cast<std::uint8_t>(random.next());
                    break;
                case 1:
                    input.resize(at);
                    break;
                case 2:
                    input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), input.begin(),
                                 input.end());
                    break;
                default:
                    input[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
                    break;
            }
            if (input.size() > 4096)
                input.resize(4096);
        }
        readEverything(Bytes::take(std::move(input)));
    }
}
