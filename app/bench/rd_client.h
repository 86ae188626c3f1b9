// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <librdkafka/rdkafka.h>

#include "engine/base/result.h"

namespace odradek::bench {

struct RdDestroy {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
/// A librdkafka handle: the same client for every cluster that is compared.
using RdHandle = std::unique_ptr<rd_kafka_t, RdDestroy>;

Result<RdHandle> makeHandle(rd_kafka_type_t type, const std::map<std::string, std::string>& settings);

/// What a produce run is made of.
struct ProducePlan {
    std::string bootstrap;
    std::string topic;
    std::size_t messageSize = 100;
    std::uint64_t messages = 1'000'000;
    int lingerMs = 50;
    bool idempotent = true;
};
/// Produces all messages and waits for every ack: seconds from the first to the last. Fails when any was not acked.
/// The client is connected before the clock starts.
Result<double> produceAll(const ProducePlan& plan);

/// Produces one record with acks=all and consumes it, assigned to partition 0 without a group. Gives the moment it was
/// received (`seconds()`): the time a client takes to end is not ours.
Result<double> roundTripOne(const std::string& bootstrap, const std::string& topic);

}  // namespace odradek::bench
