// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"

/// What the protocol's fuzzers do with one input: the same for libFuzzer and for the ordinary test.
/// Each ends the process (ODRADEK_CHECK) when a promise of the codec is broken, and returns
/// otherwise. Inputs of any content and length.
namespace odradek::fuzz {

/// Byte 0 picks the API, byte 1 the version, the rest is a body. What can be decoded is encoded and
/// decoded again, and must stay equal.
void fuzzRequests(ByteSpan input);
void fuzzResponses(ByteSpan input);
/// The same for persisted records and embedded structures.
void fuzzRecords(ByteSpan input);
/// Record batches: reading and summarising agree, what was read can be built again; decompression
/// keeps its cap.
void fuzzBatches(ByteSpan input);
/// Request and response frames: what was split can be put together again.
void fuzzFrames(ByteSpan input);

/// One family of decoders.
struct Family {
    std::string_view name;
    void (*entry)(ByteSpan input) = nullptr;
    /// Valid inputs to start from, always the same.
    std::vector<Bytes> (*seeds)() = nullptr;
};
std::span<const Family> families();

}  // namespace odradek::fuzz
