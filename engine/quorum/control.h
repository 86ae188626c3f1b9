// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/mutant.h"
#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/metadata/config_changes.h"
#include "engine/metadata/image.h"
#include "engine/protocol/kafka_error.h"

/// What the parts of the controller have in common. Each part (topics, partitions, brokers, configurations, ...) is
/// plain functions from the image and a request to records and an answer; none writes the log. So they can be tested
/// alone, and the log can become a replicated one without any of them noticing.
namespace odradek::quorum {

using metadata::ApiError;
using metadata::MetadataRecord;
using protocol::KafkaError;
using Records = std::vector<MetadataRecord>;

/// What a control may look at. Lives for one call.
struct ControlContext {
    const metadata::Image& image;
    const metadata::ConfigMap& settings;  ///< Kafka's names, as the node was started
    std::int32_t node = -1;
    Prng& prng;
    Now now;
    std::int64_t nextOffset = 0;  ///< of the first record a control returns
    Mutants mutants{};            ///< planted bugs; none outside the simulator

    metadata::ConfigResolver configs() const { return {image, node, settings}; }
};

/// Records to write before the answer may leave.
template <class Response>
struct Outcome {
    Records records;
    Response response;
};

/// More records than this in one user's request are refused (Kafka's MAX_RECORDS_PER_USER_OP).
inline constexpr std::int64_t kMaxPartitionsPerRequest = 10'000;

}  // namespace odradek::quorum
