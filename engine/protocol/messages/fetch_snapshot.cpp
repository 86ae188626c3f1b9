// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/fetch_snapshot.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(FetchSnapshotRequest)
ODRADEK_INSTANTIATE(FetchSnapshotResponse)

}  // namespace odradek::protocol
