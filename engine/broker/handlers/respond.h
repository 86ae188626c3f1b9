// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "engine/broker/core.h"
#include "engine/protocol/codec/message.h"

namespace odradek::broker {

/// Encodes a response in its request's version and puts it in the request's place.
template <class M>
void respond(Step& s, const Ticket& ticket, const M& response, bool error = false) {
    s.answer(ticket, protocol::encodeResponse(response, ticket.version, ticket.correlationId),
             error);
}

/// Reads a request's body. Bytes behind it are let pass, as Kafka lets them.
template <class M>
Result<M> readRequest(const Ticket& ticket, const Bytes& body) {
    return protocol::decode<M>(body, ticket.version, protocol::Trailing::Ignore);
}

/// Closes the connection a request came from: it cannot be read, or its API has no other way to
/// refuse.
void dropConnection(Step& s, const Ticket& ticket, std::string_view why);

}  // namespace odradek::broker
