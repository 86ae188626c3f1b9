// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/vote.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(VoteRequest)
ODRADEK_INSTANTIATE(VoteResponse)

}  // namespace odradek::protocol
