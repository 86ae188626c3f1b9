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

struct SnapshotHeaderRecord {
    static constexpr MessageInfo kInfo{"SnapshotHeaderRecord", -1, 0, 0, 0};

    std::int16_t version = 0;
    std::int64_t lastContainedLogTimestamp = 0;

    template <class V>
    void fields(V& v) {
        v("Version", version, since(0));
        v("LastContainedLogTimestamp", lastContainedLogTimestamp, since(0));
    }
    bool operator==(const SnapshotHeaderRecord&) const = default;
};

}  // namespace odradek::protocol
