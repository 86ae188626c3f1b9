// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/minimise.h"

#include <algorithm>
#include <vector>

namespace odradek::sim {
namespace {

/// Not converging and breaking a promise are different findings: one is not to be exchanged for the other.
bool isAlike(const Violation& a, const Violation& b) {
    const auto late = [](const Violation& one) {
        return one.what.starts_with("does not converge") || one.what.starts_with("the core");
    };
    return late(a) == late(b);
}

}  // namespace

Least minimise(TrialOptions options, int runsMax) {
    Least least;
    least.without = options.without;
    least.report = Trial(options).run();
    least.runs = 1;
    if (!least.report.violation)
        return least;
    const auto first = *least.report.violation;
    std::vector<std::uint32_t> left(least.report.happened.begin(), least.report.happened.end());
    least.faults = left.size();
    const auto holdsWithout = [&](std::size_t from, std::size_t count) {
        auto fewer = options;
        fewer.without = least.without;
        fewer.without.insert(left.begin() + static_cast<std::ptrdiff_t>(from),
                             left.begin() + static_cast<std::ptrdiff_t>(from + count));
        auto report = Trial(fewer).run();
        ++least.runs;
        if (!report.violation || !isAlike(*report.violation, first))
            return false;
        least.without = fewer.without;
        least.report = std::move(report);
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(from),
                   left.begin() + static_cast<std::ptrdiff_t>(from + count));
        return true;
    };
    for (std::size_t size = std::max<std::size_t>(left.size() / 2, 1);; size = size / 2) {
        // The last ones first: what came before the violation matters more.
        for (std::size_t at = left.size(); at > 0 && least.runs < runsMax;) {
            const auto count = std::min(size, at);
            at -= count;
            (void)holdsWithout(at, count);
        }
        if (size <= 1 || least.runs >= runsMax)
            break;
    }
    least.faultsLeft = left.size();
    return least;
}

}  // namespace odradek::sim
