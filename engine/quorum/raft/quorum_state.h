// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/types.h"

namespace odradek::raft {

/// What a voter must remember: the file `quorum-state` beside the metadata log, one JSON object as KRaft writes it in
/// data version 1 (KIP-853):
///
///     {"leaderId":1,"leaderEpoch":3,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}
struct QuorumState {
    std::int32_t leaderId = -1;
    std::int32_t leaderEpoch = 0;
    std::int32_t votedId = -1;
    Uuid votedDirectoryId;

    std::string toJson() const;
    /// Invalid when it is no such object; Unsupported for a data version we do not know (0 and 1 are read).
    static Result<QuorumState> parse(const Bytes& file);
    bool operator==(const QuorumState&) const = default;
};

}  // namespace odradek::raft
