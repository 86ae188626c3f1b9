// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/init_producer_id.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(InitProducerIdRequest)
ODRADEK_INSTANTIATE(InitProducerIdResponse)

}  // namespace odradek::protocol
