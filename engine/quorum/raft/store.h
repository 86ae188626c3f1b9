// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/ports.h"
#include "engine/quorum/raft/quorum_state.h"
#include "engine/quorum/raft/voter_set.h"

namespace odradek::raft {

inline constexpr std::string_view kMetadataFolder = "__cluster_metadata-0";

/// One batch of the metadata log.
struct LoggedBatch {
    std::int64_t baseOffset = 0;
    std::int64_t lastOffset = 0;
    std::int32_t epoch = 0;
    bool isControl = false;
    std::int64_t maxTimestampMs = 0;
    std::uint64_t position = 0;  ///< in its segment file
    Bytes bytes;
};

/// A snapshot we have whole. `data` is the file (snapshot_file.h).
struct StoredSnapshot {
    OffsetAndEpoch id;
    Bytes data;
};

/// What one node of the quorum keeps on disk: the log, the snapshots and quorum-state. It knows nothing of elections;
/// it says what is there and what of it is on disk for good.
///
/// On disk, in `__cluster_metadata-0`: segments `<base offset>.log` of record batches (format v2) without gaps;
/// snapshots `<end>-<epoch>.checkpoint`; `quorum-state`, `leader-epoch-checkpoint` and `partition.metadata` as Kafka
/// writes them. An epoch's line in leader-epoch-checkpoint is only written once everything below its start is on disk
/// for good: that tells a torn tail, which may be cut, from damage, which may not. Log and snapshots are kept in
/// memory, too; snapshots bound them.
///
/// Lifecycle: boot, start once, then the rest. A copyable value.
class Store {
public:
    /// Reads what is on disk. A torn tail (an unsynced write) is cut: the repair is among `start`'s effects. Corrupt:
    /// a broken batch below what was once durable, a falling epoch, a gap, a broken snapshot that is needed.
    static Result<Store> boot(io::BootDisk& disk, std::int64_t segmentBytes);
    /// Repairs, and a flush of all that was read: it may still have been on its way to the disk.
    void start(io::Effects& effects);
    /// A disk effect ended; false when the completion is not one of ours. After a failure `failure()` says so, and
    /// nothing becomes durable any more.
    bool onDisk(const io::DiskDone& done, io::Effects& effects);
    const std::optional<Error>& failure() const { return m_failure; }
    /// What was cut at boot, in words; empty when nothing was.
    const std::string& cutNote() const { return m_cutNote; }

    // ---- quorum-state
    const QuorumState& state() const { return m_state; }
    /// Replaces the file. `sequence` rises with each change that must not be forgotten; see durableState.
    void writeState(const QuorumState& state, std::uint64_t sequence, io::Effects& effects);
    /// The last sequence that is on disk for good.
    std::uint64_t durableState() const { return m_durableState; }

    // ---- log
    std::int64_t startOffset() const { return m_start; }
    std::int64_t endOffset() const { return m_end; }
    /// Everything below is on disk for good.
    std::int64_t flushedEnd() const { return m_flushedEnd; }
    bool isFlushed() const { return m_flushedEnd == m_end; }
    std::int32_t lastEpoch() const;
    OffsetAndEpoch end() const { return {m_end, lastEpoch()}; }
    const std::deque<LoggedBatch>& batches() const { return m_batches; }
    /// Of the last record before the start; -1 = not known any more.
    std::int32_t epochBeforeStart() const { return m_epochBeforeStart; }
    /// The largest epoch we have up to `epoch`, and where it ends here.
    OffsetAndEpoch endOffsetForEpoch(std::int32_t epoch) const;
    /// Of the record at `offset`, which must be in the log or just below its start.
    std::int32_t epochAt(std::int64_t offset) const;
    /// Whole batches from the one that holds `offset` on, below `upTo`: as many as fit in `maxBytes`, at least one.
    Chain read(std::int64_t offset, std::int64_t upTo, std::int64_t maxBytes) const;
    /// Appends one batch whose base offset is the end; written and flushed in the background.
    void append(const Bytes& batch, io::Effects& effects);
    /// Cuts the log back to at most `end` (to the start of the batch that holds it).
    void truncate(std::int64_t end, io::Effects& effects);

    // ---- snapshots
    /// Oldest first; at most the newest two and the bootstrap snapshot.
    const std::deque<StoredSnapshot>& snapshots() const { return m_snapshots; }
    const StoredSnapshot* latestSnapshot() const { return m_snapshots.empty() ? nullptr : &m_snapshots.back(); }
    const StoredSnapshot* snapshot(const OffsetAndEpoch& id) const;
    std::uint64_t bytesSinceSnapshot() const;
    /// Keeps a snapshot of our own log; what lies before the one before it leaves the log.
    void addSnapshot(StoredSnapshot snapshot, io::Effects& effects);
    /// Replaces everything by a snapshot that was fetched: the log then starts empty at its end.
    void restore(StoredSnapshot snapshot, io::Effects& effects);

private:
    struct EpochStart {
        std::int32_t epoch = 0;
        std::int64_t startOffset = 0;
    };
    struct Segment {
        std::int64_t base = 0;
        std::uint64_t size = 0;
    };

    Store() = default;
    Result<void> readSnapshots(io::BootDisk& disk, const std::vector<io::BootDisk::Entry>& entries);
    Result<void> readSegments(io::BootDisk& disk, const std::vector<io::BootDisk::Entry>& entries);
    Result<void> replay(const Bytes& file, std::int64_t durableEnd, std::optional<std::int64_t> nextBase);
    void keep(LoggedBatch batch);
    void roll(io::Effects& effects);
    void flush(io::Effects& effects);
    void writeCheckpoint(io::Effects& effects) const;
    void dropBefore(std::int64_t offset, io::Effects& effects);
    void clearLog(std::int64_t start);

    QuorumState m_state;
    std::uint64_t m_durableState = 0;
    std::deque<std::pair<io::OpId, std::uint64_t>> m_stateWrites;

    std::deque<LoggedBatch> m_batches;
    std::vector<EpochStart> m_epochs;
    std::vector<Segment> m_segments;
    std::deque<StoredSnapshot> m_snapshots;
    std::int64_t m_segmentBytes = 0;
    std::int64_t m_start = 0;
    std::int32_t m_epochBeforeStart = -1;
    std::int64_t m_end = 0;
    std::int64_t m_flushedEnd = 0;
    std::uint64_t m_bytesSinceSnapshot = 0;

    std::optional<std::uint64_t> m_cutAt;  ///< of the last segment
    std::vector<std::string> m_garbage;    ///< files to remove at the start
    std::string m_cutNote;
    bool m_hasPartitionMetadata = false;
    bool m_resetAtStart = false;           ///< the snapshot is ahead of the log, which goes

    io::OpId m_nextOp = 1;
    io::OpId m_flushOp = 0;  ///< the flush under way; 0 = none
    std::int64_t m_flushUpTo = 0;
    std::optional<Error> m_failure;
};

}  // namespace odradek::raft
