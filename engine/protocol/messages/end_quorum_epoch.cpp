// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/end_quorum_epoch.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(EndQuorumEpochRequest)
ODRADEK_INSTANTIATE(EndQuorumEpochResponse)

}  // namespace odradek::protocol
