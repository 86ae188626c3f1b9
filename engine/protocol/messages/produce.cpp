// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/produce.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ProduceRequest)
ODRADEK_INSTANTIATE(ProduceResponse)

}  // namespace odradek::protocol
