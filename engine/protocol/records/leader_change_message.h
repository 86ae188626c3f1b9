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

struct LeaderChangeMessage {
    static constexpr MessageInfo kInfo{"LeaderChangeMessage", -1, 0, 1, 0};

    struct Voter {
        std::int32_t voterId = 0;
        Uuid voterDirectoryId;

        template <class V>
        void fields(V& v) {
            v("VoterId", voterId, since(0));
            v("VoterDirectoryId", voterDirectoryId, since(1));
        }
        bool operator==(const Voter&) const = default;
    };

    std::int16_t version = 0;
    std::int32_t leaderId = 0;
    std::vector<Voter> voters;
    std::vector<Voter> grantingVoters;

    template <class V>
    void fields(V& v) {
        v("Version", version, since(0));
        v("LeaderId", leaderId, since(0));
        v("Voters", voters, since(0));
        v("GrantingVoters", grantingVoters, since(0));
    }
    bool operator==(const LeaderChangeMessage&) const = default;
};

}  // namespace odradek::protocol
