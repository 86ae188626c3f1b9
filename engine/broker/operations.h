// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/io/ports.h"

namespace odradek::broker {

struct Step;
struct BrokerCore;

/// The life of the log directory: opening it, looking after it, closing it.

/// Reads the directory, checks whose it is (or makes it ours), recovers every log. Says in Notes
/// what was found.
Result<void> openLogDir(Step& s, io::BootDisk& disk);
void startTimers(Step& s);
/// Retention, checkpoints, idle connections, sizes of offsets partitions: whatever is due.
void operationsTick(Step& s);
Instant operationsWake(const BrokerCore& core);
/// Log starts have moved: their checkpoint is due soon rather than at the next interval.
void logStartMoved(Step& s);

/// The clean end, see Broker::beginShutdown.
void startShutdown(Step& s);
/// Takes the next step of a shutdown when the last one is done.
void shutdownMayProceed(Step& s);

}  // namespace odradek::broker
