// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace odradek {

/// A number that means one thing. `Tag` makes each kind its own type; arithmetic is explicit through
/// `value`, except ++, + and - with plain numbers, which offsets and epochs need everywhere.
template <class Tag, class Rep>
struct Strong {
    using Representation = Rep;
    Rep value{};

    constexpr Strong() = default;
    constexpr explicit Strong(Rep v) : value(v) {}
    constexpr auto operator<=>(const Strong&) const = default;
    constexpr Strong& operator++() {
        ++value;
        return *this;
    }
    friend constexpr Strong operator+(Strong a, Rep b) { return Strong(static_cast<Rep>(a.value + b)); }
    friend constexpr Strong operator-(Strong a, Rep b) { return Strong(static_cast<Rep>(a.value - b)); }
    friend constexpr Rep operator-(Strong a, Strong b) { return static_cast<Rep>(a.value - b.value); }
};

using Offset = Strong<struct OffsetTag, std::int64_t>;            ///< a record's place in its partition
using LeaderEpoch = Strong<struct LeaderEpochTag, std::int32_t>;  ///< -1 = none known
using BrokerEpoch = Strong<struct BrokerEpochTag, std::int64_t>;
using BrokerId = Strong<struct BrokerIdTag, std::int32_t>;  ///< Kafka's node.id
using PartitionIndex = Strong<struct PartitionIndexTag, std::int32_t>;
using ProducerId = Strong<struct ProducerIdTag, std::int64_t>;
using ConnectionId = Strong<struct ConnectionIdTag, std::uint64_t>;

/// 16 bytes; all zero means "none" on Kafka's wire.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    constexpr auto operator<=>(const Uuid&) const = default;
    constexpr bool isZero() const { return *this == Uuid{}; }
    /// Kafka's text form: URL-safe base64 without padding, 22 characters.
    std::string toString() const;
    /// Reads Kafka's text form; fails with Invalid.
    static Result<Uuid> parse(std::string_view text);
};

/// A topic's name and one of its partitions.
struct TopicPartition {
    std::string topic;
    std::int32_t partition = 0;

    auto operator<=>(const TopicPartition&) const = default;
};

/// A topic's id and one of its partitions: how cores key partitions (names can be reused, ids not).
struct TopicIdPartition {
    Uuid topic;
    std::int32_t partition = 0;

    auto operator<=>(const TopicIdPartition&) const = default;
};

}  // namespace odradek

template <>
struct std::hash<odradek::Uuid> {
    std::size_t operator()(const odradek::Uuid& id) const noexcept {
        std::size_t h = 1469598103934665603ull;
        for (auto b : id.bytes)
            h = (h ^ b) * 1099511628211ull;
        return h;
    }
};
