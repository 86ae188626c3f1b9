// SPDX-License-Identifier: GPL-3.0-or-later
// The fuzzers' entries on a few thousand mutated seeds each: what libFuzzer does for longer, in
// every test run. The inputs are always the same, so a failure stays.
#include <gtest/gtest.h>

#include "engine/base/check.h"
#include "engine/base/prng.h"
#include "tests/fuzz/protocol/entries/entries.h"

namespace odradek::fuzz {
namespace {

constexpr int kRounds = 6000;

void mutateOnce(std::vector<std::uint8_t>& bytes, Prng& random) {
    constexpr std::array<std::uint8_t, 8> kNasty{0x00, 0x01, 0x7f, 0x80, 0xff, 0xfe, 0x0f, 0x10};
    const auto at = bytes.empty() ? 0 : random.below(bytes.size());
    const auto nasty = kNasty[random.below(kNasty.size())];
    switch (random.below(6)) {
        case 0:
            if (!bytes.empty())
                bytes[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
            break;
        case 1:
            if (!bytes.empty())
                bytes[at] = nasty;
            break;
        case 2:  // a run, as lengths and counts are
            for (auto i = at; i < std::min<std::size_t>(bytes.size(), at + 4); ++i)
                bytes[i] = nasty;
            break;
        case 3:
            bytes.resize(at);
            break;
        case 4:
            bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), nasty);
            break;
        default:
            if (!bytes.empty())
                bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
    }
}

void run(const Family& family) {
    const auto seeds = family.seeds();
    ASSERT_FALSE(seeds.empty());
    for (const auto& seed : seeds)
        family.entry(seed);
    Prng random(20240701);
    for (int round = 0; round < kRounds; ++round) {
        const auto& seed = seeds[random.below(seeds.size())];
        std::vector<std::uint8_t> bytes(seed.data(), seed.data() + seed.size());
        for (auto n = 1 + random.below(4); n > 0; --n)
            mutateOnce(bytes, random);
        setCheckContext(std::string(family.name) + " round " + std::to_string(round));
        family.entry(bytes);
    }
    setCheckContext({});
}

class Fuzz : public ::testing::TestWithParam<Family> {};
TEST_P(Fuzz, KeepsItsPromises) {
    run(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Protocol, Fuzz, ::testing::ValuesIn(families().begin(), families().end()),
                         [](const auto& family) { return std::string(family.param.name); });

}  // namespace
}  // namespace odradek::fuzz
