// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/begin_quorum_epoch.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(BeginQuorumEpochRequest)
ODRADEK_INSTANTIATE(BeginQuorumEpochResponse)

}  // namespace odradek::protocol
