// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/operations.h"

#include <algorithm>
#include <string>

#include "engine/broker/core.h"
#include "engine/broker/dispatch.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/metadata_reaction.h"
#include "engine/storage/log/log_dir.h"
#include "engine/storage/log/recovery.h"

namespace odradek::broker {
namespace {

constexpr std::int64_t kLogStartSoonMs = 500;
constexpr std::int64_t kIdleCheckMs = 30000;
/// Recovery points move on after so many bytes, however short the time: after a kill a broker scans
/// what lies behind the last two rounds, at some 3 GB/s.
constexpr std::uint64_t kCheckpointBytes = 128u << 20;

Uuid drawUuid(Prng& random) {
    Uuid id;
    for (std::size_t half = 0; half < 2; ++half) {
        const auto word = random.next();
        for (std::size_t i = 0; i < 8; ++i)
            id.bytes[half * 8 + i] = static_cast<std::uint8_t>(word >> (8 * i));
    }
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) |
                                            0x40);  // version 4, as Kafka's random uuids
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
    return id;
}

Result<void> takeIdentity(Step& s, const storage::LogDirState& found) {
    auto& core = s.core;
    core.incarnation = drawUuid(core.random);
    if (found.meta) {
        if (found.meta->nodeId != core.config.node)
            return fail(ErrorCode::Invalid, "the log directory belongs to node " +
                                                std::to_string(found.meta->nodeId.value) +
                                                ", not to node " + std::to_string(core.id()));
        if (!core.config.clusterId.empty() && found.meta->clusterId != core.config.clusterId)
            return fail(ErrorCode::Invalid, "the log directory belongs to cluster " +
                                                found.meta->clusterId + ", not to cluster " +
                                                core.config.clusterId);
        core.identity = *found.meta;
        return {};
    }
    core.identity.clusterId =
        core.config.clusterId.empty() ? drawUuid(core.random).toString() : core.config.clusterId;
    core.identity.nodeId = core.config.node;
    core.identity.directoryId =
        core.config.directoryId.isZero() ? drawUuid(core.random) : core.config.directoryId;
    auto disk = s.disk();
    storage::writeFile(storage::kMetaPropertiesFile, storage::writeMetaProperties(core.identity), 0,
                       disk);
    return {};
}

Offset checkpointed(const storage::OffsetCheckpoint& offsets, const TopicPartition& partition) {
    const auto found = offsets.find(partition);
    return found == offsets.end() ? Offset(0) : found->second;
}

Result<void> recoverOne(Step& s, io::BootDisk& disk, const storage::LogDirState& dir,
                        const storage::FoundPartition& found) {
    auto& core = s.core;
    storage::RecoveryRequest request{
        .identity = {found.partition, *found.topicId, core.partitions.nextRef()},
        .config = logConfigOf(core, found.partition.topic),
        .limits = logLimitsOf(core),
        .cleanShutdown = dir.cleanShutdown,
        .recoveryPoint = checkpointed(dir.recoveryPoints, found.partition),
        .logStart = checkpointed(dir.logStarts, found.partition)};
    auto out = s.disk();
    auto recovered = TRY(storage::recoverLog(disk, request, s.now, out));
    for (const auto& word : recovered.report.words)
        s.note(recovered.report.damaged ? LogLevel::Warning : LogLevel::Info, word);
    Partition& partition = core.partitions.add(found.partition.topic, *found.topicId,
                                               found.partition.partition, std::move(recovered.log));
    partition.highWatermark = std::clamp(checkpointed(dir.highWatermarks, found.partition),
                                         partition.log.logStart(), partition.log.logEnd());
    return {};
}

template <class Value>
storage::OffsetCheckpoint collect(const BrokerCore& core, Value value) {
    storage::OffsetCheckpoint all;
    core.partitions.each(
        [&](const Partition& partition) { all[partition.name()] = value(partition); });
    return all;
}

void writeIfChanged(Step& s, std::string_view file, storage::OffsetCheckpoint now,
                    storage::OffsetCheckpoint& last) {
    if (now == last)
        return;
    auto disk = s.disk();
    storage::writeFile(file, storage::writeOffsetCheckpoint(now), 0, disk);
    last = std::move(now);
}

void writeHighWatermarks(Step& s) {
    writeIfChanged(s, storage::kHighWatermarkFile,
                   collect(s.core, [](const Partition& one) { return one.highWatermark; }),
                   s.core.writtenHighWatermarks);
}
void writeLogStarts(Step& s) {
    // As in Kafka, only those above the first segment: the others are found from the files.
    storage::OffsetCheckpoint starts;
    s.core.partitions.each([&](const Partition& one) {
        if (one.log.logStart() > one.log.segments().front().base)
            starts[one.name()] = one.log.logStart();
    });
    writeIfChanged(s, storage::kLogStartFile, std::move(starts), s.core.writtenLogStarts);
}
void writeRecoveryPoints(Step& s) {
    writeIfChanged(s, storage::kRecoveryPointFile,
                   collect(s.core, [](const Partition& one) { return one.log.recoveryPoint(); }),
                   s.core.writtenRecoveryPoints);
}

void enforceRetention(Step& s) {
    s.core.partitions.each([&s](Partition& partition) {
        if (partition.failed)
            return;
        auto disk = s.disk();
        const Offset before = partition.log.logStart();
        for (const auto& dropped :
             partition.log.enforceRetention(s.now, partition.highWatermark, disk))
            s.core.events.add(
                s.now.wallMs, EventKind::RetentionDeleted, partition.topic, partition.index,
                "deleted offsets " + std::to_string(dropped.base.value) + " to " +
                    std::to_string(dropped.next.value - 1) + " (" + std::to_string(dropped.bytes) +
                    " bytes) by " + std::string(dropped.why));
        if (partition.log.logStart() > before) {
            s.touch(partition).logStart = true;
            logStartMoved(s);
        }
    });
}

void checkpointLogs(Step& s) {
    s.core.checkpointedBytes = s.core.appendedBytes;
    writeRecoveryPoints(s);  // what the last round has made safe
    s.core.partitions.each([&s](Partition& partition) {
        auto disk = s.disk();
        if (!partition.failed)
            partition.log.checkpoint(disk);
    });
}

bool due(const Step& s, Instant& at, std::int64_t everyMs) {
    if (at > s.now.at)
        return false;
    at = s.now.at + Milliseconds(everyMs);
    return true;
}

}  // namespace

Result<void> openLogDir(Step& s, io::BootDisk& disk) {
    auto& core = s.core;
    core.pool = storage::SegmentPool(kPoolTag, core.config.segmentPoolBytes);
    auto out = s.disk();
    auto dir = TRY(storage::loadLogDir(disk, out));
    for (const auto& word : dir.words)
        s.note(LogLevel::Warning, word);
    TRY_OK(takeIdentity(s, dir));
    core.previousEpoch = dir.cleanShutdown ? dir.cleanShutdownEpoch : BrokerEpoch(-1);
    core.pool.adopt(dir.rootEntries, out);
    for (const auto& found : dir.partitions) {
        if (found.partition.topic == metadata::kClusterMetadataTopic)
            continue;  // the controller's
        if (!found.topicId) {
            // partition.metadata is written before the first record, so there is nothing in it
            // worth keeping.
            s.note(LogLevel::Warning, "removed " + found.partition.topic + "-" +
                                          std::to_string(found.partition.partition) +
                                          ": it has no topic id");
            s.out.push_back(io::DiskRemove{
                0, found.partition.topic + "-" + std::to_string(found.partition.partition)});
            continue;
        }
        TRY_OK(recoverOne(s, disk, dir, found));
    }
    core.writtenHighWatermarks = std::move(dir.highWatermarks);
    core.writtenLogStarts = std::move(dir.logStarts);
    core.writtenRecoveryPoints = std::move(dir.recoveryPoints);
    return {};
}

void startTimers(Step& s) {
    const auto& config = s.core.config;
    const auto in = [&](std::int64_t ms) { return s.now.at + Milliseconds(ms); };
    s.core.isrCheckAt = in(std::max<std::int64_t>(config.replicaLagTimeMaxMs / 2, 1));
    s.core.retentionAt = in(config.retentionCheckMs);
    s.core.highWatermarkCheckpointAt = in(config.highWatermarkCheckpointMs);
    s.core.recoveryCheckpointAt = in(config.flushOffsetCheckpointMs);
    s.core.logStartCheckpointAt = in(config.logStartCheckpointMs);
    s.core.idleCheckAt = in(kIdleCheckMs);
    s.core.groupSizesAt = in(1000);
}

void operationsTick(Step& s) {
    auto& core = s.core;
    if (due(s, core.retentionAt, core.config.retentionCheckMs))
        enforceRetention(s);
    if (due(s, core.highWatermarkCheckpointAt, core.config.highWatermarkCheckpointMs))
        writeHighWatermarks(s);
    if (core.appendedBytes - core.checkpointedBytes >= kCheckpointBytes)
        core.recoveryCheckpointAt = s.now.at;
    if (due(s, core.recoveryCheckpointAt, core.config.flushOffsetCheckpointMs))
        checkpointLogs(s);
    if (due(s, core.logStartCheckpointAt, core.config.logStartCheckpointMs))
        writeLogStarts(s);
    if (due(s, core.idleCheckAt, kIdleCheckMs))
        closeIdleConnections(s);
    if (core.groupSizesAt <= s.now.at)
        checkOffsetsSizes(s);
    diskHealthTick(s);
}

Instant operationsWake(const BrokerCore& core) {
    return std::min({core.retentionAt, core.highWatermarkCheckpointAt, core.recoveryCheckpointAt,
                     core.logStartCheckpointAt, core.idleCheckAt, core.groupSizesAt,
                     core.shutdownDeadline, core.health.retryAt});
}

void logStartMoved(Step& s) {
    s.core.logStartCheckpointAt =
        std::min(s.core.logStartCheckpointAt, s.now.at + Milliseconds(kLogStartSoonMs));
}

namespace {

constexpr std::int64_t kControlledShutdownMs = 5000;

void closeLogs(Step& s) {
    auto& core = s.core;
    core.closing = true;
    core.state = BrokerState::ShuttingDown;
    core.shutdownDeadline = Instant::never();
    for (auto& [id, connection] : core.connections.all())
        core.connections.close(connection, s.out);
    for (auto& [leader, fetcher] : core.fetchers)
        if (fetcher.line != Fetcher::Line::Down)
            s.out.push_back(io::CloseConnection{fetcher.connection});
    core.fetchers.clear();
    for (const auto id : {core.link.requestConnection, core.link.metadataConnection})
        if (isControllerConnection(core.link, id))
            s.out.push_back(io::CloseConnection{id});
    core.link.requestLine = ControllerLink::Line::Down;
    core.link.metadataLine = ControllerLink::Line::Down;
    core.partitions.each([&s](Partition& partition) {
        auto disk = s.disk();
        if (!partition.failed)
            partition.log.closeClean(disk);
    });
}

bool logsIdle(const BrokerCore& core) {
    bool idle = true;
    core.partitions.each([&](const Partition& partition) {
        idle = idle && (partition.failed || partition.log.idle());
    });
    return idle;
}

void writeMarker(Step& s) {
    auto& core = s.core;
    writeRecoveryPoints(s);
    writeHighWatermarks(s);
    writeLogStarts(s);
    const io::OpId op = core.ops.next(0);
    core.diskWaits.emplace(op, DiskWait{.kind = DiskWait::Kind::Shutdown});
    core.markerOp = op;
    auto disk = s.disk();
    if (core.diskEverFailed)  // not everything is there: the next start must look for itself
        s.out.push_back(io::DiskRemove{op, std::string(storage::kCleanShutdownFile)});
    else
        storage::writeFile(storage::kCleanShutdownFile, storage::writeCleanShutdown(core.epoch), op,
                           disk);
}

}  // namespace

void startShutdown(Step& s) {
    auto& core = s.core;
    if (core.state == BrokerState::ControlledShutdown || core.closing)
        return;
    core.state = BrokerState::ControlledShutdown;
    core.shutdownDeadline =
        s.now.at + Milliseconds(core.config.controlledShutdown ? kControlledShutdownMs : 0);
    heartbeatNow(s);
}

void shutdownMayProceed(Step& s) {
    auto& core = s.core;
    if (core.state == BrokerState::ControlledShutdown &&
        (core.link.shutdownAllowed || !core.link.registered || core.shutdownDeadline <= s.now.at))
        closeLogs(s);
    if (core.closing && core.markerOp == 0 && logsIdle(core))
        writeMarker(s);
}

}  // namespace odradek::broker
