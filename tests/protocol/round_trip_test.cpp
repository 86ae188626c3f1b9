// SPDX-License-Identifier: GPL-3.0-or-later
// What is written is read back, for every type and version; and nothing shorter is.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/protocol/samples.h"

namespace odradek::testing {
namespace {

template <class F>
void forEachVersion(F&& f) {
    for (const auto samples : {requestSamples(), responseSamples(), recordSamples()})
        for (const auto& sample : samples)
            for (auto v = sample.type.info.minVersion; v <= sample.type.info.maxVersion; ++v)
                f(sample, v);
}

RC_GTEST_PROP(RoundTrip, EveryMessageInEveryVersion, (std::uint64_t seed)) {
    forEachVersion([&](const SampleType& sample, std::int16_t version) {
        Prng random(seed);
        const auto problem = sample.roundTrip(random, version);
        if (!problem.empty())
            RC_FAIL(std::string(sample.type.info.name) + " v" + std::to_string(version) + ": " +
                    problem);
    });
}

TEST(RoundTrip, EveryTrueBeginningIsTruncated) {
    forEachVersion([](const SampleType& sample, std::int16_t version) {
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            Prng random(seed);
            const auto body = sample.body(random, version);
            for (std::size_t n = 0; n < body.size(); ++n) {
                // A copy of exactly n bytes, so that the sanitizers see one byte too far.
                const auto part = Bytes::copy(body.span().first(n));
                const auto result = sample.type.recode(part, version);
                ASSERT_FALSE(result) << sample.type.info.name << " v" << version << " at " << n;
                ASSERT_EQ(result.error().code, ErrorCode::Truncated)
                    << sample.type.info.name << " v" << version << " at " << n << ": "
                    << result.error().message;
            }
        }
    });
}

TEST(RoundTrip, BytesAfterTheEndAreAnError) {
    forEachVersion([](const SampleType& sample, std::int16_t version) {
        Prng random(7);
        Chain longer(sample.body(random, version));
        longer.append(Bytes::copy(std::string_view("\0", 1)));
        const auto result = sample.type.recode(longer.flatten(), version);
        ASSERT_FALSE(result) << sample.type.info.name << " v" << version;
        EXPECT_EQ(result.error().code, ErrorCode::Invalid) << result.error().message;
    });
}

TEST(RoundTrip, VersionsAMessageLacksAreUnsupported) {
    for (const auto samples : {requestSamples(), responseSamples(), recordSamples()})
        for (const auto& sample : samples)
            for (const int version :
                 {-1, sample.type.info.minVersion - 1, sample.type.info.maxVersion + 1, 32767}) {
                const auto result = sample.type.recode(Bytes(), static_cast<std::int16_t>(version));
                ASSERT_FALSE(result);
                EXPECT_EQ(result.error().code, ErrorCode::Unsupported)
                    << sample.type.info.name << " v" << version;
            }
}

}  // namespace
}  // namespace odradek::testing
