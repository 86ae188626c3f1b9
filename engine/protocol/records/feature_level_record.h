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

struct FeatureLevelRecord {
    static constexpr MessageInfo kInfo{"FeatureLevelRecord", 12, 0, 0, 0};

    std::string name;
    std::int16_t featureLevel = 0;

    template <class V>
    void fields(V& v) {
        v("Name", name, since(0));
        v("FeatureLevel", featureLevel, since(0));
    }
    bool operator==(const FeatureLevelRecord&) const = default;
};

}  // namespace odradek::protocol
