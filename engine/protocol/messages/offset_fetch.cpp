// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/offset_fetch.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(OffsetFetchRequest)
ODRADEK_INSTANTIATE(OffsetFetchResponse)

}  // namespace odradek::protocol
