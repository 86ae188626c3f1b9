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

struct AddRaftVoterRequest {
    static constexpr MessageInfo kInfo{"AddRaftVoterRequest", 80, 0, 1, 0};

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

    std::optional<std::string> clusterId{std::in_place};
    std::int32_t timeoutMs = 0;
    std::int32_t voterId = 0;
    Uuid voterDirectoryId;
    std::vector<Listener> listeners;
    bool ackWhenCommitted = true;

    template <class V>
    void fields(V& v) {
        v("ClusterId", clusterId, since(0).nullable(0));
        v("TimeoutMs", timeoutMs, since(0));
        v("VoterId", voterId, since(0));
        v("VoterDirectoryId", voterDirectoryId, since(0));
        v("Listeners", listeners, since(0));
        v("AckWhenCommitted", ackWhenCommitted, since(1));
    }
    bool operator==(const AddRaftVoterRequest&) const = default;
};

struct AddRaftVoterResponse {
    static constexpr MessageInfo kInfo{"AddRaftVoterResponse", 80, 0, 1, 0};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(0).nullable(0).ignorable());
    }
    bool operator==(const AddRaftVoterResponse&) const = default;
};

}  // namespace odradek::protocol
