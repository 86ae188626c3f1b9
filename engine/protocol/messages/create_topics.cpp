// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/create_topics.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(CreateTopicsRequest)
ODRADEK_INSTANTIATE(CreateTopicsResponse)

}  // namespace odradek::protocol
