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

struct EndTransactionRecord {
    static constexpr MessageInfo kInfo{"EndTransactionRecord", 24, 0, 0, 0};


    template <class V>
    void fields(V&) {
    }
    bool operator==(const EndTransactionRecord&) const = default;
};

}  // namespace odradek::protocol
