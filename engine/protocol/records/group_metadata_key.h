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

struct GroupMetadataKey {
    static constexpr MessageInfo kInfo{"GroupMetadataKey", 2, 0, 0, kMaxVersion};

    std::string group;

    template <class V>
    void fields(V& v) {
        v("group", group, between(0, 0));
    }
    bool operator==(const GroupMetadataKey&) const = default;
};

}  // namespace odradek::protocol
