// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/io/ports.h"
#include "engine/storage/log/partition_log.h"

namespace odradek::storage {

/// What the node knows of a partition folder when it starts.
struct RecoveryRequest {
    LogIdentity identity;
    LogConfig config;
    LogLimits limits;
    bool cleanShutdown = false;  ///< the node's .kafka_cleanshutdown was there
    Offset recoveryPoint{0};     ///< from the recovery-point checkpoint; 0 = unknown
    Offset logStart{0};          ///< from the log-start checkpoint; 0 = unknown
};

/// What recovery found and repaired.
struct RecoveryReport {
    bool scanned = false;  ///< false: clean start, nothing was read through
    std::int32_t segments = 0;
    std::uint64_t bytesScanned = 0;
    std::int64_t batchesScanned = 0;
    bool damaged = false;  ///< something else than preallocated or recycled leftovers was cut
    std::uint64_t bytesCut =
        0;       ///< bytes of damaged segments dropped, up to their last non-zero byte known
    Offset end;  ///< log end after recovery
    std::vector<std::string> words;  ///< one line for people per finding; empty when all was well
};

struct RecoveredLog {
    PartitionLog log;
    RecoveryReport report;
};

/// Opens an existing partition folder. Clean: loads indexes, epochs and the last producer snapshot
/// without scanning. Unclean: scans from the recovery point in chunks of at most 1 MiB (plus one
/// batch), demands CRC, the very next base offset and epochs that never fall, cuts at the first
/// batch that fails, drops later segments, and rebuilds indexes, producer state and epochs. Repairs
/// go out as effects; because effects are FIFO, later appends reach the disk after the cut has been
/// made durable. Where the opened log's recoveryPoint() is below what the checkpoint file said, the
/// broker rewrites that file before the first append. A cut is always made, even where only zeros
/// follow (zeros that were never synced prove nothing). Errors: Io from the disk; never Corrupt.
Result<RecoveredLog> recoverLog(io::BootDisk& disk, const RecoveryRequest& request, Now now,
                                DiskOut& out);

}  // namespace odradek::storage
