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

struct OffsetCommitValue {
    static constexpr MessageInfo kInfo{"OffsetCommitValue", 1, 0, 4, 4};

    std::int64_t offset = 0;
    std::int32_t leaderEpoch = -1;
    std::string metadata;
    std::int64_t commitTimestamp = 0;
    std::int64_t expireTimestamp = -1;
    Uuid topicId;

    template <class V>
    void fields(V& v) {
        v("offset", offset, since(0));
        v("leaderEpoch", leaderEpoch, since(3).ignorable());
        v("metadata", metadata, since(0));
        v("commitTimestamp", commitTimestamp, since(0));
        v("expireTimestamp", expireTimestamp, between(1, 1).ignorable());
        v("topicId", topicId, since(4).tag(0, 4).ignorable());
    }
    bool operator==(const OffsetCommitValue&) const = default;
};

}  // namespace odradek::protocol
