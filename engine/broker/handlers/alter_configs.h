// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/bytes.h"
#include "engine/broker/controller_link.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

struct Step;

/// Puts together what this broker judged itself and what the controller answered (`frame`: its
/// response frame, or null and `error` for all it was asked).
void finishAlterConfigs(Step& s, const ControllerRequest& request, const Bytes* frame,
                        protocol::KafkaError error);

}  // namespace odradek::broker
