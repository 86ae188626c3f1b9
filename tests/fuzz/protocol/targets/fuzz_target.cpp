// SPDX-License-Identifier: GPL-3.0-or-later
// One libFuzzer program per family; ODRADEK_FUZZ_ENTRY names its function.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/protocol/entries/entries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    odradek::fuzz::ODRADEK_FUZZ_ENTRY(odradek::ByteSpan(data, size));
    return 0;
}
