// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/check.h"
#include "tests/fuzz/protocol/entries/entries.h"
#include "tests/fuzz/protocol/entries/seeds.h"
#include "tests/support/protocol/samples.h"

namespace odradek::fuzz {
namespace {

using testing::SampleType;

void fuzzType(std::span<const SampleType> samples, ByteSpan input) {
    if (input.size() < 2)
        return;
    const auto& type = samples[input[0] % samples.size()].type;
    const auto versions = type.info.maxVersion - type.info.minVersion + 1;
    const auto version = static_cast<std::int16_t>(type.info.minVersion + input[1] % versions);
    // A copy of just the body, so that the sanitizers see one byte too far.
    const auto body = Bytes::copy(input.subspan(2));
    const auto once = type.recode(body, version);
    if (!once)
        return;
    ODRADEK_CHECK(type.json(body, version).has_value(), "what can be decoded can be shown");
    const auto twice = type.recode(once->flatten(), version);
    ODRADEK_CHECK(twice.has_value(), "what was encoded can be decoded");
    ODRADEK_CHECK(*once == *twice, "encoding is stable");
}

std::vector<Bytes> seedsOf(std::span<const SampleType> samples) {
    std::vector<Bytes> seeds;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto& info = samples[i].type.info;
        for (auto v = info.minVersion; v <= info.maxVersion; ++v) {
            Prng random(i * 64 + static_cast<std::uint64_t>(v));
            Chain seed(Bytes::take(
                {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(v - info.minVersion)}));
            seed.append(samples[i].body(random, v));
            seeds.push_back(seed.flatten());
        }
    }
    return seeds;
}

}  // namespace

void fuzzRequests(ByteSpan input) {
    fuzzType(testing::requestSamples(), input);
}
void fuzzResponses(ByteSpan input) {
    fuzzType(testing::responseSamples(), input);
}
void fuzzRecords(ByteSpan input) {
    fuzzType(testing::recordSamples(), input);
}

std::vector<Bytes> requestSeeds() {
    return seedsOf(testing::requestSamples());
}
std::vector<Bytes> responseSeeds() {
    return seedsOf(testing::responseSamples());
}
std::vector<Bytes> recordSeeds() {
    return seedsOf(testing::recordSamples());
}

}  // namespace odradek::fuzz
