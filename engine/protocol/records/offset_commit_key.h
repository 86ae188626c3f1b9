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

struct OffsetCommitKey {
    static constexpr MessageInfo kInfo{"OffsetCommitKey", 1, 0, 0, kMaxVersion};

    std::string group;
    std::string topic;
    std::int32_t partition = 0;

    template <class V>
    void fields(V& v) {
        v("group", group, between(0, 0));
        v("topic", topic, between(0, 0));
        v("partition", partition, between(0, 0));
    }
    bool operator==(const OffsetCommitKey&) const = default;
};

}  // namespace odradek::protocol
