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

struct TopicRecord {
    static constexpr MessageInfo kInfo{"TopicRecord", 2, 0, 0, 0};

    std::string name;
    Uuid topicId;

    template <class V>
    void fields(V& v) {
        v("Name", name, since(0));
        v("TopicId", topicId, since(0));
    }
    bool operator==(const TopicRecord&) const = default;
};

}  // namespace odradek::protocol
