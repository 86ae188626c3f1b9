// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <bit>

#include "engine/base/check.h"
#include "engine/storage/log/checkpoints.h"
#include "engine/storage/log/partition_log.h"
#include "engine/storage/log/segment_pool.h"

/// How a PartitionLog reaches the disk: writes, flushes, checkpoints, and their completions.
namespace odradek::storage {

namespace {

constexpr std::size_t kSnapshotsKept = 2;
constexpr std::uint32_t kFullWritesInFlight = 4;

/// Bytes [from, from+count) of a chain, sharing its slices.
Chain subChain(const Chain& chain, std::size_t from, std::size_t count) {
    Chain out;
    for (const auto& part : chain.parts()) {
        if (count == 0)
            break;
        if (from >= part.size()) {
            from -= part.size();
            continue;
        }
        auto piece = part.slice(from, count);
        count -= piece.size();
        from = 0;
        out.append(std::move(piece));
    }
    return out;
}

}  // namespace

io::OpId PartitionLog::track(Op::Kind kind, DiskOut& out, Offset end, std::uint64_t bytes) {
    const auto id = out.ids.next(m_identity.tag);
    m_ops.push_back({id, kind, end, bytes, false});
    if (kind == Op::Kind::Cut)
        ++m_cutsInFlight;
    return id;
}

bool PartitionLog::onDiskDone(io::OpId op, const Result<Bytes>& result, DiskOut& out) {
    const auto it = std::find_if(m_ops.begin(), m_ops.end(), [&](const Op& o) { return o.id == op; });
    if (it == m_ops.end())
        return false;
    const Op done = *it;
    m_ops.erase(it);
    if (done.kind == Op::Kind::Write)
        --m_writesInFlight;
    if (done.kind == Op::Kind::Flush)
        --m_flushesInFlight;
    if (done.kind == Op::Kind::Checkpoint)
        m_checkpointing = false;
    if (done.kind == Op::Kind::Cut)
        --m_cutsInFlight;
    if (!result && done.flushesLog)
        m_logFlushFailed = true;
    if (m_failure)
        return m_ops.empty();  // the owner may want to revive it now
    if (done.kind == Op::Kind::FindCut) {
        onCutRead(result, out);
        return true;
    }
    const bool nothingToDiscard = done.kind == Op::Kind::Discard && !result &&
                                  result.error().code == ErrorCode::NotFound;
    if (!result && !nothingToDiscard) {
        // What the disk holds is now unknown, and a flush that failed once may succeed falsely later.
        m_failure = result.error();
        return true;
    }
    bool moved = false;
    const auto raise = [&](Offset& end) {
        if (done.end > end) {
            end = done.end;
            moved = true;
        }
    };
    switch (done.kind) {
        case Op::Kind::Write:
            m_writtenBytes += done.bytes;
            raise(m_writtenEnd);
            m_tail.evict(m_writtenEnd, m_limits.tailBytes);
            break;
        case Op::Kind::Flush:
            raise(m_flushedEnd);
            break;
        case Op::Kind::Checkpoint:
            raise(m_flushedEnd);
            raise(m_recoveryPoint);
            dropOldSnapshots(out);
            break;
        case Op::Kind::FindCut:
        case Op::Kind::Cut:
        case Op::Kind::Discard:
        case Op::Kind::Other:
            break;
    }
    if (m_ops.empty())
        m_discarded.clear();
    ODRADEK_CHECK(m_writtenEnd <= logEnd() && m_flushedEnd <= m_writtenEnd, "flushed <= written <= log end");
    writeMore(out);
    if (m_flushesInFlight == 0 && wantsFlush())
        issueFlush(out);
    return moved;
}

void PartitionLog::writeMore(DiskOut& out) {
    if (m_failure || m_truncation || m_cutsInFlight > 0)
        return;
    while (pendingBytes() > 0 &&
           (m_writesInFlight == 0 ||
            (pendingBytes() >= m_limits.writePieceBytes && m_writesInFlight < kFullWritesInFlight)))
        writePiece(out);
}

void PartitionLog::writeAll(DiskOut& out) {
    while (!m_failure && pendingBytes() > 0)
        writePiece(out);
}

void PartitionLog::writePiece(DiskOut& out) {
    Segment& segment = active();
    Offset next;
    const Chain data = m_tail.read(m_issuedEnd, logEnd(), m_limits.writePieceBytes, true, next);
    ODRADEK_CHECK(!data.empty() && m_writePosition + data.size() <= segment.size, "what is unwritten is in memory");
    const std::uint64_t end = m_writePosition + data.size();
    std::uint64_t preallocate = 0;
    if (end > segment.allocated) {
        const std::uint64_t grown = std::max(m_limits.firstAllocation, std::bit_ceil(end));
        const std::uint64_t step = m_limits.largestGrowth;
        preallocate = grown <= step ? grown : (end + step - 1) / step * step;
        preallocate = std::max(end, std::min(preallocate, static_cast<std::uint64_t>(m_config.segmentBytes)));
        segment.allocated = preallocate;
    }
    // One large batch may be more than a piece: the parts go out together, and the last one completes it.
    for (std::size_t at = 0; at < data.size(); at += m_limits.writePieceBytes) {
        Chain piece = data.size() <= m_limits.writePieceBytes ? data : subChain(data, at, m_limits.writePieceBytes);
        const bool last = at + piece.size() == data.size();
        const auto op = track(Op::Kind::Write, out, last ? next : m_issuedEnd, piece.size());
        ++m_writesInFlight;
        out.effects.push_back(io::DiskWrite{op, path(segment.base, ".log"), m_writePosition + at, std::move(piece),
                                            at == 0 ? preallocate : 0});
    }
    m_writePosition = end;
    m_issuedEnd = next;
    if (m_flushesInFlight == 0 && wantsFlush())
        issueFlush(out);
}

bool PartitionLog::wantsFlush() const {
    if (m_failure || m_truncation || m_issuedEnd <= m_flushTarget)
        return false;
    return m_flushWanted || m_issuedEnd - m_flushTarget >= m_config.flushMessages;
}

void PartitionLog::flushFile(const std::string& file, Op::Kind kind, Offset end, DiskOut& out) {
    if (!m_metadataFlushed) {
        // Records that survive a power cut must still be known by their topic id.
        m_metadataFlushed = true;
        flushFile(m_folder + "/" + std::string(kPartitionMetadataFile), Op::Kind::Other, end, out);
    }
    if (kind == Op::Kind::Flush)
        ++m_flushesInFlight;
    if (m_limits.mutants.has(Mutant::SkipFsync)) {
        out.effects.push_back(io::DiskRead{track(kind, out, end), file, 0, 0});
        return;
    }
    out.effects.push_back(io::DiskFlush{track(kind, out, end), file});
    m_ops.back().flushesLog = file.ends_with(".log");
}

/// Flushes every segment that may hold something behind the last flush, up to what has been issued.
void PartitionLog::issueFlush(DiskOut& out) {
    if (m_failure || m_issuedEnd <= m_flushTarget)
        return;
    for (std::size_t i = segmentIndexOf(m_flushTarget); i < m_segments.size(); ++i) {
        const Segment& segment = m_segments[i];
        if (segment.base >= m_issuedEnd || segment.next <= m_flushTarget)
            continue;
        flushFile(path(segment.base, ".log"), Op::Kind::Flush, std::min(segment.next, m_issuedEnd), out);
    }
    m_flushTarget = m_issuedEnd;
    if (m_issuedEnd == logEnd())
        m_flushWanted = false;
}

void PartitionLog::flush(DiskOut& out) {
    m_flushWanted = true;
    if (m_cutsInFlight == 0 || m_closed)
        writeAll(out);
    issueFlush(out);
    m_flushWanted = m_issuedEnd < logEnd();
}

/// Everything that makes logEnd a place recovery can start from; its last effect raises recoveryPoint.
void PartitionLog::persist(DiskOut& out) {
    m_checkpointing = true;
    flush(out);
    writeIndexTail(active(), out);
    for (std::size_t i = segmentIndexOf(m_recoveryPoint); i < m_segments.size(); ++i) {
        const Segment& segment = m_segments[i];
        if (segment.indexEntriesWritten > 0)
            flushFile(path(segment.base, ".index"), Op::Kind::Other, logEnd(), out);
        if (segment.timeEntriesWritten > 0)
            flushFile(path(segment.base, ".timeindex"), Op::Kind::Other, logEnd(), out);
    }
    if (m_epochsDirty)
        writeEpochs(out);
    if (!m_producers.empty() || !m_snapshots.empty())
        writeProducerSnapshot(out);
    flushFile(path(active().base, ".log"), Op::Kind::Checkpoint, logEnd(), out);
}

void PartitionLog::checkpoint(DiskOut& out) {
    if (m_failure || m_closed || m_truncation || m_cutsInFlight > 0 || m_checkpointing ||
        m_recoveryPoint == logEnd())
        return;
    persist(out);
}

void PartitionLog::closeClean(DiskOut& out) {
    if (m_failure || m_closed)
        return;
    m_closed = true;
    for (std::size_t i = 0; i + 1 < m_segments.size(); ++i)
        completeIndexFiles(m_segments[i], out);
    const Segment& segment = active();
    const bool untouched = segment.empty() && segment.base.value == 0;  // perhaps there is no file at all
    if (m_recoveryPoint == logEnd() && m_flushTarget == logEnd() && segment.allocated == segment.size &&
        !m_epochsDirty && (segment.indexFilesComplete || untouched))
        return;  // unchanged since it was last made safe
    writeAll(out);
    if (segment.allocated == 0)  // may never have been written to
        out.effects.push_back(io::DiskWrite{track(Op::Kind::Other, out), path(segment.base, ".log"), 0, {}});
    finishActive(out);
    persist(out);
}

void PartitionLog::remove(DiskOut& out) {
    for (const auto& segment : m_segments)
        if (out.pool.accepts(segment.allocated))
            out.pool.recycle(path(segment.base, ".log"), segment.allocated, 0, out);
    std::string id;
    for (const auto byte : m_identity.topicId.bytes) {
        constexpr std::string_view kHex = "0123456789abcdef";
        id += kHex[byte >> 4];
        id += kHex[byte & 15];
    }
    // Kafka's name for a folder on its way out; what a crash leaves behind is removed at the next start.
    const auto doomed = m_folder + "." + id + "-delete";
    out.effects.push_back(io::DiskRename{0, m_folder, doomed});
    out.effects.push_back(io::DiskRemove{0, doomed});
    m_closed = true;
}

void PartitionLog::writeEpochs(DiskOut& out) {
    m_epochsDirty = false;
    out.effects.push_back(io::DiskReplace{track(Op::Kind::Other, out), m_folder + "/" + std::string(kEpochFile),
                                          Chain(m_epochs.toFile())});
}

void PartitionLog::writeProducerSnapshot(DiskOut& out) {
    out.effects.push_back(io::DiskReplace{track(Op::Kind::Other, out), path(logEnd(), ".snapshot"),
                                          Chain(m_producers.snapshot())});
    if (m_snapshots.empty() || m_snapshots.back() < logEnd())
        m_snapshots.push_back(logEnd());
}

/// Keeps one that recovery from the recovery point on can begin with.
void PartitionLog::dropOldSnapshots(DiskOut& out) {
    while (m_snapshots.size() > kSnapshotsKept && m_snapshots[1] <= m_recoveryPoint) {
        out.effects.push_back(io::DiskRemove{0, path(m_snapshots.front(), ".snapshot")});
        m_snapshots.erase(m_snapshots.begin());
    }
}

}  // namespace odradek::storage
