// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "engine/metadata/image.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/storage/log/log_config.h"

namespace odradek::broker {

struct Step;
struct BrokerCore;
struct Partition;

/// Takes the controller's answer to our fetch of __cluster_metadata: applies committed batches to
/// the image and reacts. Returns false when the answer is an error or makes no sense (fetch again a
/// little later).
bool takeMetadata(Step& s, const protocol::FetchResponse::PartitionData& data);

/// Brings our replicas in line with what the delta says has changed. Until the image holds our own
/// registration nothing is done (the past is of no interest); then everything is looked at once.
void react(Step& s, const metadata::Delta& delta);

/// A topic's settings as its logs want them: dynamic ones, ours, defaults.
storage::LogConfig logConfigOf(const BrokerCore& core, const std::string& topic);
/// Limits of every log of this node.
storage::LogLimits logLimitsOf(const BrokerCore& core);

}  // namespace odradek::broker
