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

struct RegisterBrokerRecord {
    static constexpr MessageInfo kInfo{"RegisterBrokerRecord", 0, 0, 4, 0};

    struct BrokerEndpoint {
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
        bool operator==(const BrokerEndpoint&) const = default;
    };

    struct BrokerFeature {
        std::string name;
        std::int16_t minSupportedVersion = 0;
        std::int16_t maxSupportedVersion = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("MinSupportedVersion", minSupportedVersion, since(0));
            v("MaxSupportedVersion", maxSupportedVersion, since(0));
        }
        bool operator==(const BrokerFeature&) const = default;
    };

    std::int32_t brokerId = 0;
    bool isMigratingZkBroker = false;
    Uuid incarnationId;
    std::int64_t brokerEpoch = 0;
    std::vector<BrokerEndpoint> endPoints;
    std::vector<BrokerFeature> features;
    std::optional<std::string> rack{std::in_place};
    bool fenced = true;
    bool inControlledShutdown = false;
    std::vector<Uuid> logDirs;
    std::optional<std::vector<Uuid>> cordonedLogDirs;

    template <class V>
    void fields(V& v) {
        v("BrokerId", brokerId, since(0));
        v("IsMigratingZkBroker", isMigratingZkBroker, since(2));
        v("IncarnationId", incarnationId, since(0));
        v("BrokerEpoch", brokerEpoch, since(0));
        v("EndPoints", endPoints, since(0));
        v("Features", features, since(0));
        v("Rack", rack, since(0).nullable(0));
        v("Fenced", fenced, since(0));
        v("InControlledShutdown", inControlledShutdown, since(1));
        v("LogDirs", logDirs, since(3).tag(0, 3));
        v("CordonedLogDirs", cordonedLogDirs, since(4).nullable(4).tag(1, 4));
    }
    bool operator==(const RegisterBrokerRecord&) const = default;
};

}  // namespace odradek::protocol
