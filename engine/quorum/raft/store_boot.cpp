// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <sstream>

#include "engine/protocol/codec/record_batch.h"
#include "engine/quorum/raft/snapshot_file.h"
#include "engine/quorum/raft/store.h"
#include "engine/quorum/raft/store_paths.h"

namespace odradek::raft {
namespace {

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

std::optional<std::int64_t> parseSegmentName(std::string_view name) {
    constexpr std::string_view kSuffix = ".log";
    std::int64_t base = 0;
    if (name.size() != 24 || !name.ends_with(kSuffix))
        return std::nullopt;
    const auto [end, error] = std::from_chars(name.data(), name.data() + 20, base);
    return error == std::errc() && end == name.data() + 20 && base >= 0 ? std::optional(base) : std::nullopt;
}

/// Whether a whole batch of a later offset lies behind a broken one.
bool hasBatchFrom(ByteSpan data, std::int64_t offset) {
    for (std::size_t at = 1; at + protocol::kBatchHeaderSize <= data.size(); ++at) {
        // Cheap tests first: magic 2, and an offset whose upper bytes are those of a log of this size.
        if (data[at + 16] != 2 || data[at] != 0 || data[at + 1] != 0)
            continue;
        const auto header = protocol::readBatchHeader(data.subspan(at));
        if (header && header->baseOffset >= offset && header->sizeInBytes() <= data.size() - at &&
            protocol::checkBatchCrc(data.subspan(at, header->sizeInBytes())))
            return true;
    }
    return false;
}

/// Where the last epoch in leader-epoch-checkpoint starts: all below was durable when its line was written.
std::int64_t durableEnd(const Bytes& checkpoint) {
    std::istringstream lines(checkpoint.toString());
    std::int64_t version = -1, count = 0, epoch = 0, start = 0, last = 0;
    if (!(lines >> version >> count) || version != 0)
        return 0;
    while (count-- > 0 && lines >> epoch >> start)
        last = std::max(last, start);
    return last;
}

}  // namespace

Result<Store> Store::boot(io::BootDisk& disk, std::int64_t segmentBytes) {
    Store store;
    store.m_segmentBytes = segmentBytes;
    if (auto state = disk.readAll(storePath("quorum-state")); state)
        store.m_state = TRY(QuorumState::parse(*state));
    else if (state.error().code != ErrorCode::NotFound)
        return std::unexpected(state.error());
    const auto entries = TRY(disk.list(std::string(kMetadataFolder)));
    TRY_OK(store.readSnapshots(disk, entries));
    TRY_OK(store.readSegments(disk, entries));
    auto named = disk.readAll(storePath("partition.metadata"));
    store.m_hasPartitionMetadata = named && !named->empty();
    store.m_flushedEnd = store.m_start;
    return store;
}

Result<void> Store::readSnapshots(io::BootDisk& disk, const std::vector<io::BootDisk::Entry>& entries) {
    std::vector<OffsetAndEpoch> ids;
    for (const auto& entry : entries)
        if (const auto id = parseSnapshotName(entry.name))
            ids.push_back(*id);
    std::sort(ids.begin(), ids.end(), [](const auto& a, const auto& b) {
        return a.offset != b.offset ? a.offset < b.offset : a.epoch < b.epoch;
    });
    for (std::size_t i = 0; i + 2 < ids.size(); ++i)
        m_garbage.push_back(snapshotName(ids[i]));
    for (std::size_t i = ids.size() < 2 ? 0 : ids.size() - 2; i < ids.size(); ++i) {
        auto file = TRY(disk.readAll(storePath(snapshotName(ids[i]))));
        if (const auto contents = readSnapshot(file); !contents)
            return fail(ErrorCode::Corrupt,
                        fmt::format("{}: {}", storePath(snapshotName(ids[i])), contents.error().message));
        m_snapshots.push_back({ids[i], std::move(file)});
    }
    return {};
}

Result<void> Store::readSegments(io::BootDisk& disk, const std::vector<io::BootDisk::Entry>& entries) {
    std::vector<std::int64_t> bases;
    for (const auto& entry : entries)
        if (const auto base = parseSegmentName(entry.name))
            bases.push_back(*base);
    std::sort(bases.begin(), bases.end());
    std::int64_t durable = 0;
    if (auto checkpoint = disk.readAll(storePath("leader-epoch-checkpoint")))
        durable = durableEnd(*checkpoint);
    const auto* latest = latestSnapshot();
    while (bases.size() > 1 && m_snapshots.size() > 1 && bases[1] <= m_snapshots.front().id.offset) {
        m_garbage.push_back(segmentName(bases.front()));
        bases.erase(bases.begin());
    }
    if (!bases.empty()) {
        m_start = m_end = bases.front();
        if (m_start > 0 && (latest == nullptr || latest->id.offset < m_start))
            return fail(ErrorCode::Corrupt, fmt::format("the metadata log starts at offset {}, without a snapshot of "
                                                        "what was before", m_start));
    }
    for (std::size_t i = 0; i < bases.size(); ++i) {
        if (bases[i] != m_end) {
            // After a loss of power a segment that was removed may be back: at the front behind a snapshot, or at the
            // end behind a cut.
            const bool isFront = latest != nullptr && latest->id.offset >= bases[i] && bases[i] > m_end;
            if (!isFront && m_end < durable)
                return fail(ErrorCode::Corrupt,
                            fmt::format("{} does not begin where the log before it ends, at offset {}",
                                        segmentPath(bases[i]), m_end));
            if (!isFront) {
                for (; i < bases.size(); ++i)
                    m_garbage.push_back(segmentName(bases[i]));
                break;
            }
            for (const auto& segment : m_segments)
                m_garbage.push_back(segmentName(segment.base));
            clearLog(bases[i]);
            m_epochs.clear();
            m_cutAt.reset();
            m_epochBeforeStart = -1;
        }
        const auto file = TRY(disk.readAll(segmentPath(bases[i])));
        m_segments.push_back({bases[i], 0});
        TRY_OK(replay(file, durable, i + 1 < bases.size() ? std::optional(bases[i + 1]) : std::nullopt));
    }
    for (const auto& snapshot : m_snapshots)
        if (snapshot.id.offset == m_start)
            m_epochBeforeStart = snapshot.id.epoch;
    if (latest != nullptr && latest->id.offset > 0 &&
        (latest->id.offset > m_end || lastEpoch() < latest->id.epoch || m_segments.empty())) {
        // We died between taking over a snapshot and dropping the log it replaces.
        for (const auto& segment : m_segments)
            m_garbage.push_back(segmentName(segment.base));
        m_resetAtStart = true;
        m_cutAt.reset();
        clearLog(latest->id.offset);
    }
    return {};
}

Result<void> Store::replay(const Bytes& file, std::int64_t durable, std::optional<std::int64_t> nextBase) {
    const auto path = segmentPath(m_segments.back().base);
    std::size_t at = 0;
    while (at < file.size()) {
        const auto rest = file.slice(at);
        const auto header = goodBatch(rest, m_end);
        if (!header) {
            const auto* latest = latestSnapshot();
            const auto snapshotEnd = latest == nullptr ? 0 : latest->id.offset;
            // What a snapshot holds may be broken here: files that were removed can be back after a loss of power.
            const bool isCovered = nextBase ? snapshotEnd >= *nextBase
                                            : snapshotEnd >= durable && !hasBatchFrom(rest, snapshotEnd);
            if ((m_end < durable || nextBase) && !isCovered)
                return fail(ErrorCode::Corrupt,
                            fmt::format("{} is broken at byte {} (offset {}), below what was durable", path, at,
                                        m_end));
            if (nextBase)
                break;
            m_cutAt = at;
            m_cutNote =
                fmt::format("cut {} bytes of an unfinished write from {} at offset {}", rest.size(), path, m_end);
            break;
        }
        if (!m_epochs.empty() && header->partitionLeaderEpoch < m_epochs.back().epoch)
            return fail(ErrorCode::Corrupt, fmt::format("{}: the epoch falls at offset {}", path, m_end));
        const auto size = header->sizeInBytes();
        keep({header->baseOffset, header->lastOffset(), header->partitionLeaderEpoch, header->isControl(),
              header->maxTimestamp, at, rest.slice(0, size)});
        at += size;
    }
    return {};
}

}  // namespace odradek::raft
