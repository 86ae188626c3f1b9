// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/offset_delete.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(OffsetDeleteRequest)
ODRADEK_INSTANTIATE(OffsetDeleteResponse)

}  // namespace odradek::protocol
