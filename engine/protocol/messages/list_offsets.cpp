// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/list_offsets.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ListOffsetsRequest)
ODRADEK_INSTANTIATE(ListOffsetsResponse)

}  // namespace odradek::protocol
