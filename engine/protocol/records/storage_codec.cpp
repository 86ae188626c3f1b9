// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/records/producer_snapshot.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ProducerSnapshot)

}  // namespace odradek::protocol
