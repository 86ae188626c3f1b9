// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/io/ports.h"
#include "engine/metadata/record_codec.h"
#include "engine/quorum/quorum_state.h"

namespace odradek::quorum {

inline constexpr std::string_view kMetadataFolder = "__cluster_metadata-0";

/// One batch of the metadata log.
struct LoggedBatch {
    std::int64_t baseOffset = 0;
    std::int64_t lastOffset = 0;
    std::int32_t epoch = 0;
    Bytes bytes;
};

/// The metadata log of one voter and the question that Raft will answer: which records are committed. For now there is
/// one voter, so a record is committed once its own disk has it for good. The controller only ever appends, asks for
/// the high watermark, and reads below it; elections, votes and followers come in behind this face.
///
/// On disk: `__cluster_metadata-0/00000000000000000000.log` is a Kafka segment of record batches (format v2) without
/// gaps from offset 0: a LeaderChange control batch at each start with a raised epoch, then data batches of metadata
/// records. Beside it `quorum-state`, `leader-epoch-checkpoint` and `partition.metadata` as Kafka writes them. The
/// whole log is kept in memory, too: it is small until snapshots bound it.
///
/// Lifecycle: boot, becomeLeader once, then append and onDisk. A copyable value.
class MetadataLog {
public:
    /// Replays what is on disk. A torn tail (the last, unsynced write) is cut: the truncation is among the first
    /// effects. Corrupt: a broken batch with one of a later epoch behind it, a falling epoch.
    static Result<MetadataLog> boot(std::int32_t node, Uuid directory, io::BootDisk& disk);

    /// Starts a new epoch: quorum-state first, then the LeaderChange batch.
    void becomeLeader(Now now, io::Effects& effects);
    /// Appends records as one batch (none: nothing happens) and returns the last offset used.
    std::int64_t append(std::span<const metadata::MetadataRecord> records, Now now, io::Effects& effects);
    /// A disk effect of the log ended; false when the completion is not one of ours. After a failure `failure()` says
    /// so and nothing is committed any more.
    bool onDisk(const io::DiskDone& done, io::Effects& effects);

    std::int64_t endOffset() const { return m_end; }
    /// First offset that is not committed.
    std::int64_t highWatermark() const { return m_highWatermark; }
    std::int32_t epoch() const { return m_state.leaderEpoch; }
    std::int32_t leader() const { return m_state.leaderId; }
    const std::optional<Error>& failure() const { return m_failure; }
    const std::deque<LoggedBatch>& batches() const { return m_batches; }
    /// What was cut at boot, in words; empty when nothing was.
    const std::string& cutNote() const { return m_cutNote; }

    /// Committed batches from the one that holds `offset` on: as many as fit in `maxBytes`, at least one.
    Chain read(std::int64_t offset, std::int64_t maxBytes) const;
    /// Where a reader whose last record at `offset - 1` has `lastEpoch` diverges from this log: the largest epoch we
    /// have up to that, and its end. nullopt = it agrees.
    struct EpochEnd {
        std::int32_t epoch = 0;
        std::int64_t endOffset = 0;
    };
    std::optional<EpochEnd> divergence(std::int64_t offset, std::int32_t lastEpoch) const;

private:
    struct EpochStart {
        std::int32_t epoch = 0;
        std::int64_t startOffset = 0;
    };

    MetadataLog() = default;
    Result<void> replay(const Bytes& file);
    void keep(LoggedBatch batch);
    void write(LoggedBatch batch, io::Effects& effects);
    void flush(io::Effects& effects);
    void writeCheckpoint(io::Effects& effects) const;

    std::int32_t m_node = -1;
    Uuid m_directory;
    QuorumState m_state;
    std::deque<LoggedBatch> m_batches;
    std::vector<EpochStart> m_epochs;
    std::int64_t m_end = 0;
    std::int64_t m_highWatermark = 0;
    std::uint64_t m_fileEnd = 0;
    std::optional<std::uint64_t> m_cutAt;
    std::string m_cutNote;
    bool m_hasPartitionMetadata = false;

    io::OpId m_nextOp = 1;
    io::OpId m_flushOp = 0;           ///< the flush under way; 0 = none
    std::int64_t m_flushUpTo = 0;     ///< what it makes durable
    std::optional<Error> m_failure;
};

}  // namespace odradek::quorum
