// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/metadata_log.h"

#include <algorithm>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/metadata/image.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/records/leader_change_message.h"

namespace odradek::quorum {
namespace {

constexpr std::int16_t kLeaderChangeType = 2;

std::string path(std::string_view name) {
    return fmt::format("{}/{}", kMetadataFolder, name);
}

std::string segmentPath() {
    return path("00000000000000000000.log");
}

/// The first whole batch at the front of `data`, if its header, CRC and place are right.
std::optional<protocol::BatchHeader> goodBatch(ByteSpan data, std::int64_t expectedOffset) {
    const auto header = protocol::readBatchHeader(data);
    if (!header || header->sizeInBytes() > data.size() || header->baseOffset != expectedOffset ||
        header->lastOffsetDelta < 0)
        return std::nullopt;
    if (!protocol::checkBatchCrc(data.first(header->sizeInBytes())))
        return std::nullopt;
    return *header;
}

/// Whether the broken batch at the front was once whole on disk: then cutting it would lose what was committed.
/// Unsynced writes of one life may be torn in any order, but a later life only ever wrote behind batches it had found
/// whole.
bool wasWhole(ByteSpan data, std::int64_t brokenOffset) {
    std::optional<std::int32_t> lowest;
    std::int32_t highest = -1;
    if (const auto broken = protocol::readBatchHeader(data); broken && broken->baseOffset == brokenOffset)
        lowest = broken->partitionLeaderEpoch;
    for (std::size_t at = 1; at + protocol::kBatchHeaderSize <= data.size(); ++at) {
        // Cheap tests first: magic 2, and an offset whose upper bytes are those of a log of this size.
        if (data[at + 16] != 2 || data[at] != 0 || data[at + 1] != 0)
            continue;
        const auto header = protocol::readBatchHeader(data.subspan(at));
        if (!header || header->baseOffset <= brokenOffset || header->sizeInBytes() > data.size() - at ||
            !protocol::checkBatchCrc(data.subspan(at, header->sizeInBytes())))
            continue;
        lowest = std::min(lowest.value_or(header->partitionLeaderEpoch), header->partitionLeaderEpoch);
        highest = std::max(highest, header->partitionLeaderEpoch);
        at += header->sizeInBytes() - 1;
    }
    return lowest && highest > *lowest;
}

Bytes leaderChangeBatch(std::int32_t node, std::int64_t offset, std::int32_t epoch, Now now) {
    // Version 0, as long as kraft.version is 0 (static voters): Kafka's tools read no other then.
    const protocol::LeaderChangeMessage::Voter self{node, {}};
    protocol::LeaderChangeMessage change{.version = 0, .leaderId = node, .voters = {self}, .grantingVoters = {self}};
    const std::vector<std::uint8_t> key{0, 0, 0, kLeaderChangeType};
    const protocol::Record record{.offset = offset,
                                  .timestampMs = now.wallMs,
                                  .key = Bytes::copy(ByteSpan(key)),
                                  .value = protocol::encode(change, 0).flatten()};
    auto batch = protocol::buildBatch({record}, {.baseOffset = offset, .leaderEpoch = epoch, .control = true});
    ODRADEK_CHECK(batch.has_value(), "a leader change batch can always be built");
    return *batch;
}

}  // namespace

Result<MetadataLog> MetadataLog::boot(std::int32_t node, Uuid directory, io::BootDisk& disk) {
    MetadataLog log;
    log.m_node = node;
    log.m_directory = directory;
    if (auto state = disk.readAll(path("quorum-state")); state)
        log.m_state = TRY(QuorumState::parse(*state));
    else if (state.error().code != ErrorCode::NotFound)
        return std::unexpected(state.error());
    if (auto file = disk.readAll(segmentPath()); file)
        TRY_OK(log.replay(*file));
    else if (file.error().code != ErrorCode::NotFound)
        return std::unexpected(file.error());
    auto named = disk.readAll(path("partition.metadata"));
    log.m_hasPartitionMetadata = named && !named->empty();
    // What was read may still be on its way to the disk; the first flush commits it.
    return log;
}

Result<void> MetadataLog::replay(const Bytes& file) {
    std::size_t at = 0;
    while (at < file.size()) {
        const auto rest = file.slice(at);
        const auto header = goodBatch(rest, m_end);
        if (!header) {
            if (wasWhole(rest, m_end))
                return fail(ErrorCode::Corrupt,
                            fmt::format("{} is broken at byte {} (offset {}), with batches of a later epoch behind it",
                                        segmentPath(), at, m_end));
            m_cutAt = at;
            m_cutNote = fmt::format("cut {} bytes of an unfinished write from {} at offset {}", rest.size(),
                                    segmentPath(), m_end);
            break;
        }
        if (!m_epochs.empty() && header->partitionLeaderEpoch < m_epochs.back().epoch)
            return fail(ErrorCode::Corrupt, fmt::format("{}: the epoch falls at offset {}", segmentPath(), m_end));
        const auto size = header->sizeInBytes();
        keep({header->baseOffset, header->lastOffset(), header->partitionLeaderEpoch, rest.slice(0, size)});
        at += size;
    }
    m_fileEnd = at;
    return {};
}

void MetadataLog::keep(LoggedBatch batch) {
    if (m_epochs.empty() || m_epochs.back().epoch < batch.epoch)
        m_epochs.push_back({batch.epoch, batch.baseOffset});
    m_end = batch.lastOffset + 1;
    m_batches.push_back(std::move(batch));
}

void MetadataLog::write(LoggedBatch batch, io::Effects& effects) {
    ODRADEK_CHECK(batch.baseOffset == m_end, "metadata batches have no gaps");
    effects.push_back(
        io::DiskWrite{.op = m_nextOp++, .path = segmentPath(), .offset = m_fileEnd, .data = batch.bytes});
    m_fileEnd += batch.bytes.size();
    keep(std::move(batch));
    flush(effects);
}

void MetadataLog::flush(io::Effects& effects) {
    if (m_flushOp != 0 || m_failure || m_highWatermark == m_end)
        return;
    m_flushOp = m_nextOp++;
    m_flushUpTo = m_end;
    effects.push_back(io::DiskFlush{.op = m_flushOp, .path = segmentPath()});
}

void MetadataLog::becomeLeader(Now now, io::Effects& effects) {
    if (m_cutAt) {
        // For good before anything new is written: what was cut must not come back behind it.
        effects.push_back(io::DiskTruncate{.op = m_nextOp++, .path = segmentPath(), .size = *m_cutAt});
        effects.push_back(io::DiskFlush{.op = m_nextOp++, .path = segmentPath()});
    }
    const auto lastEpoch = m_epochs.empty() ? 0 : m_epochs.back().epoch;
    m_state.leaderEpoch = std::max(m_state.leaderEpoch, lastEpoch) + 1;
    m_state.leaderId = m_node;
    m_state.votedId = m_node;
    m_state.votedDirectoryId = m_directory;
    effects.push_back(io::DiskReplace{
        .op = m_nextOp++, .path = path("quorum-state"), .data = Bytes::copy(m_state.toJson())});
    write({m_end, m_end, m_state.leaderEpoch,
           leaderChangeBatch(m_node, m_end, m_state.leaderEpoch, now)},
          effects);
    if (!m_hasPartitionMetadata)
        effects.push_back(io::DiskReplace{
            .op = m_nextOp++,
            .path = path("partition.metadata"),
            .data = Bytes::copy(fmt::format("version: 0\ntopic_id: {}",
                                            metadata::kClusterMetadataTopicId.toString()))});
    writeCheckpoint(effects);
}

void MetadataLog::writeCheckpoint(io::Effects& effects) const {
    auto text = fmt::format("0\n{}\n", m_epochs.size());
    for (const auto& [epoch, start] : m_epochs)
        text += fmt::format("{} {}\n", epoch, start);
    effects.push_back(
        io::DiskReplace{.op = 0, .path = path("leader-epoch-checkpoint"), .data = Bytes::copy(text)});
}

std::int64_t MetadataLog::append(std::span<const metadata::MetadataRecord> records, Now now, io::Effects& effects) {
    if (records.empty())
        return m_end - 1;
    std::vector<protocol::Record> values;
    values.reserve(records.size());
    auto offset = m_end;
    for (const auto& record : records)
        values.push_back({.offset = offset++, .timestampMs = now.wallMs, .value = metadata::encodeRecord(record)});
    auto batch = protocol::buildBatch(values, {.baseOffset = m_end, .leaderEpoch = m_state.leaderEpoch});
    ODRADEK_CHECK(batch.has_value(), "a batch of metadata records can always be built");
    write({m_end, offset - 1, m_state.leaderEpoch, std::move(*batch)}, effects);
    return offset - 1;
}

bool MetadataLog::onDisk(const io::DiskDone& done, io::Effects& effects) {
    if (done.op == 0 || done.op >= m_nextOp)
        return false;
    if (!done.data) {
        if (!m_failure)
            m_failure = done.data.error();
        return true;
    }
    if (done.op != m_flushOp)
        return true;
    m_flushOp = 0;
    if (!m_failure)
        m_highWatermark = m_flushUpTo;
    flush(effects);
    return true;
}

Chain MetadataLog::read(std::int64_t offset, std::int64_t maxBytes) const {
    Chain out;
    auto batch = std::lower_bound(m_batches.begin(), m_batches.end(), offset,
                                  [](const LoggedBatch& b, std::int64_t o) { return b.lastOffset < o; });
    for (; batch != m_batches.end() && batch->lastOffset < m_highWatermark; ++batch) {
        const auto size = static_cast<std::int64_t>(out.size() + batch->bytes.size());
        if (!out.empty() && size > maxBytes)
            break;
        out.append(batch->bytes);
    }
    return out;
}

std::optional<MetadataLog::EpochEnd> MetadataLog::divergence(std::int64_t offset, std::int32_t lastEpoch) const {
    if (offset == 0 || lastEpoch < 0)
        return offset > m_end ? std::optional(EpochEnd{m_state.leaderEpoch, m_end}) : std::nullopt;
    // The largest epoch of ours that is not above the reader's.
    auto next = std::upper_bound(m_epochs.begin(), m_epochs.end(), lastEpoch,
                                 [](std::int32_t epoch, const EpochStart& s) { return epoch < s.epoch; });
    const auto end = next == m_epochs.end() ? m_end : next->startOffset;
    if (next == m_epochs.begin())
        return EpochEnd{0, 0};
    const auto epoch = std::prev(next)->epoch;
    if (epoch == lastEpoch && offset <= end)
        return std::nullopt;
    return EpochEnd{epoch, end};
}

}  // namespace odradek::quorum
