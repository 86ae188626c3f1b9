// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/bytes.h"
#include "engine/broker/pending.h"

namespace odradek::broker {

struct Step;

/// Moves log starts; answers when every live replica has followed (item 13).
void handleDeleteRecords(Step& s, const Ticket& ticket, const Bytes& body);
/// A replica's log start moved, or a leadership ended.
void reconsiderDelete(Step& s, PendingId id);
void deleteExpired(Step& s, PendingId id);

}  // namespace odradek::broker
