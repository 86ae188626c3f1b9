// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/fault_plan.h"

#include <algorithm>
#include <array>

namespace odradek::sim {
namespace {

struct Kind {
    std::string_view name;
    std::uint64_t weightMax;  ///< how often at most, relative to others
};
constexpr std::array<Kind, static_cast<std::size_t>(Fault::kCount)> kKinds = {{
    {"crash", 10},
    {"crash of a leader", 10},
    {"power cut", 10},
    {"blackout", 4},
    {"pause", 8},
    {"clog", 8},
    {"cut", 8},
    {"isolation", 8},
    {"loss and duplication", 6},
    {"reset", 8},
    {"slow disk", 8},
    {"full disk", 6},
    {"disk errors", 4},
    {"bit rot", 6},
    {"lost write", 4},
    {"misplaced write", 4},
    {"clock step", 6},
    {"clock drift", 6},
    {"wipe", 5},
    {"clean stop", 5},
    {"rolling restart", 3},
    {"topic creation", 4},
    {"topic deletion", 4},
    {"topic growth", 4},
    {"config change", 6},
    {"death of a group member", 6},
    {"leave of a group member", 6},
}};

bool isAllowed(Fault fault, const FaultLimits& limits) {
    switch (fault) {
        case Fault::PowerCut:
            return limits.powerCuts;
        case Fault::FullDisk:
        case Fault::DiskErrors:
        case Fault::BitRot:
        case Fault::LostWrite:
        case Fault::MisplacedWrite:
            return limits.storageDamage;
        default:
            return true;
    }
}

Nanoseconds ms(std::int64_t count) {
    return std::chrono::milliseconds(count);
}

}  // namespace

std::string_view nameOf(Fault fault) {
    return kKinds[static_cast<std::size_t>(fault)].name;
}

std::vector<PlannedFault> drawPlan(Prng& random, const FaultLimits& limits, Instant start,
                                   Nanoseconds length) {
    std::array<std::uint64_t, kKinds.size()> weights{};
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        // Drawn for all, so that what is allowed does not change the rest.
        const auto weight = random.chance(1, 2) ? 0 : 1 + random.below(kKinds[i].weightMax);
        weights[i] = isAllowed(static_cast<Fault>(i), limits) ? weight : 0;
        sum += weights[i];
    }
    const auto end = start + length;
    std::vector<PlannedFault> plan;
    plan.push_back({start + ms(random.between(3'000, 12'000)),
                    random.chance(1, 2) ? Fault::Crash : Fault::CrashLeader, random.next(), true});
    plan.push_back({start + ms(random.between(13'000, 18'000)), Fault::Pause, random.next(), true});
    const auto gapMs = random.between(400, 4'000);
    auto at = start + ms(random.between(1'000, 8'000));
    while (sum > 0 && at < end) {
        auto drawn = random.below(sum);
        for (std::size_t i = 0; i < weights.size(); ++i) {
            if (drawn < weights[i]) {
                plan.push_back({at, static_cast<Fault>(i), random.next(), false});
                break;
            }
            drawn -= weights[i];
        }
        // Often alone, sometimes right upon each other.
        at = at + ms(random.chance(1, 5) ? random.between(0, 50)
                                         : random.between(gapMs / 4, gapMs * 7 / 4));
    }
    std::erase_if(plan, [&](const auto& one) { return one.at >= end; });
    std::stable_sort(plan.begin(), plan.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    return plan;
}

}  // namespace odradek::sim
