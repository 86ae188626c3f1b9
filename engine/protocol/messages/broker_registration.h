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

struct BrokerRegistrationRequest {
    static constexpr MessageInfo kInfo{"BrokerRegistrationRequest", 62, 0, 4, 0};

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        std::int16_t securityProtocol = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Host", host, since(0));
            v("Port", port, since(0));
            v("SecurityProtocol", securityProtocol, since(0));
        }
        bool operator==(const Listener&) const = default;
    };

    struct Feature {
        std::string name;
        std::int16_t minSupportedVersion = 0;
        std::int16_t maxSupportedVersion = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("MinSupportedVersion", minSupportedVersion, since(0));
            v("MaxSupportedVersion", maxSupportedVersion, since(0));
        }
        bool operator==(const Feature&) const = default;
    };

    std::int32_t brokerId = 0;
    std::string clusterId;
    Uuid incarnationId;
    std::vector<Listener> listeners;
    std::vector<Feature> features;
    std::optional<std::string> rack{std::in_place};
    bool isMigratingZkBroker = false;
    std::vector<Uuid> logDirs;
    std::int64_t previousBrokerEpoch = -1;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
        v("ClusterId", clusterId, since(0));
        v("IncarnationId", incarnationId, since(0));
        v("Listeners", listeners, since(0));
        v("Features", features, since(0));
        v("Rack", rack, since(0).nullable(0));
        v("IsMigratingZkBroker", isMigratingZkBroker, since(1));
        v("LogDirs", logDirs, since(2).ignorable());
        v("PreviousBrokerEpoch", previousBrokerEpoch, since(3).ignorable());
    }
    bool operator==(const BrokerRegistrationRequest&) const = default;
};

struct BrokerRegistrationResponse {
    static constexpr MessageInfo kInfo{"BrokerRegistrationResponse", 62, 0, 4, 0};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::int64_t brokerEpoch = -1;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("BrokerEpoch", brokerEpoch, since(0));
    }
    bool operator==(const BrokerRegistrationResponse&) const = default;
};

}  // namespace odradek::protocol
