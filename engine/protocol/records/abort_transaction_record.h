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

struct AbortTransactionRecord {
    static constexpr MessageInfo kInfo{"AbortTransactionRecord", 25, 0, 0, 0};

    std::optional<std::string> reason;

    template <class V>
    void fields(V& v) {
        v("Reason", reason, since(0).nullable(0).tag(0, 0));
    }
    bool operator==(const AbortTransactionRecord&) const = default;
};

}  // namespace odradek::protocol
