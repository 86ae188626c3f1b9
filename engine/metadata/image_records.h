// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "engine/metadata/image.h"

namespace odradek::metadata {

/// The records that build this image from nothing: what a snapshot holds (KIP-630), in Kafka's order. The quorum's
/// leader and the offset are not among them; whoever loads a snapshot knows both.
std::vector<MetadataRecord> imageRecords(const Image& image);

/// What happened from one image to a later one, for readers that skipped what lies between (a snapshot was loaded).
Delta difference(const Image& before, const Image& after);

}  // namespace odradek::metadata
