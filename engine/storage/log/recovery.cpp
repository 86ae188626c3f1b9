// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/recovery.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/storage/log/checkpoints.h"
#include "engine/storage/log/segment_pool.h"
#include "engine/storage/log/segment_scan.h"

namespace odradek::storage {

using protocol::BatchHeader;

namespace {

constexpr std::size_t kThinEntries = 1024;
constexpr std::string_view kLeftovers[] = {".deleted", ".cleaned", ".swap", ".tmp"};

}  // namespace

/// One recovery: gathers the folder's files, loads or scans them, and leaves a PartitionLog behind.
struct LogRecovery {
    io::BootDisk& disk;
    const RecoveryRequest& request;
    Now now;
    DiskOut& out;
    PartitionLog log;
    RecoveryReport report;
    std::string folder;

    struct File {
        Offset base;
        std::uint64_t size = 0;
    };
    std::vector<File> files;
    std::map<Offset, std::uint64_t> snapshotFiles;  ///< offset -> bytes
    std::map<std::string, std::uint64_t> names;     ///< everything in the folder
    bool epochsLost = false;
    Offset snapshotOffset{0};  ///< the loaded producer snapshot covers everything below
    Offset safe{0};            ///< everything below was made durable before

    LogRecovery(io::BootDisk& d, const RecoveryRequest& r, Now n, DiskOut& o)
        : disk(d), request(r), now(n), out(o), folder(r.identity.folder()) {
        log.m_identity = r.identity;
        log.m_folder = folder;
        log.m_config = r.config;
        log.m_limits = r.limits;
    }

    Result<void> run();
    Result<void> listFolder();
    Result<void> loadEpochs();
    Result<bool> loadProducers(Offset upTo);
    Segment emptySegment(Offset base) const;
    Result<std::optional<Segment>> loadSegment(std::size_t i);
    Result<bool> loadClean();
    Result<void> scanFrom(Offset recoveryPoint);
    Result<std::optional<std::uint64_t>> resume(Segment& segment, const File& file,
                                                Offset recoveryPoint);
    Result<bool> scanSegment(std::size_t i, Segment segment, std::uint64_t position,
                             ScanExpectation& expected);
    void rewriteIndexes(std::size_t i, bool closed);
    void cutFile(const Segment& segment, std::uint64_t fileSize);
    void discard(const File& file);
    void dropFilesBelowLogStart();
    Result<void> dropFilesFrom(std::size_t i, Offset expected);
    void finish(Offset end);
    void removeIfThere(const std::string& name);
    Result<Bytes> readIfThere(const std::string& name);
    void say(std::string words) { report.words.push_back(folder + ": " + std::move(words)); }
};

void LogRecovery::removeIfThere(const std::string& name) {
    if (names.contains(name))
        out.effects.push_back(io::DiskRemove{0, folder + "/" + name});
}

Result<Bytes> LogRecovery::readIfThere(const std::string& name) {
    if (!names.contains(name))
        return Bytes();
    return disk.readAll(folder + "/" + name);
}

Result<void> LogRecovery::listFolder() {
    for (const auto& entry : TRY(disk.list(folder))) {
        if (entry.isFolder)
            continue;
        names[entry.name] = entry.size;
        if (std::any_of(std::begin(kLeftovers), std::end(kLeftovers),
                        [&](std::string_view suffix) { return entry.name.ends_with(suffix); }))
            removeIfThere(entry.name);
        else if (const auto base = parseSegmentFileName(entry.name, ".log"))
            files.push_back({*base, entry.size});
        else if (const auto offset = parseSegmentFileName(entry.name, ".snapshot"))
            snapshotFiles[*offset] = entry.size;
    }
    std::sort(files.begin(), files.end(),
              [](const File& a, const File& b) { return a.base < b.base; });
    for (const auto& [name, size] : names)
        for (const auto* suffix : {".index", ".timeindex"})
            if (const auto base = parseSegmentFileName(name, suffix);
                base && !names.contains(segmentFileName(*base, ".log")))
                removeIfThere(name);
    return {};
}

Result<void> LogRecovery::loadEpochs() {
    const Bytes file = TRY(readIfThere(std::string(kEpochFile)));
    if (!names.contains(std::string(kEpochFile)))
        return {};
    auto read = EpochCache::fromFile(file);
    if (read) {
        log.m_epochs = std::move(*read);
        return {};
    }
    epochsLost = true;
    say("leader-epoch-checkpoint was unreadable and is rebuilt from the batches");
    return {};
}

/// Loads the newest readable producer snapshot at or below `upTo`; removes those beyond. False when
/// one was unreadable.
Result<bool> LogRecovery::loadProducers(Offset upTo) {
    bool allReadable = true;
    bool loaded = false;
    for (auto it = snapshotFiles.rbegin(); it != snapshotFiles.rend(); ++it) {
        const auto name = segmentFileName(it->first, ".snapshot");
        if (it->first > upTo) {
            removeIfThere(name);
            continue;
        }
        if (loaded) {
            log.m_snapshots.insert(log.m_snapshots.begin(), it->first);
            continue;
        }
        auto state = ProducerState::fromSnapshot(TRY(readIfThere(name)));
        if (!state) {
            allReadable = false;
            removeIfThere(name);
            if (it->second > 0)
                say(name + " was unreadable and is ignored");
            continue;
        }
        log.m_producers = std::move(*state);
        log.m_snapshots = {it->first};
        snapshotOffset = it->first;
        loaded = true;
    }
    return allReadable;
}

Segment LogRecovery::emptySegment(Offset base) const {
    Segment segment;
    segment.base = segment.next = base;
    segment.createdMs = segment.lastAppendMs = now.wallMs;
    return segment;
}

/// A segment as its files describe it, with `next` still open (the next segment's base, if there is
/// one). nullopt when its indexes cannot be trusted.
Result<std::optional<Segment>> LogRecovery::loadSegment(std::size_t i) {
    const File& file = files[i];
    Segment segment = emptySegment(file.base);
    segment.next = i + 1 < files.size() ? files[i + 1].base : file.base;
    segment.size = segment.allocated = file.size;
    auto index = SegmentIndex::fromFiles(TRY(readIfThere(segmentFileName(file.base, ".index"))),
                                         TRY(readIfThere(segmentFileName(file.base, ".timeindex"))),
                                         file.size);
    if (!index)
        return std::optional<Segment>();
    segment.index = std::move(*index);
    const auto& times = segment.index.times();
    const auto& offsets = segment.index.offsets();
    segment.indexEntriesWritten = static_cast<std::uint32_t>(offsets.size());
    segment.timeEntriesWritten = static_cast<std::uint32_t>(times.size());
    segment.indexFilesComplete = names.contains(segmentFileName(file.base, ".index")) &&
                                 names.contains(segmentFileName(file.base, ".timeindex"));
    if (file.size == 0)
        return std::optional(std::move(segment));
    // A segment with records has at least the time entry made when it was closed, or at the
    // checkpoint.
    if (times.empty())
        return std::optional<Segment>();
    segment.maxTimestampMs = times.back().timestampMs;
    segment.offsetOfMaxTimestamp = file.base.value + times.back().relativeOffset;
    const auto path = folder + "/" + segmentFileName(file.base, ".log");
    const auto first =
        protocol::readBatchHeader(TRY(disk.read(path, 0, protocol::kBatchHeaderSize)));
    if (!first || first->baseOffset != file.base.value)
        return std::optional<Segment>();
    segment.firstTimestampMs = first->maxTimestamp;
    if (!offsets.empty()) {
        const auto indexed = protocol::readBatchHeader(
            TRY(disk.read(path, offsets.back().position, protocol::kBatchHeaderSize)));
        if (!indexed || indexed->lastOffset() != file.base.value + offsets.back().relativeOffset)
            return std::optional<Segment>();
    }
    return std::optional(std::move(segment));
}

/// Opens a log that was closed cleanly: no scan, only the few bytes behind each last index entry.
/// False when something does not fit: then it is scanned.
Result<bool> LogRecovery::loadClean() {
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto segment = TRY(loadSegment(i));
        if (!segment)
            return false;
        const bool last = i + 1 == files.size();
        const auto& offsets = segment->index.offsets();
        const std::uint64_t from = offsets.empty() ? 0 : offsets.back().position;
        if (last) {
            SegmentWindow window(disk, folder + "/" + segmentFileName(segment->base, ".log"),
                                 files[i].size);
            std::uint64_t at = from;
            segment->bytesSinceIndexEntry = static_cast<std::uint32_t>(files[i].size - from);
            while (at < files[i].size) {
                const auto header =
                    protocol::readBatchHeader(TRY(window.at(at, protocol::kBatchHeaderSize)));
                if (!header || (at > from && header->baseOffset != segment->next.value))
                    return false;
                segment->next = Offset(header->nextOffset());
                if (header->maxTimestamp > segment->maxTimestampMs) {
                    segment->maxTimestampMs = header->maxTimestamp;
                    segment->offsetOfMaxTimestamp = header->lastOffset();
                }
                at += header->sizeInBytes();
            }
            if (at != files[i].size)
                return false;
        } else {
            segment->index.thin(kThinEntries);
        }
        log.m_segments.push_back(std::move(*segment));
    }
    const Offset end = log.m_segments.back().next;
    if (!TRY(loadProducers(end)))
        return false;
    safe = end;
    return true;
}

/// Finds a place in the segment, at or before the recovery point, from which scanning may begin;
/// nullopt = its start.
Result<std::optional<std::uint64_t>> LogRecovery::resume(Segment& segment, const File& file,
                                                         Offset recoveryPoint) {
    auto offsets = segment.index.offsets();
    while (!offsets.empty() && segment.base + (offsets.back().relativeOffset + 1ll) > recoveryPoint)
        offsets.pop_back();
    if (offsets.empty())
        return std::optional<std::uint64_t>();
    const IndexEntry entry = offsets.back();
    SegmentWindow window(disk, folder + "/" + segmentFileName(segment.base, ".log"), file.size);
    const auto header =
        protocol::readBatchHeader(TRY(window.at(entry.position, protocol::kBatchHeaderSize)));
    if (!header || header->lastOffset() != segment.base.value + entry.relativeOffset ||
        header->sizeInBytes() > file.size - entry.position ||
        !TRY(window.crcHolds(entry.position, *header)))
        return std::optional<std::uint64_t>();
    segment.index.truncate(entry.relativeOffset);
    segment.next = Offset(header->baseOffset);
    segment.size = entry.position;
    const auto& times = segment.index.times();
    segment.maxTimestampMs = times.empty() ? -1 : times.back().timestampMs;
    segment.offsetOfMaxTimestamp =
        times.empty() ? -1 : segment.base.value + times.back().relativeOffset;
    // The batch at the entry is read again and makes its entry again.
    segment.bytesSinceIndexEntry =
        static_cast<std::uint32_t>(request.config.indexIntervalBytes) + 1;
    return std::optional(std::uint64_t{entry.position});
}

Result<void> LogRecovery::scanFrom(Offset recoveryPoint) {
    report.scanned = true;
    log.m_segments.clear();
    if (epochsLost)
        recoveryPoint = Offset(0);
    std::size_t i = 0;
    std::optional<Segment> segment;
    // Segments wholly below the recovery point are taken as their files say. Not one that ends
    // exactly there: the checkpoint may have been made before it was rolled, and then the trimming
    // of its file was not yet durable.
    while (true) {
        segment = files[i].base < recoveryPoint ? TRY(loadSegment(i)) : std::nullopt;
        if (!segment || i + 1 == files.size() || files[i + 1].base >= recoveryPoint)
            break;
        segment->index.thin(kThinEntries);
        log.m_segments.push_back(std::move(*segment));
        ++i;
    }
    std::uint64_t position = 0;
    if (segment)
        if (const auto place = TRY(resume(*segment, files[i], recoveryPoint)))
            position = *place;
    if (position == 0) {
        segment = emptySegment(files[i].base);
    }
    (void)TRY(loadProducers(recoveryPoint));
    safe = std::min(recoveryPoint, segment->next);
    log.m_epochsDirty |= log.m_epochs.truncateFromEnd(segment->next);
    ScanExpectation expected{segment->next.value,
                             log.m_epochs.latest().value_or(LeaderEpoch(-1)).value};
    expected.trustsBytes = log.m_limits.mutants.has(Mutant::TrustTornTail);
    while (TRY(scanSegment(i, std::move(*segment), position, expected))) {
        ++i;
        segment = emptySegment(files[i].base);
        position = 0;
    }
    return {};
}

/// Scans one segment and takes it into the log. True when the next file goes on exactly where it
/// ends.
Result<bool> LogRecovery::scanSegment(std::size_t i, Segment segment, std::uint64_t position,
                                      ScanExpectation& expected) {
    const File& file = files[i];
    const auto path = folder + "/" + segmentFileName(file.base, ".log");
    SegmentWindow window(disk, path, file.size);
    segment.size = position;
    ++report.segments;
    const auto visit = [&](const BatchHeader& header, std::uint64_t at) -> Result<void> {
        log.m_epochsDirty |= log.m_epochs.assign(LeaderEpoch(header.partitionLeaderEpoch),
                                                 Offset(header.baseOffset));
        segment.note(header, request.config.indexIntervalBytes, now.wallMs);
        if (header.hasProducerId() && header.baseOffset >= snapshotOffset.value)
            log.noteProducer(
                header, header.isControl() ? TRY(window.at(at, header.sizeInBytes())) : Bytes());
        ++report.batchesScanned;
        report.bytesScanned += header.sizeInBytes();
        return {};
    };
    const ScanEnd end = TRY(scanBatches(window, position, expected, visit));
    const bool goesOn =
        i + 1 < files.size() && files[i + 1].base.value == expected.offset && end.position > 0;
    if (end.stop == ScanStop::Damage) {
        const auto content = TRY(window.endOfContent(end.position));
        report.damaged = true;
        report.bytesCut += content - end.position;
        say(fmt::format("cut {} bytes of {} at offset {}: {}", content - end.position,
                        segmentFileName(file.base, ".log"), expected.offset, end.why));
    }
    segment.next = Offset(expected.offset);
    segment.allocated = file.size;
    if (position == 0)
        segment.indexEntriesWritten = segment.timeEntriesWritten = 0;
    log.m_segments.push_back(std::move(segment));
    Segment& kept = log.m_segments.back();
    cutFile(kept, file.size);
    rewriteIndexes(i, goesOn);
    if (!goesOn)
        TRY_OK(dropFilesFrom(i + 1, Offset(expected.offset)));
    return goesOn;
}

/// Cuts the file at the logical end, durably and always: what follows may be zeros that were never
/// synced, with an old batch of just the right offset behind them. A file that ends there already
/// is flushed too: the cut that shortened it may have been made just before the crash, and would be
/// undone by a power cut after new batches were written behind it.
void LogRecovery::cutFile(const Segment& segment, std::uint64_t fileSize) {
    const auto path = folder + "/" + segmentFileName(segment.base, ".log");
    if (segment.size != fileSize)
        out.effects.push_back(
            io::DiskTruncate{log.track(PartitionLog::Op::Kind::Cut, out), path, segment.size});
    log.flushFile(path, PartitionLog::Op::Kind::Cut, segment.next, out);
    log.m_segments.back().allocated = segment.size;
}

/// Brings the index files of a scanned segment in line: whole for one that stays closed, none yet
/// for the active one.
void LogRecovery::rewriteIndexes(std::size_t i, bool closed) {
    Segment& segment = log.m_segments.back();
    removeIfThere(segmentFileName(files[i].base, ".index"));
    removeIfThere(segmentFileName(files[i].base, ".timeindex"));
    segment.indexEntriesWritten = segment.timeEntriesWritten = 0;
    segment.indexFilesComplete = false;
    if (!closed)
        return;
    log.completeIndexFiles(segment, out);
    segment.index.thin(kThinEntries);
}

Result<void> LogRecovery::dropFilesFrom(std::size_t i, Offset expected) {
    for (; i < files.size(); ++i) {
        const auto name = segmentFileName(files[i].base, ".log");
        const auto front = TRY(disk.read(folder + "/" + name, 0, protocol::kBatchHeaderSize));
        if (const auto header = protocol::readBatchHeader(front);
            header && header->baseOffset == files[i].base.value) {
            report.damaged = true;
            report.bytesCut += files[i].size;
            say(fmt::format("dropped {} ({} bytes): the log before it ends at offset {}", name,
                            files[i].size, expected.value));
        }
        discard(files[i]);
    }
    return {};
}

void LogRecovery::discard(const File& file) {
    log.m_discarded.push_back(file.base);
    const auto op = log.track(PartitionLog::Op::Kind::Discard, out);
    out.pool.recycle(folder + "/" + segmentFileName(file.base, ".log"), file.size, op, out);
    removeIfThere(segmentFileName(file.base, ".index"));
    removeIfThere(segmentFileName(file.base, ".timeindex"));
}

/// Segments wholly below the log start are leftovers of a deletion, however they look: nothing may
/// hang on them.
void LogRecovery::dropFilesBelowLogStart() {
    while (files.size() > 1 && files[1].base <= request.logStart) {
        discard(files.front());
        files.erase(files.begin());
    }
}

/// Sets the ends, and starts anew where a log start beyond the end demands it.
void LogRecovery::finish(Offset end) {
    for (const auto& segment : log.m_segments)
        log.m_size += segment.size;
    log.m_writtenEnd = log.m_issuedEnd = end;
    log.m_flushedEnd = log.m_flushTarget = log.m_recoveryPoint = std::min(safe, end);
    log.m_writePosition = log.active().size;
    log.m_logStart = std::max(request.logStart, log.m_segments.front().base);
    log.m_epochsDirty |= log.m_epochs.truncateFromEnd(end + 1);
    if (log.m_logStart > end) {
        say(fmt::format("ends at {} below its log start {}: it starts anew there", end.value,
                        log.m_logStart.value));
        log.truncateFullyAndStartAt(now, log.m_logStart, out);
    }
    if (log.m_limits.mutants.has(Mutant::ForgetProducersAtStart))
        log.m_producers.clear();
    report.end = log.logEnd();
    if (report.scanned && log.wantsFlush())
        log.issueFlush(out);
}

Result<void> LogRecovery::run() {
    TRY_OK(listFolder());
    TRY_OK(loadEpochs());
    if (!names.contains(std::string(kPartitionMetadataFile)))
        out.effects.push_back(
            io::DiskWrite{log.track(PartitionLog::Op::Kind::Other, out),
                          folder + "/" + std::string(kPartitionMetadataFile), 0,
                          Chain(writePartitionMetadata(request.identity.topicId))});
    dropFilesBelowLogStart();
    if (files.empty()) {
        log.addSegment(now, request.logStart, 0, out);
        safe = request.logStart;
        (void)TRY(loadProducers(Offset(-1)));
        finish(request.logStart);
        return {};
    }
    if (!request.cleanShutdown || epochsLost) {
        TRY_OK(scanFrom(request.recoveryPoint));
    } else if (!TRY(loadClean())) {
        say("does not look cleanly closed and is read through");
        log.m_producers.clear();
        log.m_snapshots.clear();
        snapshotOffset = Offset(0);
        TRY_OK(scanFrom(Offset(0)));
    }
    finish(log.m_segments.back().next);
    return {};
}

Result<RecoveredLog> recoverLog(io::BootDisk& disk, const RecoveryRequest& request, Now now,
                                DiskOut& out) {
    LogRecovery recovery(disk, request, now, out);
    TRY_OK(recovery.run());
    return RecoveredLog{std::move(recovery.log), std::move(recovery.report)};
}

}  // namespace odradek::storage
