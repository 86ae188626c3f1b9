// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/storage/log/partition_log.h"

/// Fetches and lookups by time.
namespace odradek::storage {

using protocol::BatchHeader;
using protocol::KafkaError;

namespace {

constexpr std::uint64_t kColdBytesMax =
    8 << 20;  ///< one cold read never plans more than this beside one large batch
constexpr std::uint64_t kColdLookAhead =
    16 << 10;  ///< beyond maxBytes, for the way from the index entry
constexpr std::uint64_t kLookupBytes = 64 << 10;

}  // namespace

/// Up to where a segment is to be read from disk: the rest is in memory, and perhaps not written
/// yet.
std::uint64_t PartitionLog::coldEnd(const Segment& segment) const {
    if (m_tail.empty())
        return segment.size;
    const auto& oldest = m_tail.runs().front();
    return oldest.segment == segment.base ? oldest.position : segment.size;
}

std::expected<ReadPlan, KafkaError> PartitionLog::read(Offset from, Offset upTo,
                                                       std::uint64_t maxBytes,
                                                       bool atLeastOne) const {
    if (from < m_logStart || from > logEnd())
        return std::unexpected(KafkaError::OffsetOutOfRange);
    upTo = std::min(upTo, logEnd());
    FetchData data;
    data.next = from;
    if (from >= upTo || (maxBytes == 0 && !atLeastOne))
        return ReadPlan(std::move(data));
    if (from >= tailStart()) {
        data.records = m_tail.read(from, upTo, maxBytes, atLeastOne, data.next);
        return ReadPlan(std::move(data));
    }
    const Segment& segment = m_segments[segmentIndexOf(from)];
    ColdRead plan;
    plan.path = path(segment.base, ".log");
    plan.position = segment.index.positionFor(static_cast<std::uint32_t>(from - segment.base));
    plan.from = from;
    plan.upTo = upTo;
    plan.maxBytes = std::min(maxBytes, kColdBytesMax);
    plan.atLeastOne = atLeastOne;
    plan.segmentEnd = coldEnd(segment);
    plan.size = std::min(plan.maxBytes + kColdLookAhead, plan.segmentEnd - plan.position);
    return ReadPlan(std::move(plan));
}

/// The first record of a batch at or after logStart with a timestamp >= timestampMs.
std::optional<OffsetFound> PartitionLog::recordIn(const Bytes& batch,
                                                  std::int64_t timestampMs) const {
    const auto header = protocol::readBatchHeader(batch);
    if (!header || header->maxTimestamp < timestampMs || header->lastOffset() < m_logStart.value)
        return std::nullopt;
    const LeaderEpoch epoch(header->partitionLeaderEpoch);
    if (header->isLogAppendTime())
        return OffsetFound{std::max(Offset(header->baseOffset), m_logStart), header->maxTimestamp,
                           epoch};
    const auto records = protocol::readRecords(batch);
    if (!records)
        return std::nullopt;
    for (const auto& record : *records)
        if (record.timestampMs >= timestampMs && record.offset >= m_logStart.value)
            return OffsetFound{Offset(record.offset), record.timestampMs, epoch};
    return std::nullopt;
}

/// Goes on with a lookup at `offset`, in memory if it is there.
LookupStep PartitionLog::lookUpFrom(Offset offset, std::int64_t timestampMs) const {
    for (std::size_t i = segmentIndexOf(offset); i < m_segments.size() && offset < tailStart();
         ++i) {
        const Segment& segment = m_segments[i];
        const std::uint64_t end = coldEnd(segment);
        if (segment.maxTimestampMs >= timestampMs && end > 0) {
            const auto relative =
                offset <= segment.base ? 0 : static_cast<std::uint32_t>(offset - segment.base);
            ColdLookup lookup{path(segment.base, ".log"),
                              segment.index.positionFor(relative),
                              0,
                              end,
                              segment.base,
                              timestampMs};
            lookup.size = std::min(kLookupBytes, end - lookup.position);
            return lookup;
        }
        offset = std::min(segment.next, tailStart());
    }
    const auto& runs = m_tail.runs();
    for (std::size_t r = m_tail.runHolding(offset); r < runs.size(); ++r)
        for (std::size_t e = Tail::entryHolding(runs[r], offset); e < runs[r].entries.size(); ++e) {
            const auto header = protocol::readBatchHeader(Tail::headerAt(runs[r], e));
            if (header && header->maxTimestamp >= timestampMs)
                if (auto found = recordIn(Tail::batchAt(runs[r], e), timestampMs))
                    return found;
        }
    return std::optional<OffsetFound>();
}

LookupStep PartitionLog::lookUpTimestamp(std::int64_t timestampMs) const {
    for (const auto& segment : m_segments)
        if (segment.maxTimestampMs >= timestampMs && segment.next > m_logStart)
            return lookUpFrom(
                std::max(segment.base + segment.index.offsetBefore(timestampMs), m_logStart),
                timestampMs);
    return std::optional<OffsetFound>();
}

LookupStep PartitionLog::lookUpMaxTimestamp() const {
    const auto largest = std::max_element(
        m_segments.begin(), m_segments.end(),
        [](const Segment& a, const Segment& b) { return a.maxTimestampMs < b.maxTimestampMs; });
    if (largest->maxTimestampMs < 0)
        return std::optional<OffsetFound>();
    return lookUpFrom(std::max(Offset(largest->offsetOfMaxTimestamp), m_logStart),
                      largest->maxTimestampMs);
}

Result<LookupStep> PartitionLog::continueLookup(const ColdLookup& lookup, const Bytes& data) const {
    if (data.size() < lookup.size)
        return fail(ErrorCode::Truncated, "a segment is shorter than it was");
    std::size_t at = 0;
    while (lookup.position + at < lookup.segmentEnd) {
        const auto header =
            protocol::readBatchHeader(data.span().subspan(std::min(at, data.size())));
        const bool cut = !header && header.error().code == ErrorCode::Truncated;
        if (!header && !cut)
            return fail(ErrorCode::Corrupt, "no batch where the log has one");
        // Only a batch that may hold the answer has to be here whole.
        if (cut || (header->maxTimestamp >= lookup.timestampMs &&
                    at + header->sizeInBytes() > data.size())) {
            ColdLookup more = lookup;
            more.position += at;
            const std::uint64_t wanted =
                cut ? kLookupBytes : std::max<std::uint64_t>(kLookupBytes, header->sizeInBytes());
            more.size = std::min(wanted, lookup.segmentEnd - more.position);
            if (more.size < protocol::kBatchHeaderSize ||
                (!cut && more.size < header->sizeInBytes()))
                return fail(ErrorCode::Corrupt, "a batch reaches beyond its segment");
            return LookupStep(std::move(more));
        }
        const std::size_t size = header->sizeInBytes();
        if (header->maxTimestamp >= lookup.timestampMs) {
            const Bytes batch = data.slice(at, size);
            if (!protocol::checkBatchCrc(batch))
                return fail(ErrorCode::Corrupt, "a stored batch fails its checksum");
            if (auto found = recordIn(batch, lookup.timestampMs))
                return LookupStep(found);
        }
        at += size;
    }
    // Not in this part of the segment: go on behind it, as the log is now.
    const auto after = segmentIndexOf(lookup.segment);
    const Segment& segment = m_segments[after];
    if (segment.base != lookup.segment)
        return LookupStep(std::optional<OffsetFound>());
    const Offset behind =
        coldEnd(segment) > lookup.segmentEnd ? tailStart() : std::min(segment.next, tailStart());
    return lookUpFrom(behind, lookup.timestampMs);
}

}  // namespace odradek::storage
