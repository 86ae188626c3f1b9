// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.h"

/// The retail platform of the guide (chapters 1, 2 and 7): which topics there are, which applications write and read
/// them, and what one record looks like before a client sends it.
namespace odradek::workload {

enum class Application : std::uint8_t {
    OrderService,
    PaymentService,
    Manufacturing,
    FulfillmentService,
    ShippingService,
    Marketing,
    Returns,
};

struct TopicInfo {
    std::string_view name;
    std::int32_t partitions = 3;
    bool keyed = true;  ///< key = order_id; otherwise no key at all
};

struct ApplicationInfo {
    Application id = Application::OrderService;
    std::string_view name;   ///< also its client id and the value of header source_app
    std::string_view group;  ///< its consumer group
    std::vector<std::string_view> writes;
    std::vector<std::string_view> reads;
};

/// All topics, in the order of the guide. Co-partitioned: a key is in the same partition number everywhere.
std::span<const TopicInfo> topics();
/// All applications, in the order of their enum.
std::span<const ApplicationInfo> applications();
std::string_view nameOf(Application application);

/// A record that an application is to send now.
struct Outgoing {
    Instant due;  ///< the moment it belongs to; never later than the `now` it was taken at
    Application application = Application::OrderService;
    std::string_view topic;  ///< of topics(): lives as long as the program
    bool hasKey = false;
    std::string key;
    std::string value;  ///< JSON
    std::string traceId;

    /// trace_id and source_app, as in the guide's examples.
    std::vector<std::pair<std::string, std::string>> headers() const {
        return {{"trace_id", traceId}, {"source_app", std::string(nameOf(application))}};
    }
    bool operator==(const Outgoing&) const = default;
};

}  // namespace odradek::workload
