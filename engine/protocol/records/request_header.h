// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/types.h"
#include "engine/protocol/codec/schema.h"

namespace odradek::protocol {

struct RequestHeader {
    static constexpr MessageInfo kInfo{"RequestHeader", -1, 1, 2, 2};

    std::int16_t requestApiKey = 0;
    std::int16_t requestApiVersion = 0;
    std::int32_t correlationId = 0;
    std::optional<std::string> clientId{std::in_place};

    template <class V>
    void fields(V& v) {
        v("RequestApiKey", requestApiKey, since(0));
        v("RequestApiVersion", requestApiVersion, since(0));
        v("CorrelationId", correlationId, since(0));
        v("ClientId", clientId, since(1).nullable(1).inflexible());
    }
    bool operator==(const RequestHeader&) const = default;
};

}  // namespace odradek::protocol
