// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"

namespace odradek::broker {

struct Step;

/// Replaces the image by a snapshot of the metadata log (KIP-630), which ends before `endOffset`,
/// and reacts to what is different. Returns false, and changes nothing, when it is broken.
bool takeMetadataSnapshot(Step& s, std::int64_t endOffset, std::int32_t epoch, const Bytes& file);

}  // namespace odradek::broker
