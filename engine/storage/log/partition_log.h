// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/base/types.h"
#include "engine/io/ports.h"
#include "engine/storage/log/append.h"
#include "engine/storage/log/disk_out.h"
#include "engine/storage/log/epoch_cache.h"
#include "engine/storage/log/log_config.h"
#include "engine/storage/log/producer_state.h"
#include "engine/storage/log/read_plan.h"
#include "engine/storage/log/segment.h"
#include "engine/storage/log/tail.h"

namespace odradek::storage {

/// Which partition a log is of, and where it lives.
struct LogIdentity {
    TopicPartition partition;
    Uuid topicId;
    OpIds::Tag tag = 0;  ///< this log's part of op ids; unique among the node's logs, not 0
    /// `<topic>-<partition>`, relative to the node's log directory.
    std::string folder() const {
        return partition.topic + "-" + std::to_string(partition.partition);
    }
};

/// A segment that retention or DeleteRecords dropped, and why ("retention.ms", "retention.bytes",
/// "log start").
struct DeletedSegment {
    Offset base;
    Offset next;
    std::uint64_t bytes = 0;
    std::string_view why;
};

/// One partition's log on one node: Kafka's on-disk format, with the recent part in memory.
///
/// Lifecycle: `create` (new partition) or `recoverLog` (recovery.h), then appends, reads and
/// housekeeping, then `closeClean` or `remove`. A deterministic, copyable value with one owner at a
/// time; no clock, no file calls: time is an argument, and disk work goes out through DiskOut and
/// comes back through onDiskDone.
///
/// Four ends, each at most the one before: logEnd (appended, readable from memory), writtenEnd
/// (survives kill -9), flushedEnd (survives a power cut). stableEnd is flushedEnd when
/// flush.messages is 1 and writtenEnd otherwise: acks, the high watermark and a follower's fetch
/// offset go by it.
///
/// After a failed disk effect `failure()` is set: nothing is appended or written any more
/// (KafkaStorageError), until `revive`.
class PartitionLog {
public:
    /// A new, empty log that starts at `start`. Writes its partition.metadata.
    static PartitionLog create(LogIdentity identity, LogConfig config, LogLimits limits, Now now,
                               DiskOut& out, Offset start = Offset(0));

    // ---- Facts
    // ----------------------------------------------------------------------------------------------
    const LogIdentity& identity() const { return m_identity; }
    const LogConfig& config() const { return m_config; }
    /// Takes effect for what comes next; sizes of existing segments stay.
    void setConfig(const LogConfig& config) { m_config = config; }

    Offset logStart() const { return m_logStart; }
    Offset logEnd() const { return m_segments.back().next; }
    Offset writtenEnd() const { return m_writtenEnd; }
    Offset flushedEnd() const { return m_flushedEnd; }
    Offset stableEnd() const {
        if (m_limits.mutants.has(Mutant::AckUnwritten))
            return logEnd();
        return m_config.syncsEveryAppend() ? m_flushedEnd : m_writtenEnd;
    }
    /// Offset up to which data, indexes and producer snapshot are known to be on disk: what the
    /// recovery-point checkpoint should say. Advances at roll, checkpoint and clean close.
    Offset recoveryPoint() const { return m_recoveryPoint; }
    std::optional<LeaderEpoch> latestEpoch() const { return m_epochs.latest(); }
    const EpochCache& epochs() const { return m_epochs; }
    const ProducerState& producers() const { return m_producers; }
    /// Oldest first; never empty; the last is the active one.
    const std::deque<Segment>& segments() const { return m_segments; }
    /// Logical bytes of all segments (Kafka's log size).
    std::uint64_t sizeInBytes() const { return m_size; }
    std::uint64_t tailBytes() const { return m_tail.bytes(); }
    Offset tailStart() const { return m_tail.empty() ? logEnd() : m_tail.start(); }
    /// Appended but not yet handed to the disk, or in flight.
    std::uint64_t unwrittenBytes() const { return m_appendedBytes - m_writtenBytes; }
    /// Bytes ever appended in this life of the log.
    std::uint64_t appendedBytes() const { return m_appendedBytes; }
    const std::optional<Error>& failure() const { return m_failure; }
    /// No disk effect of this log is outstanding.
    bool idle() const { return m_ops.empty() && pendingBytes() == 0; }

    // ---- Appending
    // ------------------------------------------------------------------------------------------
    /// Appends what a producer sent for this partition (exactly one batch), or one batch of ours
    /// (Internal), as the leader of `epoch`. The leader must have called `assignEpoch` before.
    /// KafkaStorageError after a failure.
    AppendResult appendAsLeader(Now now, const Bytes& records, LeaderEpoch epoch,
                                AppendOrigin origin, DiskOut& out);

    /// Appends what a follower fetched, unchanged: whole batches whose first base offset is logEnd
    /// and whose epochs never fall. Trailing bytes of a cut batch are ignored. Invalid or Corrupt
    /// when a rule is broken: then the batches before the bad one have been appended. Returns how
    /// much was appended.
    struct FollowerAppended {
        std::int32_t batches = 0;
        std::int64_t records = 0;
        std::uint64_t bytes = 0;
        std::optional<Error> stoppedBy;  ///< why the rest was refused
    };
    FollowerAppended appendAsFollower(Now now, const Chain& batches, DiskOut& out);

    /// Notes that this node leads `epoch` from logEnd on (before its first append); also for
    /// followers that learn it.
    void assignEpoch(LeaderEpoch epoch) { m_epochsDirty |= m_epochs.assign(epoch, logEnd()); }

    // ---- Disk
    // -----------------------------------------------------------------------------------------------
    /// Takes a completion whose op carries this log's tag; goes on with what waits. Returns whether
    /// any of the ends moved.
    bool onDiskDone(io::OpId op, const Result<Bytes>& result, DiskOut& out);
    /// Asks for everything appended so far to be flushed (flush.ms, shutdown).
    void flush(DiskOut& out);
    /// Moves the recovery point up: flushes data, then index tails, epochs and a producer snapshot,
    /// so that an unclean start scans only what came after. The broker writes the recovery-point
    /// file when `recoveryPoint` has moved.
    void checkpoint(DiskOut& out);
    /// Writes and flushes everything, trims the active file and writes its indexes and the producer
    /// snapshot. Done when `idle()`; then recoveryPoint() == logEnd(). No appends afterwards.
    void closeClean(DiskOut& out);
    /// Deletes the partition's folder (segments go to the pool). The log must not be used
    /// afterwards.
    void remove(DiskOut& out);

    /// Failed, and everything that was under way has come back: `revive` may be called.
    bool mayRevive() const { return m_failure && m_ops.empty() && !m_closed; }
    /// Begins anew after a failure, for when the disk may be well again: keeps what is known to be
    /// good and cuts the rest. That is everything written, or, when a flush of the log failed,
    /// everything flushed (what a failed flush left in memory may look clean and never reach the
    /// disk). Puts the files back to what the log says. Done when `idle()` without a new failure.
    void revive(Now now, DiskOut& out);

    // ---- Reading
    // --------------------------------------------------------------------------------------------
    /// Whole batches from the one that holds `from` on, none that reaches `upTo` (high watermark or
    /// log end) or beyond, at most `maxBytes`, but the first whatever its size when `atLeastOne`.
    /// Either from memory or as a ColdRead to perform. OffsetOutOfRange when `from` is below
    /// logStart or above logEnd. Empty when `from` >= `upTo`.
    std::expected<ReadPlan, protocol::KafkaError> read(Offset from, Offset upTo,
                                                       std::uint64_t maxBytes,
                                                       bool atLeastOne) const;

    /// First record at or after logStart with a timestamp >= timestampMs.
    LookupStep lookUpTimestamp(std::int64_t timestampMs) const;
    /// The first record with the largest timestamp of the log.
    LookupStep lookUpMaxTimestamp() const;
    /// Goes on with a lookup whose read came back.
    Result<LookupStep> continueLookup(const ColdLookup& lookup, const Bytes& data) const;

    /// Where a leader epoch ended (OffsetForLeaderEpoch; follower divergence).
    EpochEnd endOffsetForEpoch(LeaderEpoch epoch) const { return m_epochs.endOf(epoch, logEnd()); }

    // ---- Cutting
    // --------------------------------------------------------------------------------------------
    /// Drops everything from `offset` on (follower divergence); epochs without records at the end
    /// go too, even when there is nothing else to drop. A batch that straddles it goes whole. The
    /// cut is made durable before later appends reach the disk. Below logStart it becomes
    /// truncateFullyAndStartAt. When the place of the cut is not known from memory, the log reads
    /// it from disk first: until `truncating()` is false again, logEnd still shows the old end, and
    /// appends are refused (leader: NotLeaderOrFollower; follower: Refused). recoveryPoint() may
    /// fall, here or in the onDiskDone that ends `truncating()`: the broker must then write the
    /// recovery-point file in the same step, before anything is appended (a start that trusts a
    /// stale one reads too little).
    void truncateTo(Now now, Offset offset, DiskOut& out);
    bool truncating() const { return m_truncation.has_value(); }
    /// Empties the log; the next offset will be `start`.
    void truncateFullyAndStartAt(Now now, Offset start, DiskOut& out);
    /// Raises logStart (DeleteRecords, a leader's log start) and drops whole segments below it.
    /// Ignored when not higher. OffsetOutOfRange above `highWatermark`. The broker writes the
    /// log-start checkpoint.
    std::expected<std::vector<DeletedSegment>, protocol::KafkaError> advanceLogStart(
        Now now, Offset start, Offset highWatermark, DiskOut& out);
    /// Drops whole oldest segments by log start, retention.ms and retention.bytes, none that
    /// reaches past the high watermark; rolls first when even the active one is due. Also expires
    /// producers.
    std::vector<DeletedSegment> enforceRetention(Now now, Offset highWatermark, DiskOut& out);
    /// Starts a new active segment (tests, and the metadata log's snapshots). Nothing when the
    /// active one is empty.
    void roll(Now now, DiskOut& out);
    /// Frees tail memory down to `keepBytes` of what is written.
    void shrinkTail(std::uint64_t keepBytes) { m_tail.evict(m_writtenEnd, keepBytes); }

private:
    friend struct LogRecovery;
    PartitionLog() = default;

    /// What an outstanding completion means.
    struct Op {
        enum class Kind : std::uint8_t { Write, Flush, Checkpoint, FindCut, Cut, Discard, Other };
        io::OpId id = 0;
        Kind kind = Kind::Other;
        Offset end;  ///< Write, Flush, Checkpoint: everything below is then written/flushed/safe
        std::uint64_t bytes = 0;  ///< Write: bytes of the log it carries
        bool flushesLog = false;  ///< a flush of a .log file, whatever for
    };
    /// A truncation whose place is being looked for on disk.
    struct Truncation {
        Offset target;
        Offset segment;
        std::uint64_t position = 0;  ///< of a batch at or before the target
        std::uint64_t size = 0;      ///< bytes asked for
    };

    Segment& active() { return m_segments.back(); }
    const Segment& active() const { return m_segments.back(); }
    std::size_t segmentIndexOf(Offset offset) const;
    std::string path(Offset base, std::string_view suffix) const;
    io::OpId track(Op::Kind kind, DiskOut& out, Offset end = Offset(0), std::uint64_t bytes = 0);
    bool canAppend() const { return !m_failure && !m_closed && !m_truncation; }
    void appendBatch(Now now, const protocol::BatchHeader& header, const Bytes& batch,
                     DiskOut& out);
    void noteProducer(const protocol::BatchHeader& header, const Bytes& batch);
    bool mustRoll(Now now, const protocol::BatchHeader& batch) const;
    void addSegment(Now now, Offset base, std::uint64_t likeSize, DiskOut& out);
    void finishActive(DiskOut& out);
    void completeIndexFiles(Segment& segment, DiskOut& out);
    void writeIndexTail(Segment& segment, DiskOut& out);
    void restoreFiles(DiskOut& out);
    void removeDiscarded(DiskOut& out);
    Chain metadataFile() const;

    std::uint64_t pendingBytes() const { return active().size - m_writePosition; }
    void writeMore(DiskOut& out);
    void writeAll(DiskOut& out);
    void writePiece(DiskOut& out);
    bool wantsFlush() const;
    void issueFlush(DiskOut& out);
    void flushFile(const std::string& file, Op::Kind kind, Offset end, DiskOut& out);
    void writeEpochs(DiskOut& out);
    void writeProducerSnapshot(DiskOut& out);
    void dropOldSnapshots(DiskOut& out);
    void persist(DiskOut& out);

    LookupStep lookUpFrom(Offset offset, std::int64_t timestampMs) const;
    std::uint64_t coldEnd(const Segment& segment) const;
    std::optional<OffsetFound> recordIn(const Bytes& batch, std::int64_t timestampMs) const;

    void findCut(Offset target, std::size_t segment, DiskOut& out);
    void onCutRead(const Result<Bytes>& result, DiskOut& out);
    void cutAt(std::size_t segment, std::uint64_t position, Offset end, DiskOut& out);
    void emptyIndexes(const Segment& segment, DiskOut& out);
    void forgetBeyond(Offset end);
    void restoreProducers(Offset end);
    void dropOldest(std::size_t count, std::string_view why, std::vector<DeletedSegment>& dropped,
                    DiskOut& out);
    void discardFiles(const Segment& segment, DiskOut& out);
    void dropSnapshots(Offset from, DiskOut& out);

    LogIdentity m_identity;
    LogConfig m_config;
    LogLimits m_limits;
    std::string m_folder;

    Offset m_logStart;
    Offset m_writtenEnd;
    Offset m_flushedEnd;
    Offset m_recoveryPoint;
    std::deque<Segment> m_segments;
    std::uint64_t m_size = 0;
    Tail m_tail;
    EpochCache m_epochs;
    bool m_epochsDirty = false;
    ProducerState m_producers;
    std::vector<Offset> m_snapshots;  ///< producer snapshot files on disk, rising

    std::deque<Op> m_ops;  ///< outstanding, in the order they were issued
    std::vector<Offset> m_discarded;  ///< segments whose files were given away since all was well
    std::optional<Truncation> m_truncation;
    std::uint64_t m_writePosition = 0;  ///< in the active segment: where the next DiskWrite begins
    Offset m_issuedEnd;                 ///< everything below has been handed to the disk
    Offset m_flushTarget;  ///< everything below is flushed by the flushes issued so far
    std::uint32_t m_writesInFlight = 0;
    std::uint32_t m_flushesInFlight = 0;
    /// Truncations of files, and their flushes, not yet done. Nothing is written meanwhile: should
    /// one fail, old records behind the cut must not follow new ones.
    std::uint32_t m_cutsInFlight = 0;
    bool m_flushWanted = false;
    bool m_metadataFlushed = false;
    bool m_checkpointing = false;
    bool m_closed = false;
    std::uint64_t m_appendedBytes = 0;
    std::uint64_t m_writtenBytes = 0;
    std::optional<Error> m_failure;
    bool m_logFlushFailed = false;  ///< since the last revival
};

}  // namespace odradek::storage
