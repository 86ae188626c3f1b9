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

struct UpdateRaftVoterRequest {
    static constexpr MessageInfo kInfo{"UpdateRaftVoterRequest", 82, 0, 0, 0};

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Host", host, since(0));
            v("Port", port, since(0));
        }
        bool operator==(const Listener&) const = default;
    };

    struct KRaftVersionFeature {
        std::int16_t minSupportedVersion = 0;
        std::int16_t maxSupportedVersion = 0;

        template <class V>
        void fields(V& v) {
            v("MinSupportedVersion", minSupportedVersion, since(0));
            v("MaxSupportedVersion", maxSupportedVersion, since(0));
        }
        bool operator==(const KRaftVersionFeature&) const = default;
    };

    std::optional<std::string> clusterId{std::in_place};
    std::int32_t currentLeaderEpoch = 0;
    std::int32_t voterId = 0;
    Uuid voterDirectoryId;
    std::vector<Listener> listeners;
    KRaftVersionFeature kRaftVersionFeature;

    template <class V>
    void fields(V& v) {
        v("ClusterId", clusterId, since(0).nullable(0));
        v("CurrentLeaderEpoch", currentLeaderEpoch, since(0));
        v("VoterId", voterId, since(0));
        v("VoterDirectoryId", voterDirectoryId, since(0));
        v("Listeners", listeners, since(0));
        v("KRaftVersionFeature", kRaftVersionFeature, since(0));
    }
    bool operator==(const UpdateRaftVoterRequest&) const = default;
};

struct UpdateRaftVoterResponse {
    static constexpr MessageInfo kInfo{"UpdateRaftVoterResponse", 82, 0, 0, 0};

    struct CurrentLeader {
        std::int32_t leaderId = -1;
        std::int32_t leaderEpoch = -1;
        std::string host;
        std::int32_t port = 0;

        template <class V>
        void fields(V& v) {
            v("LeaderId", leaderId, since(0));
            v("LeaderEpoch", leaderEpoch, since(0));
            v("Host", host, since(0));
            v("Port", port, since(0));
        }
        bool operator==(const CurrentLeader&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    CurrentLeader currentLeader;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("CurrentLeader", currentLeader, since(0).tag(0, 0));
    }
    bool operator==(const UpdateRaftVoterResponse&) const = default;
};

}  // namespace odradek::protocol
