// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/controller_registration.h"
#include "engine/protocol/messages/describe_cluster.h"
#include "engine/quorum/control.h"
#include "engine/quorum/raft/voter_set.h"

namespace odradek::quorum {

/// Writes down how a controller is reached and what it supports (KIP-919); it asks for that once per life.
Outcome<protocol::ControllerRegistrationResponse> registerController(
    const ControlContext& context, const protocol::ControllerRegistrationRequest& request);

/// What a controller says of itself.
protocol::ControllerRegistrationRequest controllerRegistration(std::int32_t node, const Uuid& incarnation,
                                                               const std::vector<raft::Endpoint>& listeners);

/// The controllers, as DescribeCluster tells them on the Controller listener (endpoint type 2); brokers are not told
/// there.
protocol::DescribeClusterResponse describeControllers(const metadata::Image& image, const raft::VoterSet& voters,
                                                      const std::string& clusterId, std::int32_t leader,
                                                      const protocol::DescribeClusterRequest& request,
                                                      std::int16_t version);

}  // namespace odradek::quorum
