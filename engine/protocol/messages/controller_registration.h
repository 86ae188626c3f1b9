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

struct ControllerRegistrationRequest {
    static constexpr MessageInfo kInfo{"ControllerRegistrationRequest", 70, 0, 0, 0};

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

    std::int32_t controllerId = 0;
    Uuid incarnationId;
    bool zkMigrationReady = false;
    std::vector<Listener> listeners;
    std::vector<Feature> features;

    template <class V>
    void fields(V& v) {
        v("ControllerId", controllerId, since(0));
        v("IncarnationId", incarnationId, since(0));
        v("ZkMigrationReady", zkMigrationReady, since(0));
        v("Listeners", listeners, since(0));
        v("Features", features, since(0));
    }
    bool operator==(const ControllerRegistrationRequest&) const = default;
};

struct ControllerRegistrationResponse {
    static constexpr MessageInfo kInfo{"ControllerRegistrationResponse", 70, 0, 0, 0};

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::optional<std::string> errorMessage{std::in_place};

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(0));
        v("ErrorMessage", errorMessage, since(0).nullable(0));
    }
    bool operator==(const ControllerRegistrationResponse&) const = default;
};

}  // namespace odradek::protocol
