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

struct KRaftVersionRecord {
    static constexpr MessageInfo kInfo{"KRaftVersionRecord", -1, 0, 0, 0};

    std::int16_t version = 0;
    std::int16_t kRaftVersion = 0;

    template <class V>
    void fields(V& v) {
        v("Version", version, since(0));
        v("KRaftVersion", kRaftVersion, since(0));
    }
    bool operator==(const KRaftVersionRecord&) const = default;
};

}  // namespace odradek::protocol
