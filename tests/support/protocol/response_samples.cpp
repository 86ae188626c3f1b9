// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/all.h"
#include "tests/support/protocol/make_sample.h"

namespace odradek::testing {

std::span<const SampleType> responseSamples() {
    using namespace protocol;
#define ODRADEK_SAMPLE(Name) makeSample<Name##Response>(),
    static const std::vector<SampleType> kSamples{ODRADEK_APIS(ODRADEK_SAMPLE)};
#undef ODRADEK_SAMPLE
    return kSamples;
}

}  // namespace odradek::testing
