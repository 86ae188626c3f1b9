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

struct EnvelopeRequest {
    static constexpr MessageInfo kInfo{"EnvelopeRequest", 58, 0, 0, 0};

    Bytes requestData;
    std::optional<Bytes> requestPrincipal{std::in_place};
    Bytes clientHostAddress;

    template <class V>
    void fields(V& v) {
        v("RequestData", requestData, since(0));
        v("RequestPrincipal", requestPrincipal, since(0).nullable(0));
        v("ClientHostAddress", clientHostAddress, since(0));
    }
    bool operator==(const EnvelopeRequest&) const = default;
};

struct EnvelopeResponse {
    static constexpr MessageInfo kInfo{"EnvelopeResponse", 58, 0, 0, 0};

    std::optional<Bytes> responseData;
    std::int16_t errorCode = 0;

    template <class V>
    void fields(V& v) {
        v("ResponseData", responseData, since(0).nullable(0));
        v("ErrorCode", errorCode, since(0));
    }
    bool operator==(const EnvelopeResponse&) const = default;
};

}  // namespace odradek::protocol
