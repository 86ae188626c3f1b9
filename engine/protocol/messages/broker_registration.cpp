// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/broker_registration.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(BrokerRegistrationRequest)
ODRADEK_INSTANTIATE(BrokerRegistrationResponse)

}  // namespace odradek::protocol
