// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/prng.h"
#include "engine/protocol/codec/describe.h"

namespace odradek::testing {

/// One message type that tests can make and judge without knowing it.
struct SampleType {
    protocol::MessageType type;
    /// The bytes of a random message.
    Bytes (*body)(Prng& random, std::int16_t version) = nullptr;
    /// Makes a random message, encodes, decodes and compares; what went wrong, or nothing.
    std::string (*roundTrip)(Prng& random, std::int16_t version) = nullptr;
};

std::span<const SampleType> requestSamples();   ///< by rising API key
std::span<const SampleType> responseSamples();  ///< by rising API key
std::span<const SampleType> recordSamples();    ///< by name

}  // namespace odradek::testing
