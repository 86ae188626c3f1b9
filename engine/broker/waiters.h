// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/broker/partition.h"
#include "engine/broker/pending.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

struct Step;

/// Wakes those who wait for something of the partitions touched in this step. Called once at the
/// end of each step, so that many appends lead to one look per waiter.
void wakeTouched(Step& s);
/// The same for one partition, now.
void wakeWaiters(Step& s, Partition& partition);
/// Answers all acks=all produces waiting on a partition with an error.
void failProduceWaiters(Step& s, Partition& partition, protocol::KafkaError error);
/// Pendings whose time is over are answered.
void expirePendings(Step& s);

}  // namespace odradek::broker
