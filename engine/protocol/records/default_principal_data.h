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

struct DefaultPrincipalData {
    static constexpr MessageInfo kInfo{"DefaultPrincipalData", -1, 0, 0, 0};

    std::string type;
    std::string name;
    bool tokenAuthenticated = false;

    template <class V>
    void fields(V& v) {
        v("Type", type, since(0));
        v("Name", name, since(0));
        v("TokenAuthenticated", tokenAuthenticated, since(0));
    }
    bool operator==(const DefaultPrincipalData&) const = default;
};

}  // namespace odradek::protocol
