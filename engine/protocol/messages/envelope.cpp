// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/envelope.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(EnvelopeRequest)
ODRADEK_INSTANTIATE(EnvelopeResponse)

}  // namespace odradek::protocol
