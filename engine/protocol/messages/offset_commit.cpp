// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/offset_commit.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(OffsetCommitRequest)
ODRADEK_INSTANTIATE(OffsetCommitResponse)

}  // namespace odradek::protocol
