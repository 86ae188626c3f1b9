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

struct RemoveTopicRecord {
    static constexpr MessageInfo kInfo{"RemoveTopicRecord", 9, 0, 0, 0};

    Uuid topicId;

    template <class V>
    void fields(V& v) {
        v("TopicId", topicId, since(0));
    }
    bool operator==(const RemoveTopicRecord&) const = default;
};

}  // namespace odradek::protocol
