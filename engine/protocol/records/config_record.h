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

struct ConfigRecord {
    static constexpr MessageInfo kInfo{"ConfigRecord", 4, 0, 0, 0};

    std::int8_t resourceType = 0;
    std::string resourceName;
    std::string name;
    std::optional<std::string> value{std::in_place};

    template <class V>
    void fields(V& v) {
        v("ResourceType", resourceType, since(0));
        v("ResourceName", resourceName, since(0));
        v("Name", name, since(0));
        v("Value", value, since(0).nullable(0));
    }
    bool operator==(const ConfigRecord&) const = default;
};

}  // namespace odradek::protocol
