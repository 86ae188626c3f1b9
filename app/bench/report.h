// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace odradek::bench {

/// The figures of one measured thing over several rounds.
class Samples {
public:
    void add(double value) { m_values.push_back(value); }
    std::size_t count() const { return m_values.size(); }
    /// 0 without samples.
    double median() const;
    double min() const;
    double max() const;

private:
    std::vector<double> m_values;
};

/// One case of a benchmark, printed as one JSON line on stdout.
struct Report {
    std::string bench;
    std::string name;  ///< the case
    Samples value;
    std::string unit;
    std::string reference;  ///< what it is compared with; empty = nothing
    Samples referenceValue;
    bool lowerIsBetter = false;
    /// Whether every record was flushed to the device before its ack; nothing where that makes no sense.
    std::optional<bool> synced;
    /// More figures by name: medians.
    std::vector<std::pair<std::string, double>> more;
};

/// `--set` words for our brokers: with and without a flush before each ack.
inline constexpr const char* kFlushBeforeAck = "log.flush.interval.messages=1";
inline constexpr const char* kFlushNever = "log.flush.interval.messages=9223372036854775807";

/// How many times better than the reference, from medians: above 1 is better. 0 without reference.
double ratioOf(const Report& report);
void print(const Report& report);

}  // namespace odradek::bench
