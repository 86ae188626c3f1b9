// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"

namespace odradek::broker {

struct Step;
struct Partition;
struct ControllerRequest;

/// Who takes the controller's answers. `body` is null when there was none in time, or none that
/// could be read.

void onAlterPartitionAnswer(Step& s, const ControllerRequest& request, const Bytes* body);
void onProducerIdsAnswer(Step& s, const ControllerRequest& request, const Bytes* body);
void onForwardAnswer(Step& s, const ControllerRequest& request, const Bytes* body);
void onCreateTopicsAnswer(Step& s, const ControllerRequest& request, const Bytes* body);

/// Says in the event ring that the ISR of a partition we lead went from `before` to what it is now.
void noteIsrChange(Step& s, const Partition& partition, const std::vector<std::int32_t>& before,
                   bool grew);

}  // namespace odradek::broker
