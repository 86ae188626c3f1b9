// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/update_raft_voter.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(UpdateRaftVoterRequest)
ODRADEK_INSTANTIATE(UpdateRaftVoterResponse)

}  // namespace odradek::protocol
