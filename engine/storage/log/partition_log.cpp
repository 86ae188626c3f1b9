// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/partition_log.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/storage/log/big_endian.h"
#include "engine/storage/log/checkpoints.h"
#include "engine/storage/log/segment_pool.h"

namespace odradek::storage {

using protocol::BatchHeader;
using protocol::KafkaError;

namespace {

/// Closed segments keep this many index entries in memory; their files have all.
constexpr std::size_t kThinEntries = 1024;
constexpr std::int64_t kLargestRelativeOffset = INT32_MAX;

std::array<std::uint8_t, 16> frontOf(const BatchHeader& header) {
    std::array<std::uint8_t, 16> front{};
    storeBigEndian(front.data() + BatchField::kBaseOffset, header.baseOffset);
    storeBigEndian(front.data() + BatchField::kLength, header.batchLength);
    storeBigEndian(front.data() + BatchField::kEpoch, header.partitionLeaderEpoch);
    return front;
}

std::unexpected<AppendRejected> reject(KafkaError error, std::string message) {
    return std::unexpected(AppendRejected{error, std::move(message), {}});
}

/// The coordinator epoch in an end-of-transaction marker's value (int16 version, int32 epoch); -1
/// when unreadable.
std::int32_t coordinatorEpochOf(const Bytes& batch) {
    const auto records = protocol::readRecords(batch);
    if (!records || records->empty() || !records->front().value ||
        records->front().value->size() < 6)
        return -1;
    return loadBigEndian<std::int32_t>(records->front().value->data() + 2);
}

/// Walks the batches of a chain, joining what is cut across slices.
class BatchWalk {
public:
    explicit BatchWalk(const Chain& chain) : m_chain(chain), m_left(chain.size()) {}
    std::size_t left() const { return m_left; }

    /// The next `count` bytes without moving on; shares when they lie in one slice.
    Bytes peek(std::size_t count) const {
        const auto& parts = m_chain.parts();
        if (m_part < parts.size() && parts[m_part].size() - m_at >= count)
            return parts[m_part].slice(m_at, count);
        std::vector<std::uint8_t> joined;
        joined.reserve(count);
        for (std::size_t part = m_part, at = m_at; part < parts.size() && joined.size() < count;
             ++part, at = 0) {
            const auto piece = parts[part].slice(at, count - joined.size());
            joined.insert(joined.end(), piece.data(), piece.data() + piece.size());
        }
        return Bytes::take(std::move(joined));
    }
    void skip(std::size_t count) {
        m_left -= count;
        m_at += count;
        while (m_part < m_chain.parts().size() && m_at >= m_chain.parts()[m_part].size())
            m_at -= m_chain.parts()[m_part++].size();
    }

private:
    const Chain& m_chain;
    std::size_t m_left;
    std::size_t m_part = 0;
    std::size_t m_at = 0;
};

}  // namespace

PartitionLog PartitionLog::create(LogIdentity identity, LogConfig config, LogLimits limits, Now now,
                                  DiskOut& out, Offset start) {
    PartitionLog log;
    log.m_identity = std::move(identity);
    log.m_folder = log.m_identity.folder();
    log.m_config = config;
    log.m_limits = limits;
    log.m_logStart = log.m_writtenEnd = log.m_flushedEnd = log.m_recoveryPoint = start;
    log.m_issuedEnd = log.m_flushTarget = start;
    // Not replaced atomically: it fits one sector, and the first flush of the log flushes it
    // before.
    const auto op = log.track(Op::Kind::Other, out);
    out.effects.push_back(io::DiskWrite{
        op, log.m_folder + "/" + std::string(kPartitionMetadataFile), 0, log.metadataFile()});
    log.addSegment(now, start, 0, out);
    return log;
}

Chain PartitionLog::metadataFile() const {
    return Chain(writePartitionMetadata(m_identity.topicId));
}

std::string PartitionLog::path(Offset base, std::string_view suffix) const {
    return m_folder + "/" + segmentFileName(base, suffix);
}

std::size_t PartitionLog::segmentIndexOf(Offset offset) const {
    const auto next =
        std::upper_bound(m_segments.begin(), m_segments.end(), offset,
                         [](Offset o, const Segment& segment) { return o < segment.base; });
    return next == m_segments.begin() ? 0 : static_cast<std::size_t>(next - m_segments.begin()) - 1;
}

// ---- Appending
// ----------------------------------------------------------------------------------------------

AppendResult PartitionLog::appendAsLeader(Now now, const Bytes& records, LeaderEpoch epoch,
                                          AppendOrigin origin, DiskOut& out) {
    if (m_truncation)
        return reject(KafkaError::NotLeaderOrFollower, "The log is being truncated");
    if (!canAppend())
        return reject(KafkaError::KafkaStorageError,
                      m_failure ? m_failure->message : "The log is closed");
    ValidatedBatch valid{records, -1};
    if (origin == AppendOrigin::Client) {
        auto checked = validateClientBatch(records, m_config, now.wallMs, m_identity.partition);
        if (!checked)
            return std::unexpected(std::move(checked).error());
        valid = std::move(*checked);
    }
    auto read = protocol::readBatchHeader(valid.batch);
    if (!read || read->sizeInBytes() != valid.batch.size())
        return reject(KafkaError::CorruptMessage, "Not one whole record batch");
    BatchHeader header = *read;
    header.baseOffset = logEnd().value;
    header.partitionLeaderEpoch = epoch.value;
    ODRADEK_CHECK(!m_epochs.latest() || epoch >= *m_epochs.latest(),
                  "a leader appends in the newest epoch");

    if (origin == AppendOrigin::Client && header.hasProducerId()) {
        const auto verdict = m_producers.check(header);
        if (!verdict)
            return reject(verdict.error(), "Producer " + std::to_string(header.producerId) +
                                               " sent sequence " +
                                               std::to_string(header.baseSequence) + " in epoch " +
                                               std::to_string(header.producerEpoch));
        if (const auto& duplicate = *verdict;
            duplicate && !m_limits.mutants.has(Mutant::DedupeWindow))
            return Appended{m_limits.mutants.has(Mutant::DedupeWrongOffset)
                                ? Offset(logEnd().value - duplicate->offsetDelta)
                                : Offset(duplicate->firstOffset()),
                            Offset(duplicate->lastOffset),
                            duplicate->timestampMs,
                            m_logStart,
                            duplicate->timestampMs,
                            header.recordCount,
                            0,
                            true};
    }
    appendBatch(now, header, valid.batch, out);
    writeMore(out);
    return Appended{
        Offset(header.baseOffset), Offset(header.lastOffset()), valid.logAppendTimeMs, m_logStart,
        header.maxTimestamp,       header.recordCount,          valid.batch.size(),    false};
}

PartitionLog::FollowerAppended PartitionLog::appendAsFollower(Now now, const Chain& batches,
                                                              DiskOut& out) {
    FollowerAppended done;
    if (!canAppend()) {
        done.stoppedBy =
            m_failure ? *m_failure : Error{ErrorCode::Refused, "the log takes no appends now"};
        return done;
    }
    BatchWalk walk(batches);
    while (walk.left() >= protocol::kBatchHeaderSize) {
        const auto header = protocol::readBatchHeader(walk.peek(protocol::kBatchHeaderSize));
        if (!header) {
            done.stoppedBy = header.error();
            break;
        }
        if (header->sizeInBytes() > walk.left())
            break;
        const Bytes batch = walk.peek(header->sizeInBytes());
        if (auto ok = protocol::checkBatchCrc(batch); !ok) {
            done.stoppedBy = Error{ErrorCode::Corrupt, "a fetched batch fails its checksum"};
            break;
        }
        if (header->baseOffset != logEnd().value || header->lastOffsetDelta < 0) {
            done.stoppedBy = Error{ErrorCode::Invalid,
                                   "fetched offset " + std::to_string(header->baseOffset) +
                                       " where " + std::to_string(logEnd().value) + " is next"};
            break;
        }
        if (m_epochs.latest() && header->partitionLeaderEpoch < m_epochs.latest()->value) {
            done.stoppedBy = Error{ErrorCode::Invalid, "fetched a batch of an older leader epoch"};
            break;
        }
        appendBatch(now, *header, batch, out);
        if (m_limits.mutants.has(Mutant::ForgetProducers))
            m_producers.clear();
        walk.skip(batch.size());
        ++done.batches;
        done.records += static_cast<std::int64_t>(header->lastOffsetDelta) + 1;
        done.bytes += batch.size();
    }
    writeMore(out);
    return done;
}

void PartitionLog::appendBatch(Now now, const BatchHeader& header, const Bytes& batch,
                               DiskOut& out) {
    ODRADEK_CHECK(header.baseOffset == logEnd().value, "offsets of a log have no gaps");
    if (mustRoll(now, header))
        roll(now, out);
    m_epochsDirty |= m_epochs.assign(LeaderEpoch(header.partitionLeaderEpoch), logEnd());
    Segment& segment = active();
    m_tail.append(frontOf(header), batch, Offset(header.baseOffset), Offset(header.nextOffset()),
                  segment.base, segment.size);
    segment.note(header, m_config.indexIntervalBytes, now.wallMs);
    m_size += batch.size();
    m_appendedBytes += batch.size();
    if (header.hasProducerId())
        noteProducer(header, batch);
}

void PartitionLog::noteProducer(const BatchHeader& header, const Bytes& batch) {
    if (header.isControl())
        m_producers.updateMarker(header, coordinatorEpochOf(batch));
    else
        m_producers.update(header);
}

// ---- Segments
// -----------------------------------------------------------------------------------------------

bool PartitionLog::mustRoll(Now now, const BatchHeader& batch) const {
    const Segment& segment = active();
    if (segment.empty() || m_cutsInFlight > 0)
        return false;
    if (segment.size + batch.sizeInBytes() > static_cast<std::uint64_t>(m_config.segmentBytes))
        return true;
    const std::int64_t waited = segment.firstTimestampMs >= 0
                                    ? batch.maxTimestamp - segment.firstTimestampMs
                                    : now.wallMs - segment.createdMs;
    if (waited > m_config.segmentMs - m_config.segmentJitterMs)
        return true;
    const auto indexBytes = static_cast<std::size_t>(m_config.segmentIndexBytes);
    if (segment.index.offsets().size() >= indexBytes / 8 ||
        segment.index.times().size() + 1 >= indexBytes / 12)
        return true;
    return batch.lastOffset() - segment.base.value > kLargestRelativeOffset;
}

void PartitionLog::addSegment(Now now, Offset base, std::uint64_t likeSize, DiskOut& out) {
    Segment segment;
    segment.base = segment.next = base;
    segment.createdMs = segment.lastAppendMs = now.wallMs;
    const auto file = path(base, ".log");
    const auto recycled = likeSize == 0 ? std::nullopt : out.pool.take(file, likeSize, out);
    if (recycled)
        segment.allocated = *recycled;
    else if (base.value > 0)  // the name alone says where the log goes on; offset 0 needs no saying
        out.effects.push_back(io::DiskWrite{track(Op::Kind::Other, out), file, 0, {}});
    m_segments.push_back(std::move(segment));
    m_writePosition = 0;
}

void PartitionLog::roll(Now now, DiskOut& out) {
    if (active().empty() || m_failure || m_truncation || m_cutsInFlight > 0)
        return;
    writeAll(out);
    finishActive(out);
    if (!m_producers.empty())
        writeProducerSnapshot(out);
    const std::uint64_t likeSize = std::max(active().allocated, active().size);
    active().index.thin(kThinEntries);
    addSegment(now, logEnd(), likeSize, out);
    if (wantsFlush())
        issueFlush(out);
}

/// Trims the active file to its logical end and completes its index files. Everything must have
/// been issued.
void PartitionLog::finishActive(DiskOut& out) {
    Segment& segment = active();
    if (segment.allocated != segment.size && segment.allocated > 0) {
        out.effects.push_back(io::DiskTruncate{track(Op::Kind::Other, out),
                                               path(segment.base, ".log"), segment.size});
        segment.allocated = segment.size;
        // The next flush takes this file along, so that a clean start can trust its size.
        if (!segment.empty())
            m_flushTarget = std::min(m_flushTarget, segment.next - 1);
    }
    completeIndexFiles(segment, out);
}

/// Writes what the index files of a segment still lack, the entry of its last time included; both
/// files exist then.
void PartitionLog::completeIndexFiles(Segment& segment, DiskOut& out) {
    if (segment.indexFilesComplete)
        return;
    segment.indexFilesComplete = true;
    if (segment.maxTimestampMs >= 0)
        segment.index.addLastTime(
            segment.maxTimestampMs,
            static_cast<std::uint32_t>(segment.offsetOfMaxTimestamp - segment.base.value));
    writeIndexTail(segment, out);
    const auto make =
        [&](std::string_view suffix) {  // an empty write makes the file and changes none
            out.effects.push_back(
                io::DiskWrite{track(Op::Kind::Other, out), path(segment.base, suffix), 0, {}});
        };
    if (segment.indexEntriesWritten == 0)
        make(".index");
    if (segment.timeEntriesWritten == 0)
        make(".timeindex");
}

void PartitionLog::writeIndexTail(Segment& segment, DiskOut& out) {
    const auto write = [&](std::string_view suffix, Bytes bytes, std::uint64_t offset) {
        out.effects.push_back(io::DiskWrite{track(Op::Kind::Other, out), path(segment.base, suffix),
                                            offset, Chain(std::move(bytes))});
    };
    if (const auto count = segment.index.offsets().size(); count > segment.indexEntriesWritten) {
        write(".index", segment.index.offsetBytes(segment.indexEntriesWritten),
              segment.indexEntriesWritten * 8ull);
        segment.indexEntriesWritten = static_cast<std::uint32_t>(count);
    }
    if (const auto count = segment.index.times().size(); count > segment.timeEntriesWritten) {
        write(".timeindex", segment.index.timeBytes(segment.timeEntriesWritten),
              segment.timeEntriesWritten * 12ull);
        segment.timeEntriesWritten = static_cast<std::uint32_t>(count);
    }
}

}  // namespace odradek::storage
