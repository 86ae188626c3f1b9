// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/base/check.h"
#include "engine/storage/log/partition_log.h"
#include "engine/storage/log/segment_pool.h"

/// Truncation, retention and log start: everything that takes records away.
namespace odradek::storage {

using protocol::KafkaError;

namespace {

constexpr std::uint64_t kCutReadBytes = 256 << 10;

}  // namespace

// ---- At the end
// ---------------------------------------------------------------------------------------------

void PartitionLog::truncateTo(Now now, Offset offset, DiskOut& out) {
    if (m_failure || m_truncation)
        return;
    if (offset >= logEnd()) {
        // An epoch that began at the end and has no records may still be one the leader does not
        // know.
        m_epochsDirty |= m_epochs.truncateFromEnd(logEnd());
        return;
    }
    if (offset < m_logStart || offset <= m_segments.front().base) {
        truncateFullyAndStartAt(now, offset, out);
        return;
    }
    const std::size_t index = segmentIndexOf(offset);
    const Segment& segment = m_segments[index];
    if (offset >= tailStart()) {
        const auto& run = m_tail.runs()[m_tail.runHolding(offset)];
        const std::size_t entry = Tail::entryHolding(run, offset);
        const Offset begin =
            entry == 0
                ? run.base
                : run.base + (static_cast<std::int64_t>(run.entries[entry - 1].lastRelative) + 1);
        cutAt(index, run.position + run.entries[entry].position, begin, out);
    } else if (offset == segment.base) {
        cutAt(index, 0, offset, out);
    } else {
        findCut(offset, index, out);
    }
}

void PartitionLog::findCut(Offset target, std::size_t index, DiskOut& out) {
    const Segment& segment = m_segments[index];
    const std::uint64_t position =
        segment.index.positionFor(static_cast<std::uint32_t>(target - segment.base));
    m_truncation = Truncation{target, segment.base, position,
                              std::min(kCutReadBytes, coldEnd(segment) - position)};
    out.effects.push_back(io::DiskRead{track(Op::Kind::FindCut, out), path(segment.base, ".log"),
                                       position, m_truncation->size});
}

/// Looks in what was read for the batch that holds the target, and cuts before it; or reads on.
void PartitionLog::onCutRead(const Result<Bytes>& result, DiskOut& out) {
    if (!m_truncation)
        return;
    if (m_closed)
        return m_truncation.reset();
    Truncation& cut = *m_truncation;
    const auto broken = [&](std::string why) {
        m_failure = Error{ErrorCode::Corrupt, m_folder + ": cannot truncate: " + std::move(why)};
        m_truncation.reset();
    };
    if (!result)
        return broken(result.error().message);
    std::size_t at = 0;
    while (at + protocol::kBatchHeaderSize <= result->size()) {
        const auto header = protocol::readBatchHeader(result->span().subspan(at));
        if (!header)
            return broken(header.error().message);
        if (header->lastOffset() >= cut.target.value) {
            const std::size_t index = segmentIndexOf(cut.segment);
            const std::uint64_t position = cut.position + at;
            m_truncation.reset();
            cutAt(index, position, Offset(header->baseOffset), out);
            return;
        }
        at += header->sizeInBytes();
    }
    if (at == 0 || result->size() < cut.size)
        return broken("the batch to cut at is not there");
    const Segment& segment = m_segments[segmentIndexOf(cut.segment)];
    cut.position += at;
    if (cut.position >= coldEnd(segment))
        return broken("the batch to cut at is not there");
    cut.size = std::min(kCutReadBytes, coldEnd(segment) - cut.position);
    out.effects.push_back(io::DiskRead{track(Op::Kind::FindCut, out), path(segment.base, ".log"),
                                       cut.position, cut.size});
}

/// Cuts at a batch border: `position` in the segment with that index, whose next offset becomes
/// `end`.
void PartitionLog::cutAt(std::size_t index, std::uint64_t position, Offset end, DiskOut& out) {
    const std::uint64_t waiting = pendingBytes();
    const bool onlyUnwritten = index + 1 == m_segments.size() && position >= m_writePosition;
    while (m_segments.size() > index + 1) {
        m_size -= active().size;
        emptyIndexes(active(), out);
        discardFiles(active(), out);
        m_segments.pop_back();
        m_writePosition = active().size;  // an older segment had been handed to the disk whole
    }
    Segment& segment = active();
    m_size -= segment.size - position;
    segment.size = position;
    segment.next = end;
    segment.index.truncate(static_cast<std::uint32_t>(end - segment.base));
    m_tail.truncate(end);
    forgetBeyond(end);

    // Times after the cut: the last indexed ones, then what memory still has of this segment.
    segment.maxTimestampMs =
        segment.index.times().empty() ? -1 : segment.index.times().back().timestampMs;
    segment.offsetOfMaxTimestamp =
        segment.maxTimestampMs < 0
            ? -1
            : segment.base.value + segment.index.times().back().relativeOffset;
    for (const auto& run : m_tail.runs())
        for (std::size_t e = 0; run.segment == segment.base && e < run.entries.size(); ++e)
            if (const auto header = protocol::readBatchHeader(Tail::headerAt(run, e));
                header && header->maxTimestamp > segment.maxTimestampMs) {
                segment.maxTimestampMs = header->maxTimestamp;
                segment.offsetOfMaxTimestamp = header->lastOffset();
            }
    if (segment.empty())
        segment.firstTimestampMs = -1;
    segment.indexFilesComplete = false;
    segment.bytesSinceIndexEntry = static_cast<std::uint32_t>(
        position - (segment.index.offsets().empty() ? 0 : segment.index.offsets().back().position));

    if (!onlyUnwritten) {
        // Stale batches behind the cut must be gone for good before anything is written over them:
        // the next batch could end exactly where one of them begins, with the offset and epoch it
        // has.
        out.effects.push_back(
            io::DiskTruncate{track(Op::Kind::Cut, out), path(segment.base, ".log"), position});
        flushFile(path(segment.base, ".log"), Op::Kind::Cut, end, out);
        segment.allocated = position;
        m_writePosition = std::min(m_writePosition, position);
        emptyIndexes(segment, out);
        segment.indexEntriesWritten = segment.timeEntriesWritten = 0;
    }
    m_writtenBytes += waiting - std::min(waiting, pendingBytes());
    dropSnapshots(end + 1, out);
    if (m_epochs.truncateFromEnd(end))
        writeEpochs(out);
    restoreProducers(end);
}

/// Empties index files durably: a removal alone could be undone by a power cut, and the name come
/// again. Without entries recovery reads the segment from its start, whatever the recovery-point
/// file still says.
void PartitionLog::emptyIndexes(const Segment& segment, DiskOut& out) {
    if (segment.indexEntriesWritten > 0)
        out.effects.push_back(
            io::DiskReplace{track(Op::Kind::Other, out), path(segment.base, ".index"), {}});
    if (segment.timeEntriesWritten > 0)
        out.effects.push_back(
            io::DiskReplace{track(Op::Kind::Other, out), path(segment.base, ".timeindex"), {}});
}

/// Takes back all claims about offsets from `end` on, also those of completions still to come.
void PartitionLog::forgetBeyond(Offset end) {
    for (auto* claim :
         {&m_writtenEnd, &m_flushedEnd, &m_recoveryPoint, &m_issuedEnd, &m_flushTarget})
        *claim = std::min(*claim, end);
    for (auto& op : m_ops)
        op.end = std::min(op.end, end);
}

/// Producers after a truncation: their remembered batches below the cut; for those left without
/// any, what memory has of them. Older history is forgotten: such a producer counts as unknown.
void PartitionLog::restoreProducers(Offset end) {
    const auto emptied = m_producers.truncateTo(end.value);
    if (emptied.empty())
        return;
    for (const auto id : emptied)
        m_producers.forget(id);
    for (const auto& run : m_tail.runs())
        for (std::size_t e = 0; e < run.entries.size(); ++e) {
            const auto header = protocol::readBatchHeader(Tail::headerAt(run, e));
            if (header && header->hasProducerId() &&
                std::find(emptied.begin(), emptied.end(), header->producerId) != emptied.end())
                noteProducer(*header, Tail::batchAt(run, e));
        }
}

void PartitionLog::dropSnapshots(Offset from, DiskOut& out) {
    while (!m_snapshots.empty() && m_snapshots.back() >= from) {
        const auto file = path(m_snapshots.back(), ".snapshot");
        out.effects.push_back(io::DiskReplace{track(Op::Kind::Other, out), file, {}});
        out.effects.push_back(io::DiskRemove{0, file});
        m_snapshots.pop_back();
    }
}

void PartitionLog::truncateFullyAndStartAt(Now now, Offset start, DiskOut& out) {
    if (m_failure)
        return;
    m_truncation.reset();
    m_writtenBytes += pendingBytes();
    while (!m_segments.empty()) {
        emptyIndexes(active(), out);
        discardFiles(active(), out);
        m_segments.pop_back();
    }
    m_size = 0;
    m_tail.clear();
    m_producers.clear();
    m_epochs.clear();
    writeEpochs(out);
    dropSnapshots(Offset(0), out);
    forgetBeyond(start);
    m_logStart = m_writtenEnd = m_flushedEnd = m_recoveryPoint = m_issuedEnd = m_flushTarget =
        start;
    addSegment(now, start, 0, out);
}

// ---- At the start
// -------------------------------------------------------------------------------------------

void PartitionLog::discardFiles(const Segment& segment, DiskOut& out) {
    const auto file = path(segment.base, ".log");
    if (segment.base.value > 0 || segment.allocated > 0) {
        // Should it fail, its records would still be there for the next recovery.
        m_discarded.push_back(segment.base);
        out.pool.recycle(file, segment.allocated, track(Op::Kind::Discard, out), out);
    } else  // perhaps there is no file yet
        out.effects.push_back(io::DiskRemove{0, file});
    for (const auto* suffix : {".index", ".timeindex"})
        out.effects.push_back(io::DiskRemove{0, path(segment.base, suffix)});
}

void PartitionLog::dropOldest(std::size_t count, std::string_view why,
                              std::vector<DeletedSegment>& dropped, DiskOut& out) {
    for (; count > 0; --count) {
        const Segment& segment = m_segments.front();
        dropped.push_back({segment.base, segment.next, segment.size, why});
        m_size -= segment.size;
        discardFiles(segment, out);
        m_segments.pop_front();
    }
    m_logStart = std::max(m_logStart, m_segments.front().base);
    m_tail.evict(std::min(m_segments.front().base, m_writtenEnd), 0);
    m_recoveryPoint = std::max(m_recoveryPoint, m_segments.front().base);
    m_epochsDirty |= m_epochs.truncateFromStart(m_logStart);
}

std::expected<std::vector<DeletedSegment>, KafkaError> PartitionLog::advanceLogStart(
    Now, Offset start, Offset highWatermark, DiskOut& out) {
    std::vector<DeletedSegment> dropped;
    if (start > highWatermark || start > logEnd())
        return std::unexpected(KafkaError::OffsetOutOfRange);
    if (start <= m_logStart || m_failure || m_truncation)
        return dropped;
    m_logStart = start;
    std::size_t below = 0;
    while (below + 1 < m_segments.size() && m_segments[below + 1].base <= start)
        ++below;
    dropOldest(below, "log start", dropped, out);
    return dropped;
}

std::vector<DeletedSegment> PartitionLog::enforceRetention(Now now, Offset highWatermark,
                                                           DiskOut& out) {
    std::vector<DeletedSegment> dropped;
    if (m_failure || m_closed || m_truncation)
        return dropped;
    m_producers.expire(now.wallMs, m_limits.producerExpirationMs);
    // Whole oldest segments while `due`, none that reaches past the high watermark. When all are
    // due, a new active segment comes first, so that there always is one.
    const auto drop = [&](std::string_view why, auto due) {
        std::size_t count = 0;
        while (count < m_segments.size() && !m_segments[count].empty() &&
               m_segments[count].next <= highWatermark && due(m_segments[count]))
            ++count;
        if (count == m_segments.size())
            roll(now, out);
        if (count > 0)
            dropOldest(count, why, dropped, out);
    };
    if (m_config.deleteOld && m_config.retentionMs >= 0)
        drop("retention.ms", [&](const Segment& segment) {
            return now.wallMs - segment.largestTimestampMs() > m_config.retentionMs;
        });
    if (m_config.deleteOld && m_config.retentionBytes >= 0 &&
        m_size > static_cast<std::uint64_t>(m_config.retentionBytes)) {
        std::uint64_t excess = m_size - static_cast<std::uint64_t>(m_config.retentionBytes);
        drop("retention.bytes", [&](const Segment& segment) {
            if (segment.size > excess)
                return false;
            excess -= segment.size;
            return true;
        });
    }
    return dropped;
}

}  // namespace odradek::storage
