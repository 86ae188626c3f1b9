// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/base/check.h"
#include "engine/storage/log/checkpoints.h"
#include "engine/storage/log/partition_log.h"

/// Going on after the disk has failed.
///
/// What is known then: of which writes and flushes it was said that they were done. A failed write
/// leaves everything written before it as it was. A failed flush does not: the system may have
/// marked the pages clean that it could not write, so that a later flush succeeds without them;
/// nothing behind the last good flush may be trusted, and it is cut and written anew. Every other
/// effect that failed (a cut, an index, a checkpoint of epochs) is made up for by putting all files
/// behind the recovery point back to what memory says.
namespace odradek::storage {

void PartitionLog::revive(Now now, DiskOut& out) {
    ODRADEK_CHECK(mayRevive(), "only a failed log with nothing under way is revived");
    const Offset good = m_logFlushFailed ? m_flushedEnd : m_writtenEnd;
    const Offset keep = std::max(good, m_logStart);
    m_writtenEnd = keep;  // also should this revival fail before the cut is made
    m_failure.reset();
    m_logFlushFailed = m_checkpointing = m_flushWanted = false;
    m_truncation.reset();
    m_writtenBytes = m_appendedBytes - pendingBytes();
    removeDiscarded(out);
    restoreFiles(out);
    if (good < keep)  // what was deleted stays deleted, though nothing of what follows it is left
        truncateFullyAndStartAt(now, keep, out);
    else
        truncateTo(now, keep, out);
    // What was good is flushed (again): its files may have been cut or made anew just now.
    m_flushTarget = std::min({m_flushTarget, m_flushedEnd, m_recoveryPoint});
}

/// Segments that were dropped, but whose files may still be there: recovery would take them for
/// part of the log.
void PartitionLog::removeDiscarded(DiskOut& out) {
    const auto discarded = std::move(m_discarded);
    m_discarded.clear();
    for (const auto base : discarded) {
        const bool inUse =
            std::any_of(m_segments.begin(), m_segments.end(),
                        [&](const Segment& segment) { return segment.base == base; });
        if (inUse)
            continue;  // a new file of that name; its end is put right with the others
        m_discarded.push_back(base);
        const auto file = path(base, ".log");
        out.effects.push_back(
            io::DiskRename{track(Op::Kind::Discard, out), file, file + ".deleted"});
        out.effects.push_back(io::DiskRemove{0, file + ".deleted"});
    }
}

void PartitionLog::restoreFiles(DiskOut& out) {
    const auto op = track(Op::Kind::Other, out);
    out.effects.push_back(
        io::DiskWrite{op, m_folder + "/" + std::string(kPartitionMetadataFile), 0, metadataFile()});
    m_metadataFlushed = false;
    std::size_t i = segmentIndexOf(m_recoveryPoint);
    if (i > 0 && m_segments[i].base == m_recoveryPoint)
        --i;  // rolled after the checkpoint: perhaps its file is not trimmed yet
    for (; i < m_segments.size(); ++i) {
        Segment& segment = m_segments[i];
        const bool isActive = i + 1 == m_segments.size();
        const auto file = path(segment.base, ".log");
        const std::uint64_t end = isActive ? m_writePosition : segment.size;
        out.effects.push_back(io::DiskWrite{
            track(Op::Kind::Other, out), file, 0, {}});  // makes it, should it be missing
        out.effects.push_back(io::DiskTruncate{track(Op::Kind::Cut, out), file, end});
        flushFile(file, Op::Kind::Cut, end == segment.size ? segment.next : m_writtenEnd, out);
        segment.allocated = end;
        for (const auto* suffix : {".index", ".timeindex"})
            out.effects.push_back(
                io::DiskReplace{track(Op::Kind::Other, out), path(segment.base, suffix), {}});
        segment.indexEntriesWritten = segment.timeEntriesWritten = 0;
        segment.indexFilesComplete = false;
        if (!isActive)
            completeIndexFiles(segment, out);
    }
    writeEpochs(out);
    dropSnapshots(m_recoveryPoint + 1, out);  // one of them may be the one that was not written
}

}  // namespace odradek::storage
