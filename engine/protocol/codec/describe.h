// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/codec/schema.h"

/// Messages seen without their C++ type: for the protocol inspector, the comparison with Kafka's
/// definitions, fuzzers.
namespace odradek::protocol {

/// One field as its message describes it.
struct FieldInfo {
    std::string name;
    /// Kafka's type word: bool, int8..int64, uint16, uint32, float64, string, bytes, records, uuid,
    /// struct; "[]" before it for arrays.
    std::string type;
    bool canBeNull = false;  ///< the C++ member is optional
    Spec spec;
    std::string defaultJson;        ///< the value of a fresh message, as JSON
    std::vector<FieldInfo> fields;  ///< of a struct
};

/// One message type, with what can be done to its bytes.
struct MessageType {
    MessageInfo info;
    /// Decodes a body and dumps it as JSON.
    Result<std::string> (*json)(const Bytes& body, std::int16_t version) = nullptr;
    /// Decodes a body and encodes it again.
    Result<Chain> (*recode)(const Bytes& body, std::int16_t version) = nullptr;
    std::vector<FieldInfo> (*describe)() = nullptr;
};

/// The type of message M; instantiated beside its codec.
template <class M>
MessageType messageType();

/// One API we have messages for, be it as a broker or only as a client. The versions are what its
/// messages can carry; which APIs and versions a broker advertises is its own table's matter.
struct ApiMessages {
    std::int16_t key = 0;
    std::string_view name;
    std::int16_t minVersion = 0;
    std::int16_t maxVersion = 0;
    MessageType request;
    MessageType response;
};

/// Every API we have, by rising key.
std::span<const ApiMessages> supportedApis();
/// The entry of one API, or nullptr.
const ApiMessages* findApi(std::int16_t key);
/// Every persisted record and embedded structure we have, by name.
std::span<const MessageType> recordTypes();

}  // namespace odradek::protocol
