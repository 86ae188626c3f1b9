// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/types.h"
#include "engine/io/ports.h"

namespace odradek::broker {

struct Step;

/// From events to handlers: client connections with their limits, frames, disk completions.

void clientAccepted(Step& s, const io::Accepted& event);
/// An accepted connection is gone; a follower's fetch session goes with it.
void clientClosed(Step& s, ConnectionId id);
/// A frame from an accepted connection. Before we serve it is kept; beyond the in-flight limit it
/// waits its turn; a frame that is no request of ours closes its connection and no other.
void clientFrame(Step& s, ConnectionId id, const Bytes& frame);
/// Takes up waiting frames of connections whose requests were answered, and all that came before we
/// served.
void resumeClients(Step& s);
/// Closes connections nobody has used for connections.max.idle.ms.
void closeIdleConnections(Step& s);
void diskDone(Step& s, const io::DiskDone& event);
/// Brings the counters up to date with what was answered.
void countAnswered(Step& s);

}  // namespace odradek::broker
