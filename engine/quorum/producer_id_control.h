// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/quorum/control.h"

namespace odradek::quorum {

/// Producer ids are handed to brokers in blocks of this many, as in Kafka.
inline constexpr std::int32_t kProducerIdBlock = 1000;

/// AllocateProducerIds: the next block for a registered broker; STALE_BROKER_EPOCH otherwise.
Outcome<protocol::AllocateProducerIdsResponse> allocateProducerIds(const ControlContext& context,
                                                                   const protocol::AllocateProducerIdsRequest& request);

}  // namespace odradek::quorum
