// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/update_features.h"
#include "engine/quorum/control.h"

namespace odradek::quorum {

/// The first records of a new cluster: the levels of the features it starts with. None when the image has any.
Records bootstrapRecords(const metadata::Image& image);

/// Fills in what the controller supports and what is finalized. Versions below 4 cannot carry features whose lowest
/// level is 0.
void describeFeatures(const metadata::Image& image, std::int16_t version, protocol::ApiVersionsResponse& response);

/// UpdateFeatures (KIP-584, KIP-1022): all or nothing. A level may rise within what every broker and controller
/// supports; it falls only when asked to, and never below what we can run with.
Outcome<protocol::UpdateFeaturesResponse> updateFeatures(const ControlContext& context,
                                                         const protocol::UpdateFeaturesRequest& request,
                                                         std::int16_t version);

}  // namespace odradek::quorum
