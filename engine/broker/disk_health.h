// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/io/ports.h"

/// A log directory that fails (a full disk, an error of the device, a flush that did not succeed)
/// goes offline, not the broker: replicas whose effects failed take no more requests
/// (KAFKA_STORAGE_ERROR), and the broker asks to be fenced, so that others lead. Then the disk is
/// tried with growing pauses; once it takes a file again, and the controller has fenced us (so that
/// every leadership ended, and nothing is appended in an epoch whose end we cut off), the failed
/// logs are revived, follow their leaders, and the broker asks to be let in again.
namespace odradek::broker {

struct Step;
struct Partition;

/// How the log directory is. State only.
struct DiskHealth {
    bool failed = false;     ///< some replica's log has given up and is not back yet
    bool fenceSeen = false;  ///< the metadata log has shown us fenced since then
    Instant retryAt = Instant::never();
    std::int64_t delayMs = 0;
    io::OpId probe = 0;  ///< under way
};

/// A replica's log has failed.
void diskHasFailed(Step& s);
/// Tries the disk when it is time.
void diskHealthTick(Step& s);
void diskProbed(Step& s, const Result<Bytes>& result);
/// An effect of a failed replica has ended: it may be back.
void replicaMayReturn(Step& s, Partition& partition);
/// The metadata log says that we are fenced.
void fenceSeen(Step& s);

}  // namespace odradek::broker
