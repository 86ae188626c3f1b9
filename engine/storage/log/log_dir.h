// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/types.h"
#include "engine/io/ports.h"
#include "engine/storage/log/checkpoints.h"
#include "engine/storage/log/disk_out.h"

namespace odradek::storage {

/// A partition folder found in the log directory.
struct FoundPartition {
    TopicPartition partition;
    std::optional<Uuid> topicId;  ///< from partition.metadata; nullopt when missing or unreadable
};

/// What a node's log directory says at boot.
struct LogDirState {
    std::optional<MetaProperties> meta;  ///< nullopt in a fresh directory
    bool cleanShutdown = false;
    BrokerEpoch cleanShutdownEpoch{-1};  ///< -1 = unknown (KIP-966 proves a clean shutdown by it)
    OffsetCheckpoint recoveryPoints;
    OffsetCheckpoint logStarts;
    OffsetCheckpoint highWatermarks;
    std::vector<FoundPartition> partitions;        ///< sorted
    std::vector<io::BootDisk::Entry> rootEntries;  ///< for SegmentPool::adopt
    std::vector<std::string>
        words;  ///< one line for people per oddity (an unreadable checkpoint, a strange folder)
};

/// Reads the directory. Removes (as effects) the clean-shutdown marker, so that a crash from now on
/// is seen as one, and leftovers of deleted partitions. An unreadable checkpoint counts as empty,
/// with a word on it; an unreadable meta.properties is an error (Corrupt).
Result<LogDirState> loadLogDir(io::BootDisk& disk, DiskOut& out);

/// Splits `<topic>-<partition>`; nullopt for any other name.
std::optional<TopicPartition> parsePartitionFolder(std::string_view name);

/// Effects that write one of the node-level files (atomically). `op` 0 = no completion.
void writeFile(std::string_view name, Bytes content, io::OpId op, DiskOut& out);

}  // namespace odradek::storage
