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

struct BeginTransactionRecord {
    static constexpr MessageInfo kInfo{"BeginTransactionRecord", 23, 0, 0, 0};

    std::optional<std::string> name;

    template <class V>
    void fields(V& v) {
        v("Name", name, since(0).nullable(0).tag(0, 0));
    }
    bool operator==(const BeginTransactionRecord&) const = default;
};

}  // namespace odradek::protocol
