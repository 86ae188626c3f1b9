// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/bytes.h"
#include "engine/broker/controller_link.h"

namespace odradek::broker {

struct Step;

/// An Envelope around a client's request (KIP-590), ready for callController: same API, version and
/// correlation id, so that the controller's answer is the client's answer. The client is put into
/// `client`.
ControllerRequest envelopeOf(Step& s, const Ticket& ticket, const Chain& body);

}  // namespace odradek::broker
