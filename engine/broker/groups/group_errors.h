// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/broker/groups/group_io.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

using protocol::code;

/// What a client of the coordinator is told when an append failed with `error`, as Kafka maps it.
protocol::KafkaError coordinatorError(protocol::KafkaError error);

/// Turns a ready answer into the one for a failed append; `error` is the log's own error.
void makeError(GroupResponse& response, protocol::KafkaError error);

/// Puts a JoinGroup answer into the shape of its version (null and empty protocol names).
void shape(protocol::JoinGroupResponse& response, std::int16_t version);
/// Moves the one group of an OffsetFetch answer below version 8 to the top level.
void shape(protocol::OffsetFetchResponse& response, std::int16_t version);

}  // namespace odradek::broker
