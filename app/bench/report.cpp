// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bench/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace odradek::bench {
namespace {

/// Four significant digits: more would pretend.
double rounded(double value) {
    if (value == 0 || !std::isfinite(value))
        return 0;
    const double scale = std::pow(10.0, 3 - std::floor(std::log10(std::fabs(value))));
    return std::round(value * scale) / scale;
}

}  // namespace

double Samples::median() const {
    if (m_values.empty())
        return 0;
    auto sorted = m_values;
    std::sort(sorted.begin(), sorted.end());
    const auto middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Samples::min() const {
    return m_values.empty() ? 0 : *std::min_element(m_values.begin(), m_values.end());
}

double Samples::max() const {
    return m_values.empty() ? 0 : *std::max_element(m_values.begin(), m_values.end());
}

double ratioOf(const Report& report) {
    const auto ours = report.value.median();
    const auto theirs = report.referenceValue.median();
    if (ours == 0 || theirs == 0)
        return 0;
    return report.lowerIsBetter ? theirs / ours : ours / theirs;
}

void print(const Report& report) {
    nlohmann::ordered_json json{{"bench", report.bench},
                                {"case", report.name},
                                {"value", rounded(report.value.median())},
                                {"unit", report.unit}};
    if (report.synced)
        json["synced"] = *report.synced;
    if (!report.reference.empty()) {
        json["reference"] = report.reference;
        json["reference_value"] = rounded(report.referenceValue.median());
        json["ratio"] = rounded(ratioOf(report));
        if (report.referenceValue.count() > 1) {
            json["reference_min"] = rounded(report.referenceValue.min());
            json["reference_max"] = rounded(report.referenceValue.max());
        }
    }
    json["rounds"] = report.value.count();
    json["min"] = rounded(report.value.min());
    json["max"] = rounded(report.value.max());
    for (const auto& [name, value] : report.more)
        json[name] = rounded(value);
    std::puts(json.dump().c_str());
    std::fflush(stdout);
}

}  // namespace odradek::bench
