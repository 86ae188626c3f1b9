// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/broker/partition.h"
#include "engine/broker/pending.h"

namespace odradek::broker {

struct Step;

void handleFetch(Step& s, const Ticket& ticket, const Bytes& body);

/// A partition was touched: fetches that wait for it are answered if that is enough now.
void wakeFetches(Step& s, Partition& partition, const Touched& touched);
/// Its wait is over: answer with what there is.
void fetchExpired(Step& s, PendingId id);
/// One of its cold reads came back.
void fetchReadDone(Step& s, const DiskWait& wait, const Result<Bytes>& data);

}  // namespace odradek::broker
