// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/protocol/codec/record_batch.h"
#include "engine/storage/log/log_dir.h"
#include "engine/storage/log/partition_log.h"
#include "engine/storage/log/recovery.h"
#include "engine/storage/log/segment_pool.h"
#include "tests/support/memory_disk.h"

namespace odradek::test {

using namespace storage;  // NOLINT: the rig speaks storage's language

/// Options of a test batch.
struct BatchSpec {
    int records = 1;
    std::string value = "value";
    std::optional<std::string> key = "key";
    std::int64_t timestampMs = 1000;
    std::int64_t producerId = -1;
    std::int16_t producerEpoch = -1;
    std::int32_t sequence = -1;
    protocol::Compression codec = protocol::Compression::None;
    bool control = false;
    std::int64_t baseOffset = 0;
    std::int32_t epoch = -1;
};

inline Bytes makeBatch(const BatchSpec& spec = {}) {
    std::vector<protocol::Record> records;
    for (int i = 0; i < spec.records; ++i) {
        protocol::Record record;
        record.offset = spec.baseOffset + i;
        record.timestampMs = spec.timestampMs + i;
        if (spec.key)
            record.key = Bytes::copy(std::string_view(*spec.key));
        record.value = Bytes::copy(std::string_view(spec.value));
        records.push_back(std::move(record));
    }
    auto batch = protocol::buildBatch(records, {.compression = spec.codec,
                                                .baseOffset = spec.baseOffset,
                                                .leaderEpoch = spec.epoch,
                                                .producerId = spec.producerId,
                                                .producerEpoch = spec.producerEpoch,
                                                .baseSequence = spec.sequence,
                                                .control = spec.control});
    EXPECT_TRUE(batch.has_value());
    return *batch;
}

/// The headers of the batches in a run of bytes; fails the test when they are not whole.
inline std::vector<protocol::BatchHeader> headersOf(const Bytes& bytes) {
    std::vector<protocol::BatchHeader> headers;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto header = protocol::readBatchHeader(bytes.slice(at));
        if (!header || at + header->sizeInBytes() > bytes.size()) {
            ADD_FAILURE() << "not whole batches at " << at << " of " << bytes.size();
            break;
        }
        EXPECT_TRUE(protocol::checkBatchCrc(bytes.slice(at, header->sizeInBytes())).has_value());
        headers.push_back(*header);
        at += header->sizeInBytes();
    }
    return headers;
}

/// One log on one memory disk, with everything around it that a broker would bring.
struct LogRig {
    static constexpr OpIds::Tag kPoolTag = 1;
    static constexpr OpIds::Tag kLogTag = 2;

    MemoryDisk disk;
    OpIds ids;
    SegmentPool pool;
    io::Effects effects;
    LogConfig config;
    LogLimits limits;
    std::int64_t wallMs = 1'000'000;
    std::optional<PartitionLog> log;
    RecoveryReport report;
    Offset recoveryPoint{0};  ///< as a broker's checkpoint file would say
    Offset logStart{0};

    explicit LogRig(std::uint64_t seed = 1, std::uint64_t poolBytes = 0)
        : disk(seed), pool(kPoolTag, poolBytes) {}

    Now now() const { return {Instant{wallMs * 1'000'000}, wallMs}; }
    DiskOut out() { return DiskOut{effects, ids, pool}; }
    static LogIdentity identity() {
        Uuid id;
        id.bytes[15] = 7;
        return {{"orders", 0}, id, kLogTag};
    }

    void create(Offset start = Offset(0)) {
        auto o = out();
        log = PartitionLog::create(identity(), config, limits, now(), o, start);
    }
    /// Performs at most `count` disk effects, handing completions back.
    void pump(std::size_t count = SIZE_MAX) {
        disk.submit(effects);
        for (; count > 0 && disk.queued() > 0; --count)
            if (auto done = disk.step()) {
                auto o = out();
                if (OpIds::tagOf(done->op) == kPoolTag)
                    pool.onDiskDone(done->op, done->data, o);
                else if (log)
                    log->onDiskDone(done->op, done->data, o);
                lowerRecoveryPoint();
                disk.submit(effects);
            }
    }
    AppendResult append(const BatchSpec& spec = {}, std::int32_t epoch = 0,
                        AppendOrigin origin = AppendOrigin::Client) {
        auto o = out();
        if (log->latestEpoch() < LeaderEpoch(epoch))
            log->assignEpoch(LeaderEpoch(epoch));
        return log->appendAsLeader(now(), makeBatch(spec), LeaderEpoch(epoch), origin, o);
    }
    PartitionLog::FollowerAppended follow(const Chain& chain) {
        auto o = out();
        return log->appendAsFollower(now(), chain, o);
    }
    void truncate(std::int64_t offset) {
        auto o = out();
        log->truncateTo(now(), Offset(offset), o);
        lowerRecoveryPoint();
    }
    /// What a broker does at once when a log's recovery point falls: it rewrites the checkpoint.
    void lowerRecoveryPoint() {
        if (log)
            recoveryPoint = std::min(recoveryPoint, log->recoveryPoint());
    }
    void roll() {
        auto o = out();
        log->roll(now(), o);
    }
    void checkpoint() {
        auto o = out();
        log->checkpoint(o);
        pump();
        recoveryPoint = log->recoveryPoint();
    }
    void closeClean() {
        auto o = out();
        log->closeClean(o);
        pump();
        EXPECT_TRUE(log->idle());
        recoveryPoint = log->recoveryPoint();
    }
    /// Drops the log and opens it again from what the disk holds.
    void reopen(bool clean) {
        log.reset();
        effects.clear();
        pool = SegmentPool(kPoolTag, poolLimit);
        auto o = out();
        pool.adopt(*disk.list(""), o);
        auto opened =
            recoverLog(disk, {identity(), config, limits, clean, recoveryPoint, logStart}, now(), o);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        log = std::move(opened->log);
        report = std::move(opened->report);
    }
    void crash() {
        disk.submit(effects);
        disk.kill();
        reopen(false);
    }
    void powerCut() {
        disk.submit(effects);
        disk.powerCut();
        reopen(false);
    }
    std::uint64_t poolLimit = 0;

    /// Reads whole batches, performing cold reads as a broker would.
    Bytes fetch(std::int64_t from, std::int64_t upTo = INT64_MAX, std::uint64_t maxBytes = 1 << 20,
                bool atLeastOne = true) {
        auto plan = log->read(Offset(from), Offset(upTo), maxBytes, atLeastOne);
        EXPECT_TRUE(plan.has_value());
        while (plan && std::holds_alternative<ColdRead>(*plan)) {
            const auto& cold = std::get<ColdRead>(*plan);
            ++coldReads;
            const auto data = disk.read(cold.path, cold.position, cold.size);
            EXPECT_TRUE(data.has_value());
            auto next = finishColdRead(cold, *data);
            if (!next) {
                ADD_FAILURE() << next.error().message;
                return {};
            }
            plan = std::move(*next);
        }
        return std::get<FetchData>(*plan).records.flatten();
    }
    /// Everything from `from` to the end, as one run of bytes.
    Bytes fetchAll(std::int64_t from) {
        Chain all;
        while (from < log->logEnd().value) {
            const Bytes part = fetch(from);
            if (part.empty()) {
                ADD_FAILURE() << "nothing at " << from;
                break;
            }
            from = headersOf(part).back().nextOffset();
            all.append(part);
        }
        return all.flatten();
    }
    std::optional<OffsetFound> lookUp(LookupStep step) {
        while (std::holds_alternative<ColdLookup>(step)) {
            const auto& cold = std::get<ColdLookup>(step);
            ++coldReads;
            const auto data = disk.read(cold.path, cold.position, cold.size);
            EXPECT_TRUE(data.has_value());
            auto next = log->continueLookup(cold, *data);
            if (!next) {
                ADD_FAILURE() << next.error().message;
                return std::nullopt;
            }
            step = std::move(*next);
        }
        return std::get<std::optional<OffsetFound>>(step);
    }
    std::string path(std::int64_t base, std::string_view suffix = ".log") const {
        return "orders-0/" + segmentFileName(Offset(base), suffix);
    }
    int coldReads = 0;
};

}  // namespace odradek::test
