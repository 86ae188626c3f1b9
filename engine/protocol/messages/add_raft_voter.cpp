// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/add_raft_voter.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(AddRaftVoterRequest)
ODRADEK_INSTANTIATE(AddRaftVoterResponse)

}  // namespace odradek::protocol
