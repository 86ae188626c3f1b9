// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/broker/connections.h"

namespace odradek::broker {

struct Step;

/// The handlers that answer from what the broker knows, or pass a request on; one file each. The
/// body is the request behind its header; a body that cannot be read closes the connection, as in
/// Kafka.

void handleApiVersions(Step& s, const Ticket& ticket, const Bytes& body);
void handleMetadata(Step& s, const Ticket& ticket, const Bytes& body);
void handleListOffsets(Step& s, const Ticket& ticket, const Bytes& body);
void handleOffsetForLeaderEpoch(Step& s, const Ticket& ticket, const Bytes& body);
void handleFindCoordinator(Step& s, const Ticket& ticket, const Bytes& body);
void handleDescribeTopicPartitions(Step& s, const Ticket& ticket, const Bytes& body);
void handleDescribeCluster(Step& s, const Ticket& ticket, const Bytes& body);
void handleDescribeConfigs(Step& s, const Ticket& ticket, const Bytes& body);
void handleDescribeLogDirs(Step& s, const Ticket& ticket, const Bytes& body);
void handleInitProducerId(Step& s, const Ticket& ticket, const Bytes& body);
/// CreateTopics, DeleteTopics, CreatePartitions, IncrementalAlterConfigs: on to the controller in
/// an Envelope.
void handleForward(Step& s, const Ticket& ticket, const Bytes& body);
void handleIncrementalAlterConfigs(Step& s, const Ticket& ticket, const Bytes& body);

// Consumer groups: decoded here, decided by the group coordinator.
void handleJoinGroup(Step& s, const Ticket& ticket, const Bytes& body);
void handleSyncGroup(Step& s, const Ticket& ticket, const Bytes& body);
void handleHeartbeat(Step& s, const Ticket& ticket, const Bytes& body);
void handleLeaveGroup(Step& s, const Ticket& ticket, const Bytes& body);
void handleOffsetCommit(Step& s, const Ticket& ticket, const Bytes& body);
void handleOffsetFetch(Step& s, const Ticket& ticket, const Bytes& body);
void handleDescribeGroups(Step& s, const Ticket& ticket, const Bytes& body);
void handleListGroups(Step& s, const Ticket& ticket, const Bytes& body);
void handleDeleteGroups(Step& s, const Ticket& ticket, const Bytes& body);
void handleOffsetDelete(Step& s, const Ticket& ticket, const Bytes& body);

/// A lookup by timestamp got its bytes.
struct DiskWait;
void lookupReadDone(Step& s, const DiskWait& wait, const Result<Bytes>& data);

}  // namespace odradek::broker
