// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/records/all.h"
#include "tests/support/protocol/make_sample.h"

namespace odradek::testing {

std::span<const SampleType> recordSamples() {
    using namespace protocol;
#define ODRADEK_SAMPLE(Name) makeSample<Name>(),
    static const std::vector<SampleType> kSamples{ODRADEK_RECORDS(ODRADEK_SAMPLE)};
#undef ODRADEK_SAMPLE
    return kSamples;
}

}  // namespace odradek::testing
