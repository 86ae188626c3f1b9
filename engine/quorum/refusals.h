// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/codec/message.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::quorum {

/// The answer that says this error of everything a request asks for, as Kafka's getErrorResponse does. For the APIs of
/// the Controller listener that only the active controller answers; the error says why the request cannot be read.
Result<Chain> refusal(const protocol::RequestFrame& frame, protocol::KafkaError error);

}  // namespace odradek::quorum
