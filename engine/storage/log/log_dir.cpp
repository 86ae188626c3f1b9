// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/log_dir.h"

#include <algorithm>

#include "engine/storage/log/text_file.h"

namespace odradek::storage {

namespace {

/// Reads a small file; nullopt when it is not there.
Result<std::optional<Bytes>> readIfThere(io::BootDisk& disk, std::string_view name) {
    auto file = disk.readAll(std::string(name));
    if (file)
        return std::optional(*file);
    if (file.error().code == ErrorCode::NotFound)
        return std::optional<Bytes>();
    return std::unexpected(file.error());
}

Result<OffsetCheckpoint> loadCheckpoint(io::BootDisk& disk, std::string_view name, std::vector<std::string>& words) {
    const auto file = TRY(readIfThere(disk, name));
    if (!file)
        return OffsetCheckpoint{};
    auto read = readOffsetCheckpoint(*file);
    if (read)
        return *read;
    words.push_back(std::string(name) + " was unreadable and counts as empty (" + read.error().message + ")");
    return OffsetCheckpoint{};
}

Result<void> loadFolder(io::BootDisk& disk, const std::string& name, LogDirState& state, DiskOut& out) {
    if (name.ends_with("-delete")) {
        out.effects.push_back(io::DiskRemove{0, name});
        return {};
    }
    const auto partition = parsePartitionFolder(name);
    if (!partition) {
        state.words.push_back("folder " + name + " is not a partition and is left alone");
        return {};
    }
    FoundPartition found{*partition, std::nullopt};
    const auto file = TRY(readIfThere(disk, name + "/" + std::string(kPartitionMetadataFile)));
    if (file) {
        if (auto id = readPartitionMetadata(*file))
            found.topicId = *id;
        else
            state.words.push_back(name + ": " + id.error().message);
    }
    state.partitions.push_back(std::move(found));
    return {};
}

}  // namespace

std::optional<TopicPartition> parsePartitionFolder(std::string_view name) {
    const auto dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0)
        return std::nullopt;
    const auto index = parseNumber<std::int32_t>(name.substr(dash + 1));
    if (!index || *index < 0)
        return std::nullopt;
    return TopicPartition{std::string(name.substr(0, dash)), *index};
}

Result<LogDirState> loadLogDir(io::BootDisk& disk, DiskOut& out) {
    LogDirState state;
    state.rootEntries = TRY(disk.list(""));
    if (const auto file = TRY(readIfThere(disk, kMetaPropertiesFile)))
        state.meta = TRY(readMetaProperties(*file));
    if (const auto file = TRY(readIfThere(disk, kCleanShutdownFile))) {
        if (const auto epoch = readCleanShutdown(*file)) {
            state.cleanShutdown = true;
            state.cleanShutdownEpoch = *epoch;
        }
        // A removal may be undone by a power cut, and logs written since would then pass as cleanly closed. So the
        // marker is first replaced, durably, by one that says nothing.
        writeFile(kCleanShutdownFile, Bytes::copy(std::string_view("{}")), 0, out);
        out.effects.push_back(io::DiskRemove{0, std::string(kCleanShutdownFile)});
    }
    state.recoveryPoints = TRY(loadCheckpoint(disk, kRecoveryPointFile, state.words));
    state.logStarts = TRY(loadCheckpoint(disk, kLogStartFile, state.words));
    state.highWatermarks = TRY(loadCheckpoint(disk, kHighWatermarkFile, state.words));
    for (const auto& entry : state.rootEntries)
        if (entry.isFolder)
            TRY_OK(loadFolder(disk, entry.name, state, out));
    std::sort(state.partitions.begin(), state.partitions.end(),
              [](const auto& a, const auto& b) { return a.partition < b.partition; });
    return state;
}

void writeFile(std::string_view name, Bytes content, io::OpId op, DiskOut& out) {
    out.effects.push_back(io::DiskReplace{op, std::string(name), Chain(std::move(content))});
}

}  // namespace odradek::storage
