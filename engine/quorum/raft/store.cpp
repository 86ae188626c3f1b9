// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/raft/store.h"

#include <algorithm>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/metadata/image.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/quorum/raft/snapshot_file.h"
#include "engine/quorum/raft/store_paths.h"

namespace odradek::raft {

std::string storePath(std::string_view name) {
    return fmt::format("{}/{}", kMetadataFolder, name);
}

std::string segmentName(std::int64_t base) {
    return fmt::format("{:020}.log", base);
}

std::string segmentPath(std::int64_t base) {
    return storePath(segmentName(base));
}

void Store::start(io::Effects& effects) {
    for (const auto& name : m_garbage)
        effects.push_back(io::DiskRemove{.op = m_nextOp++, .path = storePath(name)});
    m_garbage.clear();
    if (m_resetAtStart)
        writeCheckpoint(effects);
    if (m_cutAt) {
        // For good before anything new is written: what was cut must not come back behind it.
        effects.push_back(
            io::DiskTruncate{.op = m_nextOp++, .path = segmentPath(m_segments.back().base), .size = *m_cutAt});
        effects.push_back(io::DiskFlush{.op = m_nextOp++, .path = segmentPath(m_segments.back().base)});
        m_cutAt.reset();
    }
    if (!m_hasPartitionMetadata)
        effects.push_back(io::DiskReplace{
            .op = m_nextOp++,
            .path = storePath("partition.metadata"),
            .data = Bytes::copy(
                fmt::format("version: 0\ntopic_id: {}", metadata::kClusterMetadataTopicId.toString()))});
    m_hasPartitionMetadata = true;
    for (std::size_t i = 0; i + 1 < m_segments.size(); ++i)
        effects.push_back(io::DiskFlush{.op = m_nextOp++, .path = segmentPath(m_segments[i].base)});
    if (m_segments.empty())
        m_flushedEnd = m_end;
    flush(effects);
}

void Store::writeState(const QuorumState& state, std::uint64_t sequence, io::Effects& effects) {
    m_state = state;
    m_stateWrites.emplace_back(m_nextOp, sequence);
    effects.push_back(io::DiskReplace{
        .op = m_nextOp++, .path = storePath("quorum-state"), .data = Bytes::copy(m_state.toJson())});
}

bool Store::onDisk(const io::DiskDone& done, io::Effects& effects) {
    if (done.op == 0 || done.op >= m_nextOp)
        return false;
    if (!done.data) {
        if (!m_failure)
            m_failure = done.data.error();
        return true;
    }
    if (m_failure)
        return true;
    while (!m_stateWrites.empty() && m_stateWrites.front().first <= done.op) {
        m_durableState = m_stateWrites.front().second;
        m_stateWrites.pop_front();
    }
    if (done.op != m_flushOp)
        return true;
    m_flushOp = 0;
    m_flushedEnd = std::max(m_flushedEnd, m_flushUpTo);
    flush(effects);
    return true;
}

std::int32_t Store::lastEpoch() const {
    if (!m_epochs.empty())
        return m_epochs.back().epoch;
    return m_snapshots.empty() ? 0 : m_snapshots.back().id.epoch;
}

OffsetAndEpoch Store::endOffsetForEpoch(std::int32_t epoch) const {
    const auto next = std::upper_bound(m_epochs.begin(), m_epochs.end(), epoch,
                                       [](std::int32_t e, const EpochStart& s) { return e < s.epoch; });
    if (next == m_epochs.end())
        return end();
    if (next == m_epochs.begin())
        return {next->startOffset, epoch};
    return {next->startOffset, std::prev(next)->epoch};
}

std::int32_t Store::epochAt(std::int64_t offset) const {
    std::int32_t epoch = 0;
    for (const auto& snapshot : m_snapshots)
        if (snapshot.id.offset - 1 <= offset)
            epoch = snapshot.id.epoch;
    for (const auto& [e, start] : m_epochs)
        if (start <= offset)
            epoch = std::max(epoch, e);
    return epoch;
}

Chain Store::read(std::int64_t offset, std::int64_t upTo, std::int64_t maxBytes) const {
    Chain out;
    auto batch = std::lower_bound(m_batches.begin(), m_batches.end(), offset,
                                  [](const LoggedBatch& b, std::int64_t o) { return b.lastOffset < o; });
    for (; batch != m_batches.end() && batch->lastOffset < upTo; ++batch) {
        const auto size = static_cast<std::int64_t>(out.size() + batch->bytes.size());
        if (!out.empty() && size > maxBytes)
            break;
        out.append(batch->bytes);
    }
    return out;
}

void Store::keep(LoggedBatch batch) {
    if (m_epochs.empty() || m_epochs.back().epoch < batch.epoch)
        m_epochs.push_back({batch.epoch, batch.baseOffset});
    m_end = batch.lastOffset + 1;
    m_segments.back().size = batch.position + batch.bytes.size();
    if (m_snapshots.empty() || batch.baseOffset >= m_snapshots.back().id.offset)
        m_bytesSinceSnapshot += batch.bytes.size();
    m_batches.push_back(std::move(batch));
}

void Store::append(const Bytes& bytes, io::Effects& effects) {
    const auto header = protocol::readBatchHeader(bytes);
    ODRADEK_CHECK(header && header->baseOffset == m_end, "metadata batches have no gaps");
    ODRADEK_CHECK(header->partitionLeaderEpoch >= lastEpoch(), "epochs of the metadata log never fall");
    if (m_segments.empty())
        m_segments.push_back({m_end, 0});
    else if (m_segments.back().size > 0 &&
             m_segments.back().size + bytes.size() > static_cast<std::uint64_t>(m_segmentBytes))
        roll(effects);
    const auto path = segmentPath(m_segments.back().base);
    const bool isNewEpoch = m_epochs.empty() || m_epochs.back().epoch < header->partitionLeaderEpoch;
    if (isNewEpoch && !isFlushed() && m_segments.back().size > 0)
        effects.push_back(io::DiskFlush{.op = m_nextOp++, .path = path});
    const auto position = m_segments.back().size;
    keep({header->baseOffset, header->lastOffset(), header->partitionLeaderEpoch, header->isControl(),
          header->maxTimestamp, position, bytes});
    if (isNewEpoch)
        writeCheckpoint(effects);
    effects.push_back(io::DiskWrite{.op = m_nextOp++, .path = path, .offset = position, .data = bytes});
    flush(effects);
}

void Store::roll(io::Effects& effects) {
    if (m_segments.empty() || m_segments.back().size == 0)
        return;
    if (!isFlushed())
        effects.push_back(io::DiskFlush{.op = m_nextOp++, .path = segmentPath(m_segments.back().base)});
    m_segments.push_back({m_end, 0});
}

void Store::flush(io::Effects& effects) {
    if (m_flushOp != 0 || m_failure || isFlushed() || m_segments.empty())
        return;
    // A segment just begun has no file yet: what is to be flushed lies in the one before, whose flush is on its way.
    const bool isBegun = m_segments.back().size > 0 || m_segments.size() == 1;
    m_flushOp = m_nextOp++;
    m_flushUpTo = m_end;
    effects.push_back(io::DiskFlush{
        .op = m_flushOp, .path = segmentPath((isBegun ? m_segments.back() : m_segments[m_segments.size() - 2]).base)});
}

void Store::writeCheckpoint(io::Effects& effects) const {
    auto text = fmt::format("0\n{}\n", m_epochs.size());
    for (const auto& [epoch, start] : m_epochs)
        text += fmt::format("{} {}\n", epoch, start);
    effects.push_back(
        io::DiskReplace{.op = 0, .path = storePath("leader-epoch-checkpoint"), .data = Bytes::copy(text)});
}

void Store::truncate(std::int64_t end, io::Effects& effects) {
    if (end >= m_end)
        return;
    ODRADEK_CHECK(end >= m_start, "the log is never cut below its start");
    while (!m_batches.empty() && m_batches.back().lastOffset >= end) {
        const auto& last = m_batches.back();
        for (; m_segments.back().base > last.baseOffset; m_segments.pop_back())
            effects.push_back(io::DiskRemove{.op = m_nextOp++, .path = segmentPath(m_segments.back().base)});
        m_bytesSinceSnapshot -= std::min<std::uint64_t>(m_bytesSinceSnapshot, last.bytes.size());
        m_segments.back().size = last.position;
        m_end = last.baseOffset;
        m_batches.pop_back();
    }
    while (!m_epochs.empty() && m_epochs.back().startOffset >= m_end)
        m_epochs.pop_back();
    m_flushUpTo = std::min(m_flushUpTo, m_end);
    m_flushedEnd = std::min(m_flushedEnd, m_end);
    // The checkpoint first: it must never claim as durable what is about to go.
    writeCheckpoint(effects);
    const auto path = segmentPath(m_segments.back().base);
    effects.push_back(io::DiskTruncate{.op = m_nextOp++, .path = path, .size = m_segments.back().size});
    effects.push_back(io::DiskFlush{.op = m_nextOp++, .path = path});
}

const StoredSnapshot* Store::snapshot(const OffsetAndEpoch& id) const {
    for (const auto& one : m_snapshots)
        if (one.id == id)
            return &one;
    return nullptr;
}

std::uint64_t Store::bytesSinceSnapshot() const {
    return m_bytesSinceSnapshot;
}

void Store::addSnapshot(StoredSnapshot snapshot, io::Effects& effects) {
    ODRADEK_CHECK(snapshot.id.offset <= m_end, "a snapshot is of what the log holds");
    effects.push_back(io::DiskReplace{
        .op = m_nextOp++, .path = storePath(snapshotName(snapshot.id)), .data = snapshot.data});
    m_snapshots.push_back(std::move(snapshot));
    m_bytesSinceSnapshot = 0;
    roll(effects);
    while (m_snapshots.size() > 2) {
        effects.push_back(
            io::DiskRemove{.op = m_nextOp++, .path = storePath(snapshotName(m_snapshots.front().id))});
        m_snapshots.pop_front();
    }
    if (m_snapshots.size() > 1)
        dropBefore(m_snapshots.front().id.offset, effects);
}

void Store::dropBefore(std::int64_t offset, io::Effects& effects) {
    bool dropped = false;
    while (m_segments.size() > 1 && m_segments[1].base <= offset) {
        effects.push_back(io::DiskRemove{.op = m_nextOp++, .path = segmentPath(m_segments.front().base)});
        m_segments.erase(m_segments.begin());
        dropped = true;
    }
    if (!dropped)
        return;
    m_start = m_segments.front().base;
    for (; !m_batches.empty() && m_batches.front().lastOffset < m_start; m_batches.pop_front())
        m_epochBeforeStart = m_batches.front().epoch;
    while (m_epochs.size() > 1 && m_epochs[1].startOffset <= m_start)
        m_epochs.erase(m_epochs.begin());
    if (!m_epochs.empty())
        m_epochs.front().startOffset = std::max(m_epochs.front().startOffset, m_start);
    writeCheckpoint(effects);
}

void Store::clearLog(std::int64_t start) {
    m_batches.clear();
    m_epochs.clear();
    m_segments.clear();
    m_start = m_end = m_flushedEnd = start;
    m_flushUpTo = std::min(m_flushUpTo, start);
    m_bytesSinceSnapshot = 0;
    m_epochBeforeStart = m_snapshots.empty() ? -1 : m_snapshots.back().id.epoch;
    if (!m_snapshots.empty() && m_snapshots.back().id.offset > 0)
        m_epochs.push_back({m_snapshots.back().id.epoch, start});
}

void Store::restore(StoredSnapshot snapshot, io::Effects& effects) {
    // The snapshot first: should we die in between, boot finds it ahead of the log and drops the log itself.
    const auto saved = m_nextOp++;
    effects.push_back(
        io::DiskReplace{.op = saved, .path = storePath(snapshotName(snapshot.id)), .data = snapshot.data});
    for (const auto& old : m_snapshots)
        effects.push_back(io::DiskRemove{.op = m_nextOp++, .path = storePath(snapshotName(old.id))});
    for (const auto& segment : m_segments)
        effects.push_back(io::DiskRemove{.op = m_nextOp++, .path = segmentPath(segment.base)});
    m_snapshots.clear();
    m_snapshots.push_back(std::move(snapshot));
    clearLog(m_snapshots.back().id.offset);
    // Not flushed before the snapshot is saved.
    m_flushOp = saved;
    m_flushUpTo = m_start;
    m_flushedEnd = m_start - 1;
    writeCheckpoint(effects);
}

}  // namespace odradek::raft
