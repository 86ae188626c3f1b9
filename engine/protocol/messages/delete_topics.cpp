// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/delete_topics.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DeleteTopicsRequest)
ODRADEK_INSTANTIATE(DeleteTopicsResponse)

}  // namespace odradek::protocol
