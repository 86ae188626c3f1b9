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

struct UnfenceBrokerRecord {
    static constexpr MessageInfo kInfo{"UnfenceBrokerRecord", 8, 0, 0, 0};

    std::int32_t id = 0;
    std::int64_t epoch = 0;

    template <class V>
    void fields(V& v) {
        v("Id", id, since(0));
        v("Epoch", epoch, since(0));
    }
    bool operator==(const UnfenceBrokerRecord&) const = default;
};

}  // namespace odradek::protocol
