// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/quorum/control.h"

namespace odradek::quorum {

/// IncrementalAlterConfigs for topics, brokers and the default of all brokers. Each resource stands for itself: one
/// bad change refuses its resource only.
Outcome<protocol::IncrementalAlterConfigsResponse> alterConfigs(
    const ControlContext& context, const protocol::IncrementalAlterConfigsRequest& request);

}  // namespace odradek::quorum
