// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/controller_registration.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ControllerRegistrationRequest)
ODRADEK_INSTANTIATE(ControllerRegistrationResponse)

}  // namespace odradek::protocol
