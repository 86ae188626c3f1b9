// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/remove_raft_voter.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(RemoveRaftVoterRequest)
ODRADEK_INSTANTIATE(RemoveRaftVoterResponse)

}  // namespace odradek::protocol
