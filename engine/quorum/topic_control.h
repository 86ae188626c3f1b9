// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/quorum/control.h"

/// Creating, growing and deleting topics, with Kafka's checks in Kafka's order (ControllerApis and
/// ReplicationControlManager of 4.3).
namespace odradek::quorum {

Outcome<protocol::CreateTopicsResponse> createTopics(const ControlContext& context,
                                                     const protocol::CreateTopicsRequest& request);
Outcome<protocol::CreatePartitionsResponse> createPartitions(const ControlContext& context,
                                                             const protocol::CreatePartitionsRequest& request);
/// `version` decides the error when topic deletion is switched off.
Outcome<protocol::DeleteTopicsResponse> deleteTopics(const ControlContext& context,
                                                     const protocol::DeleteTopicsRequest& request,
                                                     std::int16_t version);

}  // namespace odradek::quorum
