// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/api_versions.h"
#include "engine/quorum/control.h"

namespace odradek::quorum {

/// The first records of a new cluster: the levels of the features it starts with. None when the image has any.
Records bootstrapRecords(const metadata::Image& image);

/// Fills in what the controller supports and what is finalized. Versions below 4 cannot carry features whose lowest
/// level is 0.
void describeFeatures(const metadata::Image& image, std::int16_t version, protocol::ApiVersionsResponse& response);

}  // namespace odradek::quorum
