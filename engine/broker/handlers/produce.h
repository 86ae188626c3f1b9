// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/broker/partition.h"
#include "engine/broker/pending.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

struct Step;

void handleProduce(Step& s, const Ticket& ticket, const Bytes& body);

/// One partition of a waiting produce is replicated, or will not be. Answers when it was the last.
void producePartitionDone(Step& s, PendingId id, const Partition& partition,
                          protocol::KafkaError error);
/// Its time is over: what is not replicated is answered REQUEST_TIMED_OUT.
void produceExpired(Step& s, PendingId id);

/// Appends records of the group coordinator with acks=all; the outcome reaches it through the
/// groups link.
void appendForGroups(Step& s, Partition& partition, std::uint64_t token, const Bytes& batch);

/// Whether a topic is one of Kafka's own.
bool isInternalTopic(std::string_view topic);

}  // namespace odradek::broker
