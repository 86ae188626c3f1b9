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

struct RegisterControllerRecord {
    static constexpr MessageInfo kInfo{"RegisterControllerRecord", 27, 0, 0, 0};

    struct ControllerEndpoint {
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
        bool operator==(const ControllerEndpoint&) const = default;
    };

    struct ControllerFeature {
        std::string name;
        std::int16_t minSupportedVersion = 0;
        std::int16_t maxSupportedVersion = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("MinSupportedVersion", minSupportedVersion, since(0));
            v("MaxSupportedVersion", maxSupportedVersion, since(0));
        }
        bool operator==(const ControllerFeature&) const = default;
    };

    std::int32_t controllerId = 0;
    Uuid incarnationId;
    bool zkMigrationReady = false;
    std::vector<ControllerEndpoint> endPoints;
    std::vector<ControllerFeature> features;

    template <class V>
    void fields(V& v) {
        v("ControllerId", controllerId, since(0));
        v("IncarnationId", incarnationId, since(0));
        v("ZkMigrationReady", zkMigrationReady, since(0));
        v("EndPoints", endPoints, since(0));
        v("Features", features, since(0));
    }
    bool operator==(const RegisterControllerRecord&) const = default;
};

}  // namespace odradek::protocol
