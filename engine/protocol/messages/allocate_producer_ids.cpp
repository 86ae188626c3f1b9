// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/allocate_producer_ids.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(AllocateProducerIdsRequest)
ODRADEK_INSTANTIATE(AllocateProducerIdsResponse)

}  // namespace odradek::protocol
