// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/replication/follower.h"

#include <algorithm>
#include <string>

#include "engine/broker/core.h"
#include "engine/broker/operations.h"
#include "engine/protocol/codec/record_batch.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;

/// Where to cut when the leader says its epoch `diverging` ends at an offset
/// (AbstractFetcherThread's rules): where that epoch ends here, if we know it; else where the
/// largest smaller epoch ends here, and then we ask again.
Offset divergencePoint(const storage::PartitionLog& log,
                       const protocol::FetchResponse::EpochEndOffset& diverging) {
    const Offset leaderEnd(diverging.endOffset);
    const Offset ourEnd = log.logEnd();
    const auto mine = log.endOffsetForEpoch(LeaderEpoch(diverging.epoch));
    if (!mine.defined())
        return std::min(leaderEnd, ourEnd);
    if (mine.epoch.value != diverging.epoch)
        return std::min(mine.end, ourEnd);
    return std::min({mine.end, leaderEnd, ourEnd});
}

/// The base offset of the first batch, if there is one.
Offset firstOffset(const Chain& records) {
    const auto& first = records.parts().front();
    const auto header = protocol::readBatchHeader(first.size() >= protocol::kBatchHeaderSize
                                                      ? first.span()
                                                      : ByteSpan(records.flatten().span()));
    return header ? Offset(header->baseOffset) : Offset(-1);
}

Taken append(Step& s, Partition& partition, const Chain& records) {
    auto disk = s.disk();
    auto& log = partition.log;
    // DeleteRecords may have put the leader's log start into the middle of a batch: an empty log
    // then begins at the batch's base, and its log start follows the leader's below.
    const Offset first = firstOffset(records);
    if (log.logStart() == log.logEnd() && first.value >= 0 && first < log.logEnd())
        log.truncateFullyAndStartAt(s.now, first, disk);
    const auto appended = log.appendAsFollower(s.now, records, disk);
    if (appended.batches > 0) {
        s.touch(partition).logEnd = true;
        s.core.appendedBytes += records.size();
    }
    if (appended.stoppedBy) {
        s.note(LogLevel::Warning,
               partition.topic + "-" + std::to_string(partition.index) +
                   ": records from the leader do not fit: " + appended.stoppedBy->message);
        return Taken::Refused;
    }
    return Taken::Good;
}

}  // namespace

Taken takeFetched(Step& s, Partition& partition, protocol::FetchResponse::PartitionData& data) {
    const auto error = static_cast<KafkaError>(data.errorCode);
    if (error == KafkaError::OffsetOutOfRange)
        return Taken::OutOfRange;
    if (error != KafkaError::None || partition.log.failure())
        return Taken::Refused;
    if (data.divergingEpoch.epoch >= 0) {
        const Offset cut = divergencePoint(partition.log, data.divergingEpoch);
        if (cut >= partition.log.logEnd()) {
            // We led an epoch that got no records and the leader never heard of: only its name is
            // to be forgotten.
            const auto before = partition.log.latestEpoch();
            auto disk = s.disk();
            partition.log.truncateTo(s.now, cut, disk);
            // Nothing to cut and still diverging would not be a sane answer.
            return partition.log.latestEpoch() != before ? Taken::Good : Taken::Refused;
        }
        truncateFollower(
            s, partition, cut,
            "diverged from the leader in epoch " + std::to_string(data.divergingEpoch.epoch));
        return Taken::Good;
    }
    auto taken = Taken::Good;
    if (data.records && !data.records->empty()) {
        taken = append(s, partition, *data.records);
        s.core.metrics.replicationBytesIn += data.records->size();
    }
    const Offset mark = std::min(Offset(data.highWatermark), partition.log.logEnd());
    if (mark > partition.highWatermark) {
        partition.highWatermark = mark;
        s.touch(partition).highWatermark = true;
    }
    if (Offset(data.logStartOffset) > partition.log.logStart()) {
        auto disk = s.disk();
        const Offset start = std::min(Offset(data.logStartOffset), partition.log.logEnd());
        if (partition.log.advanceLogStart(s.now, start, partition.log.logEnd(), disk)) {
            partition.highWatermark = std::max(partition.highWatermark, partition.log.logStart());
            s.touch(partition).logStart = true;
            logStartMoved(s);
        }
    }
    return taken;
}

void truncateFollower(Step& s, Partition& partition, Offset offset, std::string_view why) {
    auto disk = s.disk();
    const Offset before = partition.log.logEnd();
    if (s.core.config.hasMutant(Mutant::TruncateTooFar))
        offset = std::max(partition.log.logStart(), offset - 20);
    partition.log.truncateTo(s.now, offset, disk);
    const Offset after = partition.log.logEnd();
    if (partition.highWatermark > after)
        partition.highWatermark = after;
    s.touch(partition).logEnd = true;
    s.core.events.add(s.now.wallMs, EventKind::Truncated, partition.topic, partition.index,
                      "truncated from " + std::to_string(before.value) + " to " +
                          std::to_string(after.value) + ": " + std::string(why));
}

void restartFollower(Step& s, Partition& partition, Offset start) {
    auto disk = s.disk();
    const Offset before = partition.log.logEnd();
    partition.log.truncateFullyAndStartAt(s.now, start, disk);
    partition.highWatermark = start;
    s.touch(partition).logEnd = true;
    s.core.events.add(s.now.wallMs, EventKind::Truncated, partition.topic, partition.index,
                      "behind the leader's log start: emptied at " + std::to_string(before.value) +
                          ", goes on at " + std::to_string(start.value));
}

}  // namespace odradek::broker
