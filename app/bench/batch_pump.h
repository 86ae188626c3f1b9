// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "app/bench/kafka_wire.h"

namespace odradek::bench {

/// Sends the same ready-made batch again and again with acks=all to the partitions of a topic in turn, keeping
/// `window` requests unanswered, over one connection per leading broker: what a fast producer does, without a client
/// library's cost.
struct PumpPlan {
    std::string topic;
    TopicLeaders leaders;
    Bytes batch;
    std::uint64_t batches = 0;
    int window = 8;
};
struct PumpResult {
    double seconds = 0;
    double ackP50Ms = 0;
    double ackP99Ms = 0;
    double ackP999Ms = 0;
};
/// Fails with the first error a broker answers.
Result<PumpResult> pump(const PumpPlan& plan);

}  // namespace odradek::bench
