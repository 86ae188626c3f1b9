// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/create_partitions.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(CreatePartitionsRequest)
ODRADEK_INSTANTIATE(CreatePartitionsResponse)

}  // namespace odradek::protocol
