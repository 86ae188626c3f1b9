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

struct ResponseHeader {
    static constexpr MessageInfo kInfo{"ResponseHeader", -1, 0, 1, 1};

    std::int32_t correlationId = 0;

    template <class V>
    void fields(V& v) {
        v("CorrelationId", correlationId, since(0));
    }
    bool operator==(const ResponseHeader&) const = default;
};

}  // namespace odradek::protocol
