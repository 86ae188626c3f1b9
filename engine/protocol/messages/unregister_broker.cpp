// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/unregister_broker.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(UnregisterBrokerRequest)
ODRADEK_INSTANTIATE(UnregisterBrokerResponse)

}  // namespace odradek::protocol
